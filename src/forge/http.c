/* The only file that knows libcurl. What a request means is none of its business. */
#include "forge/http.h"

#include "forge/curl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const oak_span nowhere = { 0, 0 };

enum {
    MAX_BODY = 16 << 20,
    MAX_HEADERS = 256 << 10,
    MAX_TRIES = 5,
    CONNECT_TIMEOUT_MS = 10000,
    TIMEOUT_MS = 60000
};

struct oak_http {
    const struct oak_curl *lib;
    CURL *curl;
    struct curl_slist *headers; /* the last one holds the token */
    const struct oak_secret *token;
    char *base;
    size_t base_len;
    unsigned wait_left_ms, mutation_gap_ms;
    _Atomic int64_t *next_mutation_ms, own_next_ms;
};

/* One exchange as it comes in. */
struct exchange {
    struct oak_buf body;
    size_t header_bytes;
    bool is_too_large;
    char link[4096], next_page[24];
    long long retry_after_s, reset_s; /* -1: not sent */
    bool is_used_up; /* of the quota nothing remains */
};

/* ---- time ---- */

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(int64_t ms)
{
    struct timespec left = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
    while (nanosleep(&left, &left) != 0)
        continue;
}

bool oak_http_wait(struct oak_http *http, unsigned wait_ms)
{
    if (wait_ms > http->wait_left_ms)
        return false;
    http->wait_left_ms -= wait_ms;
    pause_ms(wait_ms);
    return true;
}

/* Takes the next moment in which anybody of this run may write, and waits for it. */
static void keep_gap(struct oak_http *http)
{
    const int64_t now = clock_ms(CLOCK_MONOTONIC);
    int64_t due, next = atomic_load(http->next_mutation_ms);
    if (http->mutation_gap_ms == 0)
        return;
    do
        due = next > now ? next : now;
    while (!atomic_compare_exchange_weak(http->next_mutation_ms, &next, due + http->mutation_gap_ms));
    if (due > now)
        pause_ms(due - now);
}

/* ---- what comes in ---- */

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *const e = context;
    const size_t len = size * count;
    if (len > MAX_BODY - e->body.len) {
        e->is_too_large = true;
        return 0;
    }
    oak_buf_add(&e->body, (oak_str){ bytes, len });
    return len;
}

static bool take_header(oak_str line, const char *name, oak_str *value)
{
    oak_str key;
    oak_str_cut(line, ':', &key, value);
    *value = oak_str_trim(*value);
    return key.len == strlen(name) && strncasecmp(key.ptr, name, key.len) == 0;
}

static void copy_text(char *to, size_t size, oak_str text)
{
    if (text.len >= size)
        return;
    memcpy(to, text.ptr, text.len);
    to[text.len] = '\0';
}

/* Digits, up to a billion; anything else is -1. (Retry-After may be a date, which no forge sends.) */
static long long number_of(oak_str text)
{
    long long number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || number > 1000000000)
            return -1;
        number = number * 10 + (text.ptr[i] - '0');
    }
    return text.len > 0 ? number : -1;
}

static size_t take_headers(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *const e = context;
    const oak_str line = { bytes, size * count };
    oak_str value;
    e->header_bytes += line.len;
    if (e->header_bytes > MAX_HEADERS) {
        e->is_too_large = true;
        return 0;
    }
    if (take_header(line, "link", &value))
        copy_text(e->link, sizeof e->link, value);
    else if (take_header(line, "x-next-page", &value))
        copy_text(e->next_page, sizeof e->next_page, value);
    else if (take_header(line, "retry-after", &value))
        e->retry_after_s = number_of(value);
    else if (take_header(line, "x-ratelimit-remaining", &value) || take_header(line, "ratelimit-remaining", &value))
        e->is_used_up = number_of(value) == 0;
    else if (take_header(line, "x-ratelimit-reset", &value) || take_header(line, "ratelimit-reset", &value))
        e->reset_s = number_of(value);
    return line.len;
}

/* ---- the next page ---- */

/* <ADDRESS>; rel="next", … */
static bool find_next_link(oak_str link, oak_str *address)
{
    oak_str item, target, attributes;
    while (link.len > 0) {
        size_t at;
        oak_str_cut(link, '<', &item, &link);
        oak_str_cut(link, '>', &target, &link);
        oak_str_cut(link, '<', &attributes, &item);
        if (!oak_str_find(attributes, 0, OAK_STR("rel=\"next\""), &at))
            continue;
        *address = target;
        return true;
    }
    return false;
}

/* The token goes along: a page anywhere else is refused. */
static bool find_next(struct oak_arena *arena, const struct oak_http *http, const struct exchange *e, oak_str *out,
                      struct oak_error *err)
{
    oak_str address;
    const oak_str base = { http->base, http->base_len };
    *out = (oak_str){ "", 0 };
    if (!find_next_link(oak_str_from(e->link), &address)) {
        if (e->next_page[0] != '\0')
            return oak_fail(err, OAK_FORGE, nowhere, "the forge counts pages that it does not link to");
        return true;
    }
    if (!oak_str_starts(address, base) || address.len == base.len || address.ptr[base.len] != '/')
        return oak_fail(err, OAK_FORGE, nowhere, "the forge links to a next page on another server: it gets no token");
    *out = oak_arena_str(arena, (oak_str){ address.ptr + base.len, address.len - base.len });
    return true;
}

/* ---- one exchange ---- */

static bool may_repeat(const struct oak_http_request *request)
{
    return strcmp(request->method, "POST") != 0;
}

static bool set_options(struct oak_http *http, const struct oak_http_request *request, struct exchange *e)
{
    const struct oak_curl *const lib = http->lib;
    CURL *const c = http->curl;
    const bool has_body = request->body.len > 0;
    /* On a connection that was kept alive and just died libcurl would send the request once more by itself. */
    bool ok = lib->easy_setopt(c, CURLOPT_FRESH_CONNECT, may_repeat(request) ? 0L : 1L) == CURLE_OK &&
              lib->easy_setopt(c, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK &&
              lib->easy_setopt(c, CURLOPT_WRITEDATA, e) == CURLE_OK && lib->easy_setopt(c, CURLOPT_HEADERDATA, e) == CURLE_OK;
    if (!has_body)
        return ok && lib->easy_setopt(c, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
               lib->easy_setopt(c, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
    return ok && lib->easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len) == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_POSTFIELDS, request->body.ptr) == CURLE_OK;
}

static CURLcode exchange_once(struct oak_arena *arena, struct oak_http *http, const struct oak_http_request *request,
                              struct exchange *e)
{
    *e = (struct exchange){ .retry_after_s = -1, .reset_s = -1 };
    oak_buf_init(&e->body, arena);
    const oak_str url = oak_arena_printf(arena, "%.*s%.*s", (int)http->base_len, http->base, (int)request->path.len,
                                         request->path.ptr);
    if (!set_options(http, request, e) ||
        http->lib->easy_setopt(http->curl, CURLOPT_URL, oak_arena_cstr(arena, url)) != CURLE_OK)
        return CURLE_OUT_OF_MEMORY;
    return http->lib->easy_perform(http->curl);
}

/* ---- once more? ---- */

static bool is_limited(const struct oak_http_request *request, long status, const struct exchange *e)
{
    size_t at;
    if (status == 429 || (status == 503 && e->retry_after_s >= 0 && may_repeat(request)))
        return true;
    /* GitHub's secondary limits: 403, with Retry-After or only in words. */
    return status == 403 && (e->retry_after_s >= 0 || e->is_used_up ||
                             oak_str_find(oak_buf_str(&e->body), 0, OAK_STR("rate limit"), &at));
}

static int64_t limit_ms(const struct exchange *e, unsigned tries)
{
    if (e->retry_after_s >= 0)
        return e->retry_after_s * 1000;
    if (e->is_used_up && e->reset_s >= 0) {
        const int64_t now_s = clock_ms(CLOCK_REALTIME) / 1000;
        return e->reset_s > now_s ? (e->reset_s - now_s + 1) * 1000 : 1000;
    }
    /* Nothing said: a minute, and twice as long each time. */
    return (int64_t)60000 << tries;
}

static bool wait_for_limit(struct oak_http *http, const struct exchange *e, unsigned tries, struct oak_error *err)
{
    const int64_t ms = limit_ms(e, tries);
    if (tries + 1 < MAX_TRIES && ms <= http->wait_left_ms && oak_http_wait(http, (unsigned)ms))
        return true;
    return oak_fail(err, OAK_AGAIN, nowhere, "the forge's rate limit is reached: try again in %lld seconds",
                    (long long)(ms + 999) / 1000);
}

/* No answer, or one that says that the server is ill. */
static bool wait_for_health(struct oak_http *http, const struct oak_http_request *request, unsigned tries)
{
    return may_repeat(request) && tries + 1 < MAX_TRIES && oak_http_wait(http, 250u << tries);
}

static bool fail_transport(const struct oak_http *http, CURLcode code, const struct exchange *e, struct oak_error *err)
{
    if (e->is_too_large)
        return oak_fail(err, OAK_FORGE, nowhere, "the forge's answer is larger than oakum reads");
    /* libcurl's fixed words for the code: its detailed ones may quote what was sent. */
    const bool is_final = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
                          code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT;
    return oak_fail(err, is_final ? OAK_FORGE : OAK_AGAIN, nowhere, "no answer from the forge: %s", http->lib->easy_strerror(code));
}

static bool finish(struct oak_arena *arena, const struct oak_http *http, const struct exchange *e, long status,
                   struct oak_http_answer *out, struct oak_error *err)
{
    if (status >= 300 && status < 400)
        return oak_fail(err, OAK_FORGE, nowhere, "the forge sends elsewhere (status %ld), and the token does not go along: was "
                        "the repository moved? give its present address", status);
    if (status < 200)
        return oak_fail(err, OAK_FORGE, nowhere, "the forge's answer is not HTTP that oakum knows");
    *out = (struct oak_http_answer){ .status = status, .body = oak_buf_str(&e->body) };
    return find_next(arena, http, e, &out->next, err);
}

bool oak_http_send(struct oak_arena *arena, struct oak_http *http, const struct oak_http_request *request,
                   struct oak_http_answer *out, struct oak_error *err)
{
    for (unsigned tries = 0;; tries++) {
        struct exchange e;
        long status = 0;
        if (strcmp(request->method, "GET") != 0)
            keep_gap(http);
        const CURLcode code = exchange_once(arena, http, request, &e);
        if (code != CURLE_OK) {
            if (!e.is_too_large && wait_for_health(http, request, tries))
                continue;
            return fail_transport(http, code, &e, err);
        }
        http->lib->easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
        if (is_limited(request, status, &e)) {
            if (!wait_for_limit(http, &e, tries, err))
                return false;
            continue;
        }
        if (status >= 500 && wait_for_health(http, request, tries))
            continue;
        if (status >= 500)
            return oak_fail(err, OAK_AGAIN, nowhere, "the forge is ill: status %ld", status);
        return finish(arena, http, &e, status, out, err);
    }
}

/* ---- open and close ---- */

static bool add_header(struct oak_http *http, const char *line)
{
    struct curl_slist *const longer = http->lib->slist_append(http->headers, line);
    if (longer != NULL)
        http->headers = longer;
    return longer != NULL;
}

static bool add_auth(struct oak_http *http, const struct oak_http_options *options)
{
    char line[8192];
    const int len = snprintf(line, sizeof line, options->auth_format, options->token->ptr);
    const bool ok = len > 0 && (size_t)len < sizeof line && add_header(http, line);
    explicit_bzero(line, sizeof line);
    return ok;
}

static bool set_up(struct oak_http *http, const struct oak_http_options *options)
{
    const struct oak_curl *const lib = http->lib;
    CURL *const c = http->curl;
    bool ok = add_header(http, "Content-Type: application/json") && add_header(http, "Expect:");
    for (size_t i = 0; options->headers[i] != NULL; i++)
        ok = ok && add_header(http, options->headers[i]);
    ok = ok && add_auth(http, options);
    return ok && lib->easy_setopt(c, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_PROTOCOLS_STR, options->is_http ? "http" : "https") == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           /* On loopback there is nothing to go through; else a proxy is what the environment says. */
           (!options->is_http || lib->easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK) &&
           lib->easy_setopt(c, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE) == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS) == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS) == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_USERAGENT, "oakum") == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           lib->easy_setopt(c, CURLOPT_HEADERFUNCTION, take_headers) == CURLE_OK;
}

bool oak_http_open(const struct oak_http_options *options, struct oak_http **out, struct oak_error *err)
{
    const struct oak_curl *lib;
    if (!oak_curl_get(&lib, err))
        return false;
    struct oak_http *const http = calloc(1, sizeof *http);
    /* Counted, and safe from any thread since libcurl 7.84. */
    if (http == NULL || lib->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        return oak_fail(err, OAK_AGAIN, nowhere, "libcurl cannot be started");
    }
    http->lib = lib;
    http->curl = lib->easy_init();
    http->base = strndup(options->base.ptr, options->base.len);
    http->base_len = options->base.len;
    http->token = options->token;
    http->wait_left_ms = options->max_wait_s * 1000;
    http->mutation_gap_ms = options->mutation_gap_ms;
    http->next_mutation_ms = options->next_mutation_ms != NULL ? options->next_mutation_ms : &http->own_next_ms;
    if (http->curl == NULL || http->base == NULL || !set_up(http, options)) {
        oak_http_free(http);
        return oak_fail(err, OAK_AGAIN, nowhere, "libcurl cannot be set up");
    }
    *out = http;
    return true;
}

void oak_http_free(struct oak_http *http)
{
    if (http == NULL)
        return;
    const struct oak_curl *const lib = http->lib;
    if (http->curl != NULL)
        lib->easy_cleanup(http->curl);
    for (struct curl_slist *h = http->headers; h != NULL; h = h->next)
        explicit_bzero(h->data, strlen(h->data));
    lib->slist_free_all(http->headers);
    free(http->base);
    free(http);
    lib->global_cleanup();
}

/* ---- what others say ---- */

oak_str oak_scrub(struct oak_arena *arena, const struct oak_secret *token, oak_str text)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    const oak_str secret = { token->ptr, token->len };
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if (secret.len > 0 && oak_str_starts((oak_str){ text.ptr + i, text.len - i }, secret)) {
            oak_buf_add(&out, OAK_STR("***"));
            i += secret.len - 1;
        } else if (c < ' ' || c == 127) {
            oak_buf_add(&out, OAK_STR(" "));
        } else {
            oak_buf_add(&out, (oak_str){ text.ptr + i, 1 });
        }
    }
    return oak_buf_str(&out);
}
