/* The page of a migration: policies, namespaces, what to do in which order. */
#include "output/output.h"

struct page {
    struct oak_buf *out;
    const struct oak_migration *m;
    const struct oak_migration_report *report;
};

static void add(const struct page *p, const char *text)
{
    oak_buf_add(p->out, oak_str_from(text));
}

static void add_str(const struct page *p, oak_str text)
{
    oak_text_visible(p->out, text);
}

static void add_quoted(const struct page *p, const char *word, oak_str name)
{
    oak_buf_addf(p->out, "%s '", word);
    add_str(p, name);
    add(p, "'");
}

static void add_place(const struct page *p, size_t file, size_t offset)
{
    const struct oak_migration_file *const f = &p->m->files.items[file];
    oak_text_place(p->out, f->path, oak_source_position(&f->source, offset));
}

/* "Kind 'name' (file:line:col)" */
static void add_object(const struct page *p, const struct oak_object *object)
{
    const struct oak_migration_file *const f = &p->m->files.items[object->file];
    const struct oak_position at = oak_source_position(&f->source, object->index->nodes[object->target->object].span.start);
    add_str(p, object->target->object_kind);
    add_quoted(p, "", object->target->object_name);
    add(p, " (");
    add_str(p, f->path);
    oak_buf_addf(p->out, ":%zu:%zu)", at.line, at.column_chars);
}

static const char *level_name(enum oak_profile level)
{
    return level == OAK_PROFILE_NONE ? "privileged" : oak_profile_name(level);
}

/* ---- what keeps a policy from a level ---- */

oak_str oak_rule_allows(struct oak_arena *arena, const struct oak_rule *rule)
{
    const oak_matches *const matches = &rule->fields.items[0].test.matches;
    struct oak_buf out;
    if (rule->instead.len > 0)
        return rule->instead;
    oak_buf_init(&out, arena);
    for (size_t i = 0; i < matches->count; i++) {
        const struct oak_match *const m = &matches->items[i];
        const oak_str value = m->kind == OAK_MATCH_ABSENT ? OAK_STR("absent")
                              : m->value != NULL          ? oak_value_print(arena, m->value)
                                                          : OAK_STR("");
        oak_buf_addf(&out, "%s%.*s", i > 0 ? ", " : "", (int)value.len, value.ptr);
    }
    return oak_buf_str(&out);
}

static void add_block(const struct page *p, const struct oak_policy *policy, const struct oak_finding *f)
{
    const struct oak_rule *const rule = f->rule;
    const char *const level = level_name(rule->level);
    const oak_str allowed = oak_rule_allows(p->out->arena, rule);
    const oak_str path = oak_route_print(p->out->arena, f->route.items + f->target.route.count,
                                         f->route.count - f->target.route.count);
    add_place(p, policy->object.file, f->span.start);
    oak_buf_addf(p->out, "not %s: ", level);
    add_str(p, rule->finding);
    add(p, "\n");
    /* What stands there is in the excerpt; what does not needs its name. */
    const bool is_absent = f->node == 0;
    oak_text_excerpt(p->out, &p->m->files.items[policy->object.file].source, f->span,
                     oak_arena_printf(p->out->arena, "%.*s%s%s allows: %.*s", is_absent ? (int)path.len : 0, path.ptr,
                                      is_absent ? " is absent; " : "", level, (int)allowed.len, allowed.ptr));
    if (rule->choice.len > 0)
        oak_buf_addf(p->out, "      = choice: counted, but %.*s; --psp-mapping=lenient does not count it\n",
                     (int)rule->choice.len, rule->choice.ptr);
}

static void add_blocks(const struct page *p, const struct oak_policy *policy)
{
    const enum oak_mapping mapping = p->m->options.mapping;
    const enum oak_profile next = policy->levels[mapping] == OAK_PROFILE_NONE ? OAK_BASELINE : OAK_RESTRICTED;
    size_t further = 0;
    for (size_t i = 0; i < policy->findings.count; i++) {
        const struct oak_finding *const f = &policy->findings.items[i];
        if (oak_rule_counts(f->rule, mapping) && f->rule->level == next)
            add_block(p, policy, f);
        further += oak_rule_counts(f->rule, mapping) && f->rule->level > next;
    }
    if (further > 0)
        oak_buf_addf(p->out, "  %zu more keep it from restricted\n", further);
    if (mapping == OAK_MAPPING_LENIENT)
        for (size_t i = 0; i < policy->findings.count; i++) {
            const struct oak_finding *const f = &policy->findings.items[i];
            if (f->rule->choice.len == 0)
                continue;
            add_place(p, policy->object.file, f->span.start);
            oak_buf_addf(p->out, "not counted: %.*s; %.*s\n", (int)f->rule->finding.len, f->rule->finding.ptr,
                         (int)f->rule->choice.len, f->rule->choice.ptr);
        }
    else if (policy->levels[OAK_MAPPING_LENIENT] != policy->levels[OAK_MAPPING_STRICT])
        oak_buf_addf(p->out, "  with --psp-mapping=lenient it would be %s\n", level_name(policy->levels[OAK_MAPPING_LENIENT]));
}

/* ---- where it applies, what it set ---- */

static void add_grant(const struct page *p, const struct oak_grant *g)
{
    if (!oak_grant_counts(g))
        add_quoted(p, "  not counted, since controllers create pods for service accounts: granted to", g->person);
    else if (g->is_everywhere)
        add(p, "  applies in all namespaces");
    else if (g->namespace.len == 0)
        add(p, "  applies in the namespace that these manifests are applied to");
    else
        add_quoted(p, "  applies in namespace", g->namespace);
    if (g->service_account.len > 0)
        add_quoted(p, ", to service account", g->service_account);
    add(p, ": ");
    add_object(p, &g->binding);
    add(p, "\n");
}

static void add_need(const struct page *p, const struct oak_need *need)
{
    add(p, "      needed now by ");
    add_object(p, &need->object);
    for (size_t i = 0; i < need->containers.count; i++)
        add_quoted(p, i > 0 ? "," : need->containers.count > 1 ? ", containers" : ", container", need->containers.items[i]);
    add(p, "\n");
}

static void add_default(const struct page *p, const struct oak_policy *policy, const struct oak_policy_default *d)
{
    const struct oak_clause *const clause = &d->finding->rule->fills->fields.items[0];
    const oak_str value = oak_value_print(p->out->arena, d->value);
    add_place(p, policy->object.file, d->finding->span.start);
    oak_buf_addf(p->out, "%.*s where pods did not: %.*s: %.*s\n", (int)d->finding->rule->finding.len,
                 d->finding->rule->finding.ptr, (int)clause->field.text.len, clause->field.text.ptr, (int)value.len,
                 value.ptr);
    for (size_t i = 0; i < d->needs.count; i++)
        add_need(p, &d->needs.items[i]);
}

static void add_command(const struct page *p, oak_str namespace, const oak_labels *labels)
{
    add(p, "    kubectl label --overwrite namespace ");
    add_str(p, namespace.len > 0 ? namespace : OAK_STR("NAMESPACE"));
    for (size_t i = 0; i < labels->count; i++)
        oak_buf_addf(p->out, " %.*s=%.*s", (int)labels->items[i].key.len, labels->items[i].key.ptr,
                     (int)labels->items[i].value.len, labels->items[i].value.ptr);
    add(p, "\n");
}

static void add_grants(const struct page *p, const struct oak_policy *policy)
{
    size_t count = 0;
    for (size_t i = 0; i < policy->grants.count; i++) {
        add_grant(p, &policy->grants.items[i]);
        count += oak_grant_counts(&policy->grants.items[i]);
    }
    if (count > 0)
        return;
    add(p, "  where it applies is not told: no role and binding among the files grants it to service accounts\n");
    if (policy->labels.count == 0)
        return;
    add_quoted(p, "  for namespaces whose pods have the annotation kubernetes.io/psp:", policy->object.target->object_name);
    add(p, "\n");
    add_command(p, OAK_STR(""), &policy->labels);
}

static void add_policy(const struct page *p, const struct oak_policy *policy)
{
    const struct oak_target *const t = policy->object.target;
    add_place(p, policy->object.file, policy->object.index->nodes[t->object].span.start);
    add_str(p, t->object_kind);
    add_quoted(p, "", t->object_name);
    oak_buf_addf(p->out, " is %s\n", level_name(policy->levels[p->m->options.mapping]));
    add_blocks(p, policy);
    for (size_t i = 0; i < policy->defaults.count; i++)
        add_default(p, policy, &policy->defaults.items[i]);
    add_grants(p, policy);
    add(p, "\n");
}

/* ---- namespaces ---- */

static bool is_changed(const struct page *p, const struct oak_object *space)
{
    const struct oak_result *const r = p->report->results[space->file];
    for (size_t i = 0; r != NULL && !r->failed && i < r->findings.count; i++)
        if (r->findings.items[i].outcome == OAK_FIXED &&
            oak_str_eq(r->findings.items[i].target.object_name, space->target->object_name))
            return true;
    return false;
}

static void add_namespace(const struct page *p, const struct oak_policed_namespace *n)
{
    if (n->is_rest)
        add(p, "every other namespace");
    else if (n->name.len == 0)
        add(p, "the namespace that these manifests are applied to");
    else
        add_quoted(p, "namespace", n->name);
    oak_buf_addf(p->out, " is %s, because of", level_name(n->level));
    for (size_t i = 0; i < n->policies.count; i++)
        add_quoted(p, i == 0 ? "" : ",", n->policies.items[i]->object.target->object_name);
    add(p, "\n");
    for (size_t i = 0; i < n->objects.count; i++) {
        add(p, "  ");
        add_object(p, &n->objects.items[i]);
        const bool has_failed = p->report->results[n->objects.items[i].file] == NULL;
        add(p, n->labels.count == 0                    ? ": no label warns at this level\n"
               : has_failed                           ? ": labels could not be written\n"
               : !is_changed(p, &n->objects.items[i]) ? ": has its labels\n"
               : p->report->is_written                ? ": labels written\n"
                                                      : ": labels as below\n");
    }
    if (n->objects.count > 0)
        return;
    if (n->labels.count == 0)
        add(p, "  no label warns at this level\n");
    else
        add(p, n->is_rest ? "  label each, or make it the default of the API server's PodSecurityConfiguration\n"
                          : "  not among the files:\n");
    if (n->labels.count > 0)
        add_command(p, n->name, &n->labels);
}

static void add_steps(const struct page *p)
{
    for (size_t i = 0; i < p->m->patches->items.count; i++) {
        const oak_str note = p->m->patches->items.items[i]->note;
        if (note.len > 0)
            oak_buf_addf(p->out, "%s%.*s\n", p->m->namespaces.count > 0 ? "\n" : "", (int)note.len, note.ptr);
    }
}

void oak_text_migration(struct oak_buf *out, const struct oak_migration_report *report)
{
    const struct page p = { out, report->migration, report };
    for (size_t i = 0; i < p.m->policies.count; i++)
        add_policy(&p, p.m->policies.items[i]);
    for (size_t i = 0; i < p.m->namespaces.count; i++)
        add_namespace(&p, &p.m->namespaces.items[i]);
    if (p.m->policies.count > 0)
        add_steps(&p);
}
