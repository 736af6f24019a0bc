/* What a policy used to set, and which pods lack it now. */
#include "engine/migrate.h"

#include "patch/when.h"

/* The value that a policy set: `$0` stands for what is at its field, `$1` … for groups of the expression that matched. */
static struct oak_value *fill_in(struct oak_arena *arena, const struct oak_value *value, const struct oak_value *whole,
                                 const struct oak_captures *captures)
{
    struct oak_value *const filled = oak_arena_alloc(arena, sizeof *filled);
    *filled = *value;
    if (value->kind == OAK_SCALAR && value->text.len == 2 && value->text.ptr[0] == '$') {
        const char digit = value->text.ptr[1];
        if (digit == '0' && whole != NULL) {
            *filled = *whole;
            filled->key = value->key;
            return filled;
        }
        if (digit >= '1' && digit <= '9')
            filled->text = captures->groups[digit - '0'];
    }
    struct oak_value **tail = &filled->child;
    for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
        *tail = fill_in(arena, v, whole, captures);
        (*tail)->next = NULL;
        tail = &(*tail)->next;
    }
    return filled;
}

static struct oak_value *value_set(struct oak_arena *arena, const struct oak_policy *policy,
                                         const struct oak_finding *f)
{
    struct oak_captures captures = { { { 0 } } };
    const struct oak_index *const index = policy->object.index;
    const struct oak_value *const whole = f->node != 0 ? oak_value_of(arena, index, f->node) : NULL;
    if (f->node != 0)
        oak_matches_node(&f->rule->fields.items[0].test.matches, index, f->node, &captures);
    return fill_in(arena, f->rule->fills->fields.items[0].value, whole, &captures);
}

/* ---- who lacks it ---- */

struct asking {
    struct oak_migration *m;
    const struct oak_rule *fills;
    const struct oak_value *value;
};

static uint32_t field_at(const struct asking *a, const struct oak_index *index, const struct oak_target *t)
{
    const oak_node_list nodes = oak_field_find(a->m->arena, index, t, &a->fills->fields.items[0].field);
    return nodes.count > 0 ? nodes.items[0] : 0;
}

static bool lists(const struct oak_index *index, uint32_t node, const struct oak_value *item)
{
    const uint32_t list = node != 0 ? oak_node_real(index, node) : 0;
    for (uint32_t i = list != 0 && index->nodes[list].kind == OAK_SEQUENCE ? index->nodes[list].child : 0; i != 0;
         i = index->nodes[i].next)
        if (oak_value_is(item, index, i))
            return true;
    return false;
}

static bool lists_all(const struct oak_index *index, uint32_t node, const struct oak_value *items)
{
    for (const struct oak_value *item = items->child; item != NULL; item = item->next)
        if (!lists(index, node, item))
            return false;
    return true;
}

static bool lacks(const struct asking *a, const struct oak_index *index, const struct oak_target *t,
                  const struct oak_target *pod)
{
    struct oak_arena *const arena = a->m->arena;
    const struct oak_rule *const f = a->fills;
    const struct oak_spot spot = { .index = index, .target = t };
    if (f->when.groups.count > 0 && !oak_condition_holds(arena, &f->when, &spot, NULL))
        return false;
    if (f->unless.groups.count > 0 && oak_condition_holds(arena, &f->unless, &spot, NULL))
        return false;
    if (f->fields.items[0].action == OAK_ACT_APPEND)
        return !lists_all(index, field_at(a, index, t), a->value);
    return oak_node_is_null(index, field_at(a, index, t)) &&
           !(f->inherits && !oak_node_is_null(index, field_at(a, index, pod)));
}

static void ask_pod(const struct asking *a, const struct oak_kept_pod *kept, struct oak_policy_default *out)
{
    const struct oak_target *const pod = kept->object.target;
    struct oak_need need = { .object = kept->object };
    bool is_needed = false;
    for (size_t i = pod->pod_number; i < kept->targets->count; i++) {
        const struct oak_target *const t = &kept->targets->items[i];
        if (t->pod_number != pod->pod_number || t->pod != pod->pod)
            break;
        if (t->kind != a->fills->target || !lacks(a, kept->object.index, t, pod))
            continue;
        is_needed = true;
        if (t->kind != OAK_POD)
            *oak_push(a->m->arena, &need.containers) = t->name;
    }
    if (is_needed)
        *oak_push(a->m->arena, &out->needs) = need;
}

/* Was the pod judged by the policy, as far as the bindings tell? */
static bool is_under(const struct oak_policy *policy, const struct oak_object *pod)
{
    const oak_str account = oak_pod_account(pod->index, pod->target->pod);
    for (size_t i = 0; i < policy->grants.count; i++) {
        const struct oak_grant *const g = &policy->grants.items[i];
        if (oak_grant_covers(g, pod->target->namespace) &&
            (g->service_account.len == 0 || oak_str_eq(g->service_account, account)))
            return true;
    }
    return false;
}

/* Items of one list are one default. */
static void add_default(struct oak_migration *m, struct oak_policy *policy, const struct oak_finding *f)
{
    struct oak_policy_default *d = policy->defaults.count > 0 ? &policy->defaults.items[policy->defaults.count - 1] : NULL;
    struct oak_value *const value = value_set(m->arena, policy, f);
    const bool is_item = f->rule->fills->fields.items[0].action == OAK_ACT_APPEND;
    if (d == NULL || d->finding->rule != f->rule || !is_item) {
        d = oak_push(m->arena, &policy->defaults);
        d->finding = f;
        d->value = value;
    }
    if (!is_item)
        return;
    if (d->value == value) {
        d->value = oak_arena_alloc(m->arena, sizeof *d->value);
        *d->value = (struct oak_value){ .kind = OAK_SEQUENCE, .type = OAK_TYPE_STRING };
    }
    struct oak_value **tail = &d->value->child;
    while (*tail != NULL)
        tail = &(*tail)->next;
    *tail = value;
}

void oak_migration_find_defaults(struct oak_migration *m, struct oak_policy *policy)
{
    for (size_t i = 0; i < policy->findings.count; i++)
        if (policy->findings.items[i].rule->fills != NULL)
            add_default(m, policy, &policy->findings.items[i]);
    for (size_t i = 0; i < policy->defaults.count; i++) {
        struct oak_policy_default *const d = &policy->defaults.items[i];
        const struct asking a = { m, d->finding->rule->fills, d->value };
        for (size_t k = 0; k < m->pods.count; k++)
            if (is_under(policy, &m->pods.items[k].object))
                ask_pod(&a, &m->pods.items[k], d);
    }
}
