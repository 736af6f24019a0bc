/* Counting over files. */
#include "output/output.h"

#include <string.h>

size_t *oak_totals_of(const struct oak_totals *totals, const struct oak_patches *patches, const struct oak_patch *patch)
{
    size_t i = 0;
    while (i < patches->items.count && patches->items.items[i] != patch)
        i++;
    return &totals->by_patch[i * OAK_OUTCOMES];
}

void oak_totals_init(struct oak_arena *arena, const struct oak_patches *patches, struct oak_totals *out)
{
    *out = (struct oak_totals){ .arena = arena };
    out->by_patch = oak_arena_alloc(arena, (patches->items.count + 1) * OAK_OUTCOMES * sizeof(size_t));
    out->risks = oak_arena_alloc(arena, (patches->items.count + 1) * sizeof(size_t));
}

/* Made when it is first asked for. */
static struct oak_namespace_totals *namespace_of(struct oak_totals *totals, oak_str name)
{
    const size_t at = oak_str_lower_bound(totals->namespaces.items, totals->namespaces.count,
                                          sizeof *totals->namespaces.items, offsetof(struct oak_namespace_totals, name), name);
    if (at < totals->namespaces.count && oak_str_eq(totals->namespaces.items[at].name, name))
        return &totals->namespaces.items[at];
    oak_push(totals->arena, &totals->namespaces);
    struct oak_namespace_totals *const made = &totals->namespaces.items[at];
    memmove(made + 1, made, (totals->namespaces.count - 1 - at) * sizeof *made);
    *made = (struct oak_namespace_totals){ .name = oak_arena_str(totals->arena, name) };
    return made;
}

static void add_standings(struct oak_totals *totals, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    for (size_t i = 0; i < r->standings.count; i++) {
        const struct oak_standing *const s = &r->standings.items[i];
        if (s->has_pods && s->is_known)
            namespace_of(totals, s->namespace)->moves[s->before][s->after]++;
        else if (s->has_pods)
            namespace_of(totals, s->namespace)->unknown++;
    }
    for (size_t i = 0; i < r->findings.count && r->standings.count > 0; i++) {
        const struct oak_finding *const f = &r->findings.items[i];
        const oak_str name = r->standings.items[f->standing].namespace;
        namespace_of(totals, name)->by_outcome[oak_outcome_for(report->view, f)]++;
    }
}

void oak_totals_add(struct oak_totals *totals, const struct oak_patches *patches, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    totals->files++;
    totals->manifests += r->manifests;
    totals->changed += r->edits.count > 0;
    totals->unread += r->unread.count;
    if (r->failed && r->error.kind == OAK_TEMPLATE)
        totals->templates++;
    else
        totals->errors += report->io_error != NULL || r->failed;
    for (size_t i = 0; i < r->findings.count; i++) {
        const struct oak_finding *const f = &r->findings.items[i];
        const enum oak_outcome outcome = oak_outcome_for(report->view, f);
        totals->by_outcome[outcome]++;
        totals->by_tier[f->rule->tier][outcome]++;
        size_t *const of_patch = oak_totals_of(totals, patches, f->rule->patch);
        of_patch[outcome]++;
        totals->risks[(size_t)(of_patch - totals->by_patch) / OAK_OUTCOMES] += f->outcome == OAK_FIXED && f->rule->tier >= OAK_RISKY;
    }
    add_standings(totals, report);
}

size_t oak_totals_left(const struct oak_totals *totals)
{
    size_t left = totals->templates;
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        left += i == OAK_FIXED || i == OAK_IGNORED ? 0 : totals->by_outcome[i];
    return left;
}
