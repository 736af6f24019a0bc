/* What a patch of kubectl must say so that an object in a cluster becomes what the fix made of it. */
#ifndef OAK_ENGINE_AMEND_H
#define OAK_ENGINE_AMEND_H

#include <oakum/engine.h>

enum oak_amend_type {
    OAK_AMEND_STRATEGIC, /* short, and goes by names; only of built-in kinds */
    OAK_AMEND_JSON       /* goes by numbers, and tests that they still mean the same */
};
const char *oak_amend_type_name(enum oak_amend_type type); /* as --type of kubectl has it */

struct oak_amendment {
    oak_str kind, group, name, namespace;
    enum oak_amend_type type;
    const struct oak_value *patch;
    const char *obstacle; /* why the API server would take no patch; NULL: it does */
};
typedef OAK_LIST(struct oak_amendment) oak_amendments;

/* One for each object that differs. Both texts hold the same documents: what oak_pass was given, and what it made of that. */
OAK_MUST_CHECK bool oak_amend(struct oak_arena *arena, oak_str before, oak_str after, oak_amendments *out,
                              struct oak_error *err);

#endif
