/* file:line:col messages with excerpt and caret, for a tired person. Control bytes of a manifest never reach the terminal. */
#include "output/output.h"

#include "output/look.h"

enum { MAX_EXCERPT = 160, MIN_EXCERPT = 24, GUTTER = 8 }; /* of bytes; columns of "   14 | " */

enum oak_outcome oak_outcome_for(enum oak_command_view view, const struct oak_finding *finding)
{
    return finding->outcome == OAK_FIXED && view != OAK_VIEW_FIX ? OAK_OPEN : finding->outcome;
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

/* Bytes at the start of `text` that are not shown as they are; 0: it starts with something that is. */
static size_t invisible_length(oak_str text)
{
    const unsigned char c = (unsigned char)text.ptr[0];
    if (c >= 0x20 && c < 0x7F)
        return 0;
    return c < 0x20 || c == 0x7F ? 1 : hidden_length(text);
}

/* Nearly every text; and without an early end of the loop, many bytes are looked at in one step. */
static bool is_printable_ascii(oak_str text)
{
    uint8_t other = 0;
    for (size_t i = 0; i < text.len; i++)
        other |= (uint8_t)((uint8_t)text.ptr[i] - 0x20) >= 0x7F - 0x20;
    return other == 0;
}

void oak_text_visible(struct oak_buf *out, oak_str text)
{
    if (is_printable_ascii(text)) {
        oak_buf_add(out, text);
        return;
    }
    for (size_t i = 0; i < text.len;) {
        size_t end = i, hidden = 0;
        while (end < text.len && (hidden = invisible_length((oak_str){ text.ptr + end, text.len - end })) == 0)
            end++;
        oak_buf_add(out, oak_str_span(text, (oak_span){ i, end }));
        if (end < text.len)
            oak_buf_add(out, text.ptr[end] == '\t' ? OAK_STR(" ") : OAK_STR("?"));
        i = end + hidden;
    }
}

size_t oak_text_columns(oak_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* The part of a line that is shown: all of it, or of a long one what is around `at`, the byte `*indent` of that part. */
static oak_str visible_part(oak_str line, size_t at, size_t max, size_t *indent)
{
    size_t from = line.len > max && at > max / 2 ? at - max / 4 : 0;
    size_t to = line.len - from > max ? from + max : line.len;
    while (from > 0 && ((unsigned char)line.ptr[from] & 0xC0) == 0x80)
        from--;
    while (to < line.len && ((unsigned char)line.ptr[to] & 0xC0) == 0x80)
        to--;
    *indent = at - from;
    return oak_str_span(line, (oak_span){ from, to });
}

/* What stands behind the carets: a line each. */
struct note {
    enum oak_ink ink;
    oak_str text;
};
typedef OAK_LIST(struct note) note_list;

struct excerpt {
    const struct oak_source *source;
    oak_span span;
    enum oak_ink caret;
    note_list notes;
};

/* Notes begin in the column behind the carets; where one would not fit, all go below them, as far left as it takes. */
static void add_notes(struct oak_buf *out, const note_list *all, size_t indent, size_t width)
{
    const size_t columns = oak_columns(out);
    size_t longest = 0, column = indent + width + 1;
    for (size_t i = 0; i < all->count; i++) {
        const size_t len = oak_text_columns(all->items[i].text);
        longest = len > longest ? len : longest;
    }
    const bool fits = longest < columns && column + longest <= columns - GUTTER;
    if (!fits) {
        column = longest + GUTTER >= columns ? 0 : columns - GUTTER - longest;
        column = column < indent ? column : indent;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (i > 0 || !fits) {
            oak_buf_add(out, OAK_STR("\n      | "));
            oak_buf_fill(out, ' ', column);
        } else {
            oak_buf_add(out, OAK_STR(" "));
        }
        oak_ink_add(out, all->items[i].ink, all->items[i].text);
    }
}

/* The line, and below it carets under the span. */
static void add_excerpt(struct oak_buf *out, const struct excerpt *e)
{
    const struct oak_position at = oak_source_position(e->source, e->span.start);
    const oak_str line = oak_source_line(e->source, at.line);
    const size_t start = (size_t)(line.ptr - e->source->text.ptr), columns = oak_columns(out);
    const size_t max = columns > MAX_EXCERPT + GUTTER ? MAX_EXCERPT : columns < MIN_EXCERPT + GUTTER ? MIN_EXCERPT : columns - GUTTER;
    size_t before;
    const oak_str shown = visible_part(line, e->span.start > start ? e->span.start - start : 0, max, &before);
    for (size_t limit = 10; limit < 100000; limit *= 10)
        oak_buf_fill(out, ' ', at.line < limit);
    oak_buf_add_number(out, at.line);
    oak_buf_add(out, OAK_STR(" | "));
    oak_text_visible(out, shown);
    const size_t to = before + e->span.end - e->span.start, end = to < shown.len ? to : shown.len;
    const size_t indent = oak_text_columns(oak_str_span(shown, (oak_span){ 0, before }));
    const size_t width = end > before ? oak_text_columns(oak_str_span(shown, (oak_span){ before, end })) : 1;
    oak_buf_add(out, OAK_STR("\n      | "));
    oak_buf_fill(out, ' ', indent);
    oak_ink_start(out, e->caret);
    oak_buf_fill(out, '^', width);
    oak_ink_end(out, e->caret);
    add_notes(out, &e->notes, indent, width);
    oak_buf_add(out, OAK_STR("\n"));
}

static void add_place(struct oak_buf *out, oak_str path, struct oak_position at)
{
    oak_ink_start(out, OAK_INK_BOLD);
    oak_text_visible(out, path);
    oak_buf_add(out, OAK_STR(":"));
    oak_buf_add_number(out, at.line);
    oak_buf_add(out, OAK_STR(":"));
    oak_buf_add_number(out, at.column_chars);
    oak_ink_end(out, OAK_INK_BOLD);
    oak_buf_add(out, OAK_STR(": "));
}

/* Behind its place. */
static void add_message(struct oak_buf *out, const struct oak_report *report, const struct oak_finding *f)
{
    const enum oak_outcome outcome = oak_outcome_for(report->view, f);
    oak_ink_add(out, oak_ink_of(outcome), oak_str_from(oak_outcome_name(outcome)));
    oak_buf_add(out, OAK_STR(": "));
    oak_text_visible(out, f->subject);
    oak_buf_add(out, OAK_STR(" "));
    oak_text_visible(out, f->rule->finding);
    oak_buf_add(out, OAK_STR(" ["));
    oak_ink_add(out, OAK_INK_BOLD, f->rule->patch->id);
    oak_buf_add(out, OAK_STR("]\n"));
}

/* What is done, or would be: a line for each edit. */
static void note_wishes(struct oak_arena *arena, const struct oak_report *report, const struct oak_finding *f, note_list *out)
{
    const bool is_done = f->outcome == OAK_FIXED || oak_outcome_for(report->view, f) == OAK_OPEN;
    for (size_t i = 0; i < f->wishes.count; i++) {
        const struct oak_wish *const wish = &f->wishes.items[i];
        const oak_str words[] = { OAK_STR("not done: "), oak_wish_print(arena, wish) };
        *oak_push(arena, out) = (struct note){
            .ink = !is_done ? OAK_INK_PLAIN : wish->op == OAK_REMOVE ? OAK_INK_OLD : OAK_INK_NEW,
            .text = is_done ? words[1] : oak_arena_join(arena, words, 2),
        };
    }
}

static void add_reason(struct oak_buf *out, const struct oak_source *source, const struct oak_finding *f, bool is_alone)
{
    if (f->reason.len == 0)
        return;
    const oak_str id = is_alone ? OAK_STR("") : f->rule->patch->id;
    const oak_str word = oak_str_from(f->outcome != OAK_FIXED ? oak_outcome_name(f->outcome) : f->wishes.count > 0 ? "check" : "note");
    struct oak_buf line;
    oak_buf_init(&line, out->arena);
    oak_buf_add(&line, f->reason);
    if (f->evidence.end > 0)
        oak_buf_addf(&line, " (line %zu)", oak_source_position(source, f->evidence.start).line);
    oak_buf_add(out, OAK_STR("      = "));
    oak_ink_add(out, OAK_INK_BOLD, id);
    oak_buf_add(out, is_alone ? OAK_STR("") : OAK_STR(" "));
    oak_ink_add(out, f->outcome != OAK_FIXED ? oak_ink_of(f->outcome) : OAK_INK_NOTE, word);
    oak_buf_add(out, OAK_STR(": "));
    oak_text_flow(out, GUTTER + id.len + !is_alone + word.len + 2, "        ", oak_buf_str(&line));
    oak_buf_add(out, OAK_STR("\n"));
}

/* "error: unknown key" */
static void add_words(struct oak_buf *out, enum oak_ink ink, oak_str word, oak_str text)
{
    oak_ink_add(out, ink, word);
    oak_buf_add(out, OAK_STR(": "));
    oak_text_visible(out, text);
    oak_buf_add(out, OAK_STR("\n"));
}

void oak_text_error(struct oak_buf *out, oak_str path, oak_str text, const struct oak_error *error)
{
    const bool is_refused = error->kind == OAK_TEMPLATE;
    if (text.len == 0 || error->kind == OAK_IO || error->kind == OAK_USAGE) {
        oak_ink_add(out, OAK_INK_BOLD, path);
        oak_buf_add(out, OAK_STR(": "));
    } else {
        struct oak_source source;
        oak_source_init(out->arena, text, &source);
        add_place(out, path, oak_source_position(&source, error->span.start));
    }
    add_words(out, is_refused ? OAK_INK_PERSON : OAK_INK_BAD, is_refused ? OAK_STR("refused") : OAK_STR("error"),
              oak_str_from(error->text));
}

void oak_text_notes(struct oak_buf *out, oak_str path, oak_str text, const oak_notes *notes)
{
    struct oak_source source;
    if (notes->count > 0)
        oak_source_init(out->arena, text, &source);
    for (size_t i = 0; i < notes->count; i++) {
        add_place(out, path, oak_source_position(&source, notes->items[i].span.start));
        add_words(out, OAK_INK_PERSON, OAK_STR("warning"), notes->items[i].text);
    }
}

/* The diff shows what would be fixed; only the rest needs words. */
static bool is_told(const struct oak_report *report, size_t i)
{
    const enum oak_outcome outcome = report->result->findings.items[i].outcome;
    if (report->is_brief && (outcome == OAK_IGNORED || (outcome == OAK_FIXED && report->view == OAK_VIEW_FIX)))
        return false;
    return report->view != OAK_VIEW_DIFF || outcome != OAK_FIXED;
}

/* Findings at one place are told together: a message each, one excerpt. Returns where the next place begins. */
static size_t add_place_findings(struct oak_buf *out, const struct oak_report *report, const struct oak_source *source,
                                 size_t first)
{
    const oak_findings *const all = &report->result->findings;
    const oak_span span = all->items[first].span;
    struct excerpt excerpt = { .source = source, .span = span };
    const size_t start = out->len;
    size_t end = first, count = 0, place_len = 0;
    for (; end < all->count && all->items[end].span.start == span.start && all->items[end].span.end == span.end; end++) {
        if (!is_told(report, end))
            continue;
        if (count++ == 0) {
            add_place(out, report->path, oak_source_position(source, span.start));
            place_len = out->len - start;
            excerpt.caret = oak_ink_of(oak_outcome_for(report->view, &all->items[end]));
        } else {
            oak_buf_add(out, (oak_str){ out->ptr + start, place_len }); /* if it moves, the arena keeps what it moves from */
        }
        add_message(out, report, &all->items[end]);
        note_wishes(out->arena, report, &all->items[end], &excerpt.notes);
    }
    if (count > 0)
        add_excerpt(out, &excerpt);
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

void oak_text_place(struct oak_buf *out, oak_str path, struct oak_position at)
{
    add_place(out, path, at);
}

void oak_text_excerpt(struct oak_buf *out, const struct oak_source *source, oak_span span, oak_str note)
{
    struct excerpt excerpt = { .source = source, .span = span, .caret = OAK_INK_BAD };
    if (note.len > 0)
        *oak_push(out->arena, &excerpt.notes) = (struct note){ OAK_INK_PLAIN, note };
    add_excerpt(out, &excerpt);
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
        add_words(out, OAK_INK_NOTE, OAK_STR("note"), u->text);
    }
}
