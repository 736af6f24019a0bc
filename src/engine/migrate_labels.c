/* Namespaces: which policies apply there, the level that follows, and the labels. The labels are written by an ordinary run:
 * each rule of the label patches becomes one rule for each level, bound to the namespaces that have it. */
#include "engine/migrate.h"

static oak_str level_name(enum oak_profile level)
{
    return level == OAK_PROFILE_NONE ? OAK_STR("privileged") : oak_str_from(oak_profile_name(level));
}

/* ---- which namespaces there are ---- */

static void add_name(struct oak_migration *m, oak_str name)
{
    for (size_t i = 0; i < m->namespaces.count; i++)
        if (oak_str_eq(m->namespaces.items[i].name, name))
            return;
    oak_push(m->arena, &m->namespaces)->name = name;
}

static void collect_names(struct oak_migration *m)
{
    for (size_t i = 0; i < m->spaces.count; i++)
        add_name(m, m->spaces.items[i].target->object_name);
    for (size_t i = 0; i < m->pods.count; i++)
        if (m->pods.items[i].object.target->namespace.len > 0)
            add_name(m, m->pods.items[i].object.target->namespace);
    for (size_t i = 0; i < m->policies.count; i++)
        for (size_t k = 0; k < m->policies.items[i]->grants.count; k++) {
            const struct oak_grant *const g = &m->policies.items[i]->grants.items[k];
            if (oak_grant_counts(g) && !g->is_everywhere)
                add_name(m, g->namespace);
        }
}

static void sort_names(struct oak_migration *m)
{
    for (size_t i = 1; i < m->namespaces.count; i++)
        for (size_t k = i; k > 0; k--) {
            struct oak_policed_namespace *const pair = &m->namespaces.items[k - 1];
            if (oak_str_cmp(pair[0].name, pair[1].name) <= 0)
                break;
            const struct oak_policed_namespace moved = pair[0];
            pair[0] = pair[1];
            pair[1] = moved;
        }
}

/* ---- which level they have ---- */

static bool applies(const struct oak_policy *policy, const struct oak_policed_namespace *n)
{
    for (size_t i = 0; i < policy->grants.count; i++) {
        const struct oak_grant *const g = &policy->grants.items[i];
        if (n->is_rest ? oak_grant_counts(g) && g->is_everywhere : oak_grant_covers(g, n->name))
            return true;
    }
    return false;
}

/* A pod may use any of the policies that apply: the level is that of the one that allows most. */
static void find_level(struct oak_migration *m, struct oak_policed_namespace *n)
{
    n->level = OAK_RESTRICTED;
    for (size_t i = 0; i < m->policies.count; i++) {
        const struct oak_policy *const policy = m->policies.items[i];
        const enum oak_profile level = policy->levels[m->options.mapping];
        if (level > n->level || !applies(policy, n))
            continue;
        if (level < n->level)
            n->policies.count = 0;
        n->level = level;
        *oak_push(m->arena, &n->policies) = policy;
    }
}

/* ---- labels ---- */

static oak_str key_of(const struct oak_clause *clause)
{
    return clause->field.path.steps[clause->field.path.count - 1].key;
}

static oak_str text_of(const struct oak_migration *m, const struct oak_clause *clause, enum oak_profile level)
{
    if (oak_str_eq(clause->value->text, OAK_STR("$level")))
        return level_name(level);
    if (oak_str_eq(clause->value->text, OAK_STR("$version")))
        return m->run.version;
    return clause->value->text;
}

static bool is_wanted(const struct oak_migration *m, const struct oak_rule *rule, enum oak_profile level)
{
    const enum oak_action action = rule->fields.items[0].action;
    return (action == OAK_ACT_SET || action == OAK_ACT_DEFAULT) && level >= rule->level &&
           (rule->tier == OAK_SAFE || m->options.has_enforce);
}

/* For people who label with kubectl. */
static oak_labels find_labels(struct oak_migration *m, enum oak_profile level)
{
    oak_labels labels = { 0 };
    for (size_t i = 0; i < m->patches->items.count; i++) {
        const oak_rules *const rules = &m->patches->items.items[i]->rules;
        for (size_t k = 0; k < rules->count; k++) {
            const struct oak_rule *const rule = &rules->items[k];
            if (!is_wanted(m, rule, level))
                continue;
            for (size_t f = 0; f < rule->fields.count + rule->companions.count; f++) {
                const struct oak_clause *const clause =
                    f < rule->fields.count ? &rule->fields.items[f] : &rule->companions.items[f - rule->fields.count];
                if (clause->value != NULL && clause->field.path.count > 0)
                    *oak_push(m->arena, &labels) = (struct oak_labelled){ key_of(clause), text_of(m, clause, level) };
            }
        }
    }
    return labels;
}

/* ---- the run that writes them ---- */

static const struct oak_value *literal(struct oak_arena *arena, oak_str text)
{
    struct oak_value *const value = oak_arena_alloc(arena, sizeof *value);
    *value = (struct oak_value){ .kind = OAK_SCALAR, .type = OAK_TYPE_STRING, .text = text };
    return value;
}

/* Holds for the namespaces of this level that are among the files. False if there are none. */
static bool find_members(struct oak_migration *m, enum oak_profile level, struct oak_term *term, struct oak_error *err)
{
    if (!oak_path_parse(m->arena, OAK_STR("metadata.name"), &term->field.path, err))
        return false;
    for (size_t i = 0; i < m->namespaces.count; i++) {
        const struct oak_policed_namespace *const n = &m->namespaces.items[i];
        if (n->level == level && n->objects.count > 0)
            *oak_push(m->arena, &term->matches) =
                (struct oak_match){ .kind = OAK_MATCH_VALUE, .value = literal(m->arena, n->name) };
    }
    return true;
}

static void add_rule(struct oak_migration *m, struct oak_patch *patch, const struct oak_rule *from,
                     enum oak_profile level, const struct oak_term *members)
{
    struct oak_rule *const rule = oak_push(m->arena, &patch->rules);
    *rule = *from;
    rule->patch = patch;
    rule->profile = OAK_BASELINE;
    rule->option = OAK_STR("");
    rule->fields = (oak_clauses){ 0 };
    for (size_t i = 0; i < from->fields.count; i++) {
        struct oak_clause *const clause = oak_push(m->arena, &rule->fields);
        *clause = from->fields.items[i];
        clause->value = literal(m->arena, text_of(m, clause, level));
    }
    rule->when = (struct oak_condition){ .groups = { 0 } };
    for (size_t i = 0; i < from->when.groups.count || i == 0; i++) {
        oak_terms *const group = oak_push(m->arena, &rule->when.groups);
        for (size_t k = 0; i < from->when.groups.count && k < from->when.groups.items[i].count; k++)
            *oak_push(m->arena, group) = from->when.groups.items[i].items[k];
        *oak_push(m->arena, group) = *members;
    }
}

static bool add_level(struct oak_migration *m, const struct oak_patch *from, enum oak_profile level,
                      struct oak_error *err)
{
    struct oak_patch *const patch = oak_arena_alloc(m->arena, sizeof *patch);
    struct oak_term members = { .matches = { 0 } };
    if (!find_members(m, level, &members, err))
        return false;
    *patch = *from;
    patch->rules = (oak_rules){ 0 };
    for (size_t i = 0; i < from->rules.count && members.matches.count > 0; i++)
        if (is_wanted(m, &from->rules.items[i], level))
            add_rule(m, patch, &from->rules.items[i], level, &members);
    if (patch->rules.count > 0)
        *oak_push(m->arena, &m->label_patches.items) = patch;
    return true;
}

static bool make_label_run(struct oak_migration *m, struct oak_error *err)
{
    static const enum oak_profile levels[] = { OAK_PROFILE_NONE, OAK_BASELINE, OAK_RESTRICTED };
    for (size_t i = 0; i < m->patches->items.count; i++)
        for (size_t k = 0; k < sizeof levels / sizeof *levels; k++)
            if (!add_level(m, m->patches->items.items[i], levels[k], err))
                return false;
    m->label_options.profile = OAK_BASELINE;
    m->label_options.kube_minor = m->options.kube_minor;
    m->label_options.wants_fixes = true;
    return oak_run_init(m->arena, &m->label_patches, &m->label_options, &m->label_run, err);
}

void oak_migration_label(struct oak_arena *arena, const struct oak_migration *m, size_t file, struct oak_result *out)
{
    oak_pass(arena, &m->label_run, m->files.items[file].text, out);
}

bool oak_migration_find_namespaces(struct oak_migration *m, struct oak_error *err)
{
    collect_names(m);
    sort_names(m);
    oak_push(m->arena, &m->namespaces)->is_rest = true;
    size_t kept = 0;
    for (size_t i = 0; i < m->namespaces.count; i++) {
        struct oak_policed_namespace n = m->namespaces.items[i];
        find_level(m, &n);
        if (n.policies.count == 0)
            continue;
        for (size_t k = 0; k < m->spaces.count && !n.is_rest; k++)
            if (oak_str_eq(m->spaces.items[k].target->object_name, n.name))
                *oak_push(m->arena, &n.objects) = m->spaces.items[k];
        n.labels = find_labels(m, n.level);
        m->namespaces.items[kept++] = n;
    }
    m->namespaces.count = kept;
    for (size_t i = 0; i < m->policies.count; i++)
        m->policies.items[i]->labels = find_labels(m, m->policies.items[i]->levels[m->options.mapping]);
    return make_label_run(m, err);
}
