/* The closing words. */
#include "output/output.h"

#include "output/look.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void add_counts(struct oak_buf *out, const size_t *by_outcome)
{
    bool first = true;
    for (size_t i = 0; i < OAK_OUTCOMES; i++) {
        if (by_outcome[i] == 0)
            continue;
        oak_buf_addf(out, "%s%zu ", first ? "" : ", ", by_outcome[i]);
        oak_ink_add(out, oak_ink_of((enum oak_outcome)i), oak_str_from(oak_outcome_name((enum oak_outcome)i)));
        first = false;
    }
}

static size_t sum(const size_t *by_outcome)
{
    size_t total = 0;
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        total += by_outcome[i];
    return total;
}

/* ---- all about each patch, for -v ---- */

static void add_patch_lines(struct oak_buf *out, const struct oak_totals *totals, const struct oak_patches *patches)
{
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const patch = patches->items.items[i];
        const size_t *const counts = &totals->by_patch[i * OAK_OUTCOMES];
        if (sum(counts) == 0)
            continue;
        oak_buf_add(out, OAK_STR("  "));
        oak_ink_add(out, OAK_INK_BOLD, patch->id);
        oak_buf_fill(out, ' ', patch->id.len < 23 ? 23 - patch->id.len : 1);
        add_counts(out, counts);
        oak_buf_add(out, OAK_STR("\n"));
        if (totals->risks[i] > 0 && patch->breaks.len > 0) {
            oak_buf_add(out, OAK_STR("    may break:\n"));
            oak_text_wrapped(out, "      ", patch->breaks);
        }
        if (patch->note.len > 0)
            oak_text_wrapped(out, "    ", patch->note);
    }
    oak_buf_add(out, OAK_STR("\n"));
}

/* ---- one line for each thing to know ---- */

static void add_id(struct oak_buf *ids, const char *separator, const struct oak_patch *patch)
{
    oak_buf_addf(ids, "%s%.*s", ids->len > 0 ? separator : "", (int)patch->id.len, patch->id.ptr);
}

/* What may break is a page for each patch: here, which pages. */
static void add_risks(struct oak_buf *out, const struct oak_totals *totals, const struct oak_patches *patches)
{
    struct oak_buf risky, known;
    oak_buf_init(&risky, out->arena);
    oak_buf_init(&known, out->arena);
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const patch = patches->items.items[i];
        if (totals->risks[i] > 0 && patch->breaks.len > 0)
            add_id(&risky, ", ", patch);
        else if (sum(&totals->by_patch[i * OAK_OUTCOMES]) > 0 && patch->note.len > 0)
            add_id(&known, " ", patch);
    }
    if (risky.len > 0) {
        oak_ink_add(out, OAK_INK_PERSON, OAK_STR("may stop a workload"));
        oak_buf_add(out, OAK_STR(": "));
        oak_buf_add(&risky, OAK_STR("; 'oakum explain ID' says what to check"));
        oak_text_flow(out, 21, "  ", oak_buf_str(&risky));
        oak_buf_add(out, OAK_STR("\n"));
    }
    if (known.len > 0) {
        oak_text_flow(out, 0, "  ", oak_arena_printf(out->arena, "see also 'oakum explain %.*s'", (int)known.len, known.ptr));
        oak_buf_add(out, OAK_STR("\n"));
    }
}

void oak_text_counts(struct oak_buf *out, const struct oak_totals *totals, enum oak_command_view view)
{
    const size_t findings = sum(totals->by_outcome);
    if (totals->are_objects)
        oak_buf_addf(out, "%zu object%s", totals->files, plural(totals->files));
    else
        oak_buf_addf(out, "%zu manifest%s in %zu file%s", totals->manifests, plural(totals->manifests), totals->files,
                     plural(totals->files));
    if (findings == 0 && totals->errors + totals->templates == 0) {
        oak_buf_add(out, OAK_STR(": nothing to fix"));
    } else if (findings > 0) {
        oak_buf_addf(out, ": %zu finding%s: ", findings, plural(findings));
        add_counts(out, totals->by_outcome);
    }
    if (view == OAK_VIEW_FIX)
        oak_buf_addf(out, "; %zu file%s rewritten", totals->changed, plural(totals->changed));
    if (totals->templates > 0)
        oak_buf_addf(out, "; %zu template%s left alone", totals->templates, plural(totals->templates));
    if (totals->unread > 0)
        oak_buf_addf(out, "; %zu place%s not looked into", totals->unread, plural(totals->unread));
    if (totals->errors > 0) {
        oak_buf_add(out, OAK_STR("; "));
        oak_ink_add(out, OAK_INK_BAD, oak_arena_printf(out->arena, "%zu error%s", totals->errors, plural(totals->errors)));
    }
}

void oak_text_summary(struct oak_buf *out, const struct oak_totals *totals, const struct oak_patches *patches,
                      enum oak_command_view view, enum oak_loudness loudness)
{
    if (loudness == OAK_QUIET)
        return;
    if (sum(totals->by_outcome) > 0)
        oak_buf_add(out, OAK_STR("\n"));
    if (sum(totals->by_outcome) > 0 && loudness == OAK_VERBOSE)
        add_patch_lines(out, totals, patches);
    oak_text_counts(out, totals, view);
    oak_buf_add(out, OAK_STR("\n"));
    if (totals->are_objects && totals->changed > 0)
        oak_buf_addf(out, "%zu object%s would change: 'oakum diff TYPE/NAME -o patch' prints what 'kubectl patch' takes\n",
                     totals->changed, plural(totals->changed));
    else if (view != OAK_VIEW_FIX && totals->changed > 0)
        oak_buf_addf(out, "'oakum fix' would rewrite %zu file%s\n", totals->changed, plural(totals->changed));
    if (loudness != OAK_VERBOSE)
        add_risks(out, totals, patches);
    if (totals->by_outcome[OAK_HELD] > 0) {
        oak_ink_add(out, OAK_INK_PERSON, OAK_STR("held"));
        oak_buf_add(out, OAK_STR(": "));
        oak_text_flow(out, 6, "  ", OAK_STR("the manifest shows that the change would break it; --force ID or --fix=all "
                                            "does it all the same"));
        oak_buf_add(out, OAK_STR("\n"));
    }
}

void oak_text_outcomes(struct oak_buf *out, const struct oak_totals *totals)
{
    if (sum(totals->by_outcome) == 0)
        return;
    add_counts(out, totals->by_outcome);
    oak_buf_add(out, OAK_STR("\n"));
}

void oak_text_unmet(struct oak_buf *out, const struct oak_run *run, const struct oak_totals *totals,
                    const struct oak_facts *facts)
{
    for (size_t i = 0; i < run->active.count; i++) {
        const struct oak_rule *const rule = run->active.items[i].rule;
        const size_t *const counts = oak_totals_of(totals, run->patches, rule->patch);
        if (rule->expects_kind.len > 0 && counts[OAK_FIXED] + counts[OAK_OPEN] > 0 && !oak_facts_is_met(facts, rule))
            oak_buf_addf(out, "%.*s: %.*s\n", (int)rule->patch->id.len, rule->patch->id.ptr,
                         (int)rule->expects_otherwise.len, rule->expects_otherwise.ptr);
    }
}
