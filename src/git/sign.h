/* Signatures of commits. */
#ifndef OAK_GIT_SIGN_H
#define OAK_GIT_SIGN_H

#include <oakum/git.h>

/* Signs the bytes of a commit, if this is to be done.
 *
 * out     the signature, in `arena`; empty: none is wanted
 * fails   GIT if there is no key, or the program that signs says no: its words */
OAK_MUST_CHECK bool oak_sign(struct oak_arena *arena, struct oak_repository *repository,
                             const struct oak_new_commit *commit, oak_str bytes, oak_str *out, struct oak_error *err);

#endif
