/* The library: patches sorted by id, those that the binary carries among them, found by any name that they go by. */
#include "patch/load.h"

#include "patch/builtin.h"

#include <strings.h>

static void insert_sorted(struct oak_arena *arena, struct oak_patches *patches, struct oak_patch *patch)
{
    for (size_t i = 0; i < patches->items.count; i++)
        if (oak_str_eq(patches->items.items[i]->id, patch->id)) {
            patches->items.items[i] = patch;
            return;
        }
    *oak_push(arena, &patches->items) = patch;
    for (size_t i = patches->items.count - 1; i > 0; i--) {
        struct oak_patch **const pair = &patches->items.items[i - 1];
        if (oak_str_cmp(pair[0]->id, pair[1]->id) <= 0)
            break;
        struct oak_patch *const moved = pair[0];
        pair[0] = pair[1];
        pair[1] = moved;
    }
}

static bool ask_the_same(const oak_matches *a, const oak_matches *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct oak_match *const x = &a->items[i], *const y = &b->items[i];
        if (x->kind != y->kind || x->within != NULL || y->within != NULL || !oak_str_eq(x->pattern, y->pattern) ||
            ((x->kind == OAK_MATCH_VALUE || x->kind == OAK_MATCH_WORD) && !oak_value_eq(x->value, y->value)))
            return false;
    }
    return true;
}

static bool asks_for_absence(const oak_matches *matches)
{
    size_t i = 0;
    while (i < matches->count && matches->items[i].kind != OAK_MATCH_ABSENT)
        i++;
    return i < matches->count;
}

static size_t number_of(struct oak_arena *arena, struct oak_patches *patches, const struct oak_term *term)
{
    for (size_t i = 0; i < patches->terms.count; i++) {
        const struct oak_term *const other = patches->terms.items[i];
        if (other->field.scope == term->field.scope && oak_str_eq(other->field.text, term->field.text) &&
            other->is_negated == term->is_negated && ask_the_same(&other->matches, &term->matches))
            return i + 1;
    }
    *oak_push(arena, &patches->terms) = term;
    return patches->terms.count;
}

static enum oak_reach reach_of(const struct oak_term *term)
{
    if (term->field.has_name || term->matches.has_name || term->matches.has_within)
        return OAK_AT_TARGET;
    switch (term->field.scope) {
    case OAK_OF_OBJECT:
    case OAK_OF_TEMPLATE:
    case OAK_OF_POD:
        return OAK_IN_POD;
    case OAK_OF_CONTAINER:
        return OAK_IN_CONTAINER;
    default:
        return OAK_AT_TARGET;
    }
}

static void number_terms(struct oak_arena *arena, struct oak_patches *patches, struct oak_condition *condition)
{
    for (size_t i = 0; i < condition->groups.count; i++)
        for (size_t k = 0; k < condition->groups.items[i].count; k++) {
            struct oak_term *const term = &condition->groups.items[i].items[k];
            if (term->number == 0) /* rules share what stands at the top of their patch */
                term->number = number_of(arena, patches, term);
            const struct oak_path *const path = &term->field.path;
            const bool has_key = path->count > 0 && path->steps[0].kind == OAK_STEP_KEY && !term->field.has_name;
            term->first_key = has_key ? oak_key_bit(path->steps[0].key) : UINT64_MAX;
            term->is_about_something = !term->is_negated && !asks_for_absence(&term->matches);
            term->reach = reach_of(term);
        }
}

static void number_conditions(struct oak_arena *arena, struct oak_patches *patches, struct oak_rule *rule)
{
    oak_reasons *const reasons[] = { &rule->needs, &rule->held, &rule->doubts };
    number_terms(arena, patches, &rule->when);
    number_terms(arena, patches, &rule->unless);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        for (size_t k = 0; k < reasons[i]->count; k++)
            number_terms(arena, patches, &reasons[i]->items[k].when);
}

void oak_patches_init(struct oak_patches *patches)
{
    *patches = (struct oak_patches){ .items = { 0 } };
}

bool oak_patches_is_evidence(oak_str file)
{
    const oak_str name = OAK_STR("evidence.yaml");
    return oak_str_ends(file, name) && (file.len == name.len || file.ptr[file.len - name.len - 1] == '/');
}

bool oak_patches_add(struct oak_arena *arena, struct oak_patches *patches, oak_str file, oak_str text,
                     struct oak_error *err)
{
    if (oak_patches_is_evidence(file))
        return oak_evidence_read(arena, text, &patches->evidence, err);
    struct oak_patch *const patch = oak_arena_alloc(arena, sizeof *patch);
    if (!oak_patch_read(arena, &patches->evidence, file, text, patch, err))
        return false;
    for (size_t i = 0; i < patch->rules.count; i++)
        number_conditions(arena, patches, &patch->rules.items[i]);
    insert_sorted(arena, patches, patch);
    return true;
}

static bool add_all(struct oak_arena *arena, struct oak_patches *patches, const struct oak_builtin *items, size_t count,
                    struct oak_error *err)
{
    for (int pass = 0; pass < 2; pass++) /* evidence first: patches name it */
        for (size_t i = 0; i < count; i++)
            if (oak_patches_is_evidence(items[i].name) == (pass == 0) &&
                !oak_patches_add(arena, patches, items[i].name, items[i].text, err))
                return false;
    return true;
}

bool oak_patches_add_builtin(struct oak_arena *arena, struct oak_patches *patches, struct oak_error *err)
{
    return add_all(arena, patches, oak_builtin_patches, oak_builtin_patch_count, err);
}

bool oak_patches_add_migrations(struct oak_arena *arena, struct oak_patches *patches, struct oak_error *err)
{
    return add_all(arena, patches, oak_builtin_migrations, oak_builtin_migration_count, err);
}

static bool eq_ignoring_case(oak_str a, oak_str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

/* Some ids mean something else in every release of a benchmark: cis-1.10:5.2.11 says which. */
static bool is_known_as(const struct oak_patch *patch, oak_str id)
{
    oak_str system, inner;
    const bool has_system = oak_str_cut(id, ':', &system, &inner);
    if (eq_ignoring_case(patch->id, id))
        return true;
    for (size_t i = 0; i < patch->references.count; i++) {
        const struct oak_reference *const r = &patch->references.items[i];
        if (eq_ignoring_case(r->id, id) || (has_system && eq_ignoring_case(r->system, system) && eq_ignoring_case(r->id, inner)))
            return true;
    }
    return false;
}

static bool is_own_id(const struct oak_patches *patches, oak_str id)
{
    for (size_t i = 0; i < patches->items.count; i++)
        if (oak_str_eq(patches->items.items[i]->id, id))
            return true;
    return false;
}

/* A patch's own id names that patch alone: 'seccomp' is not what others call 'Seccomp'. */
const struct oak_patch *oak_patches_find(const struct oak_patches *patches, oak_str id, size_t *from)
{
    const bool is_own = is_own_id(patches, id);
    for (size_t i = *from; i < patches->items.count; i++)
        if (is_own ? oak_str_eq(patches->items.items[i]->id, id) : is_known_as(patches->items.items[i], id)) {
            *from = i + 1;
            return patches->items.items[i];
        }
    return NULL;
}

oak_str oak_patches_nearest(const struct oak_patches *patches, oak_str id)
{
    struct oak_nearest nearest = { .wanted = id };
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const patch = patches->items.items[i];
        oak_nearest_try(&nearest, patch->id);
        for (size_t k = 0; k < patch->references.count; k++)
            oak_nearest_try(&nearest, patch->references.items[k].id);
    }
    return nearest.found;
}

unsigned oak_patch_newest(const struct oak_patch *patch)
{
    unsigned newest = 0;
    for (size_t i = 0; i < patch->rules.count; i++) {
        const unsigned until = patch->rules.items[i].until;
        if (until == 0)
            return 0;
        newest = until - 1 > newest ? until - 1 : newest;
    }
    return newest;
}
