/* Keys that stand twice in one mapping, and what they spoil. */
#ifndef OAK_ENGINE_TWICE_H
#define OAK_ENGINE_TWICE_H

#include "engine/engine.h"

struct oak_twice {
    uint32_t everywhere; /* the first that spoils the whole document; 0: none does */
    uint32_t *of_object; /* by node of an object: the first in it, 0: none; NULL: there are none at all */
};

struct oak_twice oak_twice_find(struct oak_arena *arena, const struct oak_index *index, const oak_targets *targets);

/* Refuses what was found in a spoilt object. */
void oak_twice_refuse(struct oak_arena *arena, const struct oak_index *index, const struct oak_twice *twice,
                      oak_findings *findings);

#endif
