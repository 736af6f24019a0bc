/* A unified diff from the edits: exact and minimal without searching for common lines. */
#include "output/output.h"

#include "output/look.h"

#include <string.h>

enum { CONTEXT_LINES = 3 };

/* Old lines [from, to) become the lines of `text`. Lines are 0-based numbers in the old text. */
struct swap {
    size_t from, to;
    oak_str text;
};

struct differ {
    struct oak_buf *out;
    struct oak_source old;
    OAK_LIST(struct swap) swaps;
    struct oak_buf run; /* the text of the last swap, if it was made of several */
};

static size_t line_of(const struct differ *d, size_t offset)
{
    return oak_source_position(&d->old, offset).line - 1;
}

/* The number of lines with something in them: an empty rest behind the last line break is none. */
static size_t line_count(const struct oak_source *source)
{
    const size_t last = source->line_starts[source->line_count - 1];
    return last == source->text.len ? source->line_count - 1 : source->line_count;
}

static size_t start_of(const struct differ *d, size_t line)
{
    return line < d->old.line_count ? d->old.line_starts[line] : d->old.text.len;
}

/* A line with its line break. */
static oak_str whole_line(oak_str text, size_t at)
{
    const char *const eol = memchr(text.ptr + at, '\n', text.len - at);
    return (oak_str){ text.ptr + at, eol != NULL ? (size_t)(eol - text.ptr) + 1 - at : text.len - at };
}

/* Lines that both sides share at the ends are no change. */
static void trim_common(const struct differ *d, struct swap *s)
{
    while (s->from < s->to && s->text.len > 0) {
        const oak_str old = whole_line(d->old.text, start_of(d, s->from));
        const oak_str new = whole_line(s->text, 0);
        if (!oak_str_eq(old, new))
            break;
        s->from++;
        s->text.ptr += new.len;
        s->text.len -= new.len;
    }
    while (s->from < s->to && s->text.len > 0) {
        const oak_str old = whole_line(d->old.text, start_of(d, s->to - 1));
        if (!oak_str_ends(s->text, old) || (s->text.len > old.len && s->text.ptr[s->text.len - old.len - 1] != '\n'))
            break;
        s->to--;
        s->text.len -= old.len;
    }
}

/* Swaps of lines side by side are one: all that goes, then all that comes, as git has it. */
static void add_swap(struct differ *d, struct swap s)
{
    struct swap *const last = d->swaps.count > 0 ? &d->swaps.items[d->swaps.count - 1] : NULL;
    if (last == NULL || last->to != s.from || last->from == last->to || s.from == s.to) {
        *oak_push(d->out->arena, &d->swaps) = s;
        return;
    }
    /* The text of the last one grows where it stands: copied for each of a thousand lines it would be a thousand times as much. */
    if (d->run.ptr == NULL || last->text.ptr != d->run.ptr) {
        oak_buf_init(&d->run, d->out->arena);
        oak_buf_add(&d->run, last->text);
    }
    oak_buf_add(&d->run, s.text);
    *last = (struct swap){ last->from, s.to, oak_buf_str(&d->run) };
}

/* Edits that touch the same line are one swap. */
static void collect_swaps(struct differ *d, const oak_edit_list *edits)
{
    for (size_t i = 0; i < edits->count;) {
        const size_t from = line_of(d, edits->items[i].span.start);
        size_t to = from + 1, next = i;
        struct oak_buf text;
        oak_buf_init(&text, d->out->arena);
        size_t done = start_of(d, from);
        for (; next < edits->count && line_of(d, edits->items[next].span.start) < to; next++) {
            const struct oak_edit *const e = &edits->items[next];
            oak_buf_add(&text, oak_str_span(d->old.text, (oak_span){ done, e->span.start }));
            oak_buf_add(&text, e->text);
            done = e->span.end;
            const size_t last = line_of(d, e->span.end);
            /* An edit that ends at the start of a line leaves that line alone. */
            const size_t touched = e->span.end == start_of(d, last) && e->span.end > e->span.start ? last : last + 1;
            to = touched > to ? touched : to;
        }
        if (done > start_of(d, to))
            to++;
        oak_buf_add(&text, oak_str_span(d->old.text, (oak_span){ done, start_of(d, to) }));
        const size_t lines = line_count(&d->old);
        struct swap s = { from, to < lines ? to : lines, oak_buf_str(&text) };
        trim_common(d, &s);
        add_swap(d, s);
        i = next;
    }
}

static oak_str without_end(oak_str line)
{
    line.len -= oak_str_ends(line, OAK_STR("\n"));
    line.len -= oak_str_ends(line, OAK_STR("\r"));
    return line;
}

/* A line as somebody looks at it: control bytes made visible, tabs and the line break left. */
static void add_looked_at(struct oak_buf *out, char sign, oak_str line)
{
    const enum oak_ink ink = sign == '-' ? OAK_INK_OLD : sign == '+' ? OAK_INK_NEW : OAK_INK_PLAIN;
    oak_str part, rest = without_end(line);
    oak_ink_start(out, ink);
    oak_buf_fill(out, sign, 1);
    while (oak_str_cut(rest, '\t', &part, &rest)) {
        oak_text_visible(out, part);
        oak_buf_add(out, OAK_STR("\t"));
    }
    oak_text_visible(out, part);
    oak_ink_end(out, ink);
    oak_buf_add(out, oak_str_ends(line, OAK_STR("\n")) ? OAK_STR("\n") : OAK_STR(""));
}

static void add_lines(struct oak_buf *out, char sign, oak_str text)
{
    while (text.len > 0) {
        const oak_str line = whole_line(text, 0);
        if (oak_is_looked_at(out)) {
            add_looked_at(out, sign, line);
        } else {
            oak_buf_fill(out, sign, 1);
            oak_buf_add(out, line);
        }
        if (line.ptr[line.len - 1] != '\n')
            oak_buf_add(out, OAK_STR("\n\\ No newline at end of file\n"));
        text.ptr += line.len;
        text.len -= line.len;
    }
}

static size_t count_lines(oak_str text)
{
    size_t count = 0;
    for (; text.len > 0; count++) {
        const oak_str line = whole_line(text, 0);
        text.ptr += line.len;
        text.len -= line.len;
    }
    return count;
}

static void add_old(struct differ *d, char sign, size_t from, size_t to)
{
    add_lines(d->out, sign, oak_str_span(d->old.text, (oak_span){ start_of(d, from), start_of(d, to) }));
}

/* git prints 0 as the start of a side without lines. */
static void add_range(struct oak_buf *out, char sign, size_t start, size_t count)
{
    oak_buf_addf(out, "%c%zu", sign, count > 0 ? start + 1 : start);
    if (count != 1)
        oak_buf_addf(out, ",%zu", count);
}

/* One hunk of swaps [first, last]; `grown` is by how many lines all before have grown. */
static void add_hunk(struct differ *d, size_t first, size_t last, size_t *new_start, size_t *old_done)
{
    const struct swap *const swaps = d->swaps.items;
    const size_t lines = line_count(&d->old);
    const size_t from = swaps[first].from > CONTEXT_LINES ? swaps[first].from - CONTEXT_LINES : 0;
    const size_t to = swaps[last].to + CONTEXT_LINES < lines ? swaps[last].to + CONTEXT_LINES : lines;
    size_t new_count = to - from;
    for (size_t i = first; i <= last; i++)
        new_count = new_count - (swaps[i].to - swaps[i].from) + count_lines(swaps[i].text);
    *new_start += from - *old_done;
    oak_ink_start(d->out, OAK_INK_HUNK);
    oak_buf_add(d->out, OAK_STR("@@ "));
    add_range(d->out, '-', from, to - from);
    oak_buf_add(d->out, OAK_STR(" "));
    add_range(d->out, '+', *new_start, new_count);
    oak_buf_add(d->out, OAK_STR(" @@"));
    oak_ink_end(d->out, OAK_INK_HUNK);
    oak_buf_add(d->out, OAK_STR("\n"));
    size_t done = from;
    for (size_t i = first; i <= last; i++) {
        add_old(d, ' ', done, swaps[i].from);
        add_old(d, '-', swaps[i].from, swaps[i].to);
        add_lines(d->out, '+', swaps[i].text);
        done = swaps[i].to;
    }
    add_old(d, ' ', done, to);
    *new_start += new_count;
    *old_done = to;
}

/* As git writes names: in quotes if a byte needs it. */
static void add_name(struct oak_buf *out, const char *side, oak_str path)
{
    bool is_odd = false;
    oak_ink_start(out, OAK_INK_BOLD);
    oak_buf_add(out, *side == 'a' ? OAK_STR("--- ") : OAK_STR("+++ "));
    while (path.len > 0 && path.ptr[0] == '/') {
        path.ptr++;
        path.len--;
    }
    for (size_t i = 0; i < path.len; i++)
        is_odd = is_odd || (unsigned char)path.ptr[i] < 0x20 || (unsigned char)path.ptr[i] >= 0x7F ||
                 path.ptr[i] == '"' || path.ptr[i] == '\\';
    oak_buf_addf(out, "%s%s", is_odd ? "\"" : "", side);
    for (size_t i = 0; i < path.len && is_odd; i++) {
        const unsigned char c = (unsigned char)path.ptr[i];
        oak_buf_addf(out, c < 0x20 || c >= 0x7F ? "\\%03o" : c == '"' || c == '\\' ? "\\%c" : "%c", c);
    }
    if (!is_odd)
        oak_buf_add(out, path);
    oak_buf_add(out, is_odd ? OAK_STR("\"") : memchr(path.ptr, ' ', path.len) != NULL ? OAK_STR("\t") : OAK_STR(""));
    oak_ink_end(out, OAK_INK_BOLD);
    oak_buf_add(out, OAK_STR("\n"));
}

void oak_diff(struct oak_buf *out, const struct oak_report *report)
{
    if (report->result->edits.count == 0)
        return;
    add_name(out, "a/", report->path);
    add_name(out, "b/", report->path);
    oak_diff_hunks(out, report->text, &report->result->edits);
}

void oak_diff_hunks(struct oak_buf *out, oak_str text, const oak_edit_list *edits)
{
    struct differ d = { .out = out };
    oak_source_init(out->arena, text, &d.old);
    collect_swaps(&d, edits);
    size_t new_start = 0, old_done = 0;
    for (size_t first = 0, next; first < d.swaps.count; first = next) {
        next = first + 1;
        while (next < d.swaps.count && d.swaps.items[next].from <= d.swaps.items[next - 1].to + 2 * CONTEXT_LINES)
            next++;
        add_hunk(&d, first, next - 1, &new_start, &old_done);
    }
}
