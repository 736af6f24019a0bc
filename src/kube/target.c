/* A document → objects, pods, containers, volumes and mounts, with their names and routes. */
#include "kube/finder.h"

#include <string.h>

oak_str oak_finder_scalar(const struct oak_finder *f, uint32_t mapping, oak_str key)
{
    return oak_node_text(f->index, mapping, key);
}

bool oak_finder_is_mapping(const struct oak_finder *f, uint32_t node)
{
    return node != 0 && f->index->nodes[oak_node_real(f->index, node)].kind == OAK_MAPPING;
}

oak_route oak_finder_route(struct oak_finder *f, const oak_route *route, size_t more)
{
    const size_t capacity = route->count + more;
    oak_route longer = { oak_list_room(f->arena, capacity > 0 ? capacity : 1, sizeof *longer.items), route->count,
                         capacity };
    if (route->count > 0)
        memcpy(longer.items, route->items, route->count * sizeof *longer.items);
    return longer;
}

static oak_route extend_item(struct oak_finder *f, const oak_route *route, oak_str list, size_t index)
{
    oak_route longer = oak_finder_route(f, route, 2);
    *oak_push(f->arena, &longer) = (struct oak_seg){ list, 0 };
    *oak_push(f->arena, &longer) = (struct oak_seg){ { 0 }, index };
    return longer;
}

/* The list `key` of `mapping`, 0 if there is none. */
static uint32_t list_at(const struct oak_finder *f, uint32_t mapping, oak_str key)
{
    const uint32_t node = oak_node_get(f->index, mapping, key);
    const uint32_t real = node != 0 ? oak_node_real(f->index, node) : 0;
    return real != 0 && f->index->nodes[real].kind == OAK_SEQUENCE ? real : 0;
}

static uint32_t volume_named(const struct oak_finder *f, uint32_t pod, oak_str name)
{
    const uint32_t volumes = list_at(f, pod, OAK_STR("volumes"));
    for (uint32_t i = volumes != 0 ? f->index->nodes[volumes].child : 0; i != 0; i = f->index->nodes[i].next)
        if (oak_finder_is_mapping(f, i) && oak_str_eq(oak_finder_scalar(f, i, OAK_STR("name")), name))
            return oak_node_real(f->index, i);
    return 0;
}

/* The volume that a mount names: one of its pod's, or of what stands behind the pod. */
static uint32_t volume_of(const struct oak_finder *f, const struct oak_target *mount)
{
    const oak_str name = oak_finder_scalar(f, mount->node, OAK_STR("name"));
    const uint32_t volume = volume_named(f, mount->pod, name);
    const uint32_t outer = mount->pod_frame != NULL ? mount->pod_frame->outer : 0;
    return volume == 0 && outer != 0 ? volume_named(f, outer, name) : volume;
}

static bool has_image(const struct oak_finder *f, uint32_t container)
{
    return oak_node_get(f->index, container, OAK_STR("image")) != 0;
}

/* A whole workload has a selector, and each of its containers an image: the API server asks for both (apps/v1, validation.go). A
 * patch of one, as kustomize merges it, has neither. What an operator merges is its own affair. */
static bool is_merge_patch(const struct oak_finder *f, const struct oak_target *pod)
{
    static const oak_str lists[] = { { "containers", 10 }, { "initContainers", 14 } };
    const uint32_t spec = oak_node_get(f->index, pod->object, OAK_STR("spec"));
    if (pod->template == pod->object || pod->template == 0 || pod->pod_frame != NULL || oak_target_is_custom(pod) || spec == 0 ||
        oak_node_get(f->index, spec, OAK_STR("selector")) != 0)
        return false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const uint32_t list = list_at(f, pod->node, lists[i]);
        for (uint32_t c = list != 0 ? f->index->nodes[list].child : 0; c != 0; c = f->index->nodes[c].next)
            if (oak_finder_is_mapping(f, c) && !has_image(f, c))
                return true;
    }
    return false;
}

static void add_item(struct oak_finder *f, const struct oak_target *owner, const struct oak_target_list *list,
                     uint32_t node, size_t i)
{
    struct oak_target t = *owner;
    t.kind = list->kind;
    t.node = oak_node_real(f->index, node);
    t.item = node;
    t.word = list->word;
    t.name = oak_finder_scalar(f, t.node, list->name_key);
    t.route = extend_item(f, &owner->route, list->key, i);
    t.is_part = t.kind == OAK_CONTAINER && owner->is_part && !has_image(f, t.node);
    if (t.kind == OAK_CONTAINER) {
        t.container_name = t.name;
        oak_finder_add_container(f, &t);
        return;
    }
    if (t.kind == OAK_VOLUME)
        t.volume = t.node;
    if (t.kind == OAK_MOUNT)
        t.volume = volume_of(f, &t);
    *oak_push(f->arena, &f->targets) = t;
}

/* By a strategic merge patch: the item only says which one goes. */
static bool is_taken_away(const struct oak_index *index, uint32_t item)
{
    return oak_str_eq(oak_node_text(index, item, OAK_STR("$patch")), OAK_STR("delete"));
}

static void find_list(struct oak_finder *f, const struct oak_target *owner, const struct oak_target_list *list)
{
    const uint32_t node = list_at(f, owner->node, list->key);
    size_t i = 0;
    for (uint32_t item = node != 0 ? f->index->nodes[node].child : 0; item != 0; item = f->index->nodes[item].next, i++)
        if (oak_finder_is_mapping(f, item) && !is_taken_away(f->index, item))
            add_item(f, owner, list, item, i);
}

void oak_finder_add_container(struct oak_finder *f, const struct oak_target *container)
{
    static const struct oak_target_list mounts = { { "volumeMounts", 12 }, OAK_MOUNT, "mount", { "mountPath", 9 } };
    struct oak_target t = *container;
    t.container = t.node;
    t.container_number = (uint32_t)f->targets.count;
    *oak_push(f->arena, &f->targets) = t;
    if (t.container_frame == NULL || oak_row_has(t.container_frame->row, mounts.key))
        find_list(f, &t, &mounts);
}

void oak_finder_add_pod(struct oak_finder *f, struct oak_target *pod)
{
    static const struct oak_target_list lists[] = {
        { { "initContainers", 14 }, OAK_CONTAINER, "init container", { "name", 4 } },
        { { "containers", 10 }, OAK_CONTAINER, "container", { "name", 4 } },
        { { "ephemeralContainers", 19 }, OAK_CONTAINER, "ephemeral container", { "name", 4 } },
        { { "volumes", 7 }, OAK_VOLUME, "volume", { "name", 4 } },
    };
    pod->kind = OAK_POD;
    pod->pod = pod->node;
    pod->word = "pod";
    pod->pod_number = (uint32_t)f->targets.count;
    pod->is_part = is_merge_patch(f, pod);
    *oak_push(f->arena, &f->targets) = *pod;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (pod->pod_frame == NULL || oak_row_has(pod->pod_frame->row, lists[i].key))
            find_list(f, pod, &lists[i]);
}

static oak_str group_of(oak_str api_version)
{
    oak_str group, version;
    return oak_str_cut(api_version, '/', &group, &version) ? group : OAK_STR("");
}

/* What the members of a typed list may leave out, and whether they are those of a ResourceList. */
struct implied {
    oak_str api_version, kind;
    bool has_origin;
};

/* Where a host found the object: it says so in annotations. */
static oak_str origin_of(const struct oak_finder *f, uint32_t metadata)
{
    const uint32_t all = metadata != 0 ? oak_node_get(f->index, metadata, OAK_STR("annotations")) : 0;
    const oak_str path = oak_finder_scalar(f, all, OAK_STR("internal.config.kubernetes.io/path"));
    return path.len > 0 ? path : oak_finder_scalar(f, all, OAK_STR("config.kubernetes.io/path"));
}

static void find_object(struct oak_finder *f, uint32_t node, oak_route route, struct implied implied, int depth)
{
    if (!oak_finder_is_mapping(f, node) || depth == 0 || f->targets.count > OAK_MAX_TARGETS)
        return;
    node = oak_node_real(f->index, node);
    oak_str kind = oak_finder_scalar(f, node, OAK_STR("kind"));
    oak_str api_version = oak_finder_scalar(f, node, OAK_STR("apiVersion"));
    kind = kind.len > 0 ? kind : implied.kind;
    api_version = api_version.len > 0 ? api_version : implied.api_version;

    const uint32_t items = oak_str_ends(kind, OAK_STR("List")) ? list_at(f, node, OAK_STR("items")) : 0;
    if (items != 0) {
        const bool is_resource_list = oak_str_eq(kind, OAK_STR("ResourceList")) &&
                                      oak_str_eq(group_of(api_version), OAK_STR("config.kubernetes.io"));
        const struct implied members = { api_version, { kind.ptr, kind.len - 4 }, is_resource_list };
        size_t i = 0;
        for (uint32_t item = f->index->nodes[items].child; item != 0; item = f->index->nodes[item].next)
            find_object(f, item, extend_item(f, &route, OAK_STR("items"), i++), members, depth - 1);
        return;
    }
    const uint32_t metadata = oak_node_get(f->index, node, OAK_STR("metadata"));
    const struct oak_target object = {
        .kind = OAK_OBJECT, .node = node, .object = node, .group = group_of(api_version), .object_kind = kind,
        .object_name = oak_finder_scalar(f, metadata, OAK_STR("name")),
        .namespace = oak_finder_scalar(f, metadata, OAK_STR("namespace")), .word = "object", .route = route,
        .origin = implied.has_origin ? origin_of(f, metadata) : OAK_STR(""),
    };
    *oak_push(f->arena, &f->targets) = object;
    const struct oak_kind *const known = oak_kind_find(f->kinds, object.group, kind);
    if (known != NULL)
        oak_rows_find(f, &object, known, depth);
    else if (kind.len > 0 && api_version.len > 0)
        oak_shapes_find(f, &object);
}

void oak_finder_add_object(struct oak_finder *f, uint32_t node, oak_route route, int depth)
{
    find_object(f, node, route, (struct implied){ { "", 0 }, { "", 0 }, false }, depth);
}

oak_targets oak_targets_find(struct oak_arena *arena, const struct oak_index *index, const struct oak_kinds *kinds)
{
    struct oak_finder f = { .arena = arena, .index = index, .kinds = kinds };
    if (index->root != 0)
        oak_finder_add_object(&f, index->root, (oak_route){ 0 }, OAK_MAX_DEPTH);
    /* The search stopped somewhere: whoever asks must not think that this is all. */
    while (f.steps > OAK_MAX_STEPS && f.targets.count <= OAK_MAX_TARGETS) {
        struct oak_target *const more = oak_push(arena, &f.targets);
        *more = f.targets.items[0];
    }
    return f.targets;
}

oak_str oak_pod_before(const struct oak_index *index, uint32_t pod)
{
    static const oak_str lists[] = { { "containers", 10 }, { "initContainers", 14 }, { "templates", 9 } };
    for (uint32_t i = index->nodes[pod].child; i != 0; i = index->nodes[i].next)
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
            if (oak_str_eq(index->nodes[i].name, lists[k]))
                return index->nodes[i].name;
    return OAK_STR("");
}

bool oak_target_is_custom(const struct oak_target *target)
{
    return memchr(target->group.ptr, '.', target->group.len) != NULL;
}

bool oak_target_is(const struct oak_target *target, oak_str kind)
{
    const oak_str group = target->group, name = target->object_kind;
    const size_t slash = group.len > 0; /* the core group has no name, and its kinds no slash */
    return kind.len == group.len + slash + name.len && oak_str_ends(kind, name) && oak_str_starts(kind, group) &&
           (slash == 0 || kind.ptr[group.len] == '/');
}
