/* Collects the facts of all files and judges the policies among them. */
#include "engine/migrate.h"

#include "engine/engine.h"

#include <string.h>

const char *oak_mapping_name(enum oak_mapping mapping)
{
    return mapping == OAK_MAPPING_STRICT ? "strict" : "lenient";
}

bool oak_rule_counts(const struct oak_rule *rule, enum oak_mapping mapping)
{
    return rule->level != OAK_PROFILE_NONE && (mapping == OAK_MAPPING_STRICT || rule->choice.len == 0);
}

bool oak_grant_counts(const struct oak_grant *grant)
{
    return grant->person.len == 0;
}

bool oak_grant_covers(const struct oak_grant *grant, oak_str namespace)
{
    return oak_grant_counts(grant) && (grant->is_everywhere || oak_str_eq(grant->namespace, namespace));
}

/* ---- setting up ---- */

static struct oak_names names_of(const struct oak_migration *m, bool all)
{
    struct oak_names names = { .count = 0 };
    for (size_t i = 0; i < m->patches->items.count; i++) {
        const oak_rules *const rules = &m->patches->items.items[i]->rules;
        for (size_t k = 0; k < rules->count; k++)
            for (size_t n = 0; n < rules->items[k].kinds.count; n++)
                oak_names_add(m->arena, &names, rules->items[k].kinds.items[n]);
    }
    for (size_t i = 0; i < oak_rbac_kind_count && all; i++)
        oak_names_add(m->arena, &names, oak_rbac_kinds[i]);
    for (size_t i = 0; i < m->run.kinds.count && all; i++)
        *oak_push(m->arena, &names) = (struct oak_name){ m->run.kinds.items[i].kind, m->run.kinds.items[i].group };
    oak_names_sort(&names);
    return names;
}

/* Rules that write, which are those of the labels, have a run of their own later. */
static bool writes(const struct oak_rule *rule)
{
    return rule->fields.items[0].action != OAK_ACT_NONE;
}

bool oak_migration_init(struct oak_arena *arena, const struct oak_patches *patches,
                        const struct oak_migration_options *options, struct oak_migration *out, struct oak_error *err)
{
    *out = (struct oak_migration){ .arena = arena, .patches = patches, .options = *options };
    struct oak_options *const o = &out->everything;
    o->profile = OAK_HARDENED;
    o->kube_minor = options->kube_minor;
    o->select = oak_arena_alloc(arena, (patches->items.count + 1) * sizeof *o->select);
    for (size_t i = 0; i < patches->items.count; i++)
        if (!writes(&patches->items.items[i]->rules.items[0]))
            o->select[o->select_count++] = patches->items.items[i]->id;
    if (!oak_run_init(arena, patches, o, &out->run, err))
        return false;
    out->wanted = names_of(out, true);
    out->subjects = names_of(out, false);
    return true;
}

/* ---- files ---- */

bool oak_migration_matters(struct oak_arena *scratch, const struct oak_migration *m, oak_str text)
{
    const oak_documents documents = oak_split(scratch, text);
    for (size_t i = 0; i < documents.count; i++)
        if (!documents.items[i].is_empty && oak_document_matters(text, documents.items[i].span, &m->wanted))
            return true;
    return false;
}

static void refuse(struct oak_migration *m, size_t file, const struct oak_error *err, bool is_minor)
{
    *oak_push(m->arena, &m->refusals) = (struct oak_refusal){ file, *err, is_minor };
}

/* The first scalar at or below `node` that holds a template action; 0 if there is none. */
static uint32_t template_below(const struct oak_index *index, uint32_t node)
{
    /* Nodes stand in the order of the text: what follows the next sibling is not below. */
    const size_t end = index->nodes[node].next != 0 ? index->nodes[node].next : index->count;
    for (uint32_t i = node; i < end; i++) {
        uint32_t up = i;
        while (up != node && up != 0)
            up = index->nodes[up].parent;
        if (up == node && oak_node_is_templated(index, i))
            return i;
    }
    return 0;
}

static bool is_one_of(const struct oak_target *t, const oak_str *kinds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (oak_target_is(t, kinds[i]))
            return true;
    return false;
}

/* Is the object of a kind that rules of the migration are about: those that write, or those that judge? */
static bool is_subject(const struct oak_migration *m, const struct oak_target *t, bool of_writing)
{
    for (size_t i = 0; i < m->patches->items.count; i++) {
        const oak_rules *const rules = &m->patches->items.items[i]->rules;
        for (size_t k = 0; k < rules->count; k++)
            if (writes(&rules->items[k]) == of_writing &&
                is_one_of(t, rules->items[k].kinds.items, rules->items[k].kinds.count))
                return true;
    }
    return false;
}

/* A document of a file, and the findings of all its policies. */
struct document {
    size_t file;
    const struct oak_index *index;
    oak_findings findings;
    bool is_checked;
};

static void check(struct oak_migration *m, struct document *d, const oak_targets *targets)
{
    const struct oak_view view = { .index = d->index, .targets = *targets };
    struct oak_checked c = { .arena = m->arena, .run = &m->run, .views = &view, .view_count = 1 };
    if (d->is_checked)
        return;
    oak_check(&c);
    d->findings = c.findings;
    d->is_checked = true;
}

static enum oak_profile level_of(const oak_findings *findings, enum oak_mapping mapping)
{
    enum oak_profile level = OAK_RESTRICTED;
    for (size_t i = 0; i < findings->count; i++) {
        const struct oak_rule *const rule = findings->items[i].rule;
        if (!oak_rule_counts(rule, mapping))
            continue;
        const enum oak_profile below = rule->level == OAK_BASELINE ? OAK_PROFILE_NONE : OAK_BASELINE;
        level = below < level ? below : level;
    }
    return level;
}

static void add_policy(struct oak_migration *m, struct document *d, const oak_targets *targets,
                       const struct oak_target *t)
{
    struct oak_policy *const policy = oak_arena_alloc(m->arena, sizeof *policy);
    check(m, d, targets);
    policy->object = (struct oak_object){ d->file, d->index, t };
    for (size_t i = 0; i < d->findings.count; i++)
        if (d->findings.items[i].target.object == t->object)
            *oak_push(m->arena, &policy->findings) = d->findings.items[i];
    for (int i = 0; i < OAK_MAPPINGS; i++)
        policy->levels[i] = level_of(&policy->findings, (enum oak_mapping)i);
    *oak_push(m->arena, &m->policies) = policy;
}

/* What a template makes of a name or of a policy can't be known. */
static bool is_usable(struct oak_migration *m, const struct document *d, const struct oak_target *t, bool is_judged)
{
    const uint32_t metadata = oak_node_get(d->index, t->object, OAK_STR("metadata"));
    const uint32_t found = is_judged ? template_below(d->index, t->object)
                                     : metadata != 0 ? template_below(d->index, oak_node_real(d->index, metadata)) : 0;
    struct oak_error err;
    if (found == 0)
        return true;
    oak_fail(&err, OAK_TEMPLATE, d->index->nodes[found].span, "%.*s '%.*s' holds a template action: render it first",
             (int)t->object_kind.len, t->object_kind.ptr, (int)t->object_name.len, t->object_name.ptr);
    refuse(m, d->file, &err, t->kind == OAK_POD);
    return false;
}

static void add_target(struct oak_migration *m, struct document *d, const oak_targets *targets, const struct oak_target *t)
{
    const struct oak_object object = { d->file, d->index, t };
    if (t->kind == OAK_POD) {
        if (is_usable(m, d, t, false))
            *oak_push(m->arena, &m->pods) = (struct oak_kept_pod){ object, targets };
        return;
    }
    if (t->kind != OAK_OBJECT)
        return;
    const bool is_policy = is_subject(m, t, false), is_rbac = is_one_of(t, oak_rbac_kinds, oak_rbac_kind_count);
    if ((is_policy || is_rbac) && !is_usable(m, d, t, true))
        return;
    if (is_policy)
        add_policy(m, d, targets, t);
    if (is_rbac)
        *oak_push(m->arena, &m->rbac) = object;
    if (is_subject(m, t, true) && is_usable(m, d, t, false)) {
        *oak_push(m->arena, &m->spaces) = object;
        m->files.items[d->file].has_namespace = true;
    }
}

/* Does the document name a resource that is granted? */
static bool grants(const struct oak_migration *m, oak_str text, oak_span document)
{
    size_t at;
    for (size_t i = 0; i < m->patches->items.count; i++) {
        const struct oak_patch *const patch = m->patches->items.items[i];
        for (size_t k = 0; k < patch->granted_resources.count; k++) {
            oak_str group, name;
            oak_str_cut(patch->granted_resources.items[k], '/', &group, &name);
            if (oak_str_find(oak_str_span(text, document), 0, name, &at))
                return true;
        }
    }
    return false;
}

static bool add_document(struct oak_migration *m, size_t file, oak_str text, oak_span span, struct oak_error *err)
{
    struct oak_index *const index = oak_arena_alloc(m->arena, sizeof *index);
    oak_targets *const targets = oak_arena_alloc(m->arena, sizeof *targets);
    if (!oak_index_parse(m->arena, text, span, index, err))
        return false;
    const uint32_t duplicate = oak_index_duplicate(index);
    if (duplicate != 0) {
        const struct oak_node *const n = &index->nodes[duplicate];
        return oak_fail(err, OAK_SYNTAX, n->key, "key '%.*s' stands twice in one mapping", (int)n->name.len, n->name.ptr);
    }
    *targets = oak_targets_find(m->arena, index, &m->run.kinds);
    if (targets->count > OAK_MAX_TARGETS)
        return oak_fail(err, OAK_SYNTAX, span, "more than %d objects and containers in one document", OAK_MAX_TARGETS);
    struct document d = { .file = file, .index = index };
    for (size_t i = 0; i < targets->count; i++)
        add_target(m, &d, targets, &targets->items[i]);
    return true;
}

void oak_migration_add(struct oak_migration *m, oak_str path, oak_str text)
{
    const size_t file = m->files.count;
    struct oak_migration_file *const f = oak_push(m->arena, &m->files);
    struct oak_error err;
    *f = (struct oak_migration_file){ .path = path, .text = text };
    oak_source_init(m->arena, text, &f->source);
    if (!oak_text_check(text, &err)) {
        refuse(m, file, &err, false);
        return;
    }
    const oak_documents documents = oak_split(m->arena, text);
    for (size_t i = 0; i < documents.count; i++) {
        const struct oak_document *const d = &documents.items[i];
        if (d->is_empty || !oak_document_matters(text, d->span, &m->wanted) ||
            add_document(m, file, text, d->span, &err))
            continue;
        refuse(m, file, &err, !oak_document_matters(text, d->span, &m->subjects) && !grants(m, text, d->span));
    }
}

/* ---- all files ---- */

static bool same_grant(const struct oak_grant *a, const struct oak_grant *b)
{
    return a->binding.target == b->binding.target && a->is_everywhere == b->is_everywhere &&
           oak_str_eq(a->namespace, b->namespace) && oak_str_eq(a->service_account, b->service_account) &&
           oak_str_eq(a->person, b->person);
}

static void add_grant(struct oak_migration *m, struct oak_policy *policy, const struct oak_grant *grant)
{
    if (grant->object_name.len > 0 && !oak_str_eq(grant->object_name, policy->object.target->object_name))
        return;
    for (size_t i = 0; i < policy->grants.count; i++)
        if (same_grant(&policy->grants.items[i], grant))
            return;
    *oak_push(m->arena, &policy->grants) = *grant;
}

static void find_grants(struct oak_migration *m, const struct oak_patch *patch)
{
    const struct oak_permission permission = { patch->granted_verb, patch->granted_resources.items,
                                               patch->granted_resources.count };
    const oak_grants grants = oak_rbac_grants(m->arena, &m->rbac, &permission);
    for (size_t i = 0; i < grants.count; i++)
        for (size_t k = 0; k < m->policies.count; k++)
            add_grant(m, m->policies.items[k], &grants.items[i]);
}

/* By name; those of one name in the order of their files. */
static void sort_policies(struct oak_migration *m)
{
    for (size_t i = 1; i < m->policies.count; i++)
        for (size_t k = i; k > 0; k--) {
            struct oak_policy **const pair = &m->policies.items[k - 1];
            if (oak_str_cmp(pair[0]->object.target->object_name, pair[1]->object.target->object_name) <= 0)
                break;
            struct oak_policy *const moved = pair[0];
            pair[0] = pair[1];
            pair[1] = moved;
        }
}

bool oak_migration_finish(struct oak_migration *m, struct oak_error *err)
{
    sort_policies(m);
    for (size_t i = 0; i < m->patches->items.count; i++)
        if (m->patches->items.items[i]->granted_verb.len > 0)
            find_grants(m, m->patches->items.items[i]);
    for (size_t i = 0; i < m->policies.count; i++)
        oak_migration_find_defaults(m, m->policies.items[i]);
    return oak_migration_find_namespaces(m, err);
}
