/* One page for each patch that goes by a name. */
#ifndef OAK_CLI_EXPLAIN_H
#define OAK_CLI_EXPLAIN_H

#include <oakum/engine.h>

/* Fails with USAGE if no patch has this id or reference. */
OAK_MUST_CHECK bool oak_explain(struct oak_arena *arena, const struct oak_patches *patches, oak_str id,
                                struct oak_buf *out, struct oak_error *err);

#endif
