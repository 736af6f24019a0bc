/* A migration for machines: one object per line, policies first, then namespaces. */
#include "output/output.h"
#include "output/value.h"

/* A scalar as it reads, a list as a list, a mapping as flow style would write it. */
static json_t *value_of(struct oak_arena *arena, const struct oak_value *value)
{
    json_t *const list = value->kind == OAK_SEQUENCE ? json_array() : NULL;
    for (const struct oak_value *v = value->child; list != NULL && v != NULL; v = v->next)
        json_array_append_new(list, oak_json_text(v->kind == OAK_SCALAR ? v->text : oak_value_print(arena, v)));
    if (list != NULL)
        return list;
    return oak_json_text(value->kind == OAK_SCALAR ? value->text : oak_value_print(arena, value));
}

static json_t *level_of(enum oak_profile level)
{
    return json_string(level == OAK_PROFILE_NONE ? "privileged" : oak_profile_name(level));
}

static json_t *place_of(const struct oak_migration *m, size_t file, size_t offset)
{
    const struct oak_migration_file *const f = &m->files.items[file];
    const struct oak_position at = oak_source_position(&f->source, offset);
    json_t *const out = json_object();
    json_object_set_new(out, "file", oak_json_text(f->path));
    json_object_set_new(out, "line", json_integer((json_int_t)at.line));
    json_object_set_new(out, "column", json_integer((json_int_t)at.column_chars));
    return out;
}

static json_t *object_of(const struct oak_migration *m, const struct oak_object *object)
{
    json_t *const out = place_of(m, object->file, object->index->nodes[object->target->object].span.start);
    json_object_set_new(out, "kind", oak_json_text(object->target->object_kind));
    json_object_set_new(out, "name", oak_json_text(object->target->object_name));
    json_object_set_new(out, "namespace", oak_json_text(object->target->namespace));
    return out;
}

static json_t *field_of(struct oak_arena *arena, const struct oak_finding *f)
{
    const size_t from = f->target.route.count;
    return oak_json_text(oak_route_print(arena, f->route.items + from, f->route.count - from));
}

static json_t *block_of(struct oak_arena *arena, const struct oak_migration *m, const struct oak_policy *policy,
                        const struct oak_finding *f)
{
    json_t *const out = place_of(m, policy->object.file, f->span.start);
    const struct oak_index *const index = policy->object.index;
    json_object_set_new(out, "level", level_of(f->rule->level));
    json_object_set_new(out, "field", field_of(arena, f));
    json_object_set_new(out, "value",
                        f->node != 0 ? value_of(arena, oak_value_of(arena, index, f->node)) : json_null());
    json_object_set_new(out, "allowed", oak_json_text(oak_rule_allows(arena, f->rule)));
    json_object_set_new(out, "message", oak_json_text(f->rule->finding));
    json_object_set_new(out, "counts", json_boolean(oak_rule_counts(f->rule, m->options.mapping)));
    if (f->rule->choice.len > 0)
        json_object_set_new(out, "choice", oak_json_text(f->rule->choice));
    return out;
}

static json_t *default_of(struct oak_arena *arena, const struct oak_migration *m, const struct oak_policy *policy,
                          const struct oak_policy_default *d)
{
    json_t *const out = place_of(m, policy->object.file, d->finding->span.start);
    json_t *const needs = json_array();
    const struct oak_clause *const clause = &d->finding->rule->fills->fields.items[0];
    json_object_set_new(out, "field", oak_json_text(clause->field.text));
    json_object_set_new(out, "value", value_of(arena, d->value));
    for (size_t i = 0; i < d->needs.count; i++) {
        const struct oak_need *const need = &d->needs.items[i];
        json_t *const who = object_of(m, &need->object);
        json_t *const containers = json_array();
        for (size_t k = 0; k < need->containers.count; k++)
            json_array_append_new(containers, oak_json_text(need->containers.items[k]));
        json_object_set_new(who, "containers", containers);
        json_array_append_new(needs, who);
    }
    json_object_set_new(out, "needed_by", needs);
    return out;
}

static json_t *grant_of(const struct oak_migration *m, const struct oak_grant *g)
{
    json_t *const out = json_object();
    json_object_set_new(out, "counts", json_boolean(oak_grant_counts(g)));
    json_object_set_new(out, "namespace", g->is_everywhere ? json_null() : oak_json_text(g->namespace));
    json_object_set_new(out, "service_account", g->service_account.len > 0 ? oak_json_text(g->service_account) : json_null());
    json_object_set_new(out, "person", g->person.len > 0 ? oak_json_text(g->person) : json_null());
    json_object_set_new(out, "binding", object_of(m, &g->binding));
    return out;
}

static json_t *policy_of(struct oak_arena *arena, const struct oak_migration *m, const struct oak_policy *policy)
{
    json_t *const out = object_of(m, &policy->object);
    json_t *const blocks = json_array(), *const defaults = json_array(), *const grants = json_array();
    json_object_set_new(out, "mapping", json_string(oak_mapping_name(m->options.mapping)));
    json_object_set_new(out, "level", level_of(policy->levels[m->options.mapping]));
    for (int i = 0; i < OAK_MAPPINGS; i++)
        json_object_set_new(out, oak_mapping_name((enum oak_mapping)i), level_of(policy->levels[i]));
    for (size_t i = 0; i < policy->findings.count; i++)
        if (policy->findings.items[i].rule->level != OAK_PROFILE_NONE)
            json_array_append_new(blocks, block_of(arena, m, policy, &policy->findings.items[i]));
    for (size_t i = 0; i < policy->defaults.count; i++)
        json_array_append_new(defaults, default_of(arena, m, policy, &policy->defaults.items[i]));
    for (size_t i = 0; i < policy->grants.count; i++)
        json_array_append_new(grants, grant_of(m, &policy->grants.items[i]));
    json_object_set_new(out, "blocks", blocks);
    json_object_set_new(out, "sets", defaults);
    json_object_set_new(out, "applies", grants);
    return out;
}

static json_t *space_of(const struct oak_migration_report *report, const struct oak_policed_namespace *n)
{
    json_t *const out = json_object();
    json_t *const policies = json_array(), *const labels = json_object(), *const objects = json_array();
    json_object_set_new(out, "name", n->is_rest ? json_null() : oak_json_text(n->name));
    json_object_set_new(out, "level", level_of(n->level));
    for (size_t i = 0; i < n->policies.count; i++)
        json_array_append_new(policies, oak_json_text(n->policies.items[i]->object.target->object_name));
    for (size_t i = 0; i < n->labels.count; i++)
        json_object_setn_new(labels, n->labels.items[i].key.ptr, n->labels.items[i].key.len,
                             oak_json_text(n->labels.items[i].value));
    for (size_t i = 0; i < n->objects.count; i++)
        json_array_append_new(objects, object_of(report->migration, &n->objects.items[i]));
    json_object_set_new(out, "policies", policies);
    json_object_set_new(out, "labels", labels);
    json_object_set_new(out, "objects", objects);
    return out;
}

static void add_line(struct oak_buf *out, const char *word, json_t *value)
{
    json_t *const line = oak_json_start();
    json_object_set_new(line, word, value);
    oak_json_add_line(out, line);
}

void oak_json_migration(struct oak_buf *out, const struct oak_migration_report *report)
{
    const struct oak_migration *const m = report->migration;
    for (size_t i = 0; i < m->policies.count; i++)
        add_line(out, "policy", policy_of(out->arena, m, m->policies.items[i]));
    for (size_t i = 0; i < m->namespaces.count; i++)
        add_line(out, "namespace", space_of(report, &m->namespaces.items[i]));
    for (size_t i = 0; i < m->refusals.count; i++) {
        json_t *const refusal = place_of(m, m->refusals.items[i].file, m->refusals.items[i].error.span.start);
        json_object_set_new(refusal, "text", oak_json_text(oak_str_from(m->refusals.items[i].error.text)));
        add_line(out, "refused", refusal);
    }
}
