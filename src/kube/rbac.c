/* Roles, bindings and their subjects → grants. A role that is not among the files grants nothing that we know of. */
#include "kube/rbac.h"

const oak_str oak_rbac_kinds[] = {
    { "rbac.authorization.k8s.io/Role", 30 },
    { "rbac.authorization.k8s.io/ClusterRole", 37 },
    { "rbac.authorization.k8s.io/RoleBinding", 37 },
    { "rbac.authorization.k8s.io/ClusterRoleBinding", 44 },
};
const size_t oak_rbac_kind_count = sizeof oak_rbac_kinds / sizeof *oak_rbac_kinds;

struct reader {
    struct oak_arena *arena;
    const struct oak_permission *permission;
    const oak_objects *objects;
    oak_grants grants;
};

static bool is_kind(const struct oak_object *object, const char *kind)
{
    return oak_str_eq(object->target->object_kind, oak_str_from(kind));
}

/* The first item of the list `key` of a mapping; 0 if there is none. */
static uint32_t first_item(const struct oak_index *index, uint32_t mapping, const char *key)
{
    const uint32_t real = mapping != 0 ? oak_node_real(index, mapping) : 0;
    const uint32_t node =
        real != 0 && index->nodes[real].kind == OAK_MAPPING ? oak_node_get(index, real, oak_str_from(key)) : 0;
    const uint32_t list = node != 0 ? oak_node_real(index, node) : 0;
    return list != 0 && index->nodes[list].kind == OAK_SEQUENCE ? index->nodes[list].child : 0;
}

/* ---- roles ---- */

static bool lists(const struct oak_index *index, uint32_t rule, const char *key, oak_str word)
{
    oak_str item;
    for (uint32_t i = first_item(index, rule, key); i != 0; i = index->nodes[i].next)
        if (oak_node_scalar(index, i, &item) && (oak_str_eq(item, word) || oak_str_eq(item, OAK_STR("*"))))
            return true;
    return false;
}

static bool rule_permits(const struct reader *r, const struct oak_index *index, uint32_t rule)
{
    if (!lists(index, rule, "verbs", r->permission->verb))
        return false;
    for (size_t i = 0; i < r->permission->resource_count; i++) {
        oak_str group, name;
        oak_str_cut(r->permission->resources[i], '/', &group, &name);
        if (lists(index, rule, "apiGroups", group) && lists(index, rule, "resources", name))
            return true;
    }
    return false;
}

/* ---- subjects ---- */

/* `system:serviceaccounts:NS` and `system:serviceaccount:NS:NAME` are other spellings of service accounts. */
static bool cut_prefix(oak_str text, const char *prefix, oak_str *rest)
{
    const oak_str start = oak_str_from(prefix);
    if (!oak_str_starts(text, start))
        return false;
    *rest = (oak_str){ text.ptr + start.len, text.len - start.len };
    return true;
}

struct subject {
    bool is_everywhere; /* has no namespace of its own */
    oak_str namespace, account, person;
};

static struct subject subject_of(const struct oak_index *index, uint32_t node)
{
    const oak_str kind = oak_node_text(index, node, OAK_STR("kind")), name = oak_node_text(index, node, OAK_STR("name"));
    struct subject s = { .is_everywhere = true };
    oak_str rest;
    if (oak_str_eq(kind, OAK_STR("ServiceAccount")))
        return (struct subject){ false, oak_node_text(index, node, OAK_STR("namespace")), name, { "", 0 } };
    if (oak_str_eq(kind, OAK_STR("User")) && cut_prefix(name, "system:serviceaccount:", &rest)) {
        s.is_everywhere = false;
        oak_str_cut(rest, ':', &s.namespace, &s.account);
    } else if (cut_prefix(name, "system:serviceaccounts:", &rest)) {
        s.is_everywhere = false;
        s.namespace = rest;
    } else if (!oak_str_eq(name, OAK_STR("system:serviceaccounts")) && !oak_str_eq(name, OAK_STR("system:authenticated"))) {
        s.person = name;
    }
    return s;
}

/* A RoleBinding grants in its own namespace, to whoever creates pods there. */
static struct oak_grant grant_of(const struct oak_object *binding, const struct subject *s)
{
    struct oak_grant g = { .binding = *binding, .namespace = s->namespace, .is_everywhere = s->is_everywhere,
                           .service_account = s->account, .person = s->person };
    if (!is_kind(binding, "RoleBinding"))
        return g;
    const oak_str own = binding->target->namespace;
    const bool is_foreign = s->namespace.len > 0 && own.len > 0 && !oak_str_eq(s->namespace, own);
    g.namespace = own.len > 0 ? own : s->namespace;
    g.is_everywhere = false;
    g.person = OAK_STR("");
    if (is_foreign)
        g.service_account = OAK_STR("");
    return g;
}

/* ---- bindings ---- */

static void add_grants(struct reader *r, const struct oak_object *binding, oak_str object_name)
{
    const struct oak_index *const index = binding->index;
    for (uint32_t i = first_item(index, binding->target->node, "subjects"); i != 0; i = index->nodes[i].next) {
        const struct subject s = subject_of(index, i);
        struct oak_grant *const grant = oak_push(r->arena, &r->grants);
        *grant = grant_of(binding, &s);
        grant->object_name = object_name;
    }
}

static void add_role(struct reader *r, const struct oak_object *binding, const struct oak_object *role)
{
    const struct oak_index *const index = role->index;
    for (uint32_t rule = first_item(index, role->target->node, "rules"); rule != 0; rule = index->nodes[rule].next) {
        if (!rule_permits(r, index, rule))
            continue;
        const uint32_t names = first_item(index, rule, "resourceNames");
        if (names == 0)
            add_grants(r, binding, OAK_STR(""));
        oak_str name;
        for (uint32_t i = names; i != 0; i = index->nodes[i].next)
            if (oak_node_scalar(index, i, &name))
                add_grants(r, binding, name);
    }
}

static bool refers_to(const struct oak_object *binding, const struct oak_object *role)
{
    const uint32_t ref = oak_node_get(binding->index, binding->target->node, OAK_STR("roleRef"));
    if (!oak_str_eq(oak_node_text(binding->index, ref, OAK_STR("kind")), role->target->object_kind) ||
        !oak_str_eq(oak_node_text(binding->index, ref, OAK_STR("name")), role->target->object_name))
        return false;
    return is_kind(role, "ClusterRole") || oak_str_eq(role->target->namespace, binding->target->namespace);
}

oak_grants oak_rbac_grants(struct oak_arena *arena, const oak_objects *objects, const struct oak_permission *permission)
{
    struct reader r = { .arena = arena, .permission = permission, .objects = objects };
    for (size_t i = 0; i < objects->count; i++) {
        const struct oak_object *const binding = &objects->items[i];
        if (!is_kind(binding, "RoleBinding") && !is_kind(binding, "ClusterRoleBinding"))
            continue;
        for (size_t k = 0; k < objects->count; k++) {
            const struct oak_object *const role = &objects->items[k];
            if ((is_kind(role, "Role") || is_kind(role, "ClusterRole")) && refers_to(binding, role))
                add_role(&r, binding, role);
        }
    }
    return r.grants;
}

oak_str oak_pod_account(const struct oak_index *index, uint32_t pod)
{
    oak_str name = oak_node_text(index, pod, OAK_STR("serviceAccountName"));
    if (name.len == 0)
        name = oak_node_text(index, pod, OAK_STR("serviceAccount")); /* deprecated, and still read */
    return name.len > 0 ? name : OAK_STR("default");
}
