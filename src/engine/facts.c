/* One document → facts: workloads and what still stands against a level after the fixes, namespaces, and whatever may run pods
 * that nobody judged. When in doubt, something is unseen. */
#include "engine/engine.h"

#include <string.h>

static const oak_str none = { "", 0 };

size_t oak_line_of(struct oak_arena *arena, struct oak_source *source, size_t offset)
{
    if (source->line_count == 0)
        oak_source_init(arena, source->text, source);
    return oak_source_position(source, offset).line;
}

bool oak_is_namespace_name(oak_str name)
{
    bool is_name = name.len > 0 && name.len <= 63 && name.ptr[0] != '-' && name.ptr[name.len - 1] != '-';
    for (size_t i = 0; i < name.len && is_name; i++)
        is_name = memchr("abcdefghijklmnopqrstuvwxyz0123456789-", name.ptr[i], 37) != NULL;
    return is_name;
}

static bool has_action(oak_str text)
{
    size_t at;
    return text.len > 1 && (oak_str_find(text, 0, OAK_STR("{{"), &at) || oak_str_find(text, 0, OAK_STR("{%"), &at));
}

static oak_str subject_of(struct oak_arena *arena, const struct oak_target *o)
{
    const oak_str parts[] = { o->object_kind, OAK_STR(" '"), o->object_name, OAK_STR("'") };
    return o->object_name.len > 0 ? oak_arena_join(arena, parts, 4) : o->object_kind;
}

void oak_facts_add_unseen(struct oak_arena *arena, struct oak_obstacle what, oak_str namespace, struct oak_file_facts *out)
{
    struct oak_fact *const fact = oak_push(arena, &out->items);
    *fact = (struct oak_fact){ .kind = OAK_FACT_UNSEEN, .namespace = namespace };
    what.level = OAK_BASELINE;
    *oak_push(arena, &fact->obstacles) = what;
}

static void add_unseen_everywhere(struct oak_arena *arena, struct oak_obstacle what, struct oak_file_facts *out)
{
    oak_facts_add_unseen(arena, what, none, out);
    out->items.items[out->items.count - 1].is_everywhere = true;
}

/* ---- objects ---- */

static size_t line_of(const struct oak_gathering *g, uint32_t node)
{
    return oak_line_of(g->arena, g->source, g->before->index->nodes[node].body);
}

static struct oak_obstacle unseen_object(const struct oak_gathering *g, const struct oak_target *o, const char *reason)
{
    return (struct oak_obstacle){ .subject = subject_of(g->arena, o), .reason = oak_str_from(reason),
                                  .line = line_of(g, o->node) };
}

static bool is_inside(const struct oak_index *index, uint32_t node, uint32_t outer)
{
    while (node != 0 && node != outer)
        node = index->nodes[node].parent;
    return node != 0;
}

/* Findings by their object: the first of each, by its node, and which comes next; NOTHING ends it. A list may hold thousands of
 * objects. */
enum { NOTHING = UINT32_MAX };
struct by_object {
    const oak_findings *findings;
    uint32_t *first, *next;
};

struct judged {
    struct by_object left, known; /* after the fixes, before them */
    uint32_t *after;              /* the objects after the fixes, in their order */
    size_t after_count;
    bool *holds_pods;             /* by node, before the fixes: the object holds pods that were found */
    bool *holds_parts;            /* the same: of a merge patch */
    bool has_actions;             /* of templates, anywhere in the document */
};

static struct by_object sort_by_object(struct oak_arena *arena, const struct oak_index *index, const oak_findings *findings)
{
    struct by_object all = { .findings = findings };
    all.first = oak_list_room(arena, index->count, sizeof *all.first);
    all.next = oak_list_room(arena, findings->count, sizeof *all.next);
    for (size_t i = 0; i < index->count; i++)
        all.first[i] = NOTHING;
    for (size_t i = findings->count; i-- > 0;) {
        uint32_t *const first = &all.first[findings->items[i].target.object];
        all.next[i] = *first;
        *first = (uint32_t)i;
    }
    return all;
}

static void sort_objects(const struct oak_gathering *g, struct judged *j)
{
    const oak_targets *const before = &g->before->targets, *const after = &g->after->targets;
    j->holds_pods = oak_arena_alloc(g->arena, g->before->index->count * sizeof *j->holds_pods);
    j->after = oak_list_room(g->arena, after->count, sizeof *j->after);
    j->holds_parts = oak_arena_alloc(g->arena, g->before->index->count * sizeof *j->holds_parts);
    for (size_t i = 0; i < before->count; i++) {
        const struct oak_target *const t = &before->items[i];
        j->holds_pods[t->object] = j->holds_pods[t->object] || t->kind == OAK_POD;
        j->holds_parts[t->object] = j->holds_parts[t->object] || t->is_part;
    }
    for (size_t i = 0; i < after->count; i++)
        if (after->items[i].kind == OAK_OBJECT)
            j->after[j->after_count++] = after->items[i].node;
}

/* An object of an unknown kind may run pods where it stands, and in the namespaces that it names. */
static void add_named_namespaces(const struct oak_gathering *g, const struct oak_target *o)
{
    const struct oak_index *const index = g->before->index;
    const struct oak_obstacle what = unseen_object(g, o, "oakum does not know which pods this kind makes, and it names the namespace");
    /* What stands in it is numbered from it on. */
    for (uint32_t i = o->node; i < index->count && is_inside(index, i, o->node); i++) {
        const bool is_item = index->nodes[i].kind == OAK_SCALAR && index->nodes[i].name.len == 0;
        const oak_str key = index->nodes[is_item ? index->nodes[i].parent : i].name;
        oak_str name;
        if ((oak_str_ends(key, OAK_STR("amespace")) || oak_str_ends(key, OAK_STR("amespaces"))) &&
            oak_node_scalar(index, i, &name) && !oak_str_eq(name, o->namespace))
            oak_facts_add_unseen(g->arena, what, name, g->out);
    }
}

/* The group of a custom resource is a domain: what has no dot is built in, or the file of some other program. The core group may
 * hold anything: OpenShift once put its kinds there. */
static bool may_be_custom(oak_str group)
{
    return group.len == 0 || memchr(group.ptr, '.', group.len) != NULL;
}

/* Pods that a controller makes of the object, besides those that stand in it. */
static void add_others(const struct oak_gathering *g, const struct judged *j, const struct oak_target *o)
{
    const enum oak_pods pods = oak_objects_find(&g->run->objects, o->group, o->object_kind);
    if (!may_be_custom(o->group) || pods == OAK_PODS_NONE || (pods == OAK_PODS_WRITTEN && j->holds_pods[o->node]))
        return;
    if (pods == OAK_PODS_ELSEWHERE) {
        add_unseen_everywhere(g->arena, unseen_object(g, o, "deploys what is not written in it"), g->out);
        return;
    }
    oak_facts_add_unseen(g->arena, unseen_object(g, o, "oakum does not know which pods this kind makes"), o->namespace,
                         g->out);
    add_named_namespaces(g, o);
}

/* ---- workloads ---- */

/* What a template puts into these can't change what a pod may do. */
static bool is_harmless(const struct oak_index *index, uint32_t node)
{
    static const char *const keys[] = { "args", "command", "env", "image", "resources" };
    for (; node != 0; node = index->nodes[node].parent)
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (oak_str_eq(index->nodes[node].name, oak_str_from(keys[i])))
                return true;
    return false;
}

/* Is the node part of what a pod of the object is made of? With aliases, anything in the document may be. Of the metadata only
 * annotations say what a pod may do. */
static bool is_decisive(const struct oak_gathering *g, const struct oak_target *o, uint32_t node)
{
    const struct oak_index *const index = g->before->index;
    const oak_targets *const all = &g->before->targets;
    const uint32_t metadata = oak_node_get(index, o->node, OAK_STR("metadata"));
    if (metadata != 0 && is_inside(index, node, metadata) &&
        !is_inside(index, node, oak_node_get(index, metadata, OAK_STR("annotations"))))
        return false;
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].kind == OAK_POD && all->items[i].object == o->node &&
            (index->alias_count > 0 || is_inside(index, node, all->items[i].pod) ||
             is_inside(index, node, all->items[i].template)))
            return true;
    return false;
}

/* Inside the pod, in a string. */
uint32_t oak_action_in(const struct oak_gathering *g, const struct oak_target *o)
{
    const struct oak_index *const index = g->before->index;
    const bool is_anywhere = index->alias_count > 0; /* otherwise in the object, which is numbered from its node on */
    for (uint32_t i = is_anywhere ? 1 : o->node; i < index->count && (is_anywhere || is_inside(index, i, o->node)); i++)
        if ((has_action(index->nodes[i].value) || has_action(index->nodes[i].name)) && !is_harmless(index, i) &&
            is_decisive(g, o, i))
            return i;
    return 0;
}

/* Lines are those of the file as it is: a finding that stays was there before. An item that goes moves those behind it, so the
 * second look is for the same words about the same thing. */
static size_t line_before(const struct oak_gathering *g, const struct by_object *known, const struct oak_finding *f,
                          const struct oak_target *o)
{
    for (int look = 0; look < 2; look++)
        for (uint32_t i = known->first[o->node]; i != NOTHING; i = known->next[i]) {
            const struct oak_finding *const k = &known->findings->items[i];
            if (k->rule == f->rule && (look == 0 ? oak_route_eq(&k->route, &f->route) : oak_str_eq(k->subject, f->subject)))
                return oak_line_of(g->arena, g->source, k->span.start);
        }
    return line_of(g, o->node);
}

static bool is_told(const oak_obstacles *list, const struct oak_obstacle *what)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].line == what->line && list->items[i].level == what->level &&
            oak_str_eq(list->items[i].reason, what->reason))
            return true;
    return false;
}

/* `o` before the fixes, `node` the same object afterwards. */
static void add_workload(const struct oak_gathering *g, const struct judged *j, const struct oak_target *o, uint32_t node)
{
    const uint32_t action = j->has_actions ? oak_action_in(g, o) : 0;
    if (action != 0) {
        struct oak_obstacle what = unseen_object(g, o, "a template action stands where it decides");
        what.line = line_of(g, action);
        oak_facts_add_unseen(g->arena, what, o->namespace, g->out);
    }
    if (j->holds_parts[o->node])
        oak_facts_add_unseen(g->arena, unseen_object(g, o, "is a patch of a workload that is not written in it"), o->namespace, g->out);
    struct oak_fact *const fact = oak_push(g->arena, &g->out->items);
    *fact = (struct oak_fact){ .kind = OAK_FACT_WORKLOAD, .namespace = o->namespace };
    for (uint32_t i = j->left.first[node]; i != NOTHING; i = j->left.next[i]) {
        const struct oak_finding *const f = &j->left.findings->items[i];
        const struct oak_obstacle what = { .level = f->rule->level, .subject = subject_of(g->arena, o),
                                           .reason = f->rule->patch->id, .line = line_before(g, &j->known, f, o) };
        if (!is_told(&fact->obstacles, &what))
            *oak_push(g->arena, &fact->obstacles) = what;
    }
}

/* ---- namespaces ---- */

static oak_str scalar_of(const struct oak_gathering *g, const struct oak_target *o, const struct oak_field *field)
{
    oak_str text = none;
    const struct oak_path *const path = &field->path;
    const oak_node_list nodes = oak_path_find(g->arena, g->before->index, o->node, path);
    if (nodes.count > 0 && nodes.items[0] != 0)
        oak_node_scalar(g->before->index, nodes.items[0], &text);
    return text;
}

static bool is_about(const struct oak_rule *rule, const struct oak_target *o)
{
    for (size_t i = 0; i < rule->kinds.count; i++)
        if (oak_target_is(o, rule->kinds.items[i]))
            return true;
    return false;
}

/* What the rule that wants $enforce would change, and what it would leave beside it. */
static void read_labels(const struct oak_gathering *g, const struct oak_target *o, struct oak_fact *fact)
{
    for (size_t i = 0; i < g->run->active.count; i++) {
        const struct oak_rule *const rule = g->run->active.items[i].rule;
        if (!oak_str_eq(rule->option, OAK_STR("enforce")) || !is_about(rule, o))
            continue;
        fact->enforced = scalar_of(g, o, &rule->fields.items[0].field);
        for (size_t k = 0; k < rule->companions.count; k++) {
            const struct oak_clause *const beside = &rule->companions.items[k];
            const struct oak_value *const want = oak_run_value(g->arena, g->run, beside->value, NULL);
            const oak_str have = scalar_of(g, o, &beside->field);
            if (have.len > 0 && want != NULL && !oak_str_eq(have, want->text))
                fact->pinned = have;
        }
    }
}

static void add_namespace(const struct oak_gathering *g, const struct oak_target *o)
{
    struct oak_fact *const fact = oak_push(g->arena, &g->out->items);
    const size_t start = g->before->index->nodes[o->node].body;
    fact->kind = OAK_FACT_NAMESPACE;
    fact->namespace = o->object_name;
    fact->line = line_of(g, o->node);
    fact->column = oak_source_position(g->source, start).column_chars;
    read_labels(g, o, fact);
}

/* ---- documents ---- */

bool oak_has_actions(const struct oak_gathering *g)
{
    return has_action(oak_str_span(g->before->index->text, g->before->index->document));
}

oak_findings oak_observe(const struct oak_gathering *g, const struct oak_view *view)
{
    struct oak_run observing = *g->run;
    observing.active = g->run->observed;
    observing.others.count = 0;
    struct oak_checked c = { .arena = g->arena, .run = &observing, .views = view, .view_count = 1 };
    oak_check(&c);
    return c.findings;
}

static void add_object(const struct oak_gathering *g, const struct judged *j, const struct oak_target *o, size_t number)
{
    if (has_action(o->object_kind) || has_action(o->group))
        add_unseen_everywhere(g->arena, unseen_object(g, o, "a template action names the kind"), g->out);
    else if (oak_target_is(o, OAK_STR("Namespace")))
        add_namespace(g, o);
    else if (j->holds_pods[o->node])
        add_workload(g, j, o, number < j->after_count ? j->after[number] : 0);
    if (o->object_kind.len > 0)
        add_others(g, j, o);
}

void oak_facts_gather(const struct oak_gathering *g)
{
    const oak_findings left = oak_observe(g, g->after);
    const oak_findings known = g->after == g->before || left.count == 0 ? left : oak_observe(g, g->before);
    struct judged j = { .left = sort_by_object(g->arena, g->after->index, &left), .has_actions = oak_has_actions(g) };
    j.known = left.count > 0 ? sort_by_object(g->arena, g->before->index, &known) : j.left;
    sort_objects(g, &j);
    size_t number = 0;
    for (size_t i = 0; i < g->before->targets.count; i++)
        if (g->before->targets.items[i].kind == OAK_OBJECT)
            add_object(g, &j, &g->before->targets.items[i], number++);
}

/* A file that is all action, `{{ include "web" . }}`, names no kind. */
static bool starts_line_with_action(oak_str text)
{
    oak_str line;
    while (text.len > 0) {
        oak_str_cut(text, '\n', &line, &text);
        if (oak_str_starts(line, OAK_STR("{{")) || oak_str_starts(line, OAK_STR("{%")))
            return true;
    }
    return false;
}

void oak_facts_glance(struct oak_arena *arena, const struct oak_run *run, oak_span document, struct oak_source *source,
                      struct oak_file_facts *out)
{
    size_t at;
    struct oak_error err;
    const oak_str part = oak_str_span(source->text, document);
    if (!oak_str_find(part, 0, OAK_STR("kind"), &at) || !oak_str_find(part, 0, OAK_STR("apiVersion"), &at)) {
        if (starts_line_with_action(part))
            add_unseen_everywhere(arena, (struct oak_obstacle){ .reason = OAK_STR("a template") }, out);
        return;
    }
    struct oak_index *const index = oak_arena_alloc(arena, sizeof *index);
    if (!oak_text_check(part, &err) || !oak_index_parse(arena, source->text, document, index, &err)) {
        oak_facts_of_failure(arena, &err, out);
        return;
    }
    const struct oak_view view = oak_view_make(arena, run, index);
    if (view.targets.count > OAK_MAX_TARGETS)
        add_unseen_everywhere(arena, (struct oak_obstacle){ .reason = OAK_STR("too many objects in one document") }, out);
    oak_facts_gather(&(struct oak_gathering){ arena, run, &view, &view, source, out });
}

/* ---- files ---- */

void oak_facts_of_failure(struct oak_arena *arena, const struct oak_error *error, struct oak_file_facts *out)
{
    const oak_str reason =
        error->kind == OAK_TEMPLATE ? OAK_STR("a template") : oak_arena_str(arena, oak_str_from(error->text));
    *out = (struct oak_file_facts){ .path = out->path };
    add_unseen_everywhere(arena, (struct oak_obstacle){ .reason = reason }, out);
}

static oak_str base_name(oak_str path)
{
    for (size_t i = path.len; i-- > 0;)
        if (path.ptr[i] == '/')
            return oak_str_span(path, (oak_span){ i + 1, path.len });
    return path;
}

bool oak_is_kustomization(oak_str path)
{
    const oak_str name = base_name(path);
    return oak_str_eq(name, OAK_STR("kustomization.yaml")) || oak_str_eq(name, OAK_STR("kustomization.yml")) ||
           oak_str_eq(name, OAK_STR("Kustomization"));
}

void oak_facts_of_name(struct oak_arena *arena, oak_str path, oak_str text, struct oak_file_facts *out)
{
    static const struct {
        const char *name, *reason;
    } others[] = {
        { "Chart.yaml", "a Helm chart" }, { "helmfile.yaml", "a list of Helm charts" },
    };
    struct oak_error err = { .text = "" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (oak_str_eq(base_name(path), oak_str_from(others[i].name)))
            add_unseen_everywhere(arena, (struct oak_obstacle){ .reason = oak_str_from(others[i].reason) }, out);
    if (!oak_is_kustomization(path))
        return;
    out->kustomization = oak_kustomization_read(arena, path, text, &err);
    if (out->kustomization == NULL && err.text[0] != '\0')
        oak_facts_of_failure(arena, &err, out);
}

bool oak_facts_has_namespace(const struct oak_file_facts *file)
{
    for (size_t i = 0; i < file->items.count; i++)
        if (file->items.items[i].kind == OAK_FACT_NAMESPACE)
            return true;
    return false;
}
