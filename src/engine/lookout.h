/* Rules that are worth a look at a target. */
#ifndef OAK_ENGINE_LOOKOUT_H
#define OAK_ENGINE_LOOKOUT_H

#include <oakum/engine.h>

/* Learns of a rule. What it answers is the rule's mark in this lookout: only where oak_lookout_at has one of its bits can the
 * rule find anything. */
uint64_t oak_lookout_add(struct oak_lookout *lookout, const struct oak_rule *rule);

/* What was seen of a pod: its targets stand together. Starts zeroed. */
struct oak_lookout_pod {
    uint32_t pod, template;
    uint64_t bits;
};

uint64_t oak_lookout_at(const struct oak_lookout *lookout, const struct oak_index *index, const struct oak_target *target,
                        struct oak_lookout_pod *pod);

#endif
