/* The configuration of git: whose word counts. */
#ifndef OAK_GIT_CONFIG_H
#define OAK_GIT_CONFIG_H

#include "git/repository.h"

enum oak_trust {
    OAK_TRUST_USER,      /* the system and the user: what may name programs and keys */
    OAK_TRUST_REPOSITORY /* the repository, too: names and addresses of people */
};

/* As git reads it: GIT_CONFIG_NOSYSTEM and GIT_CONFIG_GLOBAL are obeyed, conditional includes of the user, too. Free it with
 * git_config_free. */
OAK_MUST_CHECK bool oak_git_config_open(struct oak_repository *repository, enum oak_trust trust, git_config **out,
                                        struct oak_error *err);

/* The value of a key; GIT_CONFIG_KEY_n of the environment come first. Empty: it has none. */
oak_str oak_git_setting(struct oak_arena *arena, git_config *config, const char *key);
bool oak_git_is_set(struct oak_arena *arena, git_config *config, const char *key); /* a boolean that is true */

#endif
