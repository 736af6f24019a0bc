/* The closing words. */
#include "output/output.h"

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
        oak_buf_addf(out, "%s%zu %s", first ? "" : ", ", by_outcome[i], oak_outcome_name((enum oak_outcome)i));
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

static bool is_risky(const struct oak_patch *patch)
{
    for (size_t i = 0; i < patch->rules.count; i++)
        if (patch->rules.items[i].tier == OAK_RISKY)
            return true;
    return false;
}

static void add_patch_lines(struct oak_buf *out, const struct oak_totals *totals, const struct oak_patches *patches,
                            enum oak_command_view view)
{
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const patch = patches->items.items[i];
        const size_t *const counts = &totals->by_patch[i * OAK_OUTCOMES];
        if (sum(counts) == 0)
            continue;
        oak_buf_addf(out, "  %-22.*s ", (int)patch->id.len, patch->id.ptr);
        add_counts(out, counts);
        oak_buf_add(out, OAK_STR("\n"));
        const size_t done = counts[view == OAK_VIEW_FIX ? OAK_FIXED : OAK_OPEN];
        if (done > 0 && is_risky(patch) && patch->breaks.len > 0) {
            oak_buf_add(out, OAK_STR("    may break:\n"));
            oak_text_wrapped(out, "      ", patch->breaks);
        }
        if (patch->note.len > 0)
            oak_text_wrapped(out, "    ", patch->note);
    }
}

void oak_text_summary(struct oak_buf *out, const struct oak_totals *totals, const struct oak_patches *patches,
                      enum oak_command_view view)
{
    const size_t findings = sum(totals->by_outcome);
    if (findings > 0) {
        oak_buf_add(out, OAK_STR("\n"));
        add_patch_lines(out, totals, patches, view);
        oak_buf_add(out, OAK_STR("\n"));
    }
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
    if (totals->errors > 0)
        oak_buf_addf(out, "; %zu error%s", totals->errors, plural(totals->errors));
    oak_buf_add(out, OAK_STR("\n"));
    if (view != OAK_VIEW_FIX && totals->changed > 0)
        oak_buf_addf(out, "'oakum fix' would rewrite %zu file%s\n", totals->changed, plural(totals->changed));
    if (totals->by_outcome[OAK_HELD] > 0)
        oak_buf_add(out, OAK_STR("held: the manifest shows that the change would break it; --force ID or --fix=all "
                                 "does it all the same\n"));
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
