/* A document → objects, pods, containers, volumes and mounts, with their names and routes. */
#include <oakum/kube.h>

#include <string.h>

struct finder {
    struct oak_arena *arena;
    const struct oak_index *index;
    const struct oak_kinds *kinds;
    oak_targets targets;
};

static oak_str scalar_at(const struct finder *f, uint32_t mapping, oak_str key)
{
    oak_str value = { "", 0 };
    const uint32_t node = mapping != 0 ? oak_node_get(f->index, mapping, key) : 0;
    if (node != 0)
        oak_node_scalar(f->index, node, &value);
    return value;
}

static oak_route extend(struct finder *f, const oak_route *route, const struct oak_path *path)
{
    oak_route longer = { 0 };
    for (size_t i = 0; i < route->count; i++)
        *oak_push(f->arena, &longer) = route->items[i];
    for (size_t i = 0; path != NULL && i < path->count; i++)
        *oak_push(f->arena, &longer) = (struct oak_seg){ path->steps[i].key, 0 };
    return longer;
}

static oak_route extend_item(struct finder *f, const oak_route *route, oak_str list, size_t index)
{
    oak_route longer = extend(f, route, NULL);
    *oak_push(f->arena, &longer) = (struct oak_seg){ list, 0 };
    *oak_push(f->arena, &longer) = (struct oak_seg){ { 0 }, index };
    return longer;
}

static uint32_t follow(const struct finder *f, uint32_t node, const struct oak_path *path)
{
    for (size_t i = 0; i < path->count && node != 0; i++)
        node = oak_node_get(f->index, node, path->steps[i].key);
    return node != 0 ? oak_node_real(f->index, node) : 0;
}

/* The list `key` of `mapping`, 0 if there is none. */
static uint32_t list_at(const struct finder *f, uint32_t mapping, oak_str key)
{
    const uint32_t node = oak_node_get(f->index, mapping, key);
    const uint32_t real = node != 0 ? oak_node_real(f->index, node) : 0;
    return real != 0 && f->index->nodes[real].kind == OAK_SEQUENCE ? real : 0;
}

static bool is_mapping(const struct finder *f, uint32_t node)
{
    return node != 0 && f->index->nodes[oak_node_real(f->index, node)].kind == OAK_MAPPING;
}

static uint32_t volume_named(const struct finder *f, uint32_t pod, oak_str name)
{
    const uint32_t volumes = list_at(f, pod, OAK_STR("volumes"));
    for (uint32_t i = volumes != 0 ? f->index->nodes[volumes].child : 0; i != 0; i = f->index->nodes[i].next)
        if (is_mapping(f, i) && oak_str_eq(scalar_at(f, i, OAK_STR("name")), name))
            return oak_node_real(f->index, i);
    return 0;
}

/* One list of like things below a target that has been found. */
struct list {
    oak_str key;
    enum oak_target_kind kind;
    const char *word;
    oak_str name_key;
};

static void find_list(struct finder *f, const struct oak_target *owner, const struct list *list);

static void add_item(struct finder *f, const struct oak_target *owner, const struct list *list, uint32_t node, size_t i)
{
    struct oak_target t = *owner;
    t.kind = list->kind;
    t.node = oak_node_real(f->index, node);
    t.item = node;
    t.word = list->word;
    t.name = scalar_at(f, t.node, list->name_key);
    t.route = extend_item(f, &owner->route, list->key, i);
    if (t.kind == OAK_CONTAINER) {
        t.container = t.node;
        t.container_name = t.name;
    }
    if (t.kind == OAK_VOLUME)
        t.volume = t.node;
    if (t.kind == OAK_MOUNT)
        t.volume = volume_named(f, t.pod, scalar_at(f, t.node, OAK_STR("name")));
    *oak_push(f->arena, &f->targets) = t;
    if (t.kind == OAK_CONTAINER)
        find_list(f, &t, &(struct list){ OAK_STR("volumeMounts"), OAK_MOUNT, "mount", OAK_STR("mountPath") });
}

static void find_list(struct finder *f, const struct oak_target *owner, const struct list *list)
{
    const uint32_t node = list_at(f, owner->node, list->key);
    size_t i = 0;
    for (uint32_t item = node != 0 ? f->index->nodes[node].child : 0; item != 0; item = f->index->nodes[item].next, i++)
        if (is_mapping(f, item))
            add_item(f, owner, list, item, i);
}

static void find_pod(struct finder *f, struct oak_target object, const struct oak_kind *kind)
{
    static const struct list lists[] = {
        { { "initContainers", 14 }, OAK_CONTAINER, "init container", { "name", 4 } },
        { { "containers", 10 }, OAK_CONTAINER, "container", { "name", 4 } },
        { { "ephemeralContainers", 19 }, OAK_CONTAINER, "ephemeral container", { "name", 4 } },
        { { "volumes", 7 }, OAK_VOLUME, "volume", { "name", 4 } },
    };
    struct oak_target t = object;
    t.kind = OAK_POD;
    t.template = follow(f, object.node, &kind->template);
    t.pod = follow(f, object.node, &kind->pod);
    if (!is_mapping(f, t.pod))
        return;
    t.node = t.pod;
    t.word = "pod";
    t.route = extend(f, &object.route, &kind->pod);
    t.pod_number = (uint32_t)f->targets.count;
    *oak_push(f->arena, &f->targets) = t;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        find_list(f, &t, &lists[i]);
}

static oak_str group_of(oak_str api_version)
{
    oak_str group, version;
    return oak_str_cut(api_version, '/', &group, &version) ? group : OAK_STR("");
}

/* What the members of a typed list may leave out. */
struct implied {
    oak_str api_version, kind;
};

static void find_object(struct finder *f, uint32_t node, oak_route route, struct implied implied, int depth)
{
    if (!is_mapping(f, node) || depth == 0 || f->targets.count > OAK_MAX_TARGETS)
        return;
    node = oak_node_real(f->index, node);
    oak_str kind = scalar_at(f, node, OAK_STR("kind"));
    oak_str api_version = scalar_at(f, node, OAK_STR("apiVersion"));
    kind = kind.len > 0 ? kind : implied.kind;
    api_version = api_version.len > 0 ? api_version : implied.api_version;

    const uint32_t items = oak_str_ends(kind, OAK_STR("List")) ? list_at(f, node, OAK_STR("items")) : 0;
    if (items != 0) {
        const struct implied members = { api_version, { kind.ptr, kind.len - 4 } };
        size_t i = 0;
        for (uint32_t item = f->index->nodes[items].child; item != 0; item = f->index->nodes[item].next)
            find_object(f, item, extend_item(f, &route, OAK_STR("items"), i++), members, depth - 1);
        return;
    }
    const uint32_t metadata = oak_node_get(f->index, node, OAK_STR("metadata"));
    const struct oak_target object = {
        .kind = OAK_OBJECT, .node = node, .object = node, .group = group_of(api_version), .object_kind = kind,
        .object_name = scalar_at(f, metadata, OAK_STR("name")),
        .namespace = scalar_at(f, metadata, OAK_STR("namespace")), .word = "object", .route = route,
    };
    *oak_push(f->arena, &f->targets) = object;
    for (size_t i = 0; i < f->kinds->count; i++)
        if (oak_str_eq(f->kinds->items[i].kind, kind) && oak_str_eq(f->kinds->items[i].group, object.group))
            find_pod(f, object, &f->kinds->items[i]);
}

oak_targets oak_targets_find(struct oak_arena *arena, const struct oak_index *index, const struct oak_kinds *kinds)
{
    struct finder f = { .arena = arena, .index = index, .kinds = kinds };
    if (index->root != 0)
        find_object(&f, index->root, (oak_route){ 0 }, (struct implied){ { "", 0 }, { "", 0 } }, OAK_MAX_DEPTH);
    return f.targets;
}

oak_str oak_pod_before(const struct oak_index *index, uint32_t pod)
{
    for (uint32_t i = index->nodes[pod].child; i != 0; i = index->nodes[i].next)
        if (oak_str_eq(index->nodes[i].name, OAK_STR("containers")) ||
            oak_str_eq(index->nodes[i].name, OAK_STR("initContainers")))
            return index->nodes[i].name;
    return OAK_STR("");
}

bool oak_target_is(const struct oak_target *target, oak_str kind)
{
    oak_str group, name;
    if (!oak_str_cut(kind, '/', &group, &name))
        return target->group.len == 0 && oak_str_eq(target->object_kind, kind);
    return oak_str_eq(target->group, group) && oak_str_eq(target->object_kind, name);
}
