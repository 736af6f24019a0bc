/* What the steps of a pass hand to each other: one document at a time. */
#ifndef OAK_ENGINE_ENGINE_H
#define OAK_ENGINE_ENGINE_H

#include <oakum/engine.h>
#include <oakum/source.h>

/* A document as it is, or as an earlier plan would leave it: evidence must stand in all of these to hold a change. */
struct oak_view {
    const struct oak_index *index;
    oak_targets targets;
};

struct oak_checked {
    struct oak_arena *arena;
    const struct oak_run *run;
    const struct oak_view *views; /* views[0] is the document as written */
    size_t view_count;
    oak_findings findings;
};

/* All findings of the document with their wishes, settled: FIXED means "to be applied". */
void oak_check(struct oak_checked *c);

/* The changes that all findings to be applied want together. Findings that disagree, or that the text can't take, become
 * REFUSED. */
typedef OAK_LIST(struct oak_change) oak_change_list;
oak_change_list oak_plan(struct oak_arena *arena, const struct oak_index *index, oak_findings *findings);

/* Fills $name and $1 in; the value itself if there is nothing to fill in. NULL if a name has no value. */
const struct oak_value *oak_run_value(struct oak_arena *arena, const struct oak_run *run, const struct oak_value *value,
                                      const oak_str *groups);
bool oak_run_option(const struct oak_run *run, oak_str name, oak_str *out);
/* The run as it is for one object: $enforce can stand for another level in each namespace. */
struct oak_run oak_run_at(const struct oak_run *run, const struct oak_target *target);

/* Facts of a document as it is and as it will be; the same view twice if it stays as it is. */
struct oak_gathering {
    struct oak_arena *arena;
    const struct oak_run *run;
    const struct oak_view *before, *after;
    struct oak_source *source; /* of the file; made at the first line that is asked for */
    struct oak_file_facts *out;
};
void oak_facts_gather(const struct oak_gathering *g);
/* Facts of a document that no rule wants. */
void oak_facts_glance(struct oak_arena *arena, const struct oak_run *run, oak_span document, struct oak_source *source,
                      struct oak_file_facts *out);
void oak_facts_add_unseen(struct oak_arena *arena, struct oak_obstacle what, oak_str namespace, struct oak_file_facts *out);
/* A DNS label, as the API server wants it: anything else is a hole that somebody fills later. */
bool oak_is_namespace_name(oak_str name);
size_t oak_line_of(struct oak_arena *arena, struct oak_source *source, size_t offset);

/* Is it one by its name? If so, what it says. */
bool oak_is_kustomization(oak_str path);
const struct oak_kustomization *oak_kustomization_read(struct oak_arena *arena, oak_str path, oak_str text,
                                                       struct oak_error *err);

/* Where the kustomizations among the files put each file. */
struct oak_places {
    OAK_LIST(oak_str) namespaces;
    bool is_reached; /* by a kustomization */
    bool is_as_is;   /* by one that leaves namespaces as they are, and that no other builds upon */
};
struct oak_built {
    struct oak_places *places; /* by number of the file; of a kustomization: where it puts what it builds */
    oak_str *missing;          /* by number of the file: a resource of this kustomization that is not among the files */
};
struct oak_built oak_kustomize(struct oak_arena *arena, const struct oak_facts *facts);

#endif
