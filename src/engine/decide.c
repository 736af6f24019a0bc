/* All facts → which level each namespace can enforce. Small: who may run in it, what the worst of them meets. */
#include "engine/engine.h"

#include <stddef.h>
#include <stdlib.h>

/* ---- copying: facts outlive their file, and there are as many as workloads: nothing is kept twice ---- */

static oak_str keep(const struct oak_facts *facts, oak_str text)
{
    return text.len > 0 ? oak_arena_str(facts->arena, text) : OAK_STR("");
}

static oak_obstacles keep_obstacles(const struct oak_facts *facts, oak_str path, const oak_obstacles *list)
{
    oak_obstacles kept = { .count = list->count, .capacity = list->count };
    kept.items = list->count > 0 ? oak_arena_alloc(facts->arena, list->count * sizeof *kept.items) : NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct oak_obstacle *const from = &list->items[i];
        struct oak_obstacle *const to = &kept.items[i];
        const bool is_same = i > 0 && oak_str_eq(from->subject, to[-1].subject);
        *to = *from;
        to->subject = is_same ? to[-1].subject : keep(facts, from->subject);
        to->reason = i > 0 && oak_str_eq(from->reason, to[-1].reason) ? to[-1].reason : keep(facts, from->reason);
        to->file = path;
    }
    return kept;
}

static struct oak_fact keep_fact(const struct oak_facts *facts, oak_str path, const struct oak_fact *fact)
{
    struct oak_fact kept = *fact;
    kept.namespace = keep(facts, fact->namespace);
    kept.enforced = keep(facts, fact->enforced);
    kept.pinned = keep(facts, fact->pinned);
    kept.obstacles = keep_obstacles(facts, path, &fact->obstacles);
    return kept;
}

static const struct oak_kustomization *keep_kustomization(const struct oak_facts *facts, const struct oak_kustomization *k)
{
    struct oak_kustomization *const kept = oak_arena_alloc(facts->arena, sizeof *kept);
    kept->namespace = keep(facts, k->namespace);
    kept->unseen = keep(facts, k->unseen);
    kept->line = k->line;
    for (size_t i = 0; i < k->resources.count; i++)
        *oak_push(facts->arena, &kept->resources) = keep(facts, k->resources.items[i]);
    return kept;
}

void oak_facts_add(struct oak_facts *facts, oak_str path, const struct oak_file_facts *file)
{
    struct oak_file_facts *const kept = oak_push(facts->arena, &facts->files);
    kept->path = keep(facts, path);
    kept->items.count = kept->items.capacity = file->items.count;
    if (file->items.count > 0)
        kept->items.items = oak_arena_alloc(facts->arena, file->items.count * sizeof *file->items.items);
    for (size_t i = 0; i < file->items.count; i++)
        kept->items.items[i] = keep_fact(facts, kept->path, &file->items.items[i]);
    if (file->kustomization != NULL)
        kept->kustomization = keep_kustomization(facts, file->kustomization);
}

void oak_facts_add_met(struct oak_facts *facts, const struct oak_rule *rule)
{
    if (!oak_facts_is_met(facts, rule))
        *oak_push(facts->arena, &facts->met) = rule;
}

bool oak_facts_is_met(const struct oak_facts *facts, const struct oak_rule *rule)
{
    for (size_t i = 0; i < facts->met.count; i++)
        if (facts->met.items[i] == rule)
            return true;
    return false;
}

/* ---- who may run where ---- */

struct member {
    oak_str namespace;
    const struct oak_fact *fact;
    size_t number;      /* of the fact */
    bool is_everywhere; /* it is among those that may run anywhere, too */
};
typedef OAK_LIST(struct member) members;

/* Some of many obstacles. */
struct named {
    const struct oak_obstacle *items[OAK_MAX_OBSTACLES];
    size_t count; /* of all */
};

/* What is known of those who may run in a namespace. */
struct tally {
    bool has_workload;
    struct named unseen, baseline, restricted; /* by what they stand against: any level, the lower, the higher one */
};

/* The fact, or verdict, of this number. */
struct named_fact {
    oak_str name;
    size_t number;
};

struct decider {
    struct oak_arena *arena;
    const struct oak_facts *facts;
    struct oak_built built;
    members somewhere;      /* sorted by namespace, then as they came */
    struct tally anywhere;  /* of those that may run in any namespace */
    size_t *last_counted;   /* by number of the fact: for which namespace, so that none is counted twice */
    size_t fact_count, namespace_count;
    OAK_LIST(struct named_fact) pinned; /* of the file at hand, those that pin a version, by name */
};

static void name(struct named *list, const struct oak_obstacle *obstacle)
{
    if (list->count < OAK_MAX_OBSTACLES)
        list->items[list->count] = obstacle;
    list->count++;
}

static void count(struct tally *t, const struct oak_fact *fact)
{
    t->has_workload = t->has_workload || fact->kind == OAK_FACT_WORKLOAD;
    for (size_t i = 0; i < fact->obstacles.count; i++) {
        const struct oak_obstacle *const o = &fact->obstacles.items[i];
        name(fact->kind == OAK_FACT_UNSEEN ? &t->unseen : o->level == OAK_BASELINE ? &t->baseline : &t->restricted, o);
    }
}

static int by_namespace(const void *a, const void *b)
{
    const struct member *const x = a, *const y = b;
    const int order = oak_str_cmp(x->namespace, y->namespace);
    return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

/* Where a thing of a file may go: where it says, and where kustomizations put it. What says nothing, and that no kustomization
 * puts anywhere, goes wherever somebody applies it. */
static void join_all(struct decider *d, size_t file, const struct oak_fact *fact)
{
    const struct oak_places *const places = &d->built.places[file];
    const bool says = oak_is_namespace_name(fact->namespace);
    struct member m = { .fact = fact, .number = d->fact_count++ };
    m.is_everywhere = fact->is_everywhere || (!says && (!places->is_reached || places->is_as_is));
    if (m.is_everywhere)
        count(&d->anywhere, fact);
    for (size_t i = 0; i < places->namespaces.count + says; i++) {
        m.namespace = i < places->namespaces.count ? places->namespaces.items[i] : fact->namespace;
        *oak_push(d->arena, &d->somewhere) = m;
    }
}

/* What a kustomization does that nobody follows, or names that nobody sees. */
static void join_kustomization(struct decider *d, size_t file)
{
    const struct oak_file_facts *const f = &d->facts->files.items[file];
    const oak_str missing = d->built.missing[file];
    const bool is_seen = f->kustomization->unseen.len == 0;
    if (is_seen && missing.len == 0)
        return;
    struct oak_fact *const fact = oak_arena_alloc(d->arena, sizeof *fact);
    fact->kind = OAK_FACT_UNSEEN;
    *oak_push(d->arena, &fact->obstacles) = (struct oak_obstacle){
        .level = OAK_BASELINE, .file = f->path, .line = is_seen ? 0 : f->kustomization->line,
        .reason = is_seen ? oak_arena_printf(d->arena, "'%.*s' is not among the files", (int)missing.len, missing.ptr)
                          : oak_arena_printf(d->arena, "oakum does not follow '%.*s' of kustomize",
                                             (int)f->kustomization->unseen.len, f->kustomization->unseen.ptr),
    };
    join_all(d, file, fact);
}

static void find_members(struct decider *d)
{
    for (size_t i = 0; i < d->facts->files.count; i++) {
        const struct oak_file_facts *const file = &d->facts->files.items[i];
        for (size_t k = 0; k < file->items.count; k++)
            if (file->items.items[k].kind != OAK_FACT_NAMESPACE)
                join_all(d, i, &file->items.items[k]);
        if (file->kustomization != NULL)
            join_kustomization(d, i);
    }
    if (d->somewhere.count > 1)
        qsort(d->somewhere.items, d->somewhere.count, sizeof *d->somewhere.items, by_namespace);
}

/* The first member of a namespace. */
static size_t first_of(const members *list, oak_str namespace)
{
    return oak_str_lower_bound(list->items, list->count, sizeof *list->items, offsetof(struct member, namespace), namespace);
}

/* ---- one Namespace ---- */

static void count_members(struct decider *d, struct tally *t, oak_str namespace)
{
    for (size_t i = first_of(&d->somewhere, namespace);
         i < d->somewhere.count && oak_str_eq(d->somewhere.items[i].namespace, namespace); i++) {
        const struct member *const m = &d->somewhere.items[i];
        t->has_workload = t->has_workload || m->fact->kind == OAK_FACT_WORKLOAD;
        if (m->is_everywhere || d->last_counted[m->number] == d->namespace_count)
            continue;
        d->last_counted[m->number] = d->namespace_count;
        count(t, m->fact);
    }
}

static void name_all(struct named *list, const struct named *more)
{
    for (size_t i = 0; i < more->count && i < OAK_MAX_OBSTACLES; i++)
        name(list, more->items[i]);
    if (more->count > OAK_MAX_OBSTACLES)
        list->count += more->count - OAK_MAX_OBSTACLES;
}

static struct tally tally_of(struct decider *d, size_t file, oak_str namespace)
{
    struct tally t = { .has_workload = false };
    const struct oak_places *const places = &d->built.places[file];
    d->namespace_count++;
    count_members(d, &t, namespace);
    /* The namespace of a kustomization is also the new name of a Namespace that it builds. */
    for (size_t i = 0; i < places->namespaces.count; i++)
        count_members(d, &t, places->namespaces.items[i]);
    /* Where kubectl puts what says nothing. */
    if (oak_str_eq(namespace, OAK_STR("default")))
        t.has_workload = t.has_workload || d->anywhere.has_workload;
    name_all(&t.unseen, &d->anywhere.unseen);
    name_all(&t.baseline, &d->anywhere.baseline);
    name_all(&t.restricted, &d->anywhere.restricted);
    return t;
}

static int by_name(const void *a, const void *b)
{
    const struct named_fact *const x = a, *const y = b;
    const int order = oak_str_cmp(x->name, y->name);
    return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

static void find_pinned(struct decider *d, const struct oak_file_facts *file)
{
    d->pinned.count = 0;
    for (size_t i = 0; i < file->items.count; i++)
        if (file->items.items[i].kind == OAK_FACT_NAMESPACE && file->items.items[i].pinned.len > 0)
            *oak_push(d->arena, &d->pinned) = (struct named_fact){ file->items.items[i].namespace, i };
    if (d->pinned.count > 1)
        qsort(d->pinned.items, d->pinned.count, sizeof *d->pinned.items, by_name);
}

/* Of equal names in one file, one may pin a version: the label's rule knows them by name only. */
static oak_str pinned_version(const struct decider *d, size_t file, oak_str name)
{
    const size_t at = oak_str_lower_bound(d->pinned.items, d->pinned.count, sizeof *d->pinned.items,
                                          offsetof(struct named_fact, name), name);
    if (at == d->pinned.count || !oak_str_eq(d->pinned.items[at].name, name))
        return OAK_STR("");
    return d->facts->files.items[file].items.items[d->pinned.items[at].number].pinned;
}

static oak_str why_not(struct decider *d, size_t file, oak_str name, const struct tally *t)
{
    const oak_str pinned = pinned_version(d, file, name);
    if (!oak_is_namespace_name(name))
        return OAK_STR("it has no name that could be looked for");
    if (oak_str_starts(name, OAK_STR("kube-")))
        return OAK_STR("the cluster's own pods run there");
    if (t->unseen.count > 0)
        return OAK_STR("not everything that may run there can be seen");
    if (!t->has_workload)
        return OAK_STR("none of its workloads is among the files");
    if (t->baseline.count > 0)
        return OAK_STR("its workloads do not even meet baseline");
    if (pinned.len > 0)
        return oak_arena_printf(d->arena, "it is bound to the rules of '%.*s', and these were judged by others: see "
                                "--kube-version", (int)pinned.len, pinned.ptr);
    return OAK_STR("");
}

static void tell_obstacles(struct decider *d, const struct tally *t, struct oak_verdict *v)
{
    const struct named *const list = t->unseen.count > 0 ? &t->unseen : t->baseline.count > 0 ? &t->baseline : &t->restricted;
    v->against = t->unseen.count > 0 ? OAK_PROFILE_NONE : t->baseline.count > 0 ? OAK_BASELINE : OAK_RESTRICTED;
    v->obstacle_count = list->count < OAK_MAX_OBSTACLES ? list->count : OAK_MAX_OBSTACLES;
    v->more = list->count - v->obstacle_count;
    v->obstacles = oak_arena_alloc(d->arena, (v->obstacle_count + 1) * sizeof *v->obstacles);
    for (size_t i = 0; i < v->obstacle_count; i++)
        v->obstacles[i] = list->items[i];
}

static struct oak_verdict decide(struct decider *d, size_t file, const struct oak_fact *n)
{
    const struct tally t = tally_of(d, file, n->namespace);
    struct oak_verdict v = { .file = file, .name = n->namespace, .line = n->line, .column = n->column,
                             .enforced = n->enforced };
    v.reason = why_not(d, file, n->namespace, &t);
    if (v.reason.len == 0)
        v.level = t.restricted.count > 0 ? OAK_BASELINE : OAK_RESTRICTED;
    tell_obstacles(d, &t, &v);
    return v;
}

static void sort_verdicts(struct oak_arena *arena, struct oak_verdict *verdicts, size_t count)
{
    struct named_fact *const names = oak_list_room(arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = (struct named_fact){ verdicts[i].name, i };
    if (count > 1)
        qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++)
        verdicts[i].sorted = names[i].number;
}

static void decide_file(struct decider *d, size_t file, oak_verdicts *out)
{
    const struct oak_file_facts *const f = &d->facts->files.items[file];
    const size_t first = out->count;
    find_pinned(d, f);
    for (size_t i = 0; i < f->items.count; i++)
        if (f->items.items[i].kind == OAK_FACT_NAMESPACE)
            *oak_push(d->arena, out) = decide(d, file, &f->items.items[i]);
    if (out->count > first)
        sort_verdicts(d->arena, &out->items[first], out->count - first);
}

oak_verdicts oak_facts_decide(struct oak_arena *arena, const struct oak_facts *facts)
{
    struct decider d = { .arena = arena, .facts = facts, .built = oak_kustomize(arena, facts) };
    oak_verdicts verdicts = { 0 };
    find_members(&d);
    d.last_counted = oak_arena_alloc(arena, (d.fact_count + 1) * sizeof *d.last_counted);
    for (size_t i = 0; i < facts->files.count; i++)
        decide_file(&d, i, &verdicts);
    return verdicts;
}

const struct oak_verdict *oak_verdict_find(const struct oak_verdict *verdicts, size_t count, oak_str name)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (oak_str_cmp(verdicts[verdicts[middle].sorted].name, name) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct oak_verdict *const last = low > 0 ? &verdicts[verdicts[low - 1].sorted] : NULL;
    return last != NULL && oak_str_eq(last->name, name) ? last : NULL;
}
