/* Which rules can find nothing at a target? Most fields that rules are about are absent, and may be: of each rule the first keys
 * of its field are known, and a look at the keys that a target has tells of all rules at once which are worth a closer one. */
#include "engine/lookout.h"

#include <string.h>

enum { ALWAYS = 63 }; /* the bit of rules that must be looked at everywhere */

/* Is it all right if the field is not there at all? */
static bool may_be_absent(const struct oak_clause *clause)
{
    const oak_matches *const matches = &clause->test.matches;
    bool names_absence = false;
    for (size_t i = 0; i < matches->count; i++)
        names_absence = names_absence || matches->items[i].kind == OAK_MATCH_ABSENT;
    /* A list that is not there has no items, and gives no place to judge. */
    return !clause->field.path.is_plain || (clause->test.kind == OAK_TEST_ALLOWED && names_absence) ||
           (clause->test.kind == OAK_TEST_FORBIDDEN && !names_absence);
}

static size_t len_class(oak_str key)
{
    const size_t last = sizeof ((struct oak_lookout *)0)->by_len / sizeof(uint64_t) - 1;
    return key.len < last ? key.len : last;
}

static unsigned char first_byte(oak_str key)
{
    return key.len > 0 ? (unsigned char)key.ptr[0] : 0;
}

static uint64_t bit_of(struct oak_lookout *l, enum oak_scope scope, oak_str first, oak_str second)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->keys[i].scope == scope && oak_str_eq(l->keys[i].first, first) && oak_str_eq(l->keys[i].second, second))
            return UINT64_C(1) << i;
    if (l->count == ALWAYS)
        return UINT64_C(1) << ALWAYS;
    l->keys[l->count].scope = scope;
    l->keys[l->count].first = first;
    l->keys[l->count].second = second;
    l->by_len[len_class(first)] |= UINT64_C(1) << l->count;
    l->by_byte[first_byte(first)] |= UINT64_C(1) << l->count;
    l->by_scope[scope] |= UINT64_C(1) << l->count;
    return UINT64_C(1) << l->count++;
}

static bool is_key(const struct oak_path *path, size_t step)
{
    return step < path->count && path->steps[step].kind == OAK_STEP_KEY &&
           memchr(path->steps[step].key.ptr, '{', path->steps[step].key.len) == NULL;
}

uint64_t oak_lookout_add(struct oak_lookout *l, const struct oak_rule *rule)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < rule->fields.count; i++) {
        const struct oak_clause *const clause = &rule->fields.items[i];
        const struct oak_path *const path = &clause->field.path;
        const enum oak_scope scope = clause->field.scope;
        const bool is_known = scope == OAK_SELF || scope == OAK_OF_TEMPLATE || scope == OAK_OF_POD;
        if (!is_known || !is_key(path, 0) || rule->inherits || !may_be_absent(clause))
            return UINT64_C(1) << ALWAYS;
        bits |= bit_of(l, scope, path->steps[0].key, is_key(path, 1) ? path->steps[1].key : OAK_STR(""));
    }
    return bits;
}

/* Of the keys in `wanted`, those whose second key the mapping has. */
static uint64_t bits_below(const struct oak_lookout *l, const struct oak_index *index, uint32_t mapping, uint64_t wanted)
{
    uint64_t bits = 0;
    for (uint32_t i = index->nodes[mapping].child; i != 0; i = index->nodes[i].next) {
        const oak_str name = index->nodes[i].name;
        if (oak_str_eq(name, OAK_STR("<<")))
            return wanted;
        for (uint64_t left = wanted & ~bits; left != 0; left &= left - 1) {
            const size_t k = (size_t)__builtin_ctzll(left);
            if (oak_str_eq(l->keys[k].second, name))
                bits |= UINT64_C(1) << k;
        }
    }
    return bits;
}

static uint64_t bits_of_child(const struct oak_lookout *l, enum oak_scope scope, const struct oak_index *index,
                              uint32_t child)
{
    uint64_t bits = 0, wanted = 0;
    const oak_str name = index->nodes[child].name;
    uint64_t maybe = l->by_len[len_class(name)] & l->by_byte[first_byte(name)] & l->by_scope[scope];
    for (; maybe != 0; maybe &= maybe - 1) {
        const size_t k = (size_t)__builtin_ctzll(maybe);
        if (oak_str_eq(l->keys[k].first, name))
            *(l->keys[k].second.len == 0 ? &bits : &wanted) |= UINT64_C(1) << k;
    }
    return wanted != 0 ? bits | bits_below(l, index, oak_node_real(index, child), wanted) : bits;
}

static uint64_t bits_at(const struct oak_lookout *l, enum oak_scope scope, const struct oak_index *index, uint32_t node)
{
    uint64_t bits = 0;
    for (uint32_t i = node != 0 ? index->nodes[node].child : 0; i != 0; i = index->nodes[i].next) {
        if (oak_str_eq(index->nodes[i].name, OAK_STR("<<")))
            return UINT64_MAX;
        bits |= bits_of_child(l, scope, index, i);
    }
    return bits;
}

uint64_t oak_lookout_at(const struct oak_lookout *l, const struct oak_index *index, const struct oak_target *target,
                        struct oak_lookout_pod *pod)
{
    if (target->pod_frame != NULL || target->container_frame != NULL)
        return UINT64_MAX; /* fields may stand elsewhere */
    if (pod->pod != target->pod || pod->template != target->template)
        *pod = (struct oak_lookout_pod){ target->pod, target->template,
                                         bits_at(l, OAK_OF_POD, index, target->pod) |
                                             bits_at(l, OAK_OF_TEMPLATE, index, target->template) };
    return (UINT64_C(1) << ALWAYS) | pod->bits | bits_at(l, OAK_SELF, index, target->node);
}
