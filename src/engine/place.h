/* What the configuration says about places: exemptions, profiles and runtime classes by path, kind, namespace and name. */
#ifndef OAK_ENGINE_PLACE_H
#define OAK_ENGINE_PLACE_H

#include "engine/exempt.h"

/* Prepares what the configuration of the options needs: its exemptions, and a run for each other pair of profile and runtime
 * class that some object may get, made awake by `wake`. */
OAK_MUST_CHECK bool oak_run_add_config(struct oak_arena *arena, struct oak_run *run,
                                       void (*wake)(struct oak_arena *arena, struct oak_run *run), struct oak_error *err);

/* The exemptions of the configuration that are about the file; `uses` has an entry for each. */
struct oak_exempts oak_run_exempts(struct oak_arena *arena, const struct oak_run *run, oak_str path,
                                   struct oak_config_use *uses);

/* Fills in which of them have been used. */
void oak_run_note_uses(const struct oak_run *run, const struct oak_exempts *exempts, struct oak_config_use *uses);

#endif
