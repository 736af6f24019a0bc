/* The pages about patches. */
#include "output/output.h"

void oak_text_wrapped(struct oak_buf *out, const char *indent, oak_str text)
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

static void add_section(struct oak_buf *out, const char *title, oak_str words)
{
    if (words.len == 0)
        return;
    oak_buf_addf(out, "\n%s\n", title);
    oak_text_wrapped(out, "  ", words);
}

/* The example as a diff, or as findings where there is nothing to edit. */
static void add_example(struct oak_buf *out, const struct oak_report *example)
{
    struct oak_buf page;
    oak_buf_init(&page, out->arena);
    oak_diff(&page, example);
    if (page.len == 0)
        oak_text_findings(&page, example);
    if (page.len == 0)
        return;
    oak_buf_add(out, OAK_STR("\nExample\n"));
    oak_str line, rest = oak_buf_str(&page);
    while (rest.len > 0) {
        oak_str_cut(rest, '\n', &line, &rest);
        if (!oak_str_starts(line, OAK_STR("--- ")) && !oak_str_starts(line, OAK_STR("+++ ")) &&
            !oak_str_starts(line, OAK_STR("@@ ")))
            oak_buf_addf(out, "  %.*s\n", (int)line.len, line.ptr);
    }
}

void oak_text_explain(struct oak_buf *out, const struct oak_patch *p, const struct oak_report *example)
{
    oak_buf_addf(out, "%.*s: %.*s\n\nWhat changes\n", (int)p->id.len, p->id.ptr, (int)p->title.len, p->title.ptr);
    for (size_t i = 0; i < p->rules.count; i++)
        explain_rule(out, &p->rules.items[i]);
    if (example != NULL)
        add_example(out, example);
    add_section(out, "Why", p->why);
    add_section(out, "What may break", p->breaks);
    add_section(out, "Note", p->note);
    const oak_reasons *const held = &p->rules.items[0].held;
    if (held->count > 0)
        oak_buf_add(out, OAK_STR("\nHeld back when\n"));
    for (size_t i = 0; i < held->count; i++)
        oak_text_wrapped(out, "  ", held->items[i].because);
    if (p->references.count > 0)
        oak_buf_add(out, OAK_STR("\nKnown elsewhere as\n"));
    for (size_t i = 0; i < p->references.count; i++)
        oak_buf_addf(out, "  %-12.*s %.*s\n", (int)p->references.items[i].system.len, p->references.items[i].system.ptr,
                     (int)p->references.items[i].id.len, p->references.items[i].id.ptr);
}
