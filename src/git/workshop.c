/* Where the git program runs: a folder of ours, an environment of ours. */
#include "git/workshop.h"

#include "git/repository.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const oak_span nowhere = { 0, 0 };

/* Git asks for a name, then for a password; both stand in the environment of this one process. They are for the remote: a proxy
 * that wants a password is asked about by the same way. */
static const char askpass[] = "#!/bin/sh\n"
                              "case $1 in\n"
                              "*\" for '$OAKUM_ASKPASS_SCHEME$OAKUM_ASKPASS_HOST'\"*) ;;\n"
                              "*\" for '$OAKUM_ASKPASS_SCHEME\"*\"@$OAKUM_ASKPASS_HOST'\"*) ;;\n"
                              "*) exit 1 ;;\n"
                              "esac\n"
                              "case $1 in\n"
                              "Username*) printf '%s\\n' \"$OAKUM_ASKPASS_USER\" ;;\n"
                              "*) printf '%s\\n' \"$OAKUM_ASKPASS_TOKEN\" ;;\n"
                              "esac\n";

/* What of our environment git may know: how to reach the network, and where the keys of ssh are. */
static const char *const kept[] = {
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_SSH", "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
    "no_proxy", "NO_PROXY"
};

static const char *const fixed[] = {
    "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
    "GIT_ALLOW_PROTOCOL=http:https:ssh:file", "GIT_NO_REPLACE_OBJECTS=1", "GIT_CONFIG_COUNT=7",
    "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_VALUE_0=", "GIT_CONFIG_KEY_1=http.followRedirects",
    "GIT_CONFIG_VALUE_1=false", "GIT_CONFIG_KEY_2=core.hooksPath", "GIT_CONFIG_VALUE_2=/dev/null", "GIT_CONFIG_KEY_3=gc.auto",
    "GIT_CONFIG_VALUE_3=0", "GIT_CONFIG_KEY_4=maintenance.auto", "GIT_CONFIG_VALUE_4=false",
    /* A server that says nothing for a minute has hung up. */
    "GIT_CONFIG_KEY_5=http.lowSpeedLimit", "GIT_CONFIG_VALUE_5=1", "GIT_CONFIG_KEY_6=http.lowSpeedTime", "GIT_CONFIG_VALUE_6=60"
};

static const char *join(struct oak_arena *arena, const char *first, const char *second)
{
    return oak_arena_cstr(arena, oak_arena_printf(arena, "%s%s", first, second));
}

static bool write_file(const char *path, const char *text, mode_t mode)
{
    FILE *const file = fopen(path, "wxe");
    if (file == NULL)
        return false;
    const bool is_written = fputs(text, file) >= 0;
    return fclose(file) == 0 && is_written && chmod(path, mode) == 0;
}

bool oak_workshop_read(struct oak_arena *arena, const char *path, oak_str *out)
{
    struct oak_buf text;
    char bytes[8192];
    FILE *const in = fopen(path, "re");
    if (in == NULL)
        return false;
    oak_buf_init(&text, arena);
    for (size_t len; (len = fread(bytes, 1, sizeof bytes, in)) > 0;)
        oak_buf_add(&text, (oak_str){ bytes, len });
    const bool is_read = !ferror(in);
    fclose(in);
    *out = text.len > 0 ? oak_buf_str(&text) : OAK_STR("");
    return is_read;
}

static bool copy_stream(FILE *in, FILE *out)
{
    char bytes[8192];
    for (size_t len; (len = fread(bytes, 1, sizeof bytes, in)) > 0;)
        if (fwrite(bytes, 1, len, out) != len)
            return false;
    return !ferror(in);
}

bool oak_workshop_copy(const char *from, const char *to)
{
    FILE *const in = fopen(from, "re");
    if (in == NULL)
        return false;
    FILE *const out = fopen(to, "wxe");
    bool ok = out != NULL && copy_stream(in, out);
    fclose(in);
    if (out != NULL)
        ok = fclose(out) == 0 && ok;
    if (out != NULL && !ok)
        unlink(to);
    return ok;
}

static bool fill(struct oak_arena *arena, struct oak_repository *repository, struct oak_workshop *w)
{
    static const char *const folders[] = { "/refs", "/objects", "/objects/info" };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (mkdir(join(arena, w->folder, folders[i]), 0700) != 0)
            return false;
    if (!write_file(join(arena, w->folder, "/HEAD"), "ref: refs/heads/none\n", 0600) ||
        !write_file(join(arena, w->folder, "/config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n", 0600) ||
        !write_file(join(arena, w->folder, "/askpass"), askpass, 0700))
        return false;
    if (repository == NULL)
        return true;
    const char *const common = git_repository_commondir(repository->git);
    w->objects = join(arena, common, "objects");
    w->shallow = join(arena, common, "shallow");
    w->was_shallow = access(w->shallow, F_OK) == 0;
    w->shallow_text = OAK_STR("");
    if (w->was_shallow && !oak_workshop_read(arena, w->shallow, &w->shallow_text))
        return false;
    return strchr(w->objects, '\n') == NULL &&
           write_file(join(arena, w->folder, "/objects/info/alternates"), join(arena, w->objects, "\n"), 0600) &&
           (!w->was_shallow ||
            write_file(join(arena, w->folder, "/shallow"), oak_arena_cstr(arena, w->shallow_text), 0600));
}

bool oak_workshop_init(struct oak_arena *arena, struct oak_repository *repository, const struct oak_remote *remote,
                       struct oak_workshop *out, struct oak_error *err)
{
    const char *const tmp = getenv("TMPDIR");
    char *const folder = (char *)oak_arena_alloc(arena, 4096);
    *out = (struct oak_workshop){ .folder = NULL };
    if (remote->url.len == 0 || remote->url.ptr[0] == '-' || memchr(remote->url.ptr, '\0', remote->url.len) != NULL)
        return oak_fail(err, OAK_USAGE, nowhere, "the remote has no address");
    if (snprintf(folder, 4096, "%s/oakum-git-XXXXXX", tmp != NULL && *tmp != '\0' ? tmp : "/tmp") >= 4096 ||
        mkdtemp(folder) == NULL)
        return oak_fail(err, OAK_AGAIN, nowhere, "cannot make a temporary folder");
    out->folder = folder;
    if (fill(arena, repository, out))
        return true;
    oak_workshop_free(out);
    return oak_fail(err, OAK_AGAIN, nowhere, "cannot make a temporary repository");
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void oak_folder_remove(const char *folder)
{
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void oak_workshop_free(struct oak_workshop *workshop)
{
    if (workshop->folder != NULL)
        oak_folder_remove(workshop->folder);
    workshop->folder = NULL;
}

/* ---- running git ---- */

bool oak_address_split(oak_str url, struct oak_address *out)
{
    size_t start, end, at;
    if (!oak_str_find(url, 0, OAK_STR("://"), &start))
        return false;
    start += 3;
    if (!oak_str_find(url, start, OAK_STR("/"), &end))
        end = url.len;
    for (at = end; at > start && url.ptr[at - 1] != '@';)
        at--;
    *out = (struct oak_address){ .scheme = oak_str_span(url, (oak_span){ 0, start }),
                                 .user = oak_str_span(url, (oak_span){ start, at > start ? at - 1 : start }),
                                 .host = oak_str_span(url, (oak_span){ at, end }),
                                 .rest = oak_str_span(url, (oak_span){ end, url.len }) };
    return true;
}

struct words {
    OAK_LIST(const char *) items;
};

static void add(struct oak_arena *arena, struct words *words, const char *word)
{
    *oak_push(arena, &words->items) = word;
}

static void add_environment(struct oak_arena *arena, struct words *env, const struct oak_workshop *w,
                            const struct oak_remote *remote)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        const char *const value = getenv(kept[i]);
        if (value != NULL)
            add(arena, env, oak_arena_cstr(arena, oak_arena_printf(arena, "%s=%s", kept[i], value)));
    }
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        add(arena, env, fixed[i]);
    if (getenv("GIT_SSH_COMMAND") == NULL)
        /* No master that outlives git. */
        add(arena, env, "GIT_SSH_COMMAND=ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval=15 -oControlMaster=no "
                        "-oControlPath=none");
    add(arena, env, join(arena, "GIT_ASKPASS=", join(arena, w->folder, "/askpass")));
    struct oak_address to;
    if (remote->token.len > 0 && oak_address_split(remote->url, &to)) {
        add(arena, env, oak_arena_cstr(arena, oak_arena_printf(arena, "OAKUM_ASKPASS_SCHEME=%.*s", (int)to.scheme.len, to.scheme.ptr)));
        add(arena, env, oak_arena_cstr(arena, oak_arena_printf(arena, "OAKUM_ASKPASS_HOST=%.*s", (int)to.host.len, to.host.ptr)));
        const oak_str user = remote->user.len > 0 ? remote->user : OAK_STR("x-access-token");
        add(arena, env, oak_arena_cstr(arena, oak_arena_printf(arena, "OAKUM_ASKPASS_USER=%.*s", (int)user.len, user.ptr)));
        add(arena, env, oak_arena_cstr(arena, oak_arena_printf(arena, "OAKUM_ASKPASS_TOKEN=%.*s", (int)remote->token.len,
                                                               remote->token.ptr)));
    }
}

bool oak_workshop_run(struct oak_arena *arena, const struct oak_workshop *workshop, const struct oak_remote *remote,
                      const char *folder, const char *const *words, struct oak_process_result *out, struct oak_error *err)
{
    struct words argv = { .items = { .items = NULL } }, env = { .items = { .items = NULL } };
    add_environment(arena, &env, workshop, remote);
    if (folder == NULL && workshop->objects != NULL)
        add(arena, &env, join(arena, "GIT_OBJECT_DIRECTORY=", workshop->objects));
    add(arena, &env, NULL);
    add(arena, &argv, "git");
    add(arena, &argv, join(arena, "--git-dir=", folder != NULL ? folder : workshop->folder));
    for (; *words != NULL; words++)
        add(arena, &argv, *words);
    add(arena, &argv, NULL);
    const struct oak_process process = { .argv = argv.items.items, .env = env.items.items };
    return oak_process_run(arena, &process, out, err);
}
