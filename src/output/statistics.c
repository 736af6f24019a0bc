/* A table by patch: how often, and what became of it. */
#include "output/output.h"

#include "output/look.h"

#include <stdlib.h>

struct row {
    const struct oak_patch *patch;
    const size_t *counts; /* by outcome */
    size_t sum, number;
};

/* The most frequent first; else in the order of the patches. */
static int compare_rows(const void *left, const void *right)
{
    const struct row *const a = left, *const b = right;
    if (a->sum != b->sum)
        return a->sum < b->sum ? 1 : -1;
    return a->number < b->number ? -1 : 1;
}

static size_t collect(const struct oak_totals *totals, const struct oak_patches *patches, struct row *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < patches->items.count; i++) {
        struct row row = { .patch = patches->items.items[i], .counts = &totals->by_patch[i * OAK_OUTCOMES], .number = i };
        for (size_t k = 0; k < OAK_OUTCOMES; k++)
            row.sum += row.counts[k];
        if (row.sum > 0)
            rows[count++] = row;
    }
    if (count > 1)
        qsort(rows, count, sizeof *rows, compare_rows);
    return count;
}

enum { COLUMN = 9 }; /* a blank, and a number or the name of an outcome */

static void add_cell(struct oak_buf *out, enum oak_ink ink, oak_str text)
{
    oak_buf_fill(out, ' ', text.len < COLUMN ? COLUMN - text.len : 1);
    oak_ink_add(out, ink, text);
}

void oak_text_statistics(struct oak_buf *out, const struct oak_totals *totals, const struct oak_patches *patches)
{
    struct row *const rows = oak_arena_alloc(out->arena, (patches->items.count + 1) * sizeof *rows);
    const size_t count = collect(totals, patches, rows);
    for (size_t k = 0; k < OAK_OUTCOMES && count > 0; k++)
        if (totals->by_outcome[k] > 0)
            add_cell(out, oak_ink_of((enum oak_outcome)k), oak_str_from(oak_outcome_name((enum oak_outcome)k)));
    oak_buf_add(out, count > 0 ? OAK_STR("  patch\n") : OAK_STR(""));
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < OAK_OUTCOMES; k++)
            if (totals->by_outcome[k] > 0)
                add_cell(out, OAK_INK_PLAIN, oak_arena_printf(out->arena, "%zu", rows[i].counts[k]));
        oak_buf_add(out, OAK_STR("  "));
        oak_ink_add(out, OAK_INK_BOLD, rows[i].patch->id);
        oak_buf_add(out, OAK_STR("\n"));
    }
}
