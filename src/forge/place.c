/* A remote's URL → a repository on a forge. Knows nothing of git's configuration: a URL is what it says. */
#include "forge/session.h"

#include <ctype.h>
#include <string.h>

static const oak_span nowhere = { 0, 0 };

static bool is_made_of(oak_str text, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if (c == 0 || (!(c < 128 && isalnum(c)) && strchr(others, c) == NULL))
            return false;
    }
    return text.len > 0;
}

static oak_str lower(struct oak_arena *arena, oak_str text)
{
    char *const copy = oak_arena_bytes(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? (char)(text.ptr[i] + 32) : text.ptr[i];
    return (oak_str){ copy, text.len };
}

/* HOST, HOST:PORT, [V6] or [V6]:PORT → the host without its port. */
static oak_str without_port(oak_str authority)
{
    oak_str host, rest;
    if (oak_str_starts(authority, OAK_STR("["))) {
        oak_str_cut(authority, ']', &host, &rest);
        return (oak_str){ host.ptr, host.len + (host.len < authority.len) };
    }
    oak_str_cut(authority, ':', &host, &rest);
    return host;
}

static bool is_authority(oak_str authority)
{
    const oak_str host = without_port(authority);
    const oak_str port = { authority.ptr + host.len, authority.len - host.len };
    const bool is_v6 = oak_str_starts(host, OAK_STR("[")) && oak_str_ends(host, OAK_STR("]"));
    const bool is_host = is_v6 ? is_made_of((oak_str){ host.ptr + 1, host.len - 2 }, ":.") : is_made_of(host, "-.");
    bool is_port = port.len == 0 || (port.ptr[0] == ':' && port.len >= 2 && port.len <= 6);
    for (size_t i = 1; i < port.len; i++)
        is_port = is_port && port.ptr[i] >= '0' && port.ptr[i] <= '9';
    return is_host && is_port;
}

bool oak_forge_is_loopback(oak_str host)
{
    const oak_str name = without_port(host);
    return oak_str_eq(name, OAK_STR("127.0.0.1")) || oak_str_eq(name, OAK_STR("[::1]")) ||
           oak_str_eq(name, OAK_STR("localhost"));
}

/* The parts of a URL: scheme, what stands before @, host, path. */
struct parts {
    oak_str scheme, user, host, path;
};

static void cut_user(struct parts *p)
{
    size_t at = p->host.len;
    while (at > 0 && p->host.ptr[at - 1] != '@')
        at--;
    if (at == 0)
        return;
    p->user = (oak_str){ p->host.ptr, at - 1 };
    p->host = (oak_str){ p->host.ptr + at, p->host.len - at };
}

/* SCHEME://HOST/PATH, or HOST:PATH as git has it: with a colon before the first slash. */
static bool cut_url(oak_str url, struct parts *out)
{
    size_t at;
    *out = (struct parts){ .scheme = OAK_STR("ssh") };
    if (oak_str_find(url, 0, OAK_STR("://"), &at)) {
        out->scheme = (oak_str){ url.ptr, at };
        const oak_str rest = { url.ptr + at + 3, url.len - at - 3 };
        const bool has_path = oak_str_cut(rest, '/', &out->host, &out->path);
        cut_user(out);
        return has_path;
    }
    const bool has_path = oak_str_cut(url, ':', &out->host, &out->path);
    cut_user(out);
    return has_path && memchr(out->host.ptr, '/', out->host.len) == NULL;
}

static bool is_segment(oak_str segment)
{
    return is_made_of(segment, "-._") && !oak_str_eq(segment, OAK_STR(".")) && !oak_str_eq(segment, OAK_STR(".."));
}

/* OWNER/REPO: the last slash cuts. */
static bool cut_path(oak_str path, size_t max_segments, struct oak_forge_place *out)
{
    size_t count = 0;
    while (path.len > 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    while (path.len > 0 && path.ptr[0] == '/')
        path = (oak_str){ path.ptr + 1, path.len - 1 };
    if (oak_str_ends(path, OAK_STR(".git")))
        path.len -= 4;
    oak_str segment, rest = path;
    for (bool more = true; more; count++) {
        more = oak_str_cut(rest, '/', &segment, &rest);
        if (!is_segment(segment))
            return false;
    }
    out->repo = segment;
    out->owner = (oak_str){ path.ptr, path.len - segment.len - (count > 1) };
    return count >= 2 && count <= max_segments;
}

static bool check_scheme(const struct parts *p, struct oak_error *err)
{
    const bool is_http = oak_str_eq(p->scheme, OAK_STR("http"));
    if (!is_http && !oak_str_eq(p->scheme, OAK_STR("https")) && !oak_str_eq(p->scheme, OAK_STR("ssh")))
        return oak_fail(err, OAK_USAGE, nowhere, "no forge is behind this kind of URL: expected https:// or ssh://");
    if (is_http && !oak_forge_is_loopback(p->host))
        return oak_fail(err, OAK_USAGE, nowhere, "http would show the token to everybody: expected https://");
    if (p->user.len > 0 && (!oak_str_eq(p->scheme, OAK_STR("ssh")) || memchr(p->user.ptr, ':', p->user.len) != NULL))
        return oak_fail(err, OAK_USAGE, nowhere,
                        "the URL holds a user or a password: take it out, and give the token in OAKUM_TOKEN");
    return true;
}

bool oak_forge_place_parse(struct oak_arena *arena, oak_str url, enum oak_forge_kind kind, struct oak_forge_place *out,
                           struct oak_error *err)
{
    struct parts p;
    if (!cut_url(url, &p))
        return oak_fail(err, OAK_USAGE, nowhere, "no forge is behind this remote: expected https://HOST/OWNER/REPOSITORY");
    p.scheme = lower(arena, p.scheme);
    p.host = lower(arena, p.host);
    if (!check_scheme(&p, err))
        return false;
    if (!is_authority(p.host))
        return oak_fail(err, OAK_USAGE, nowhere, "the URL names no host that oakum can read");
    /* The port of ssh is not that of https. */
    const bool is_ssh = oak_str_eq(p.scheme, OAK_STR("ssh"));
    const oak_str host = is_ssh ? without_port(p.host) : p.host;
    *out = (struct oak_forge_place){ .kind = kind, .host = host, .is_http = oak_str_eq(p.scheme, OAK_STR("http")) };
    if (kind == OAK_FORGE_UNKNOWN)
        out->kind = oak_dialect_guess(without_port(host));
    if (out->kind == OAK_FORGE_UNKNOWN)
        return oak_fail(err, OAK_USAGE, nowhere, "which forge is '%.*s'? say --forge github, gitlab or gitea",
                        (int)host.len, host.ptr);
    if (!cut_path(p.path, oak_dialect_of(out->kind)->max_segments, out))
        return oak_fail(err, OAK_USAGE, nowhere, "the URL names no repository: expected https://%.*s/OWNER/REPOSITORY",
                        (int)host.len, host.ptr);
    out->owner = oak_arena_str(arena, out->owner);
    out->repo = oak_arena_str(arena, out->repo);
    out->origin = oak_arena_printf(arena, "%s://%.*s", out->is_http ? "http" : "https", (int)host.len, host.ptr);
    return true;
}

oak_str oak_forge_api(struct oak_arena *arena, const struct oak_forge_place *place)
{
    const struct oak_dialect *const d = oak_dialect_of(place->kind);
    /* The clouds of GitHub have a host for the API. */
    if (place->kind == OAK_GITHUB && oak_dialect_has_host(d, place->host))
        return oak_arena_printf(arena, "https://api.%.*s", (int)place->host.len, place->host.ptr);
    return oak_arena_printf(arena, "%.*s%s", (int)place->origin.len, place->origin.ptr, d->api);
}

oak_str oak_forge_link(struct oak_arena *arena, const struct oak_forge_place *place, oak_str commit)
{
    const struct oak_slot slots[] = {
        { "origin", place->origin }, { "owner", place->owner }, { "repo", place->repo }, { "commit", commit },
    };
    return oak_dialect_fill(arena, oak_dialect_of(place->kind)->link, slots, sizeof slots / sizeof *slots);
}
