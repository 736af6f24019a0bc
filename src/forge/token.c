/* Finds the token, and decides whether this host may have it. A repository's configuration can name any host; the
 * environment and the command line are the user's. */
#include "forge/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const oak_span nowhere = { 0, 0 };

enum { MAX_TOKEN = 4096, MAX_NAMES = 4 };

/* What each forge's own tools and CI call it. `servers` hold the host, or an address with the host, that the tokens are for. */
static const struct {
    const char *tokens[MAX_NAMES], *servers[MAX_NAMES];
    const char *server_tokens[MAX_NAMES]; /* for those servers only, not for the well-known hosts */
} variables[OAK_FORGE_KINDS] = {
    [OAK_GITHUB] = { { "GH_TOKEN", "GITHUB_TOKEN" },
                     { "GH_HOST", "GITHUB_SERVER_URL" },
                     { "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN" } },
    [OAK_GITLAB] = { { "GITLAB_TOKEN" }, { "GITLAB_HOST", "CI_SERVER_URL" }, { NULL } },
    [OAK_GITEA] = { { "GITEA_TOKEN", "FORGEJO_TOKEN" }, { "GITEA_SERVER_URL", "FORGEJO_SERVER_URL" }, { NULL } },
};

static const char *variable(const char *name)
{
    const char *const value = name != NULL ? secure_getenv(name) : NULL;
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* HOST, or SCHEME://HOST/…, without case. */
static bool names_host(const char *value, oak_str host)
{
    size_t at;
    oak_str name = oak_str_from(value), rest;
    if (oak_str_find(name, 0, OAK_STR("://"), &at))
        name = (oak_str){ name.ptr + at + 3, name.len - at - 3 };
    oak_str_cut(name, '/', &name, &rest);
    return name.len == host.len && strncasecmp(name.ptr, host.ptr, host.len) == 0;
}

static bool is_own_server(const struct oak_forge_place *place)
{
    for (size_t i = 0; i < MAX_NAMES; i++) {
        const char *const value = variable(variables[place->kind].servers[i]);
        if (value != NULL && names_host(value, place->host))
            return true;
    }
    return false;
}

bool oak_secret_set(struct oak_secret *secret, oak_str token, const char *where, struct oak_error *err)
{
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] > '~')
            return oak_fail(err, OAK_USAGE, nowhere, "%s holds no token: expected one line of printable characters", where);
    if (token.len == 0 || token.len > MAX_TOKEN)
        return oak_fail(err, OAK_USAGE, nowhere, "%s holds no token", where);
    secret->ptr = malloc(token.len + 1);
    if (secret->ptr == NULL)
        return oak_fail(err, OAK_AGAIN, nowhere, "out of memory");
    memcpy(secret->ptr, token.ptr, token.len);
    secret->ptr[token.len] = '\0';
    secret->len = token.len;
    return true;
}

void oak_secret_wipe(struct oak_secret *secret)
{
    if (secret->ptr != NULL)
        explicit_bzero(secret->ptr, secret->len);
    free(secret->ptr);
    *secret = (struct oak_secret){ NULL, 0 };
}

static bool read_file(const char *path, struct oak_secret *out, struct oak_error *err)
{
    char bytes[MAX_TOKEN + 2];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return oak_fail(err, OAK_USAGE, nowhere, "cannot read the token file: %s", strerror(errno));
    size_t len = 0;
    ssize_t got;
    while (len < sizeof bytes && (got = read(fd, bytes + len, sizeof bytes - len)) > 0)
        len += (size_t)got;
    close(fd);
    const bool ok = oak_secret_set(out, oak_str_trim((oak_str){ bytes, len }), "the token file", err);
    explicit_bzero(bytes, sizeof bytes);
    return ok;
}

static const char *first_of(const char *const *names)
{
    for (size_t i = 0; i < MAX_NAMES; i++)
        if (variable(names[i]) != NULL)
            return names[i];
    return NULL;
}

/* OAKUM_TOKEN, else what the tools of this forge read for this host. NULL: none is set. */
static const char *find_variable(const struct oak_forge_place *place, bool is_own)
{
    if (variable("OAKUM_TOKEN") != NULL)
        return "OAKUM_TOKEN";
    const char *const server = is_own ? first_of(variables[place->kind].server_tokens) : NULL;
    return server != NULL ? server : first_of(variables[place->kind].tokens);
}

bool oak_token_find(const struct oak_forge_place *place, const struct oak_forge_options *options, struct oak_secret *out,
                    struct oak_error *err)
{
    const bool is_known = oak_dialect_has_host(oak_dialect_of(place->kind), place->host);
    const bool is_own = is_own_server(place);
    const oak_str host = place->host;
    if (!is_known && !is_own && !options->is_named)
        return oak_fail(err, OAK_USAGE, nowhere,
                        "only the repository's own configuration names '%.*s', so it gets no token: say --forge-url "
                        "%.*s/%.*s/%.*s if it may have it", (int)host.len, host.ptr, (int)place->origin.len,
                        place->origin.ptr, (int)place->owner.len, place->owner.ptr, (int)place->repo.len, place->repo.ptr);
    if (options->token_file != NULL)
        return read_file(options->token_file, out, err);
    const char *const name = find_variable(place, is_own);
    if (name == NULL)
        return oak_fail(err, OAK_USAGE, nowhere, "no token for '%.*s': set OAKUM_TOKEN or %s, or say --token-file FILE",
                        (int)host.len, host.ptr, variables[place->kind].tokens[0]);
    /* A token of github.com, as CI sets it, is no business of some other server that an option names. */
    if (!is_known && !is_own && strcmp(name, "OAKUM_TOKEN") != 0)
        return oak_fail(err, OAK_USAGE, nowhere, "%s is not sent to '%.*s': set OAKUM_TOKEN, or say --token-file FILE", name,
                        (int)host.len, host.ptr);
    return oak_secret_set(out, oak_str_from(variable(name)), name, err);
}
