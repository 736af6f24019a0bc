/* Exemptions: which there are, which are in force today, and what they are about. Fails closed: what cannot be understood
 * exempts nothing, and is told. */
#include "engine/exempt.h"

#include "engine/remark.h"

#include <stdlib.h>

/* ---- notes ---- */

static void note(struct oak_arena *arena, oak_notes *notes, oak_span span, oak_str text)
{
    if (notes != NULL)
        *oak_push(arena, notes) = (struct oak_note){ span, text };
}

static oak_str join_ids(struct oak_arena *arena, const oak_ids *ids)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    for (size_t i = 0; i < ids->count; i++) {
        oak_buf_add(&out, i > 0 ? OAK_STR(", ") : OAK_STR(""));
        oak_buf_add(&out, ids->items[i]);
    }
    return oak_buf_str(&out);
}

/* ---- names ---- */

bool oak_exempt_name(struct oak_arena *arena, const struct oak_patches *patches, struct oak_exempt *exempt,
                     struct oak_error *err)
{
    for (size_t i = 0; i < exempt->what.ids.count; i++) {
        const oak_str id = exempt->what.ids.items[i];
        const size_t before = exempt->names.count;
        const struct oak_patch *patch;
        size_t from = 0;
        while ((patch = oak_patches_find(patches, id, &from)) != NULL)
            *oak_push(arena, &exempt->names) = (struct oak_exempt_name){ patch, i };
        if (exempt->names.count > before)
            continue;
        const oak_str near = oak_patches_nearest(patches, id);
        return oak_fail(err, OAK_PATCH, exempt->what.span, "no patch is called '%.*s'%s%.*s%s", (int)id.len, id.ptr,
                        near.len > 0 ? ": did you mean '" : "", (int)near.len, near.ptr, near.len > 0 ? "'?" : "");
    }
    exempt->is_used = oak_arena_alloc(arena, (exempt->what.ids.count + 1) * sizeof *exempt->is_used);
    return true;
}

/* ---- finding them ---- */

struct finder {
    struct oak_arena *arena;
    const struct oak_run *run;
    struct oak_exempts out;
    oak_notes *notes;
};

static void add(struct finder *f, struct oak_exempt exempt)
{
    const oak_day today = f->run->options->today;
    struct oak_error err;
    if (!oak_exempt_name(f->arena, f->run->patches, &exempt, &err)) {
        note(f->arena, f->notes, exempt.what.span,
             oak_arena_printf(f->arena, "this exempts nothing: %s", err.text));
    } else if (today != 0 && exempt.what.until != 0 && today > exempt.what.until) {
        const oak_str ids = join_ids(f->arena, &exempt.what.ids);
        const oak_str day = oak_day_print(f->arena, exempt.what.until);
        note(f->arena, f->notes, exempt.what.span, oak_arena_printf(f->arena, "the exemption from '%.*s' expired on %.*s",
                                                                    (int)ids.len, ids.ptr, (int)day.len, day.ptr));
    } else {
        *oak_push(f->arena, &f->out.items) = exempt;
    }
}

static void add_text(struct finder *f, oak_str text, oak_span span, uint32_t node)
{
    struct oak_error err;
    struct oak_exempt exempt = { .node = node };
    if (!oak_exemption_parse(f->arena, text, &exempt.what, &err)) {
        note(f->arena, f->notes, span, oak_arena_printf(f->arena, "this exempts nothing: %s", err.text));
        return;
    }
    exempt.what.span = span;
    add(f, exempt);
}

/* `ignore` and what stands behind it. */
static bool take_ignore(oak_str words, oak_str *rest)
{
    const oak_str word = OAK_STR("ignore");
    *rest = oak_str_starts(words, word) ? oak_str_span(words, (oak_span){ word.len, words.len }) : OAK_STR("");
    return oak_str_starts(words, word) && (rest->len == 0 || rest->ptr[0] == ' ' || rest->ptr[0] == '\t');
}

static void add_remarks(struct finder *f, const struct oak_index *index)
{
    const oak_remarks remarks = oak_remarks_find(f->arena, index);
    for (size_t i = 0; i < remarks.count; i++) {
        const struct oak_remark *const r = &remarks.items[i];
        oak_str rest;
        if (!take_ignore(r->words, &rest))
            note(f->arena, f->notes, r->span, OAK_STR("this exempts nothing: behind 'oakum:' stands 'ignore ID -- REASON'"));
        else if (r->node == 0)
            note(f->arena, f->notes, r->span,
                 oak_arena_printf(f->arena, "this exempts nothing: %s", r->nowhere));
        else
            add_text(f, rest, r->span, r->node);
    }
}

/* The annotation of an object is about all of the object. Its exemptions are separated by `;` or line breaks. */
static void add_annotation(struct finder *f, const struct oak_index *index, const struct oak_target *object)
{
    const uint32_t metadata = oak_node_get(index, object->node, OAK_STR("metadata"));
    const uint32_t all = metadata != 0 ? oak_node_get(index, metadata, OAK_STR("annotations")) : 0;
    const uint32_t node = all != 0 ? oak_node_get(index, all, OAK_STR("oakum.dev/ignore")) : 0;
    oak_str value, line, part;
    if (node == 0)
        return;
    const oak_span span = index->nodes[node].key;
    if (!oak_node_scalar(index, node, &value) || oak_str_trim(value).len == 0) {
        note(f->arena, f->notes, span, OAK_STR("this exempts nothing: a text such as 'ID -- REASON' is expected"));
        return;
    }
    while (value.len > 0) {
        oak_str_cut(value, '\n', &line, &value);
        while (line.len > 0) {
            oak_str_cut(line, ';', &part, &line);
            if (oak_str_trim(part).len > 0)
                add_text(f, part, span, object->node);
        }
    }
}

static void add_named(struct oak_arena *arena, struct oak_exempts *all, const struct oak_patch *patch)
{
    for (size_t i = 0; i < all->named.count; i++)
        if (all->named.items[i] == patch)
            return;
    *oak_push(arena, &all->named) = patch;
}

struct numbered {
    uint32_t node;
    size_t number;
};

static int by_node(const void *a, const void *b)
{
    const struct numbered *const x = a, *const y = b;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* A list of thousands of objects may have thousands of exemptions. */
static void sort_by_node(struct oak_arena *arena, struct oak_exempts *all)
{
    struct numbered *const order = oak_list_room(arena, all->items.count, sizeof *order);
    for (size_t i = 0; i < all->items.count; i++) {
        order[i] = (struct numbered){ all->items.items[i].node, i };
        for (size_t k = 0; k < all->items.items[i].names.count; k++)
            add_named(arena, all, all->items.items[i].names.items[k].patch);
    }
    if (all->items.count > 1)
        qsort(order, all->items.count, sizeof *order, by_node);
    for (size_t i = 0; i < all->items.count; i++)
        *oak_push(arena, &all->by_node) = order[i].number;
}

struct oak_exempts oak_exempts_find(struct oak_arena *arena, const struct oak_run *run, const struct oak_index *index,
                                    const oak_targets *targets, const struct oak_exempts *file, oak_notes *notes)
{
    struct finder f = { .arena = arena, .run = run, .notes = notes };
    f.out.last = oak_arena_alloc(arena, sizeof *f.out.last);
    add_remarks(&f, index);
    for (size_t i = 0; i < targets->count; i++)
        if (targets->items[i].kind == OAK_OBJECT)
            add_annotation(&f, index, &targets->items[i]);
    sort_by_node(arena, &f.out);
    for (size_t i = 0; i < file->items.count; i++)
        *oak_push(arena, &f.out.items) = file->items.items[i];
    return f.out;
}

/* ---- what they are about ---- */

static uint32_t item_behind(const struct oak_index *index, uint32_t item, size_t count)
{
    while (item != 0 && count-- > 0)
        item = index->nodes[item].next;
    return item;
}

/* Item `number` of a list that step `step` of a way leads to; 0 if there is none. */
static uint32_t item_of(const struct oak_exempts *exempts, const struct oak_index *index, uint32_t list, size_t number, size_t step)
{
    const uint32_t first = index->nodes[list].kind == OAK_SEQUENCE ? index->nodes[list].child : 0;
    if (exempts->last == NULL || step >= OAK_WAY_STEPS)
        return item_behind(index, first, number);
    const bool is_behind = exempts->last->at[step].list == list && exempts->last->at[step].number <= number;
    const uint32_t item = is_behind ? item_behind(index, exempts->last->at[step].node, number - exempts->last->at[step].number)
                                    : item_behind(index, first, number);
    exempts->last->at[step].list = list;
    exempts->last->at[step].node = item;
    exempts->last->at[step].number = number;
    return item;
}

/* All nodes on the way from the document's root. Both as written: an alias, and what it stands for. */
static void add_way(struct oak_arena *arena, const struct oak_exempts *exempts, const struct oak_index *index,
                    const oak_route *route, oak_node_list *way)
{
    uint32_t at = index->root;
    for (size_t i = 0; at != 0; i++) {
        const uint32_t real = oak_node_real(index, at);
        *oak_push(arena, way) = at;
        if (real != at)
            *oak_push(arena, way) = real;
        if (i == route->count)
            return;
        const struct oak_seg *const seg = &route->items[i];
        at = seg->key.ptr != NULL ? oak_node_get(index, real, seg->key) : item_of(exempts, index, real, seg->index, i);
    }
}

static bool is_named(const struct oak_exempt *e, const struct oak_patch *patch)
{
    for (size_t i = 0; i < e->names.count; i++)
        if (e->names.items[i].patch == patch)
            return true;
    return false;
}

/* The exemption has exempted something from the patch. */
static void use(const struct oak_exempt *e, const struct oak_patch *patch)
{
    for (size_t k = 0; k < e->names.count; k++)
        if (e->names.items[k].patch == patch)
            e->is_used[e->names.items[k].id] = true;
}

/* The first in `by_node` whose node is not before this one. */
static size_t first_at(const struct oak_exempts *exempts, uint32_t node)
{
    size_t low = 0, high = exempts->by_node.count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (exempts->items.items[exempts->by_node.items[middle]].node < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of those that stand at the node: uses all, and gives the number of the first, or `first` if that is smaller. */
static size_t use_at(const struct oak_exempts *exempts, uint32_t node, const struct oak_patch *patch, size_t first)
{
    for (size_t i = first_at(exempts, node); i < exempts->by_node.count; i++) {
        const size_t number = exempts->by_node.items[i];
        const struct oak_exempt *const e = &exempts->items.items[number];
        if (e->node != node)
            break;
        if (!is_named(e, patch))
            continue;
        use(e, patch);
        first = number < first ? number : first;
    }
    return first;
}

/* Does an exemption of the document name the patch? */
static bool is_any_named(const struct oak_exempts *exempts, const struct oak_patch *patch)
{
    for (size_t i = 0; i < exempts->named.count; i++)
        if (exempts->named.items[i] == patch)
            return true;
    return false;
}

static bool is_about(const struct oak_exempt *e, const struct oak_target *target)
{
    return oak_where_has_target(e->where, target) && (!e->by_origin || oak_where_has_path(e->where, target->origin));
}

const struct oak_exempt *oak_exempt_for(struct oak_arena *arena, const struct oak_exempts *exempts,
                                        const struct oak_index *index, const struct oak_patch *patch,
                                        const struct oak_target *target, const oak_route *routes, size_t route_count)
{
    const size_t none = exempts->items.count;
    size_t first = none;
    oak_node_list way = { 0 };
    for (size_t k = 0; k < route_count && is_any_named(exempts, patch); k++)
        add_way(arena, exempts, index, &routes[k], &way);
    for (size_t i = 0; i < way.count; i++)
        first = use_at(exempts, way.items[i], patch, first);
    for (size_t i = exempts->by_node.count; i < exempts->items.count; i++) {
        const struct oak_exempt *const e = &exempts->items.items[i];
        if (!is_named(e, patch) || !is_about(e, target))
            continue;
        use(e, patch);
        first = i < first ? i : first;
    }
    return first < none ? &exempts->items.items[first] : NULL;
}

/* ---- those that are not needed ---- */

void oak_exempts_tell_unused(struct oak_arena *arena, const struct oak_run *run, const struct oak_exempts *exempts,
                             oak_notes *notes)
{
    for (size_t i = 0; i < exempts->items.count; i++) {
        const struct oak_exempt *const e = &exempts->items.items[i];
        for (size_t id = 0; e->where == NULL && id < e->what.ids.count; id++) {
            bool is_whole = true;
            for (size_t k = 0; k < e->names.count; k++)
                is_whole = is_whole && (e->names.items[k].id != id || oak_run_is_whole(run, e->names.items[k].patch));
            const oak_str name = e->what.ids.items[id];
            if (is_whole && !e->is_used[id])
                note(arena, notes, e->what.span, oak_arena_printf(arena, "the exemption from '%.*s' is not needed: nothing "
                                                                  "is found here", (int)name.len, name.ptr));
        }
    }
}
