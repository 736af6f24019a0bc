/* Which repositories: the one here, or those of a list. */
#ifndef OAK_CLI_REPOS_H
#define OAK_CLI_REPOS_H

#include "cli/options.h"

struct oak_repo {
    oak_str name; /* as the list has it: a path or an address */
    bool is_address;
};
struct oak_repos {
    OAK_LIST(struct oak_repo) items; /* of this shard, in order of the list, each once */
};

/* Reads the list that --repos-from names: one a line; empty lines and those that begin with # say nothing. */
OAK_MUST_CHECK bool oak_repos_read(struct oak_arena *arena, const struct oak_git_options *options, struct oak_repos *out,
                                   struct oak_error *err);

/* Does this name belong to part `index` of `count`? The same name always belongs to the same part. */
bool oak_repo_is_of_shard(oak_str name, unsigned index, unsigned count);

/* The folder of a repository. One that has an address is copied bare into the cache first, or brought up to date there. */
OAK_MUST_CHECK bool oak_repo_find_folder(struct oak_arena *arena, const struct oak_repo *repo,
                                         const struct oak_remote *remote, const char **folder, struct oak_error *err);

#endif
