/* Predicates: does a value match, does a place pass a test, does a condition hold? */
#ifndef OAK_PATCH_WHEN_H
#define OAK_PATCH_WHEN_H

#include <oakum/patch.h>

/* The groups that a regular expression caught, for $1 … $9. */
struct oak_captures {
    oak_str groups[10];
};

/* The node at which paths of this scope start; 0 if the target has none. */
uint32_t oak_scope_node(const struct oak_target *target, enum oak_scope scope);

/* Of each scope, the keys at its node: bits as of oak_key_bit. All of them where a key may stand elsewhere, too. */
void oak_scope_keys(const struct oak_index *index, const struct oak_target *target, uint64_t keys[OAK_SCOPES]);

/* Can this target have the field? What operators make pods from often has a part of a PodSpec only, and security contexts
 * under keys of their own. */
enum oak_holding {
    OAK_HOLDS,
    OAK_HOLDS_GIVEN,  /* where it is written; it is not added */
    OAK_HAS_NO_PLACE, /* it says nothing about it, here */
    OAK_DROPS         /* it would be an unknown field: dropped, or refused */
};
enum oak_holding oak_field_holding(const struct oak_target *target, const struct oak_field *field);

/* The frame of the security context in which the field stands; NULL if that is simply `securityContext` of the scope. */
const struct oak_frame *oak_field_context(const struct oak_target *target, const struct oak_field *field);

/* The places that a field names at the target; `{name}` in a key stands for the target's own name. `find` judges, `resolve` also
 * knows the ways (oak_path_find, oak_path_resolve). */
oak_node_list oak_field_find(struct oak_arena *arena, const struct oak_index *index, const struct oak_target *target,
                             const struct oak_field *field);
/* The same without memory for most fields: those that lead to one place use `one`. */
oak_node_list oak_field_nodes(struct oak_arena *arena, const struct oak_index *index, const struct oak_target *target,
                              const struct oak_field *field, uint32_t *one);
oak_places oak_field_resolve(struct oak_arena *arena, const struct oak_index *index, const struct oak_target *target,
                             const struct oak_field *field);

/* Does the node (0: absent) match one of `matches`? A templated scalar matches nothing. */
bool oak_matches_node(const oak_matches *matches, const struct oak_index *index, uint32_t node,
                      struct oak_captures *captures);

/* Where a condition is asked about, and what its terms said there before: two bits a term. */
struct oak_spot {
    const struct oak_index *index;
    const struct oak_target *target;
    const uint64_t *keys;  /* oak_scope_keys of the target; NULL: not known */
    uint64_t *said[OAK_REACHES]; /* at this target, its pod, its container: oak_said_size(…) words, zero at first; NULL: nothing is
                                  * remembered */
};
size_t oak_said_size(const struct oak_patches *patches);

/* Does the condition hold at the spot? Then `*evidence` gets a node that shows it, 0 if it is an absence; NULL: nobody asks. A
 * condition without groups holds nowhere. */
bool oak_condition_holds(struct oak_arena *arena, const struct oak_condition *condition, const struct oak_spot *spot,
                         uint32_t *evidence);

/* Does the expression match the text? */
bool oak_match_holds(const struct oak_match *match, oak_str text);

/* Compiles a regular expression into the arena; NULL if it is none. */
const struct pcre2_real_code_8 *oak_regex_compile(struct oak_arena *arena, oak_str pattern);
bool oak_regex_matches(const struct pcre2_real_code_8 *regex, oak_str text);

#endif
