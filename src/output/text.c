/* file:line:col messages with excerpt and caret, for a tired person. Control bytes of a manifest never reach the terminal. */
#include "output/output.h"

enum { MAX_EXCERPT = 160 };

enum oak_outcome oak_outcome_for(enum oak_command_view view, const struct oak_finding *finding)
{
    return finding->outcome == OAK_FIXED && view != OAK_VIEW_FIX ? OAK_OPEN : finding->outcome;
}

static bool is_printable(char c)
{
    return (unsigned char)c >= 0x20 && c != 0x7F;
}

/* C1 controls, and the marks that turn the direction of what follows: bytes of the one at `text`, else 0. */
static size_t hidden_length(oak_str text)
{
    const unsigned char *const c = (const unsigned char *)text.ptr;
    if (text.len >= 2 && c[0] == 0xC2 && c[1] < 0xA0)
        return 2;
    if (text.len < 3 || c[0] != 0xE2)
        return 0;
    const bool is_mark = c[1] == 0x80 && (c[2] == 0x8E || c[2] == 0x8F || (c[2] >= 0xAA && c[2] <= 0xAE));
    return is_mark || (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9) ? 3 : 0;
}

static void add_visible(struct oak_buf *out, oak_str text)
{
    for (size_t i = 0; i < text.len;) {
        size_t end = i, hidden = 0;
        while (end < text.len && is_printable(text.ptr[end]) &&
               (hidden = hidden_length((oak_str){ text.ptr + end, text.len - end })) == 0)
            end++;
        oak_buf_add(out, oak_str_span(text, (oak_span){ i, end }));
        if (end < text.len)
            oak_buf_add(out, text.ptr[end] == '\t' ? OAK_STR(" ") : OAK_STR("?"));
        i = end + (hidden > 0 ? hidden : 1);
    }
}

static size_t count_chars(oak_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* The part of a line that is shown: all of it, or of a long one what is around `at`, the byte `*indent` of that part. */
static oak_str visible_part(oak_str line, size_t at, size_t *indent)
{
    size_t from = line.len > MAX_EXCERPT && at > MAX_EXCERPT / 2 ? at - MAX_EXCERPT / 4 : 0;
    size_t to = line.len - from > MAX_EXCERPT ? from + MAX_EXCERPT : line.len;
    while (from > 0 && ((unsigned char)line.ptr[from] & 0xC0) == 0x80)
        from--;
    while (to < line.len && ((unsigned char)line.ptr[to] & 0xC0) == 0x80)
        to--;
    *indent = at - from;
    return oak_str_span(line, (oak_span){ from, to });
}

/* The line, and below it carets under the span; `notes` stand behind them, one a line. */
static void add_excerpt(struct oak_buf *out, const struct oak_source *source, oak_span span, oak_str notes)
{
    const struct oak_position at = oak_source_position(source, span.start);
    const oak_str line = oak_source_line(source, at.line);
    const size_t start = (size_t)(line.ptr - source->text.ptr);
    size_t before;
    const oak_str shown = visible_part(line, span.start > start ? span.start - start : 0, &before);
    for (size_t limit = 10; limit < 100000; limit *= 10)
        oak_buf_fill(out, ' ', at.line < limit);
    oak_buf_add_number(out, at.line);
    oak_buf_add(out, OAK_STR(" | "));
    add_visible(out, shown);
    oak_buf_add(out, OAK_STR("\n"));
    const size_t end = before + span.end - span.start < shown.len ? before + span.end - span.start : shown.len;
    const size_t indent = count_chars(oak_str_span(shown, (oak_span){ 0, before }));
    const size_t width = end > before ? count_chars(oak_str_span(shown, (oak_span){ before, end })) : 1;
    char mark = '^';
    do {
        oak_str note;
        oak_str_cut(notes, '\n', &note, &notes);
        oak_buf_add(out, OAK_STR("      | "));
        oak_buf_fill(out, ' ', indent);
        oak_buf_fill(out, mark, width);
        oak_buf_add(out, note.len > 0 ? OAK_STR(" ") : OAK_STR(""));
        oak_buf_add(out, note);
        oak_buf_add(out, OAK_STR("\n"));
        mark = ' ';
    } while (notes.len > 0);
}

static void add_place(struct oak_buf *out, oak_str path, struct oak_position at)
{
    add_visible(out, path);
    oak_buf_add(out, OAK_STR(":"));
    oak_buf_add_number(out, at.line);
    oak_buf_add(out, OAK_STR(":"));
    oak_buf_add_number(out, at.column_chars);
    oak_buf_add(out, OAK_STR(": "));
}

static void add_message(struct oak_buf *out, const struct oak_report *report, const struct oak_source *source,
                        const struct oak_finding *f)
{
    const oak_str id = f->rule->patch->id;
    add_place(out, report->path, oak_source_position(source, f->span.start));
    oak_buf_add(out, oak_str_from(oak_outcome_name(oak_outcome_for(report->view, f))));
    oak_buf_add(out, OAK_STR(": "));
    add_visible(out, f->subject);
    const oak_str words[] = { OAK_STR(" "), f->rule->finding, OAK_STR(" ["), id, OAK_STR("]\n") };
    oak_buf_add_all(out, words, sizeof words / sizeof *words);
}

/* What is done, or would be: a line for each edit. */
static void add_note(struct oak_buf *notes, const struct oak_report *report, const struct oak_finding *f)
{
    const bool is_done = f->outcome == OAK_FIXED || oak_outcome_for(report->view, f) == OAK_OPEN;
    for (size_t i = 0; i < f->wishes.count; i++) {
        oak_buf_add(notes, notes->len > 0 ? OAK_STR("\n") : OAK_STR(""));
        oak_buf_add(notes, is_done ? OAK_STR("") : OAK_STR("not done: "));
        oak_buf_add(notes, oak_wish_print(notes->arena, &f->wishes.items[i]));
    }
}

static void add_reason(struct oak_buf *out, const struct oak_source *source, const struct oak_finding *f, bool is_alone)
{
    if (f->reason.len == 0)
        return;
    const oak_str id = is_alone ? OAK_STR("") : f->rule->patch->id;
    const char *const word =
        f->outcome != OAK_FIXED ? oak_outcome_name(f->outcome) : f->wishes.count > 0 ? "check" : "note";
    oak_buf_addf(out, "      = %.*s%s%s: %.*s", (int)id.len, id.ptr, is_alone ? "" : " ", word, (int)f->reason.len,
                 f->reason.ptr);
    if (f->evidence.end > 0)
        oak_buf_addf(out, " (line %zu)", oak_source_position(source, f->evidence.start).line);
    oak_buf_add(out, OAK_STR("\n"));
}

void oak_text_error(struct oak_buf *out, oak_str path, oak_str text, const struct oak_error *error)
{
    const char *const word = error->kind == OAK_TEMPLATE ? "refused" : "error";
    const oak_str message = oak_str_from(error->text);
    if (text.len == 0 || error->kind == OAK_IO || error->kind == OAK_USAGE) {
        add_visible(out, path);
        oak_buf_addf(out, ": %s: ", word);
        add_visible(out, message);
        oak_buf_add(out, OAK_STR("\n"));
        return;
    }
    struct oak_source source;
    oak_source_init(out->arena, text, &source);
    add_place(out, path, oak_source_position(&source, error->span.start));
    oak_buf_addf(out, "%s: ", word);
    add_visible(out, message);
    oak_buf_add(out, OAK_STR("\n"));
}

void oak_text_notes(struct oak_buf *out, oak_str path, oak_str text, const oak_notes *notes)
{
    struct oak_source source;
    if (notes->count > 0)
        oak_source_init(out->arena, text, &source);
    for (size_t i = 0; i < notes->count; i++) {
        add_place(out, path, oak_source_position(&source, notes->items[i].span.start));
        oak_buf_add(out, OAK_STR("warning: "));
        add_visible(out, notes->items[i].text);
        oak_buf_add(out, OAK_STR("\n"));
    }
}

/* The diff shows what would be fixed; only the rest needs words. */
static bool is_told(const struct oak_report *report, size_t i)
{
    return report->view != OAK_VIEW_DIFF || report->result->findings.items[i].outcome != OAK_FIXED;
}

/* Findings at one place are told together: a message each, one excerpt. Returns where the next place begins. */
static size_t add_place_findings(struct oak_buf *out, const struct oak_report *report, const struct oak_source *source,
                                 size_t first)
{
    const oak_findings *const all = &report->result->findings;
    const oak_span span = all->items[first].span;
    struct oak_buf notes;
    oak_buf_init(&notes, out->arena);
    size_t end = first, count = 0;
    for (; end < all->count && all->items[end].span.start == span.start && all->items[end].span.end == span.end; end++) {
        if (!is_told(report, end))
            continue;
        add_message(out, report, source, &all->items[end]);
        add_note(&notes, report, &all->items[end]);
        count++;
    }
    if (count > 0)
        add_excerpt(out, source, span, oak_buf_str(&notes));
    for (size_t i = first; i < end; i++)
        if (is_told(report, i))
            add_reason(out, source, &all->items[i], count == 1);
    return end;
}

void oak_text_findings(struct oak_buf *out, const struct oak_report *report)
{
    const oak_findings *const all = &report->result->findings;
    size_t i = 0;
    while (i < all->count && !is_told(report, i))
        i++;
    if (i == all->count)
        return;
    struct oak_source source;
    oak_source_init(out->arena, report->text, &source);
    while (i < all->count)
        i = add_place_findings(out, report, &source, i);
}

/* ---- pieces, for other pages ---- */

void oak_text_visible(struct oak_buf *out, oak_str text)
{
    add_visible(out, text);
}

void oak_text_place(struct oak_buf *out, oak_str path, struct oak_position at)
{
    add_place(out, path, at);
}

void oak_text_excerpt(struct oak_buf *out, const struct oak_source *source, oak_span span, oak_str notes)
{
    add_excerpt(out, source, span, notes);
}

void oak_text_unread(struct oak_buf *out, const struct oak_report *report)
{
    struct oak_source source;
    if (report->result->unread.count == 0)
        return;
    oak_source_init(out->arena, report->text, &source);
    for (size_t i = 0; i < report->result->unread.count; i++) {
        const struct oak_unread *const u = &report->result->unread.items[i];
        add_place(out, report->path, oak_source_position(&source, u->span.start));
        oak_buf_add(out, OAK_STR("note: "));
        add_visible(out, u->text);
        oak_buf_add(out, OAK_STR("\n"));
    }
}
