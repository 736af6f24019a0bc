/* One patch, from its text. */
#ifndef OAK_PATCH_LOAD_H
#define OAK_PATCH_LOAD_H

#include <oakum/patch.h>

/* Strict: fails with PATCH, and the place in `text`, at the first word that it doesn't know. */
OAK_MUST_CHECK bool oak_patch_read(struct oak_arena *arena, const oak_evidence_list *evidence, oak_str file, oak_str text,
                                   struct oak_patch *out, struct oak_error *err);

/* The same for a file of evidence, which may use what is in `to` already. */
OAK_MUST_CHECK bool oak_evidence_read(struct oak_arena *arena, oak_str text, oak_evidence_list *to, struct oak_error *err);

#endif
