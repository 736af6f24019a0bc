/* What a person sees who is asked about a finding. Short: it is read many times in a row, perhaps at night. */
#include "output/question.h"

#include "output/look.h"

#include <string.h>

enum { LONG_LINE = 240, AROUND = 60 };

/* ---- words ---- */

/* "      = why: …" in lines of a readable length. What a manifest says may be in it. */
static void add_remark(struct oak_buf *out, const char *word, oak_str text)
{
    struct oak_buf line;
    oak_buf_init(&line, out->arena);
    oak_buf_addf(&line, "= %s: ", word);
    oak_text_visible(&line, text);
    oak_text_wrapped(out, "      ", oak_buf_str(&line));
}

static oak_str first_sentence(oak_str text)
{
    size_t end;
    text = oak_str_trim(text);
    return oak_str_find(text, 0, OAK_STR(". "), &end) ? oak_str_span(text, (oak_span){ 0, end + 1 }) : text;
}

static void add_message(struct oak_buf *out, oak_str path, const struct oak_source *source, const struct oak_finding *f)
{
    oak_text_place(out, path, oak_source_position(source, f->span.start));
    oak_text_visible(out, f->subject);
    oak_buf_add(out, OAK_STR(" "));
    oak_text_visible(out, f->rule->finding);
    oak_buf_add(out, OAK_STR(" ["));
    oak_ink_add(out, OAK_INK_BOLD, f->rule->patch->id);
    oak_buf_add(out, OAK_STR("]"));
}

static void add_reason(struct oak_buf *out, const struct oak_source *source, const struct oak_finding *f)
{
    if (f->reason.len == 0)
        return;
    add_remark(out, f->outcome == OAK_FIXED ? "check" : oak_outcome_name(f->outcome), f->reason);
    if (f->evidence.end > 0)
        oak_text_excerpt(out, source, f->evidence, OAK_STR(""));
}

/* What is to be done, a line each; of what only a person can do, nothing. */
static oak_str wishes_of(struct oak_arena *arena, const struct oak_question *q, const struct oak_finding *f)
{
    struct oak_buf notes;
    oak_buf_init(&notes, arena);
    for (size_t i = 0; i < f->wishes.count && q->can_fix; i++) {
        oak_buf_add(&notes, i > 0 ? OAK_STR("\n") : OAK_STR(""));
        oak_text_visible(&notes, oak_wish_print(arena, &f->wishes.items[i]));
    }
    return oak_buf_str(&notes);
}

static void add_finding(struct oak_buf *out, oak_str path, const struct oak_source *source, const struct oak_question *q,
                        const struct oak_finding *f)
{
    const struct oak_rule *const rule = f->rule;
    add_message(out, path, source, f);
    oak_buf_add(out, OAK_STR("\n"));
    oak_text_excerpt(out, source, f->span, wishes_of(out->arena, q, f));
    if (!q->is_told_only)
        add_remark(out, "why", first_sentence(rule->patch->why));
    if (q->can_fix && rule->tier == OAK_RISKY)
        add_remark(out, "may break", first_sentence(rule->patch->breaks));
    add_reason(out, source, f);
}

/* ---- the change ---- */

static size_t line_length_at(oak_str text, size_t at)
{
    size_t from = at, to = at;
    while (from > 0 && text.ptr[from - 1] != '\n')
        from--;
    while (to < text.len && text.ptr[to] != '\n')
        to++;
    return to - from;
}

/* Bytes [from, to), without what stands on other lines, and with a word for what is left out. */
static void add_part(struct oak_buf *out, oak_str text, size_t from, size_t to)
{
    while (from < to && ((unsigned char)text.ptr[from] & 0xC0) == 0x80)
        from++;
    while (to < text.len && to > from && ((unsigned char)text.ptr[to] & 0xC0) == 0x80)
        to--;
    const oak_str part = oak_str_span(text, (oak_span){ from, to });
    const char *const eol = part.len > 0 ? memchr(part.ptr, '\n', part.len) : NULL;
    oak_text_visible(out, (oak_str){ part.ptr, eol != NULL ? (size_t)(eol - part.ptr) : part.len });
}

/* A file that is one long line: what is around the edit. */
static void add_narrow(struct oak_buf *out, oak_str text, const struct oak_edit *e)
{
    size_t from = e->span.start > AROUND ? e->span.start - AROUND : 0;
    const size_t to = text.len - e->span.end > AROUND ? e->span.end + AROUND : text.len;
    const oak_str sides[] = { oak_str_span(text, e->span), e->text };
    for (size_t i = from; i < e->span.start; i++)
        from = text.ptr[i] == '\n' ? i + 1 : from;
    for (size_t i = 0; i < 2; i++) {
        oak_buf_addf(out, "%c%s", i == 0 ? '-' : '+', from > 0 ? "…" : "");
        add_part(out, text, from, e->span.start);
        oak_text_visible(out, sides[i]);
        add_part(out, text, e->span.end, to);
        oak_buf_addf(out, "%s\n", to < text.len ? "…" : "");
    }
}

static void add_change(struct oak_buf *out, oak_str text, const oak_edit_list *edits)
{
    struct oak_buf hunks;
    bool is_long = false;
    for (size_t i = 0; i < edits->count; i++)
        is_long = is_long || line_length_at(text, edits->items[i].span.start) > LONG_LINE;
    for (size_t i = 0; i < edits->count && is_long; i++)
        add_narrow(out, text, &edits->items[i]);
    if (is_long || edits->count == 0)
        return;
    if (oak_is_looked_at(out)) {
        oak_diff_hunks(out, text, edits);
        return;
    }
    oak_buf_init(&hunks, out->arena);
    oak_diff_hunks(&hunks, text, edits);
    oak_str line, rest = oak_buf_str(&hunks);
    while (rest.len > 0) {
        oak_str_cut(rest, '\n', &line, &rest);
        line.len -= oak_str_ends(line, OAK_STR("\r"));
        oak_text_visible(out, line);
        oak_buf_add(out, OAK_STR("\n"));
    }
}

/* ---- all of it ---- */

void oak_text_question(struct oak_buf *out, oak_str path, oak_str text, const struct oak_question *q)
{
    struct oak_source source;
    oak_source_init(out->arena, text, &source);
    oak_buf_add(out, OAK_STR("\n"));
    if (q->findings.count > 1)
        oak_buf_addf(out, "These %zu go together:\n", q->findings.count);
    for (size_t i = 0; i < q->findings.count; i++)
        add_finding(out, path, &source, q, q->findings.items[i]);
    add_change(out, text, &q->edits);
}

void oak_text_prompt(struct oak_buf *out, const struct oak_question *q)
{
    const char *const words = !q->can_fix ? "no fix is offered, go on" : q->is_held ? "held: fix it all the same" : "fix this";
    oak_ink_start(out, q->is_held || !q->can_fix ? OAK_INK_PERSON : OAK_INK_BOLD);
    oak_buf_addf(out, "(%zu/%zu) %s [", q->number, q->total, words);
    bool is_first = true;
    for (size_t i = 0; i < oak_key_count; i++)
        if (oak_key_is_for(oak_keys[i].key, q)) {
            oak_buf_addf(out, "%s%c", is_first ? "" : ",", oak_keys[i].key);
            is_first = false;
        }
    oak_buf_add(out, OAK_STR("]?"));
    oak_ink_end(out, q->is_held || !q->can_fix ? OAK_INK_PERSON : OAK_INK_BOLD);
    oak_buf_add(out, OAK_STR(" "));
}

void oak_text_keys(struct oak_buf *out, const struct oak_question *q)
{
    for (size_t i = 0; i < oak_key_count; i++)
        if (oak_key_is_for(oak_keys[i].key, q))
            oak_buf_addf(out, "  %c  %s\n", oak_keys[i].key, oak_keys[i].help);
}

void oak_text_question_at_length(struct oak_buf *out, const struct oak_question *q)
{
    for (size_t i = 0; i < q->findings.count; i++) {
        const struct oak_patch *const p = q->findings.items[i]->rule->patch;
        if (i > 0 && q->findings.items[i - 1]->rule->patch == p)
            continue;
        oak_buf_addf(out, "\n%.*s: %.*s\n", (int)p->id.len, p->id.ptr, (int)p->title.len, p->title.ptr);
        oak_text_wrapped(out, "  ", p->why);
        oak_buf_add(out, q->can_fix && p->breaks.len > 0 ? OAK_STR("may break:\n") : OAK_STR(""));
        if (q->can_fix && p->breaks.len > 0)
            oak_text_wrapped(out, "  ", p->breaks);
        if (p->note.len > 0)
            oak_text_wrapped(out, "  ", p->note);
        oak_buf_addf(out, "'oakum explain %.*s' also tells what other tools call it\n", (int)p->id.len, p->id.ptr);
    }
}

void oak_text_fallen(struct oak_buf *out, oak_str path, oak_str text, const oak_finding_list *fallen)
{
    struct oak_source source;
    oak_source_init(out->arena, text, &source);
    for (size_t i = 0; i < fallen->count; i++) {
        const struct oak_finding *const f = fallen->items[i];
        oak_buf_add(out, OAK_STR("left with it: "));
        add_message(out, path, &source, f);
        oak_buf_add(out, f->reason.len > 0 ? OAK_STR(": ") : OAK_STR(""));
        oak_text_visible(out, f->reason);
        oak_buf_add(out, OAK_STR("\n"));
    }
}

void oak_text_answered(struct oak_buf *out, oak_str path, const struct oak_result *r, bool is_written)
{
    size_t by_outcome[OAK_OUTCOMES] = { 0 };
    bool is_first = true;
    for (size_t i = 0; i < r->findings.count; i++)
        by_outcome[r->findings.items[i].outcome]++;
    oak_text_visible(out, path);
    for (size_t i = 0; i < OAK_OUTCOMES; i++) {
        if (by_outcome[i] == 0)
            continue;
        oak_buf_addf(out, "%s%zu %s", is_first ? ": " : ", ", by_outcome[i], oak_outcome_name((enum oak_outcome)i));
        is_first = false;
    }
    oak_buf_addf(out, "; %s\n", is_written ? "rewritten" : "not changed");
}
