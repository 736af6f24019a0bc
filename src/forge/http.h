/* HTTP to one origin. Sends the token there and nowhere else; waits where the server asks for it. */
#ifndef OAK_FORGE_HTTP_H
#define OAK_FORGE_HTTP_H

#include <oakum/base.h>

#include <stdatomic.h>

/* A token; wiped when it is no longer needed. */
struct oak_secret {
    char *ptr; /* terminated; NULL: none */
    size_t len;
};

struct oak_http_options {
    oak_str base;               /* https://HOST/PREFIX; requests are below it */
    const char *const *headers; /* NULL-terminated, without the token */
    const char *auth_format;    /* of the header with the token */
    const struct oak_secret *token;
    bool is_http;
    unsigned max_wait_s;
    unsigned mutation_gap_ms;
    _Atomic int64_t *next_mutation_ms; /* shared by the sessions of a run; NULL: this one is alone */
};

struct oak_http; /* one connection, kept alive */

OAK_MUST_CHECK bool oak_http_open(const struct oak_http_options *options, struct oak_http **out, struct oak_error *err);
void oak_http_free(struct oak_http *http); /* NULL is fine */

struct oak_http_request {
    const char *method; /* GET may be repeated, PATCH and PUT too; POST is only if the server said that nothing happened */
    oak_str path;       /* behind the base */
    oak_str body;       /* JSON; empty: none */
};

struct oak_http_answer {
    long status;
    oak_str body;
    oak_str next; /* the path of a list's next page, behind the base; empty: this was the last */
};

/* True: there is an answer, whatever its status. Waits for rate limits, and repeats what may be repeated. Fails with AGAIN if
 * there is no answer or the wait would be too long, with FORGE for a redirect, an answer that is too large, or a next page
 * elsewhere. */
OAK_MUST_CHECK bool oak_http_send(struct oak_arena *arena, struct oak_http *http, const struct oak_http_request *request,
                                  struct oak_http_answer *out, struct oak_error *err);

/* Waits within what is left of max_wait_s; false: it is used up. */
bool oak_http_wait(struct oak_http *http, unsigned wait_ms);

/* `text` without the token and without control bytes. */
oak_str oak_scrub(struct oak_arena *arena, const struct oak_secret *token, oak_str text);

#endif
