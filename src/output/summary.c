/* The closing words, and the pages about patches. */
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

/* Words of a patch in lines of a readable length. */
static void add_wrapped(struct oak_buf *out, const char *indent, oak_str text)
{
    size_t column = 0;
    while (text.len > 0) {
        oak_str word, line;
        oak_str_cut(text, '\n', &line, &text);
        while (line.len > 0) {
            oak_str_cut(line, ' ', &word, &line);
            if (word.len == 0)
                continue;
            if (column + word.len + 1 > 88) {
                oak_buf_add(out, OAK_STR("\n"));
                column = 0;
            }
            oak_buf_addf(out, "%s%.*s", column == 0 ? indent : " ", (int)word.len, word.ptr);
            column += word.len + 1;
        }
    }
    oak_buf_add(out, OAK_STR("\n"));
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
            add_wrapped(out, "      ", patch->breaks);
        }
        if (patch->note.len > 0)
            add_wrapped(out, "    ", patch->note);
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
    if (findings == 0 && totals->errors == 0) {
        oak_buf_add(out, OAK_STR(": nothing to fix"));
    } else if (findings > 0) {
        oak_buf_addf(out, ": %zu finding%s: ", findings, plural(findings));
        add_counts(out, totals->by_outcome);
    }
    if (view == OAK_VIEW_FIX)
        oak_buf_addf(out, "; %zu file%s rewritten", totals->changed, plural(totals->changed));
    if (totals->templates > 0)
        oak_buf_addf(out, "; %zu template%s left alone", totals->templates, plural(totals->templates));
    if (totals->errors > 0)
        oak_buf_addf(out, "; %zu error%s", totals->errors, plural(totals->errors));
    oak_buf_add(out, OAK_STR("\n"));
    if (view != OAK_VIEW_FIX && totals->changed > 0)
        oak_buf_addf(out, "'oakum fix' would rewrite %zu file%s\n", totals->changed, plural(totals->changed));
    if (totals->by_outcome[OAK_HELD] > 0)
        oak_buf_add(out, OAK_STR("held: the manifest shows that the change would break it; --force ID or --fix=all "
                                 "does it all the same\n"));
}

void oak_text_patches(struct oak_buf *out, const struct oak_patches *patches)
{
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const p = patches->items.items[i];
        const struct oak_rule *const rule = &p->rules.items[0];
        oak_buf_addf(out, "%-22.*s %-10s %-7s %.*s\n", (int)p->id.len, p->id.ptr, oak_profile_name(rule->profile),
                     oak_tier_name(rule->tier), (int)p->title.len, p->title.ptr);
    }
}

static void explain_rule(struct oak_buf *out, const struct oak_rule *rule)
{
    for (size_t i = 0; i < rule->fields.count; i++) {
        const struct oak_clause *const clause = &rule->fields.items[i];
        oak_buf_addf(out, "  %s: %.*s", oak_target_kind_name(rule->target), (int)clause->field.text.len,
                     clause->field.text.ptr);
        if (clause->value != NULL) {
            const oak_str value = oak_value_print(out->arena, clause->value);
            oak_buf_addf(out, " becomes %.*s", (int)value.len, value.ptr);
        } else {
            oak_buf_addf(out, " %s", clause->action == OAK_ACT_NONE ? "needs a person" : "goes");
        }
        oak_buf_addf(out, " (%s, %s)\n", oak_profile_name(rule->profile), oak_tier_name(rule->tier));
    }
    for (size_t i = 0; i < rule->companions.count; i++) {
        const oak_str field = rule->companions.items[i].field.text;
        oak_buf_addf(out, "    together with %.*s\n", (int)field.len, field.ptr);
    }
}

void oak_text_explain(struct oak_buf *out, const struct oak_patch *p)
{
    oak_buf_addf(out, "%.*s: %.*s\n\nWhat changes\n", (int)p->id.len, p->id.ptr, (int)p->title.len, p->title.ptr);
    for (size_t i = 0; i < p->rules.count; i++)
        explain_rule(out, &p->rules.items[i]);
    oak_buf_add(out, OAK_STR("\nWhy\n"));
    add_wrapped(out, "  ", p->why);
    if (p->breaks.len > 0) {
        oak_buf_add(out, OAK_STR("\nWhat may break\n"));
        add_wrapped(out, "  ", p->breaks);
    }
    if (p->note.len > 0) {
        oak_buf_add(out, OAK_STR("\nNote\n"));
        add_wrapped(out, "  ", p->note);
    }
    const oak_reasons *const held = &p->rules.items[0].held;
    if (held->count > 0)
        oak_buf_add(out, OAK_STR("\nHeld back when\n"));
    for (size_t i = 0; i < held->count; i++)
        add_wrapped(out, "  ", held->items[i].because);
    if (p->references.count > 0)
        oak_buf_add(out, OAK_STR("\nKnown elsewhere as\n"));
    for (size_t i = 0; i < p->references.count; i++)
        oak_buf_addf(out, "  %-12.*s %.*s\n", (int)p->references.items[i].system.len, p->references.items[i].system.ptr,
                     (int)p->references.items[i].id.len, p->references.items[i].id.ptr);
}
