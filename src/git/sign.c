/* Signs as git would: gpg, gpgsm or ssh-keygen. Which program and key is read from the configuration of the user and the
 * system only: a repository that may name programs is a repository that may run them. */
#include "git/sign.h"

#include "git/config.h"
#include "files/process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const oak_span nowhere = { 0, 0 };

static const struct format {
    const char *name, *program_key, *program;
} formats[] = {
    { "openpgp", "gpg.program", "gpg" },
    { "x509", "gpg.x509.program", "gpgsm" },
    { "ssh", "gpg.ssh.program", "ssh-keygen" },
};

static const struct format *find_format(oak_str name)
{
    if (name.len == 0)
        return &formats[0];
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (oak_str_eq(name, oak_str_from(formats[i].name)))
            return &formats[i];
    return NULL;
}

static const char *program_of(struct oak_arena *arena, git_config *config, const struct format *format)
{
    oak_str program = oak_git_setting(arena, config, format->program_key);
    if (program.len == 0 && format == &formats[0])
        program = oak_git_setting(arena, config, "gpg.openpgp.program");
    return program.len > 0 ? oak_arena_cstr(arena, program) : format->program;
}

static bool run_signer(struct oak_arena *arena, const char *const *argv, oak_str bytes, oak_str *out,
                       struct oak_error *err)
{
    struct oak_process_result result;
    const struct oak_process process = { .argv = argv, .input = bytes };
    if (!oak_process_run(arena, &process, &result, err))
        return false;
    if (result.status != 0 || !oak_str_starts(result.out, OAK_STR("-----BEGIN "))) {
        const oak_str words = oak_git_printable(arena, oak_str_trim(result.talk));
        return oak_fail(err, OAK_GIT, nowhere, "'%s' did not sign the commit: %.*s", argv[0],
                        (int)(words.len < 160 ? words.len : 160), words.ptr);
    }
    *out = oak_arena_str(arena, oak_str_trim(result.out));
    return true;
}

static bool sign_with_gpg(struct oak_arena *arena, const char *program, const char *key, oak_str bytes, oak_str *out,
                          struct oak_error *err)
{
    const char *const argv[] = { program, "--status-fd=2", "-bsau", key, NULL };
    return run_signer(arena, argv, bytes, out, err);
}

/* A key that is written in the configuration itself goes into a file for ssh-keygen, which asks the agent about it. */
static bool write_key(struct oak_arena *arena, oak_str key, const char **path, struct oak_error *err)
{
    const char *const folder = getenv("TMPDIR");
    char *const name = oak_arena_bytes(arena, 4096);
    const oak_str made = oak_arena_printf(arena, "%s/oakum-key-XXXXXX", folder != NULL && *folder ? folder : "/tmp");
    if (made.len >= 4096)
        return oak_fail(err, OAK_GIT, nowhere, "TMPDIR is too long");
    memcpy(name, oak_arena_cstr(arena, made), made.len + 1);
    const int fd = mkostemp(name, O_CLOEXEC); /* other threads start programs */
    bool ok = fd >= 0 && write(fd, key.ptr, key.len) == (ssize_t)key.len;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (fd >= 0 && !ok)
        unlink(name);
    *path = name;
    return ok || oak_fail(err, OAK_AGAIN, nowhere, "cannot write the key to sign with to a temporary file");
}

static bool sign_with_ssh(struct oak_arena *arena, const char *program, oak_str key, oak_str bytes, oak_str *out,
                          struct oak_error *err)
{
    const bool is_literal = oak_str_starts(key, OAK_STR("key::")) || oak_str_starts(key, OAK_STR("ssh-"));
    const char *path = NULL;
    if (is_literal) {
        if (oak_str_starts(key, OAK_STR("key::")))
            key = oak_str_span(key, (oak_span){ 5, key.len });
        if (!write_key(arena, key, &path, err))
            return false;
    } else if (oak_str_starts(key, OAK_STR("~/")) && getenv("HOME") != NULL) {
        path = oak_arena_cstr(arena, oak_arena_printf(arena, "%s%.*s", getenv("HOME"), (int)key.len - 1, key.ptr + 1));
    } else {
        path = oak_arena_cstr(arena, key);
    }
    const char *const argv[] = { program, "-Y", "sign", "-n", "git", "-f", path, NULL };
    const bool ok = run_signer(arena, argv, bytes, out, err);
    if (is_literal)
        unlink(path);
    return ok;
}

static bool sign(struct oak_arena *arena, git_config *config, const struct oak_new_commit *commit, oak_str bytes,
                 oak_str *out, struct oak_error *err)
{
    const oak_str name = oak_git_setting(arena, config, "gpg.format");
    const struct format *const format = find_format(name);
    if (format == NULL)
        return oak_fail(err, OAK_GIT, nowhere, "gpg.format is openpgp, x509 or ssh, not '%.*s'", (int)name.len, name.ptr);
    const char *const program = program_of(arena, config, format);
    oak_str key = oak_git_setting(arena, config, "user.signingkey");
    const bool is_ssh = strcmp(format->name, "ssh") == 0;
    if (key.len == 0 && is_ssh)
        return oak_fail(err, OAK_GIT, nowhere, "no key to sign with: set user.signingKey, not in the repository but with "
                        "'git config --global'");
    if (is_ssh)
        return sign_with_ssh(arena, program, key, bytes, out, err);
    if (key.len == 0)
        key = oak_arena_printf(arena, "%.*s <%.*s>", (int)commit->committer.name.len, commit->committer.name.ptr,
                               (int)commit->committer.email.len, commit->committer.email.ptr);
    return sign_with_gpg(arena, program, oak_arena_cstr(arena, key), bytes, out, err);
}

bool oak_sign(struct oak_arena *arena, struct oak_repository *repository, const struct oak_new_commit *commit,
              oak_str bytes, oak_str *out, struct oak_error *err)
{
    git_config *config = NULL;
    *out = OAK_STR("");
    if (commit->signing == OAK_SIGN_NEVER)
        return true;
    if (!oak_git_config_open(repository, OAK_TRUST_USER, &config, err))
        return false;
    const bool is_wanted = commit->signing == OAK_SIGN_ALWAYS || oak_git_is_set(arena, config, "commit.gpgsign");
    const bool ok = !is_wanted || sign(arena, config, commit, bytes, out, err);
    git_config_free(config);
    return ok;
}
