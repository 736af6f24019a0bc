/* The pages about patches. */
#include "output/output.h"

#include "output/look.h"

enum { PAGE_WIDTH = 88 };

void oak_text_wrapped(struct oak_buf *out, const char *indent, oak_str text)
{
    const size_t width = oak_columns(out) < PAGE_WIDTH ? oak_columns(out) : PAGE_WIDTH;
    size_t column = 0;
    while (text.len > 0) {
        oak_str word, line;
        oak_str_cut(text, '\n', &line, &text);
        while (line.len > 0) {
            oak_str_cut(line, ' ', &word, &line);
            if (word.len == 0)
                continue;
            if (column > 0 && column + word.len + 1 > width) {
                oak_buf_add(out, OAK_STR("\n"));
                column = 0;
            }
            oak_buf_add(out, column == 0 ? oak_str_from(indent) : OAK_STR(" "));
            oak_text_visible(out, word);
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
        oak_ink_add(out, OAK_INK_BOLD, p->id);
        oak_buf_fill(out, ' ', p->id.len < 23 ? 24 - p->id.len : 1);
        oak_buf_addf(out, "%-10s %-7s ", oak_profile_name(rule->profile), oak_tier_name(rule->tier));
        oak_text_visible(out, p->title);
        oak_buf_add(out, OAK_STR("\n"));
    }
}

static const char *how_it_goes(enum oak_action action)
{
    switch (action) {
    case OAK_ACT_NONE:
        return "needs a person";
    case OAK_ACT_REMOVE_ITEM:
        return "goes with its item";
    case OAK_ACT_REMOVE_TARGET:
        return "goes with all that holds it";
    default:
        return "goes";
    }
}

/* Do both change the same, the second in the versions that follow those of the first? Where it applies may differ. */
static bool goes_on(const struct oak_rule *first, const struct oak_rule *second)
{
    bool is_same = first->until > 0 && first->until == second->since && first->target == second->target &&
                   first->profile == second->profile && first->tier == second->tier && first->fields.count == second->fields.count &&
                   first->companions.count == 0 && second->companions.count == 0;
    for (size_t i = 0; is_same && i < first->fields.count; i++) {
        const struct oak_clause *const a = &first->fields.items[i], *const b = &second->fields.items[i];
        is_same = oak_str_eq(a->field.text, b->field.text) && a->action == b->action && (a->value == NULL) == (b->value == NULL) &&
                  (a->value == NULL || oak_value_eq(a->value, b->value));
    }
    return is_same;
}

/* The rule of the same patch in which this one goes on, or that goes on in it; NULL if there is none. */
static const struct oak_rule *continuation(const struct oak_patch *p, const struct oak_rule *rule, bool is_later)
{
    for (size_t i = 0; i < p->rules.count; i++)
        if (is_later ? goes_on(rule, &p->rules.items[i]) : goes_on(&p->rules.items[i], rule))
            return &p->rules.items[i];
    return NULL;
}

/* `last`: the rule with whose versions it ends. */
static void explain_rule(struct oak_buf *out, const struct oak_rule *rule, const struct oak_rule *last)
{
    for (size_t i = 0; i < rule->fields.count; i++) {
        const struct oak_clause *const clause = &rule->fields.items[i];
        oak_buf_addf(out, "  %s: %.*s", oak_target_kind_name(rule->target), (int)clause->field.text.len,
                     clause->field.text.ptr);
        if (clause->value != NULL) {
            const oak_str value = oak_value_print(out->arena, clause->value);
            oak_buf_addf(out, " %s %.*s", clause->action == OAK_ACT_APPEND ? "gets" : "becomes", (int)value.len, value.ptr);
        } else {
            oak_buf_addf(out, " %s", how_it_goes(clause->action));
        }
        oak_buf_addf(out, " (%s, %s", oak_profile_name(rule->profile), oak_tier_name(rule->tier));
        if (rule->since > 0)
            oak_buf_addf(out, ", since 1.%u", rule->since);
        if (last->until > 0)
            oak_buf_addf(out, ", before 1.%u", last->until);
        oak_buf_add(out, OAK_STR(")\n"));
    }
    for (size_t i = 0; i < rule->companions.count; i++) {
        const oak_str field = rule->companions.items[i].field.text;
        oak_buf_addf(out, "    together with %.*s\n", (int)field.len, field.ptr);
    }
}

static const oak_reasons *of_held(const struct oak_rule *rule)
{
    return &rule->held;
}

static const oak_reasons *of_doubts(const struct oak_rule *rule)
{
    return &rule->doubts;
}

static void add_heading(struct oak_buf *out, const char *title)
{
    oak_buf_add(out, OAK_STR("\n"));
    oak_ink_add(out, OAK_INK_BOLD, oak_str_from(title));
    oak_buf_add(out, OAK_STR("\n"));
}

/* The reasons of all rules, each once. */
static void add_reasons(struct oak_buf *out, const char *title, const struct oak_patch *p,
                        const oak_reasons *(*reasons_of)(const struct oak_rule *))
{
    OAK_LIST(oak_str) said = { 0 };
    for (size_t r = 0; r < p->rules.count; r++) {
        const oak_reasons *const reasons = reasons_of(&p->rules.items[r]);
        for (size_t i = 0; i < reasons->count; i++) {
            const oak_str because = reasons->items[i].because;
            bool is_said = false;
            for (size_t k = 0; k < said.count; k++)
                is_said = is_said || oak_str_eq(said.items[k], because);
            if (is_said)
                continue;
            if (said.count == 0)
                add_heading(out, title);
            *oak_push(out->arena, &said) = because;
            oak_text_wrapped(out, "  ", because);
        }
    }
}

static void add_section(struct oak_buf *out, const char *title, oak_str words)
{
    if (words.len == 0)
        return;
    add_heading(out, title);
    oak_text_wrapped(out, "  ", words);
}

/* Lines of a diff that are about files and places, coloured or not. */
static bool is_frame(oak_str line)
{
    static const char *const starts[] = { "--- ", "+++ ", "@@ " };
    if (oak_str_starts(line, OAK_STR("\033[")))
        oak_str_cut(line, 'm', &(oak_str){ NULL, 0 }, &line);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (oak_str_starts(line, oak_str_from(starts[i])))
            return true;
    return false;
}

/* The example as a diff, or as findings where there is nothing to edit. */
static void add_example(struct oak_buf *out, const struct oak_report *example)
{
    struct oak_buf page;
    oak_buf_init(&page, out->arena);
    page.look = out->look;
    oak_diff(&page, example);
    if (page.len == 0)
        oak_text_findings(&page, example);
    if (page.len == 0)
        return;
    add_heading(out, "Example");
    oak_str line, rest = oak_buf_str(&page);
    while (rest.len > 0) {
        oak_str_cut(rest, '\n', &line, &rest);
        if (!is_frame(line))
            oak_buf_addf(out, "  %.*s\n", (int)line.len, line.ptr);
    }
}

void oak_text_explain(struct oak_buf *out, const struct oak_patch *p, const struct oak_report *example)
{
    oak_ink_add(out, OAK_INK_BOLD, p->id);
    oak_buf_add(out, OAK_STR(": "));
    oak_text_visible(out, p->title);
    oak_buf_add(out, OAK_STR("\n"));
    add_heading(out, "What changes");
    for (size_t i = 0; i < p->rules.count; i++) {
        const struct oak_rule *const rule = &p->rules.items[i], *last = rule, *later;
        while ((later = continuation(p, last, true)) != NULL)
            last = later;
        if (continuation(p, rule, false) == NULL)
            explain_rule(out, rule, last);
    }
    if (example != NULL)
        add_example(out, example);
    add_section(out, "Why", p->why);
    add_section(out, "What may break", p->breaks);
    add_section(out, "Note", p->note);
    add_reasons(out, "Held back when", p, of_held);
    add_reasons(out, "Look twice when", p, of_doubts);
    if (p->references.count > 0)
        add_heading(out, "Known elsewhere as");
    for (size_t i = 0; i < p->references.count; i++)
        oak_buf_addf(out, "  %-12.*s %.*s\n", (int)p->references.items[i].system.len, p->references.items[i].system.ptr,
                     (int)p->references.items[i].id.len, p->references.items[i].id.ptr);
}
