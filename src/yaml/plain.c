/* Reads the YAML in which nearly all manifests are written, several times faster than a tokeniser for all of YAML can: block
 * mappings and sequences, scalars of every style, flow collections and JSON without comments.
 *
 * What it does not know to the letter it leaves alone: the answer is false, and parse.c reads the document with libfyaml. It never
 * says what is wrong with a text, and where it answers true its index is that of parse.c, node for node (tests compare them).
 * Left alone are: anchors, aliases, tags, directives, explicit keys, values on a line below their key, tabs between tokens, and
 * whatever else is rare enough to be no loss. */
#include "yaml/parse.h"

#include "yaml/scalar.h"

#include <string.h>

/* An entry or item whose value has not been read yet. */
struct slot {
    bool is_open;
    oak_span key;
    oak_str name;
    size_t entry;  /* the key or the dash */
    size_t behind; /* where the `:` or `-` ends */
};

struct frame {
    uint32_t node;
    size_t column;
    enum oak_node_kind kind;
    struct slot slot;
};

struct line {
    size_t start;
    size_t end;  /* without its break */
    size_t next; /* where the next one starts */
};

struct reader {
    struct oak_arena *arena;
    struct oak_index *index;
    oak_str text;      /* up to the document's end */
    struct line line;  /* being read */
    size_t capacity;
    size_t depth;
    size_t flow_depth;
    size_t flow_line;  /* where the line starts on which the outermost flow collection does */
    struct frame frames[OAK_MAX_DEPTH]; /* block collections that are open */
};

/* ---- bytes ---- */

static char byte_at(const struct reader *r, size_t at)
{
    return at < r->line.end ? r->text.ptr[at] : '\n';
}

static void start_line(struct reader *r, size_t at)
{
    const char *const found = at < r->text.len ? memchr(r->text.ptr + at, '\n', r->text.len - at) : NULL;
    r->line.start = at;
    r->line.end = found != NULL ? (size_t)(found - r->text.ptr) : r->text.len;
    r->line.next = found != NULL ? r->line.end + 1 : r->text.len;
    if (found != NULL && r->line.end > at && r->text.ptr[r->line.end - 1] == '\r')
        r->line.end--;
}

static size_t skip_spaces(const struct reader *r, size_t at)
{
    while (byte_at(r, at) == ' ')
        at++;
    return at;
}

/* Does a token end here? Tabs are left to others. */
static bool is_break(char c)
{
    return c == ' ' || c == '\n';
}

/* Is there nothing on the line from `at` on but blanks and a comment? */
static bool is_line_done(const struct reader *r, size_t at)
{
    const size_t next = skip_spaces(r, at);
    return next >= r->line.end || (r->text.ptr[next] == '#' && (next > at || next == r->line.start));
}

/* Characters about which YAML 1.1, 1.2 and their readers differ: a lone carriage return, C1 controls, a byte order mark inside,
 * U+FFFE, U+FFFF. */
static bool has_strange_characters(oak_str text)
{
    static const unsigned char leads[] = { '\r', 0xC2, 0xEF };
    const unsigned char *const end = (const unsigned char *)text.ptr + text.len;
    for (size_t i = 0; i < sizeof leads; i++)
        for (const unsigned char *c = (const unsigned char *)text.ptr;
             c < end && (c = memchr(c, leads[i], (size_t)(end - c))) != NULL; c++) {
            const unsigned char second = c + 1 < end ? c[1] : 0, third = c + 2 < end ? c[2] : 0;
            if ((*c == '\r' && second != '\n') || (*c == 0xC2 && second < 0xA0) ||
                (*c == 0xEF && second == 0xBB && third == 0xBF) || (*c == 0xEF && second == 0xBF && third >= 0xBE))
                return true;
        }
    return false;
}

/* ---- nodes ---- */

/* A new node as the value of `slot` in the collection `parent`; 0: it is the root. */
static struct oak_node *add_node(struct reader *r, uint32_t parent, struct slot *slot, uint32_t *number)
{
    struct oak_index *const ix = r->index;
    struct oak_node *const n = oak_index_add(r->arena, ix, &r->capacity, number);
    if (slot != NULL) {
        n->key = slot->key;
        n->name = slot->name;
        n->entry = slot->entry;
        ix->merge_count += oak_str_eq(n->name, OAK_STR("<<"));
        slot->is_open = false;
    }
    if (parent != 0)
        oak_index_link(ix, parent, *number);
    else
        ix->root = *number;
    return n;
}

static void add_null(struct reader *r, uint32_t parent, struct slot *slot)
{
    uint32_t number;
    const size_t at = slot->behind;
    struct oak_node *const n = add_node(r, parent, slot, &number);
    n->kind = OAK_NULL;
    n->style = OAK_PLAIN;
    n->span = (oak_span){ at, at };
    n->body = at;
}

static void add_scalar(struct reader *r, uint32_t parent, struct slot *slot, oak_span span, enum oak_style style)
{
    uint32_t number;
    const bool is_item = slot->entry == SIZE_MAX;
    struct oak_node *const n = add_node(r, parent, slot, &number);
    n->kind = OAK_SCALAR;
    n->style = style;
    n->span = span;
    n->body = span.start;
    n->value = oak_scalar_decode(r->arena, oak_str_span(r->text, span), style, -1);
    if (is_item)
        n->entry = span.start;
}

/* ---- scalars on one line ---- */

/* Bytes at which a plain scalar could end, or is not ours. */
static const bool is_special[256] = { [':'] = true, ['#'] = true, ['\t'] = true, [','] = true,
                                      ['['] = true, [']'] = true, ['{'] = true,  ['}'] = true };

/* May a plain scalar start here? (YAML 1.2.2, 7.3.3) */
static bool starts_plain(const struct reader *r, size_t at)
{
    const char c = byte_at(r, at);
    const char next = byte_at(r, at + 1);
    if (c == '-' || c == '?' || c == ':')
        return !is_break(next) && next != '\t' && !is_special[(unsigned char)next];
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c != '\n' && strchr(",[]{}#&*!|>'\"%@`\t ", c) == NULL);
}

/* Where the plain scalar at `at` ends, blanks before its end left out; SIZE_MAX if it is not ours. `*stop` is what ends it. */
static size_t plain_end(const struct reader *r, size_t at, size_t *stop)
{
    const char *const text = r->text.ptr;
    size_t i = at;
    for (; i < r->line.end; i++) {
        const char c = text[i];
        if (!is_special[(unsigned char)c])
            continue;
        if (c == '\t')
            return SIZE_MAX;
        if (c == ':' ? is_break(byte_at(r, i + 1)) : c == '#' ? text[i - 1] == ' ' : r->flow_depth > 0)
            break;
        /* `a:,` and `a:[` end a scalar in flow style for some. */
        if (c == ':' && r->flow_depth > 0 && is_special[(unsigned char)byte_at(r, i + 1)])
            return SIZE_MAX;
    }
    *stop = i;
    while (i > at && text[i - 1] == ' ')
        i--;
    return i;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Length of the escape behind a backslash; 0 if it is not ours. */
static size_t escape_len(const struct reader *r, size_t at)
{
    const char c = byte_at(r, at);
    if (c != 'u')
        return c != '\n' && strchr("0abtnvfre\"/\\ N_LP", c) != NULL ? 1 : 0;
    for (size_t i = 1; i <= 4; i++)
        if (!is_hex(byte_at(r, at + i)))
            return 0;
    /* Surrogates come in pairs; YAML does not say so. */
    return (byte_at(r, at + 1) | 0x20) == 'd' && byte_at(r, at + 2) > '7' ? 0 : 5;
}

/* Where on this line the quoted scalar ends, its last quote included; `at` is inside of it. r->line.end if it does not; SIZE_MAX if it
 * is not ours. */
static size_t quoted_end(const struct reader *r, size_t at, char quote, bool *is_closed)
{
    for (size_t i = at; i < r->line.end; i++) {
        const char c = r->text.ptr[i];
        if (c == '\\' && quote == '"' && i + 1 < r->line.end) {
            const size_t len = escape_len(r, i + 1);
            if (len == 0)
                return SIZE_MAX;
            i += len;
        } else if (c == quote && quote == '\'' && byte_at(r, i + 1) == '\'') {
            i++;
        } else if (c == quote) {
            *is_closed = true;
            return i + 1;
        }
    }
    return r->line.end;
}

/* The part of a scalar that stands on this line, and what stands behind it. */
struct scalar {
    oak_span span;
    enum oak_style style;
    bool is_open;  /* its last quote is on another line */
    size_t stop;   /* the first byte behind it that is no space */
};

static bool read_scalar(const struct reader *r, size_t at, struct scalar *out)
{
    const char c = byte_at(r, at);
    *out = (struct scalar){ { at, SIZE_MAX }, OAK_PLAIN, false, r->line.end };
    if (c == '"' || c == '\'') {
        out->style = c == '"' ? OAK_DOUBLE : OAK_SINGLE;
        bool is_closed = false;
        out->span.end = quoted_end(r, at + 1, c, &is_closed);
        out->is_open = !is_closed;
        out->stop = is_closed ? skip_spaces(r, out->span.end) : r->line.end;
    } else if (starts_plain(r, at)) {
        out->span.end = plain_end(r, at, &out->stop);
    }
    return out->span.end != SIZE_MAX;
}

enum { MAX_KEY = 1024 }; /* bytes; YAML says characters (7.4.2) */

/* Does the scalar end on this line, with a `:` behind it? */
static bool is_key(const struct reader *r, const struct scalar *s)
{
    return !s->is_open && byte_at(r, s->stop) == ':' && s->span.end - s->span.start <= MAX_KEY;
}

static struct slot slot_of_key(const struct reader *r, const struct scalar *s)
{
    const oak_str raw = oak_str_span(r->text, s->span); /* a key is one line */
    return (struct slot){ true, s->span, s->style == OAK_PLAIN ? raw : oak_scalar_decode(r->arena, raw, s->style, -1),
                          s->span.start, s->stop + 1 };
}

/* Goes on to the next line that is not blank; where its text starts. SIZE_MAX if there is none. */
static size_t next_text_line(struct reader *r)
{
    for (size_t first; r->line.next < r->text.len;) {
        start_line(r, r->line.next);
        if ((first = skip_spaces(r, r->line.start)) < r->line.end)
            return first;
    }
    return SIZE_MAX;
}

/* The part of an open scalar on the line whose text starts at `at`. */
static bool read_more(const struct reader *r, size_t at, struct scalar *s)
{
    if (s->is_open) {
        bool is_closed = false;
        s->span.end = quoted_end(r, at, r->text.ptr[s->span.start], &is_closed);
        s->is_open = !is_closed;
        s->stop = r->line.end;
        return s->span.end != SIZE_MAX && byte_at(r, at) != '\t';
    }
    s->span.end = starts_plain(r, at) ? plain_end(r, at, &s->stop) : SIZE_MAX;
    return s->span.end != SIZE_MAX && byte_at(r, s->stop) != ':';
}

/* The rest of a scalar in a block: the lines below that stand deeper than `column`. False if one of them is not ours. */
static bool read_more_lines(struct reader *r, size_t column, struct scalar *s)
{
    while (s->is_open || (s->style == OAK_PLAIN && s->stop >= r->line.end)) {
        const struct line here = r->line;
        const size_t first = next_text_line(r);
        const bool is_inside = first != SIZE_MAX && first - r->line.start > column;
        if (!s->is_open && (!is_inside || r->text.ptr[first] == '#')) {
            r->line = here;
            return true;
        }
        if (!is_inside || !read_more(r, first, s))
            return false;
    }
    return true;
}

/* ---- flow style ---- */

/* Moves to the next token, over line breaks. In a block, what follows a break stands deeper than the block. */
static bool next_token(struct reader *r, size_t *at)
{
    for (;;) {
        while (byte_at(r, *at) == ' ' || (byte_at(r, *at) == '\t' && r->depth == 0))
            ++*at;
        if (*at < r->line.end)
            break;
        if (r->line.next >= r->text.len)
            return false;
        start_line(r, r->line.next);
        *at = r->line.start;
    }
    const char c = r->text.ptr[*at];
    if (r->depth > 0 && r->line.start > r->flow_line &&
        skip_spaces(r, r->line.start) - r->line.start <= r->frames[r->depth - 1].column)
        return false;
    return c != '#' && c != '\t';
}

static bool read_flow(struct reader *r, uint32_t parent, struct slot *slot, size_t *at);

/* The value at `at`; afterwards `*at` is behind it. */
static bool read_flow_value(struct reader *r, uint32_t parent, struct slot *slot, size_t *at)
{
    const char c = byte_at(r, *at);
    if (r->index->count > OAK_MAX_NODES)
        return false;
    if (c == '{' || c == '[')
        return read_flow(r, parent, slot, at);
    struct scalar s;
    if (!read_scalar(r, *at, &s) || s.is_open || byte_at(r, s.stop) == ':')
        return false;
    add_scalar(r, parent, slot, s.span, s.style);
    *at = s.span.end;
    return true;
}

/* `key:` at `at`. Behind a quoted key the value may follow at once, as in JSON. */
static bool read_flow_key(struct reader *r, struct slot *slot, size_t *at)
{
    struct scalar s;
    if (!read_scalar(r, *at, &s) || !is_key(r, &s))
        return false;
    *slot = slot_of_key(r, &s);
    *at = s.stop + 1;
    return next_token(r, at);
}

/* The collection at `at`; `*at` ends behind its bracket. Depth is bounded with that of the blocks around it. */
static bool read_flow(struct reader *r, uint32_t parent, struct slot *slot, size_t *at)
{
    const bool is_mapping = r->text.ptr[*at] == '{';
    const char next = byte_at(r, *at + 1);
    uint32_t number;
    /* {{, {% and {# are a template's. */
    if (r->depth + r->flow_depth >= OAK_MAX_DEPTH || (is_mapping && next != '\n' && strchr("{%#", next) != NULL))
        return false;
    const bool is_item = slot != NULL && slot->entry == SIZE_MAX;
    struct oak_node *const n = add_node(r, parent, slot, &number);
    n->kind = is_mapping ? OAK_MAPPING : OAK_SEQUENCE;
    n->style = OAK_FLOW;
    n->span = (oak_span){ *at, *at + 1 };
    n->body = *at;
    if (is_item)
        n->entry = *at;
    r->flow_depth++;
    ++*at;
    for (bool is_first = true;; is_first = false) {
        if (!next_token(r, at))
            return false;
        if (!is_first && byte_at(r, *at) == ',') {
            ++*at;
            if (!next_token(r, at))
                return false;
        } else if (!is_first && byte_at(r, *at) != (is_mapping ? '}' : ']')) {
            return false;
        }
        if (byte_at(r, *at) == (is_mapping ? '}' : ']'))
            break;
        struct slot inner = { .is_open = true, .entry = SIZE_MAX };
        if ((is_mapping && !read_flow_key(r, &inner, at)) || !read_flow_value(r, number, &inner, at))
            return false;
    }
    r->flow_depth--;
    r->index->nodes[number].span.end = ++*at;
    return true;
}

/* ---- block style ---- */

/* A block scalar: the header at `at`, then all lines that stand deeper than the collection. */
static bool read_block_scalar(struct reader *r, struct frame *f, size_t at)
{
    const enum oak_style style = r->text.ptr[at] == '|' ? OAK_LITERAL : OAK_FOLDED;
    const char chomp = byte_at(r, at + 1);
    const size_t behind = at + 1 + (chomp == '+' || chomp == '-');
    if (!is_break(byte_at(r, behind)) || !is_line_done(r, behind))
        return false;
    size_t indent = 0, deepest_blank = 0, end = r->line.next;
    while (r->line.next < r->text.len) {
        start_line(r, r->line.next);
        const size_t first = skip_spaces(r, r->line.start);
        const size_t column = first - r->line.start;
        if (byte_at(r, first) == '\t' && (indent == 0 || column < indent))
            return false;
        if (first >= r->line.end) {
            deepest_blank = indent == 0 && column > deepest_blank ? column : deepest_blank;
        } else if (column <= f->column) {
            break;
        } else if (indent == 0) {
            indent = column;
        } else if (column < indent) {
            /* Only a comment may stand between the scalar and what holds it. */
            if (r->text.ptr[first] != '#')
                return false;
            break;
        }
        end = r->line.next;
    }
    if (deepest_blank > indent)
        return false;
    /* The last line read belongs to somebody else, unless it was the last of all. */
    r->line.next = end;
    const oak_str reach = oak_str_span(r->text, (oak_span){ at, end });
    oak_span raw = { at, at + oak_block_scalar_end(reach, (int)f->column) };
    uint32_t number;
    struct oak_node *const n = add_node(r, f->node, &f->slot, &number);
    n->kind = OAK_SCALAR;
    n->style = style;
    n->span = raw;
    n->body = at;
    raw.end += raw.end < r->text.len && r->text.ptr[raw.end] == '\r';
    raw.end += raw.end < r->text.len && r->text.ptr[raw.end] == '\n';
    n->value = oak_scalar_decode(r->arena, oak_str_span(r->text, raw), style, (int)f->column);
    return true;
}

static void close_frame(struct reader *r)
{
    struct frame *const f = &r->frames[--r->depth];
    if (f->slot.is_open)
        add_null(r, f->node, &f->slot);
    struct oak_node *const n = &r->index->nodes[f->node];
    n->span.end = r->index->nodes[n->last].span.end;
}

static bool open_frame(struct reader *r, enum oak_node_kind kind, size_t at, size_t column)
{
    struct frame *const outer = r->depth > 0 ? &r->frames[r->depth - 1] : NULL;
    if (r->depth >= OAK_MAX_DEPTH || (outer != NULL ? !outer->slot.is_open : r->index->root != 0))
        return false;
    uint32_t number;
    struct oak_node *const n = add_node(r, outer != NULL ? outer->node : 0, outer != NULL ? &outer->slot : NULL, &number);
    n->kind = kind;
    n->style = OAK_BLOCK;
    n->column = (uint32_t)column;
    n->span = (oak_span){ at, at };
    n->body = at;
    if (outer == NULL)
        n->entry = at;
    r->frames[r->depth++] = (struct frame){ .node = number, .column = column, .kind = kind };
    return true;
}

/* The collection that the entry at `at` belongs to: those that ended before it are closed, a new one is opened. A sequence may
 * stand at the column of the mapping that holds it. */
static struct frame *frame_for(struct reader *r, enum oak_node_kind kind, size_t at)
{
    const size_t column = at - r->line.start;
    while (r->depth > 0) {
        const struct frame *const f = &r->frames[r->depth - 1];
        if (column > f->column || (column == f->column && (f->kind == kind || kind == OAK_SEQUENCE)))
            break;
        close_frame(r);
    }
    struct frame *f = r->depth > 0 ? &r->frames[r->depth - 1] : NULL;
    if (f == NULL || column > f->column || f->kind != kind) {
        if (!open_frame(r, kind, at, column))
            return NULL;
        f = &r->frames[r->depth - 1];
    } else if (f->slot.is_open) {
        add_null(r, f->node, &f->slot);
    }
    return f;
}

/* What stands behind `key:` or `-`. */
static bool read_value(struct reader *r, struct frame *f, size_t at)
{
    const char c = byte_at(r, at);
    if (c == '|' || c == '>')
        return read_block_scalar(r, f, at);
    if (c == '{' || c == '[') {
        r->flow_line = r->line.start;
        return read_flow(r, f->node, &f->slot, &at) && is_line_done(r, at);
    }
    struct scalar s;
    if (!read_scalar(r, at, &s) || !read_more_lines(r, f->column, &s) || !is_line_done(r, s.span.end))
        return false;
    add_scalar(r, f->node, &f->slot, s.span, s.style);
    return true;
}

/* A line from its first byte that is no blank: dashes, then a key, then a value; any of them may be the last. */
static bool read_line(struct reader *r, size_t at)
{
    struct frame *f = NULL;
    while (byte_at(r, at) == '-' && is_break(byte_at(r, at + 1))) {
        f = frame_for(r, OAK_SEQUENCE, at);
        if (f == NULL)
            return false;
        f->slot = (struct slot){ .is_open = true, .entry = at, .behind = at + 1 };
        if (is_line_done(r, at + 1))
            return true;
        at = skip_spaces(r, at + 1);
    }
    struct scalar s;
    if (!read_scalar(r, at, &s) || !is_key(r, &s))
        return f != NULL && read_value(r, f, at);
    /* A key such as :a is one for us, and in some places none for libfyaml. */
    if (!is_break(byte_at(r, s.stop + 1)) || r->text.ptr[at] == ':')
        return false;
    f = frame_for(r, OAK_MAPPING, at);
    if (f == NULL)
        return false;
    f->slot = slot_of_key(r, &s);
    return is_line_done(r, s.stop + 1) || read_value(r, f, skip_spaces(r, s.stop + 1));
}

/* ---- a document ---- */

static bool is_marker(const struct reader *r, const char *marker)
{
    return r->line.end - r->line.start >= 3 && memcmp(r->text.ptr + r->line.start, marker, 3) == 0;
}

/* A document that is one flow collection: JSON. */
static bool read_root_flow(struct reader *r, size_t at)
{
    if (!read_flow(r, 0, NULL, &at) || !is_line_done(r, at))
        return false;
    r->index->nodes[r->index->root].entry = r->index->nodes[r->index->root].body;
    while (r->line.next < r->text.len) {
        start_line(r, r->line.next);
        if (!is_line_done(r, r->line.start))
            return false;
    }
    return true;
}

static bool read_lines(struct reader *r, size_t start)
{
    bool may_start = true; /* `---` was not there yet */
    r->line.next = start;
    while (r->line.next < r->text.len) {
        start_line(r, r->line.next);
        if (is_line_done(r, r->line.start))
            continue;
        const size_t at = skip_spaces(r, r->line.start);
        if (may_start && is_marker(r, "---")) {
            if (!is_break(byte_at(r, at + 3)) || !is_line_done(r, at + 3))
                return false;
            may_start = false;
            continue;
        }
        may_start = false;
        if (r->index->root == 0 && (r->text.ptr[at] == '{' || r->text.ptr[at] == '['))
            return read_root_flow(r, at);
        if (is_marker(r, "---") || is_marker(r, "...") || !read_line(r, at) || r->index->count > OAK_MAX_NODES)
            return false;
    }
    while (r->depth > 0)
        close_frame(r);
    return r->index->root != 0;
}

bool oak_parse_plain(struct oak_arena *arena, oak_str text, oak_span document, struct oak_index *out)
{
    struct reader r; /* most of its frames are never used, nor set */
    r.arena = arena;
    r.index = out;
    r.text = (oak_str){ text.ptr, document.end };
    r.depth = r.flow_depth = 0;
    size_t start = document.start;
    if (start == 0 && oak_str_starts(text, OAK_STR("\xEF\xBB\xBF")))
        start = 3;
    if (has_strange_characters(oak_str_span(text, (oak_span){ start, document.end })))
        return false;
    oak_index_start(arena, text, document, out, &r.capacity);
    return read_lines(&r, start);
}
