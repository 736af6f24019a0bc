/* Rows of the table → the pods, containers, objects and texts of one object. Knows where operators put what a PodSpec or a
 * Container has: under other keys, at a place that many pods share, or not at all. */
#include "kube/finder.h"

/* ---- places: a path with lists and patterns leads to any number of nodes ---- */

struct spot {
    uint32_t node, above; /* `above` is the node on the way before it, 0: none */
    oak_route route;      /* from the document's root */
    oak_str name;         /* the last key on the way */
};
typedef OAK_LIST(struct spot) spots;

struct way {
    struct oak_finder *f;
    const struct oak_path *path;
    spots found;
};

static void walk(struct way *w, struct spot at, size_t step);

static void walk_children(struct way *w, struct spot at, const struct oak_step *want, size_t step)
{
    const struct oak_index *const index = w->f->index;
    const uint32_t real = oak_node_real(index, at.node);
    const bool is_items = want->kind == OAK_STEP_ITEMS;
    size_t i = 0;
    if (index->nodes[real].kind != (is_items ? OAK_SEQUENCE : OAK_MAPPING))
        return;
    for (uint32_t child = index->nodes[real].child; child != 0; child = index->nodes[child].next, i++) {
        if (w->f->targets.count > OAK_MAX_TARGETS || w->f->steps++ >= OAK_MAX_STEPS)
            return;
        struct spot next = { child, at.node, oak_finder_route(w->f, &at.route, w->path->count - step), at.name };
        if (!is_items)
            next.name = index->nodes[child].name;
        *oak_push(w->f->arena, &next.route) = is_items ? (struct oak_seg){ { 0 }, i } : (struct oak_seg){ next.name, 0 };
        walk(w, next, step + 1);
    }
}

/* Depth is the number of lists and patterns in a path of the table. */
static void walk(struct way *w, struct spot at, size_t step)
{
    const struct oak_index *const index = w->f->index;
    for (; step < w->path->count; step++) {
        const struct oak_step *const want = &w->path->steps[step];
        if (want->kind != OAK_STEP_KEY) {
            walk_children(w, at, want, step);
            return;
        }
        const uint32_t real = oak_node_real(index, at.node);
        const uint32_t child = index->nodes[real].kind == OAK_MAPPING ? oak_node_get(index, real, want->key) : 0;
        if (child == 0)
            return;
        at.above = at.node;
        at.node = child;
        at.name = want->key;
        *oak_push(w->f->arena, &at.route) = (struct oak_seg){ want->key, 0 };
    }
    *oak_push(w->f->arena, &w->found) = at;
}

static spots find_spots(struct oak_finder *f, uint32_t node, const oak_route *route, const struct oak_path *path)
{
    struct way w = { .f = f, .path = path };
    walk(&w, (struct spot){ .node = node, .route = oak_finder_route(f, route, path->count) }, 0);
    return w.found;
}

/* The mapping at the end of a path of keys; 0 if there is none. */
static uint32_t mapping_at(const struct oak_finder *f, uint32_t node, const struct oak_path *path)
{
    for (size_t i = 0; i < path->count && oak_finder_is_mapping(f, node); i++)
        node = oak_node_get(f->index, oak_node_real(f->index, node), path->steps[i].key);
    return oak_finder_is_mapping(f, node) ? oak_node_real(f->index, node) : 0;
}

static struct oak_path path_behind(const struct oak_path *path, const struct oak_path *start)
{
    return (struct oak_path){ .steps = path->steps + start->count, .count = path->count - start->count };
}

static bool same_path(const struct oak_path *a, const struct oak_path *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (a->steps[i].kind != b->steps[i].kind || !oak_str_eq(a->steps[i].key, b->steps[i].key))
            return false;
    return a->count == b->count;
}

/* ---- frames ---- */

static bool is_plain(const struct oak_row *row)
{
    return !row->has_only && row->fields.count == 0 && row->given.count == 0 && !row->is_context_given &&
           row->context.count == 1 && oak_str_eq(row->context.steps[0].key, OAK_STR("securityContext"));
}

/* Where `row` has its security context, seen from `node`. False if it has none that may be used. */
static bool set_context(struct oak_finder *f, const struct oak_row *row, uint32_t node, const oak_route *route,
                        struct oak_frame *frame, bool *is_written)
{
    if (row->context.count == 0)
        return false;
    const size_t above = row->context.count - 1;
    const struct oak_path way = { .steps = row->context.steps, .count = above };
    const uint32_t mapping = mapping_at(f, node, &way);
    const oak_str key = row->context.steps[above].key;
    const uint32_t context = mapping != 0 ? oak_node_get(f->index, mapping, key) : 0;
    *is_written = context != 0 && !oak_node_is_null(f->index, context);
    if (mapping == 0 || (row->is_context_given && !*is_written))
        return false;
    frame->context = mapping;
    frame->context_key = key;
    frame->context_route = oak_finder_route(f, route, above);
    for (size_t i = 0; i < above; i++)
        *oak_push(f->arena, &frame->context_route) = (struct oak_seg){ row->context.steps[i].key, 0 };
    return true;
}

static const struct oak_row *pod_row_at(const struct oak_kind *kind, const struct oak_path *path)
{
    for (size_t i = 0; i < kind->rows.count; i++)
        if (kind->rows.items[i].what == OAK_ROW_POD && same_path(&kind->rows.items[i].path, path))
            return &kind->rows.items[i];
    return NULL;
}

/* The pod takes its context from the first outer one that is written, if it has none of its own. */
static void set_outer_pod(struct oak_finder *f, const struct oak_target *object, const struct oak_kind *kind,
                          struct oak_frame *frame)
{
    bool is_written;
    for (size_t i = 0; i < frame->row->outer.count && frame->outer == 0; i++) {
        const struct oak_path *const path = &frame->row->outer.items[i];
        const struct oak_row *const row = pod_row_at(kind, path);
        frame->outer = mapping_at(f, object->node, path);
        if (frame->outer == 0 || row == NULL || frame->context != 0)
            continue;
        const spots there = find_spots(f, object->node, &object->route, path);
        set_context(f, row, frame->outer, &there.items[0].route, frame, &is_written);
    }
}

/* `place` is where the pod is. */
static const struct oak_frame *frame_pod(struct oak_finder *f, const struct oak_target *object,
                                         const struct oak_target *place, const struct oak_kind *kind, size_t number)
{
    const struct oak_row *const row = &kind->rows.items[number];
    if (is_plain(row) && row->outer.count == 0)
        return NULL;
    bool is_written;
    struct oak_frame *const frame = oak_arena_alloc(f->arena, sizeof *frame);
    frame->row = row;
    frame->is_context_own = set_context(f, row, place->node, &place->route, frame, &is_written);
    set_outer_pod(f, object, kind, frame);
    return frame;
}

/* What a container inherits from: a path that begins with the pod's starts at this very pod. */
static uint32_t outer_container(const struct oak_finder *f, const struct oak_target *pod, const struct oak_row *pod_row,
                                const struct oak_path *path)
{
    const size_t shared = path->count < pod_row->path.count ? path->count : pod_row->path.count;
    const struct oak_path start = { .steps = path->steps, .count = shared };
    if (!same_path(&start, &pod_row->path))
        return mapping_at(f, pod->object, path);
    const struct oak_path rest = path_behind(path, &pod_row->path);
    return mapping_at(f, pod->pod, &rest);
}

static const struct oak_frame *frame_container(struct oak_finder *f, const struct oak_target *t,
                                               const struct oak_row *pod_row, const struct oak_row *row)
{
    const uint32_t outer = row->outer.count > 0 ? outer_container(f, t, pod_row, &row->outer.items[0]) : 0;
    if (is_plain(row) && outer == 0 && !row->is_outer)
        return NULL;
    bool is_written;
    struct oak_frame *const frame = oak_arena_alloc(f->arena, sizeof *frame);
    frame->row = row;
    frame->outer = outer;
    frame->is_context_own = set_context(f, row, t->node, &t->route, frame, &is_written);
    return frame;
}

/* ---- pods and their containers ---- */

static const char *word_of(oak_str key)
{
    static const struct {
        oak_str key;
        const char *word;
    } words[] = {
        { { "steps", 5 }, "step" },
        { { "stepTemplate", 12 }, "step template" },
        { { "initContainers", 14 }, "init container" },
        { { "ephemeralContainers", 19 }, "ephemeral container" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (oak_str_eq(words[i].key, key))
            return words[i].word;
    return "container";
}

/* A container that is no item of a list is called by the pod that it is the only one of, or by its key, or the object. */
static oak_str shown_name(const struct oak_finder *f, const struct oak_target *t, bool is_item)
{
    if (t->name.len > 0 || is_item)
        return t->name;
    const oak_str pod = oak_finder_scalar(f, t->pod, OAK_STR("name"));
    size_t last = t->route.count;
    while (last > 0 && t->route.items[last - 1].key.ptr == NULL)
        last--;
    if (pod.len > 0 || last == 0)
        return pod;
    const oak_str key = t->route.items[last - 1].key;
    return oak_str_eq(key, OAK_STR("spec")) ? t->object_name : key;
}

static void add_containers(struct oak_finder *f, const struct oak_target *pod, const struct oak_row *pod_row,
                           const struct oak_row *row)
{
    const struct oak_path rest = path_behind(&row->path, &pod_row->path);
    const spots found = find_spots(f, pod->node, &pod->route, &rest);
    for (size_t i = 0; i < found.count; i++) {
        const struct spot *const spot = &found.items[i];
        struct oak_target t = *pod;
        if (!oak_finder_is_mapping(f, spot->node))
            continue;
        t.kind = OAK_CONTAINER;
        t.route = spot->route;
        t.word = word_of(spot->name);
        t.node = oak_node_real(f->index, spot->node);
        t.container_frame = frame_container(f, &t, pod_row, row);
        t.name = oak_finder_scalar(f, t.node, OAK_STR("name"));
        t.container_name = shown_name(f, &t, rest.count > 0 && rest.steps[rest.count - 1].kind == OAK_STEP_ITEMS);
        oak_finder_add_container(f, &t);
    }
}

static void add_pods(struct oak_finder *f, const struct oak_target *object, const struct oak_kind *kind, size_t number)
{
    const struct oak_row *const row = &kind->rows.items[number];
    const spots found = find_spots(f, object->node, &object->route, &row->path);
    for (size_t i = 0; i < found.count; i++) {
        struct oak_target pod = *object;
        if (!oak_finder_is_mapping(f, found.items[i].node))
            continue;
        pod.node = oak_node_real(f->index, found.items[i].node);
        pod.route = found.items[i].route;
        pod.template = row->has_template ? oak_node_real(f->index, found.items[i].above) : 0;
        pod.pod_frame = frame_pod(f, object, &pod, kind, number);
        oak_finder_add_pod(f, &pod);
        for (size_t k = number + 1; k < kind->rows.count && kind->rows.items[k].what == OAK_ROW_CONTAINER; k++)
            add_containers(f, &pod, row, &kind->rows.items[k]);
    }
}

/* ---- all rows ---- */

static void add_objects(struct oak_finder *f, const struct oak_target *object, const struct oak_row *row, int depth)
{
    const spots found = find_spots(f, object->node, &object->route, &row->path);
    for (size_t i = 0; i < found.count; i++)
        oak_finder_add_object(f, found.items[i].node, found.items[i].route, depth - 1);
}

/* One target for all that the row finds: nobody reads a line for each of fifty patches. */
static void add_texts(struct oak_finder *f, const struct oak_target *object, const struct oak_row *row)
{
    const spots found = find_spots(f, object->node, &object->route, &row->path);
    struct oak_target *first = NULL;
    size_t others = 0;
    for (size_t i = 0; i < found.count; i++) {
        if (oak_node_is_null(f->index, found.items[i].node))
            continue;
        if (first != NULL) {
            others++;
            continue;
        }
        first = oak_push(f->arena, &f->targets);
        *first = *object;
        first->kind = OAK_UNREAD;
        first->node = found.items[i].node;
        first->route = found.items[i].route;
        first->word = "is not looked into: what it holds can be a pod, or undo any fix";
    }
    if (others > 0)
        first->word = oak_arena_printf(f->arena, "and %zu more like it are not looked into: what they hold can be a pod, or undo "
                                       "any fix", others).ptr;
}

void oak_rows_find(struct oak_finder *f, const struct oak_target *object, const struct oak_kind *kind, int depth)
{
    for (size_t i = 0; i < kind->rows.count; i++) {
        const struct oak_row *const row = &kind->rows.items[i];
        if (row->what == OAK_ROW_POD)
            add_pods(f, object, kind, i);
        else if (row->what == OAK_ROW_OBJECTS)
            add_objects(f, object, row, depth);
        else if (row->what == OAK_ROW_TEXT)
            add_texts(f, object, row);
    }
}
