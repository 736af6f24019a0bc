/* Opens the files of git's configuration that count for a question. libgit2 does not know the variables with which git is
 * told to read others, or none. */
#include "git/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_true(const char *variable)
{
    int is = 0;
    const char *const value = getenv(variable);
    return value != NULL && git_config_parse_bool(&is, value) == 0 && is;
}

/* A file that is not there says nothing. */
static void add(git_config *config, const char *path, git_config_level_t level, git_repository *git)
{
    git_config_add_file_ondisk(config, path, level, git, 1);
}

static void add_found(git_config *config, int (*find)(git_buf *), git_config_level_t level, git_repository *git)
{
    git_buf path = GIT_BUF_INIT;
    if (find(&path) == 0)
        add(config, path.ptr, level, git);
    git_buf_dispose(&path);
}

bool oak_git_config_open(struct oak_repository *repository, enum oak_trust trust, git_config **out, struct oak_error *err)
{
    git_repository *const git = repository->git;
    const char *const global = getenv("GIT_CONFIG_GLOBAL");
    char local[4096];
    if (git_config_new(out) != 0)
        return oak_git_fail(err, OAK_GIT, "cannot read the configuration of git");
    if (!is_true("GIT_CONFIG_NOSYSTEM"))
        add_found(*out, git_config_find_system, GIT_CONFIG_LEVEL_SYSTEM, git);
    if (global != NULL) {
        add(*out, global, GIT_CONFIG_LEVEL_GLOBAL, git);
    } else {
        add_found(*out, git_config_find_xdg, GIT_CONFIG_LEVEL_XDG, git);
        add_found(*out, git_config_find_global, GIT_CONFIG_LEVEL_GLOBAL, git);
    }
    if (trust == OAK_TRUST_REPOSITORY &&
        snprintf(local, sizeof local, "%sconfig", git_repository_commondir(git)) < (int)sizeof local)
        add(*out, local, GIT_CONFIG_LEVEL_LOCAL, git);
    return true;
}

/* The last of GIT_CONFIG_KEY_0 … with this name counts; NULL: there is none. */
static const char *find_in_environment(const char *key)
{
    const char *const count_text = getenv("GIT_CONFIG_COUNT"), *found = NULL;
    const unsigned long count = count_text != NULL ? strtoul(count_text, NULL, 10) : 0;
    for (unsigned long i = 0; i < count && i < 1000; i++) {
        char name[64];
        snprintf(name, sizeof name, "GIT_CONFIG_KEY_%lu", i);
        const char *const given = getenv(name);
        if (given == NULL || strcasecmp(given, key) != 0)
            continue;
        snprintf(name, sizeof name, "GIT_CONFIG_VALUE_%lu", i);
        found = getenv(name);
    }
    return found;
}

oak_str oak_git_setting(struct oak_arena *arena, git_config *config, const char *key)
{
    git_buf value = GIT_BUF_INIT;
    const char *const given = find_in_environment(key);
    oak_str out = { "", 0 };
    if (given != NULL)
        return oak_str_from(given);
    if (git_config_get_string_buf(&value, config, key) == 0)
        out = oak_arena_str(arena, oak_str_from(value.ptr));
    git_buf_dispose(&value);
    return out;
}

bool oak_git_is_set(struct oak_arena *arena, git_config *config, const char *key)
{
    int is = 0;
    const oak_str value = oak_git_setting(arena, config, key);
    return value.len > 0 && git_config_parse_bool(&is, oak_arena_cstr(arena, value)) == 0 && is;
}
