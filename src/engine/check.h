/* What the files that check share: making a finding, and settling what becomes of it. */
#ifndef OAK_ENGINE_CHECK_H
#define OAK_ENGINE_CHECK_H

#include "engine/engine.h"

#include "patch/when.h"

/* "container 'web'" */
oak_str oak_check_subject(struct oak_arena *arena, const struct oak_target *t);
/* What a caret points at: the node, or if it is missing (0) the first entry of what it is missing from. */
oak_span oak_check_span(const struct oak_index *index, const struct oak_target *t, uint32_t node);

bool oak_check_violates(const struct oak_checked *c, const struct oak_target *t, const struct oak_clause *clause,
                        uint32_t node, struct oak_captures *captures);
/* `number`: of the target. */
bool oak_check_applies(const struct oak_checked *c, const struct oak_rule *rule, size_t number);
/* What holds a change of target `number` back, and a node that shows it, if `evidence` is not NULL; NULL if nothing does. */
const struct oak_reason *oak_check_holding(const struct oak_checked *c, const struct oak_rule *rule, size_t number,
                                           uint32_t *evidence);

/* The words of a reason at the finding's target. */
oak_str oak_check_because(const struct oak_checked *c, const struct oak_finding *f, const struct oak_reason *reason);

/* Makes the route of a place that the field has at the target one from the document's root. */
void oak_check_place(const struct oak_checked *c, const struct oak_target *t, const struct oak_field *field,
                     struct oak_place *place);

/* At the first place that the clause has at the target. Valid until the next finding is added. */
struct oak_finding *oak_check_add(struct oak_checked *c, const struct oak_rule *rule, const struct oak_target *t,
                                  const struct oak_clause *clause);
/* `number`: of the target. */
void oak_check_settle(struct oak_checked *c, struct oak_finding *f, const struct oak_active *active, size_t number);
/* Does the last view decide otherwise about one of these findings, which were made without it: does evidence fall that holds it,
 * or is a need met? Perhaps; a no is sure. */
bool oak_check_frees(struct oak_checked *c, const oak_findings *findings);
void oak_check_ignore(struct oak_checked *c, struct oak_finding *f, const struct oak_exempt *by);

/* What was said about a finding of the patch at this place. In what a plan made of a document, no is what stayed there. */
enum oak_reply oak_reply_to(const struct oak_checked *c, const struct oak_patch *patch, const struct oak_target *t,
                            const oak_route *route);
/* Is the finding one of those that no is said to? */
bool oak_is_declined(const struct oak_checked *c, const struct oak_finding *f);
void oak_check_decline(struct oak_finding *f);
/* Who wants the field to stay as it is: an exemption, or somebody who said no to just this finding; NULL: nobody. */
const struct oak_exempt *oak_kept_by(const struct oak_checked *c, const struct oak_patch *patch, const struct oak_target *t,
                                     const oak_route *route);
/* Does anybody want anything to stay as it is? */
bool oak_any_is_kept(const struct oak_checked *c);

/* A rule with `inherit: pod` at a pod and its containers. */
void oak_check_heirs(struct oak_checked *c, const struct oak_active *active, size_t pod);

/* What is ignored stays as it is: findings that would change its place, or give it another value from its pod, are ignored,
 * too. */
void oak_keep_ignored(struct oak_checked *c);

#endif
