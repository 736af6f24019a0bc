/* What the steps of a pass hand to each other: one document at a time. */
#ifndef OAK_ENGINE_ENGINE_H
#define OAK_ENGINE_ENGINE_H

#include "engine/exempt.h"

#include "patch/fill.h"

/* A document as it is, or as an earlier plan would leave it: evidence must stand in all of these to hold a change. */
struct oak_view {
    const struct oak_index *index;
    oak_targets targets;
    struct oak_exempts exempts; /* of the document to be changed only: they are no evidence */
};

struct oak_checked {
    struct oak_arena *arena;
    const struct oak_run *run;
    oak_str path; /* of the file, for the configuration */
    const struct oak_view *views; /* views[0] is the document as written */
    size_t view_count;
    oak_findings findings;
};

/* All findings of the document with their wishes, settled: FIXED means "to be applied". */
void oak_check(struct oak_checked *c);

/* What a finding is left as, it leaves those as that hang on it. */
void oak_share_outcomes(struct oak_checked *c);

/* Do both have the same names? */
bool oak_target_is_same(const struct oak_target *a, const struct oak_target *b);

/* The target of a later view that is this one of the first; NULL if it is gone. Targets correspond by number unless some
 * went. */
const struct oak_target *oak_view_target(const struct oak_checked *c, size_t view, size_t number);

/* The changes that all findings to be applied want together. Findings that disagree, or that the text can't take, become
 * REFUSED. */
typedef OAK_LIST(struct oak_change) oak_change_list;
oak_change_list oak_plan(struct oak_arena *arena, const struct oak_index *index, oak_findings *findings);

/* Fills the holes in; `holes` may be NULL: then only $name, an option. NULL if an option has no value. */
const struct oak_value *oak_run_value(struct oak_arena *arena, const struct oak_run *run, const struct oak_value *value,
                                      const struct oak_holes *holes);

/* The run that is meant for an object: the configuration may give it another profile or runtime class. */
const struct oak_run *oak_run_for(const struct oak_run *run, oak_str path, const struct oak_target *object);

bool oak_run_option(const struct oak_run *run, oak_str name, oak_str *out);

#endif
