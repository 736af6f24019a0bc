/* Counting over files. */
#include "output/output.h"

size_t *oak_totals_of(const struct oak_totals *totals, const struct oak_patches *patches, const struct oak_patch *patch)
{
    size_t i = 0;
    while (i < patches->items.count && patches->items.items[i] != patch)
        i++;
    return &totals->by_patch[i * OAK_OUTCOMES];
}

void oak_totals_init(struct oak_arena *arena, const struct oak_patches *patches, struct oak_totals *out)
{
    *out = (struct oak_totals){ .by_patch = NULL };
    out->by_patch = oak_arena_alloc(arena, (patches->items.count + 1) * OAK_OUTCOMES * sizeof(size_t));
    out->risks = oak_arena_alloc(arena, (patches->items.count + 1) * sizeof(size_t));
}

void oak_totals_add(struct oak_totals *totals, const struct oak_patches *patches, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    totals->files++;
    totals->manifests += r->is_manifest;
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
        size_t *const of_patch = oak_totals_of(totals, patches, f->rule->patch);
        of_patch[outcome]++;
        totals->risks[(size_t)(of_patch - totals->by_patch) / OAK_OUTCOMES] += f->outcome == OAK_FIXED && f->rule->tier >= OAK_RISKY;
    }
}

size_t oak_totals_left(const struct oak_totals *totals)
{
    size_t left = totals->templates;
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        left += i == OAK_FIXED || i == OAK_IGNORED ? 0 : totals->by_outcome[i];
    return left;
}
