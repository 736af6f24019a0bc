/* Paths of a command line that name the same thing: each is visited once. */
#ifndef OAK_CLI_GIVEN_H
#define OAK_CLI_GIVEN_H

#include "files/files.h"

struct oak_given_path {
    struct oak_file_id id;
    size_t number; /* on the command line */
};
struct oak_given {
    OAK_LIST(struct oak_given_path) paths; /* those that are there, each thing once, by the first of its names; sorted by id */
    size_t count;                          /* on the command line */
};

/* Paths come in the order of the command line; finish before asking. */
void oak_given_add(struct oak_arena *arena, struct oak_given *given, const char *path);
void oak_given_finish(struct oak_given *given);

/* Is the path of this number another name of an earlier one? */
bool oak_given_is_again(const struct oak_given *given, const char *path, size_t number);

/* Does the command line name what a walk has come to? Then that is visited by itself. */
bool oak_given_has(const struct oak_given *given, const char *path);

#endif
