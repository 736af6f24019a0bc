/* Paths: parsed once, resolved often. A path names places that need not exist. */
#include <oakum/yaml.h>

#include <string.h>

/* ---- parsing ---- */

static bool is_pattern(oak_str key)
{
    return key.len > 0 && memchr(key.ptr, '*', key.len) != NULL;
}

/* Which items of a list a step in brackets means: all, the first, or those whose KEY is VALUE. */
static bool is_of_list(oak_str inside)
{
    return inside.len == 0 || oak_str_eq(inside, OAK_STR("0")) || memchr(inside.ptr, '=', inside.len) != NULL;
}

static int step_kind(oak_str key)
{
    if (is_of_list(key))
        return OAK_STEP_ITEMS;
    return key.ptr[0] == '!' ? OAK_STEP_OTHERS : is_pattern(key) ? OAK_STEP_GLOB : OAK_STEP_KEY;
}

/* Reads one step at `*at`: `name`, `[]`, `[0]`, `[name=value]`, `[any key]` or `[!not these, keys]`. */
static bool read_step(oak_str text, size_t *at, struct oak_step *step)
{
    if (text.ptr[*at] != '[') {
        const size_t start = *at;
        while (*at < text.len && strchr(".[", text.ptr[*at]) == NULL)
            ++*at;
        step->key = oak_str_span(text, (oak_span){ start, *at });
        step->kind = OAK_STEP_KEY;
        return step->key.len > 0;
    }
    const char *const close = memchr(text.ptr + *at, ']', text.len - *at);
    if (close == NULL)
        return false;
    const size_t end = (size_t)(close - text.ptr);
    step->key = oak_str_span(text, (oak_span){ *at + 1, end });
    step->kind = step_kind(step->key);
    *at = end + 1;
    return true;
}

/* The keys behind the `!`. */
static void read_left_out(struct oak_arena *arena, struct oak_step *step)
{
    oak_str one, rest = oak_str_span(step->key, (oak_span){ 1, step->key.len });
    while (rest.len > 0) {
        oak_str_cut(rest, ',', &one, &rest);
        *oak_push(arena, &step->left_out) = oak_str_trim(one);
    }
}

bool oak_path_parse(struct oak_arena *arena, oak_str text, struct oak_path *out, struct oak_error *err)
{
    OAK_LIST(struct oak_step) steps = { 0 };
    bool is_plain = true;
    for (size_t at = 0; at < text.len;) {
        struct oak_step step = { .key = { NULL, 0 } };
        if (!read_step(text, &at, &step))
            return oak_fail(err, OAK_PATCH, (oak_span){ 0, 0 }, "'%.*s' is not a path", (int)text.len, text.ptr);
        if (step.kind == OAK_STEP_OTHERS)
            read_left_out(arena, &step);
        *oak_push(arena, &steps) = step;
        is_plain = is_plain && step.kind == OAK_STEP_KEY;
        if (at < text.len && text.ptr[at] == '.')
            at++;
    }
    *out = (struct oak_path){ steps.items, steps.count, is_plain };
    return true;
}

/* ---- resolving ---- */

struct walk {
    struct oak_arena *arena;
    const struct oak_index *index;
    const struct oak_path *path;
    oak_places places;
};

/* A `*` stands for any bytes, or none. */
static bool matches(oak_str pattern, oak_str key)
{
    size_t p = 0, k = 0, star = SIZE_MAX, retry = 0;
    while (k < key.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            retry = k;
        } else if (p < pattern.len && pattern.ptr[p] == key.ptr[k]) {
            p++, k++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            k = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

static bool is_left_out(const struct oak_step *step, oak_str key)
{
    for (size_t i = 0; i < step->left_out.count; i++)
        if (oak_str_eq(step->left_out.items[i], key))
            return true;
    return false;
}

/* Is the item, number `i` of its list, one that the step means? */
static bool is_meant(const struct oak_index *index, oak_str which, uint32_t child, size_t i)
{
    oak_str key, value, have;
    if (!oak_str_cut(which, '=', &key, &value))
        return which.len == 0 || i == 0;
    const uint32_t item = oak_node_real(index, child);
    const uint32_t node = index->nodes[item].kind == OAK_MAPPING ? oak_node_get(index, item, key) : 0;
    return node != 0 && oak_node_scalar(index, node, &have) && oak_str_eq(have, value);
}

/* Does a step that is no key lead to the child, number `i` of its parent? */
static bool leads_to(const struct oak_index *index, const struct oak_step *step, uint32_t child, size_t i)
{
    const oak_str name = index->nodes[child].name;
    if (step->kind == OAK_STEP_ITEMS)
        return is_meant(index, step->key, child, i);
    return step->kind == OAK_STEP_OTHERS ? !is_left_out(step, name) : matches(step->key, name);
}

/* A route never gets longer than the path: it is allocated once and copied where the way branches. */
static oak_route copy_route(const struct walk *w, const oak_route *route)
{
    oak_route copy = { oak_arena_alloc(w->arena, (w->path->count + 1) * sizeof *copy.items), route->count,
                       w->path->count + 1 };
    if (route->count > 0)
        memcpy(copy.items, route->items, route->count * sizeof *copy.items);
    return copy;
}

static void add_seg(oak_route *route, struct oak_seg seg)
{
    route->items[route->count++] = seg;
}

/* The rest of the path is not there below `at`: only keys can be missing; a list that is not there has no items. */
static void end_missing(struct walk *w, struct oak_place at, size_t step)
{
    const struct oak_node *const n = &w->index->nodes[oak_node_real(w->index, at.node)];
    const size_t count = w->path->count - step;
    at.missing = oak_arena_alloc(w->arena, count * sizeof *at.missing);
    for (size_t i = 0; i < count; i++) {
        if (w->path->steps[step + i].kind != OAK_STEP_KEY)
            return;
        at.missing[at.missing_count++] = w->path->steps[step + i].key;
        add_seg(&at.route, (struct oak_seg){ w->path->steps[step + i].key, 0 });
    }
    at.blocked = n->kind != OAK_MAPPING && !oak_node_is_null(w->index, at.node);
    *oak_push(w->arena, &w->places) = at;
}

static void resolve(struct walk *w, struct oak_place at, size_t step);

static void resolve_children(struct walk *w, struct oak_place at, size_t step)
{
    const struct oak_step *const s = &w->path->steps[step];
    const uint32_t real = oak_node_real(w->index, at.node);
    const oak_route route = at.route;
    size_t i = 0;
    for (uint32_t child = w->index->nodes[real].child; child != 0; child = w->index->nodes[child].next, i++) {
        const oak_str name = w->index->nodes[child].name;
        if (!leads_to(w->index, s, child, i))
            continue;
        at.node = child;
        at.item = s->kind == OAK_STEP_ITEMS ? child : at.item;
        at.route = copy_route(w, &route);
        add_seg(&at.route, s->kind == OAK_STEP_ITEMS ? (struct oak_seg){ { 0 }, i } : (struct oak_seg){ name, 0 });
        resolve(w, at, step + 1);
    }
}

/* Depth is the number of steps of a path in a patch. */
static void resolve(struct walk *w, struct oak_place at, size_t step)
{
    for (; step < w->path->count; step++) {
        const struct oak_step *const s = &w->path->steps[step];
        const enum oak_node_kind kind = w->index->nodes[oak_node_real(w->index, at.node)].kind;
        if (s->kind != OAK_STEP_KEY) {
            if (kind == (s->kind == OAK_STEP_ITEMS ? OAK_SEQUENCE : OAK_MAPPING))
                resolve_children(w, at, step);
            return;
        }
        const uint32_t child = kind == OAK_MAPPING ? oak_node_get(w->index, at.node, s->key) : 0;
        if (child == 0) {
            end_missing(w, at, step);
            return;
        }
        at.node = child;
        add_seg(&at.route, (struct oak_seg){ s->key, 0 });
    }
    *oak_push(w->arena, &w->places) = at;
}

oak_places oak_path_resolve(struct oak_arena *arena, const struct oak_index *index, uint32_t start,
                            const struct oak_path *path)
{
    struct walk w = { .arena = arena, .index = index, .path = path };
    if (start != 0)
        resolve(&w, (struct oak_place){ .node = start, .route = copy_route(&w, &(oak_route){ 0 }) }, 0);
    return w.places;
}

/* ---- the same places as nodes ---- */

struct search {
    struct oak_arena *arena;
    const struct oak_index *index;
    const struct oak_path *path;
    oak_node_list nodes;
};

static void find_missing(struct search *s, size_t step)
{
    for (; step < s->path->count; step++)
        if (s->path->steps[step].kind != OAK_STEP_KEY)
            return;
    *oak_push(s->arena, &s->nodes) = 0;
}

static void find(struct search *s, uint32_t node, size_t step)
{
    for (; step < s->path->count; step++) {
        const struct oak_step *const want = &s->path->steps[step];
        const struct oak_node *const n = &s->index->nodes[oak_node_real(s->index, node)];
        if (want->kind == OAK_STEP_KEY) {
            node = n->kind == OAK_MAPPING ? oak_node_get(s->index, node, want->key) : 0;
            if (node != 0)
                continue;
            find_missing(s, step);
            return;
        }
        size_t number = 0;
        if (n->kind == (want->kind == OAK_STEP_ITEMS ? OAK_SEQUENCE : OAK_MAPPING))
            for (uint32_t i = n->child; i != 0; i = s->index->nodes[i].next)
                if (leads_to(s->index, want, i, number++))
                    find(s, i, step + 1);
        return;
    }
    *oak_push(s->arena, &s->nodes) = node;
}

oak_node_list oak_path_find(struct oak_arena *arena, const struct oak_index *index, uint32_t start,
                            const struct oak_path *path)
{
    struct search s = { arena, index, path, { 0 } };
    if (start != 0)
        find(&s, start, 0);
    return s.nodes;
}

uint32_t oak_path_get(const struct oak_index *index, uint32_t start, const struct oak_path *path)
{
    uint32_t node = start;
    for (size_t i = 0; i < path->count && node != 0; i++)
        node = oak_node_get(index, node, path->steps[i].key);
    return node;
}

bool oak_route_starts_alike(const oak_route *a, const oak_route *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a->items[i].index != b->items[i].index || !oak_str_eq(a->items[i].key, b->items[i].key))
            return false;
    return true;
}

bool oak_route_eq(const oak_route *a, const oak_route *b)
{
    return a->count == b->count && oak_route_starts_alike(a, b, a->count);
}

oak_str oak_route_print(struct oak_arena *arena, const struct oak_seg *segs, size_t count)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    for (size_t i = 0; i < count; i++) {
        const oak_str key = segs[i].key;
        const bool is_index = key.ptr == NULL;
        bool is_in_brackets = is_index;
        for (size_t k = 0; k < key.len && !is_in_brackets; k++)
            is_in_brackets = key.ptr[k] == '.' || key.ptr[k] == '/';
        oak_buf_add(&out, i > 0 && !is_index ? OAK_STR(".") : OAK_STR(""));
        oak_buf_add(&out, is_in_brackets ? OAK_STR("[") : OAK_STR(""));
        if (is_index)
            oak_buf_add_number(&out, segs[i].index);
        else
            oak_buf_add(&out, key);
        oak_buf_add(&out, is_in_brackets ? OAK_STR("]") : OAK_STR(""));
    }
    return oak_buf_str(&out);
}
