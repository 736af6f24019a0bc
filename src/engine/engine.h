/* What the steps of a pass hand to each other: one document at a time. */
#ifndef OAK_ENGINE_ENGINE_H
#define OAK_ENGINE_ENGINE_H

#include <oakum/source.h>

#include "engine/exempt.h"

#include "patch/fill.h"
#include "patch/when.h"

enum { OAK_MAX_VIEWS = 7 }; /* the document, and what so many plans make of it */

/* A document as it is, or as an earlier plan would leave it: evidence must stand in all of these to hold a change. */
struct oak_view {
    const struct oak_index *index;
    oak_targets targets;
    uint64_t *said; /* what the terms of conditions said at its targets, said_size words each (struct oak_spot) */
    size_t said_size;
    uint64_t *keys; /* that its targets have, OAK_SCOPES words each (oak_scope_keys) */
    const size_t *of_first; /* numbers, here, of the targets of the document as written (oak_view_follow) */
    struct oak_exempts exempts; /* of the document to be changed only: they are no evidence */
    const oak_findings *before; /* of what a plan made of a document: what was found there, if somebody was asked */
};

struct oak_checked {
    struct oak_arena *arena;
    const struct oak_run *run;
    const struct oak_answers *answers; /* NULL: nobody was asked */
    oak_str path; /* of the file, for the configuration */
    size_t document; /* its number */
    const struct oak_view *views; /* views[0] is the document as written */
    size_t view_count;
    oak_findings findings;
    struct oak_arena *scratch; /* what one answer needs and the next does not: else a list of n is kept n times */

    /* Of pods that share a security context, the answer is one: remembered, as there may be thousands. */
    struct {
        const struct oak_rule *rule;
        const struct oak_frame *frame; /* of the first of these pods */
        struct oak_finding kept;       /* what becomes of one that must keep its value; FIXED: none must */
    } sharers;
};

/* All findings of the document with their wishes, settled: FIXED means "to be applied". */
void oak_check(struct oak_checked *c);

/* Could another look, with a plan in mind, decide otherwise? It is held, or waits for something. */
bool oak_finding_is_bound(const struct oak_finding *f);

/* What a finding is left as, it leaves those as that hang on it. */
void oak_share_outcomes(struct oak_checked *c);

/* Do both have the same names? */
bool oak_target_is_same(const struct oak_target *a, const struct oak_target *b);
/* Is the finding about this field of a target of this name? Keys only: what stands behind an item that goes moves up. */
bool oak_finding_is_alike(const struct oak_finding *f, const struct oak_patch *patch, const struct oak_target *target,
                          const oak_route *route);

struct oak_view oak_view_make(struct oak_arena *arena, const struct oak_run *run, const struct oak_index *index);

/* Learns which targets of `first` are which of `later`, a plan's view: by kind and names, and of those that share them by order. */
void oak_view_follow(struct oak_arena *arena, const struct oak_view *first, struct oak_view *later);

/* Target `number` of the first view as it is in another; false if it is gone. */
bool oak_view_spot(const struct oak_checked *c, size_t view, size_t number, struct oak_spot *out);

/* Which edits belong together, because a finding needs them all: gives each such group the next number, as owner of the edits and as
 * fix of the findings. */
struct oak_bundled {
    oak_findings *findings;
    oak_edit_list *edits; /* owners are nodes */
    uint32_t *count;      /* numbers given so far */
};
void oak_bundle(struct oak_arena *arena, const struct oak_index *index, const struct oak_bundled *what);

/* The changes that all findings to be applied want together. Findings that disagree, or that the text can't take, become
 * REFUSED. */
typedef OAK_LIST(struct oak_change) oak_change_list;
oak_change_list oak_plan(struct oak_arena *arena, const struct oak_index *index, oak_findings *findings);

/* By node: what the changes of these findings remove, and what loses all that it holds by them. */
bool *oak_find_going(struct oak_arena *arena, const struct oak_index *index, const oak_findings *findings);

/* Who inherits from whom, by numbers of targets; the end of the targets means none. */
/* The next container after `at` that inherits what the container `number` has. */
size_t oak_heir_next(const struct oak_view *view, size_t number, size_t at);
/* Have both pods their security context at one place? */
bool oak_frames_share(const struct oak_frame *a, const struct oak_frame *b);
/* Does the manifest say what security context the pod has, and not which containers inherit it? */
bool oak_pod_is_heir(const struct oak_view *view, size_t pod);

/* Of a target that is there for its security context alone: where that is written; 0 otherwise. */
uint32_t oak_given_context(const struct oak_index *index, const struct oak_target *t);
/* Is the field to be made at one of these places, and the target can't have it? */
bool oak_field_has_no_place(const struct oak_target *t, const struct oak_field *field, const oak_places *places);
/* Why a field that is there is left alone: the kind does not have it. */
oak_str oak_dropped_reason(struct oak_arena *arena, const struct oak_target *t);
/* A field that is not there (`node` is 0 or null), and cannot be, or is judged where the container inherits it from. */
bool oak_field_is_elsewhere(const struct oak_view *view, const struct oak_target *t, const struct oak_field *field,
                            uint32_t node);

/* Fills the holes in; `holes` may be NULL: then only $name, an option. NULL if an option has no value. */
const struct oak_value *oak_run_value(struct oak_arena *arena, const struct oak_run *run, const struct oak_value *value,
                                      const struct oak_holes *holes);

/* The run that is meant for an object: the configuration may give it another profile or runtime class. */
const struct oak_run *oak_run_for(const struct oak_run *run, oak_str path, const struct oak_target *object);

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
/* What all rules with a level find in a view, asleep or not. */
oak_findings oak_observe(const struct oak_gathering *g, const struct oak_view *view);
/* A template action where it decides what a pod of the object may do: nobody knows what it will say. 0: none. */
uint32_t oak_action_in(const struct oak_gathering *g, const struct oak_target *o);
bool oak_has_actions(const struct oak_gathering *g); /* anywhere in the document */

/* Where the objects of a document stand, before and after; each of its findings, already in the result, learns the number of its
 * object. */
void oak_standings_add(const struct oak_gathering *g, size_t document, struct oak_result *result);

void oak_facts_add_unseen(struct oak_arena *arena, struct oak_obstacle what, oak_str namespace, struct oak_file_facts *out);
/* A DNS label, as the API server wants it: anything else is a hole that somebody fills later. */
bool oak_is_namespace_name(oak_str name);
size_t oak_line_of(struct oak_arena *arena, struct oak_source *source, size_t offset);

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
