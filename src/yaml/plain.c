/* Reads the YAML in which nearly all manifests are written, several times faster than a tokeniser for all of YAML can: block
 * mappings and sequences, scalars that end on their line, block scalars, flow collections and JSON without comments.
 *
 * What it does not know to the letter it leaves alone: the answer is false, and parse.c reads the document with libfyaml. It never
 * says what is wrong with a text, and where it answers true its index is that of parse.c, node for node (tests compare them).
 * Left alone are: anchors, aliases, tags, directives, explicit keys, scalars over several lines, tabs between tokens, and
 * whatever is rare enough to be no loss. */
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

struct reader {
    struct oak_arena *arena;
    struct oak_index *index;
    oak_str text;      /* up to the document's end */
    size_t line;       /* where the line being read starts */
    size_t eol;        /* where it ends, without its break */
    size_t next;       /* where the next line starts */
    size_t capacity;
    size_t depth;
    size_t flow_depth;
    size_t flow_line;  /* where the line starts on which the outermost flow collection does */
    struct frame frames[OAK_MAX_DEPTH]; /* block collections that are open */
};

/* ---- bytes ---- */

static char byte_at(const struct reader *r, size_t at)
{
    return at < r->eol ? r->text.ptr[at] : '\n';
}

static void start_line(struct reader *r, size_t at)
{
    const char *const found = at < r->text.len ? memchr(r->text.ptr + at, '\n', r->text.len - at) : NULL;
    r->line = at;
    r->eol = found != NULL ? (size_t)(found - r->text.ptr) : r->text.len;
    r->next = found != NULL ? r->eol + 1 : r->text.len;
    if (found != NULL && r->eol > at && r->text.ptr[r->eol - 1] == '\r')
        r->eol--;
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
    return next >= r->eol || (r->text.ptr[next] == '#' && (next > at || next == r->line));
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
    return c != '\n' && strchr(",[]{}#&*!|>'\"%@`\t ", c) == NULL;
}

/* Where the plain scalar at `at` ends, blanks before its end left out; SIZE_MAX if it is not ours. `*stop` is what ends it. */
static size_t plain_end(const struct reader *r, size_t at, size_t *stop)
{
    const char *const text = r->text.ptr;
    size_t i = at;
    for (; i < r->eol; i++) {
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

/* Where the quoted scalar at `at` ends, its quotes included; SIZE_MAX if it does not end on this line. */
static size_t quoted_end(const struct reader *r, size_t at)
{
    const char quote = r->text.ptr[at];
    for (size_t i = at + 1; i < r->eol; i++) {
        const char c = r->text.ptr[i];
        if (c == '\\' && quote == '"') {
            const size_t len = escape_len(r, i + 1);
            if (len == 0)
                return SIZE_MAX;
            i += len;
        } else if (c == quote && quote == '\'' && byte_at(r, i + 1) == '\'') {
            i++;
        } else if (c == quote) {
            return i + 1;
        }
    }
    return SIZE_MAX;
}

/* The scalar at `at`, and what stands behind it. */
struct scalar {
    oak_span span;
    enum oak_style style;
    size_t stop; /* the first byte behind it that is no blank */
};

static bool read_scalar(const struct reader *r, size_t at, struct scalar *out)
{
    const char c = byte_at(r, at);
    out->span.start = at;
    if (c == '"' || c == '\'') {
        out->style = c == '"' ? OAK_DOUBLE : OAK_SINGLE;
        out->span.end = quoted_end(r, at);
        out->stop = out->span.end == SIZE_MAX ? SIZE_MAX : skip_spaces(r, out->span.end);
    } else {
        out->style = OAK_PLAIN;
        out->span.end = starts_plain(r, at) ? plain_end(r, at, &out->stop) : SIZE_MAX;
    }
    return out->span.end != SIZE_MAX;
}

enum { MAX_KEY = 1024 }; /* bytes; YAML says characters (7.4.2) */

static bool is_key(const struct scalar *s, const struct reader *r)
{
    return byte_at(r, s->stop) == ':' && s->stop == s->span.end && s->span.end - s->span.start <= MAX_KEY;
}

static struct slot slot_of_key(const struct reader *r, const struct scalar *s)
{
    return (struct slot){ true, s->span, oak_scalar_decode(r->arena, oak_str_span(r->text, s->span), s->style, -1),
                          s->span.start, s->stop + 1 };
}

/* ---- flow style ---- */

/* Moves to the next token, over line breaks. In a block, what follows a break stands deeper than the block. */
static bool next_token(struct reader *r, size_t *at)
{
    for (;;) {
        while (byte_at(r, *at) == ' ' || (byte_at(r, *at) == '\t' && r->depth == 0))
            ++*at;
        if (*at < r->eol)
            break;
        if (r->next >= r->text.len)
            return false;
        start_line(r, r->next);
        *at = r->line;
    }
    const char c = r->text.ptr[*at];
    if (r->depth > 0 && r->line > r->flow_line &&
        skip_spaces(r, r->line) - r->line <= r->frames[r->depth - 1].column)
        return false;
    return c != '#' && c != '\t';
}

static bool read_flow(struct reader *r, uint32_t parent, struct slot *slot, size_t *at);

/* The value at `at`; afterwards `*at` is behind it. */
static bool read_flow_value(struct reader *r, uint32_t parent, struct slot *slot, size_t *at)
{
    const char c = byte_at(r, *at);
    if (c == '{' || c == '[')
        return read_flow(r, parent, slot, at);
    struct scalar s;
    if (!read_scalar(r, *at, &s) || byte_at(r, s.stop) == ':')
        return false;
    add_scalar(r, parent, slot, s.span, s.style);
    *at = s.span.end;
    return true;
}

/* `key:` at `at`. Behind a quoted key the value may follow at once, as in JSON. */
static bool read_flow_key(struct reader *r, struct slot *slot, size_t *at)
{
    struct scalar s;
    if (!read_scalar(r, *at, &s) || byte_at(r, s.stop) != ':' || s.span.end - s.span.start > MAX_KEY ||
        (s.style == OAK_PLAIN && s.stop != s.span.end))
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
    size_t indent = 0, deepest_blank = 0, end = r->next;
    while (r->next < r->text.len) {
        start_line(r, r->next);
        const size_t first = skip_spaces(r, r->line);
        const size_t column = first - r->line;
        if (byte_at(r, first) == '\t' && (indent == 0 || column < indent))
            return false;
        if (first >= r->eol) {
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
        end = r->next;
    }
    if (deepest_blank > indent)
        return false;
    /* The last line read belongs to somebody else, unless it was the last of all. */
    r->next = end;
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
    const size_t column = at - r->line;
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
        r->flow_line = r->line;
        return read_flow(r, f->node, &f->slot, &at) && is_line_done(r, at);
    }
    struct scalar s;
    if (!read_scalar(r, at, &s) || !is_line_done(r, s.span.end))
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
    const char c = byte_at(r, at);
    struct scalar s;
    if (c == '{' || c == '[' || c == '|' || c == '>' || !read_scalar(r, at, &s) || !is_key(&s, r))
        return f != NULL && read_value(r, f, at);
    if (!is_break(byte_at(r, s.stop + 1)))
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
    return r->eol - r->line >= 3 && memcmp(r->text.ptr + r->line, marker, 3) == 0;
}

/* A document that is one flow collection: JSON. */
static bool read_root_flow(struct reader *r, size_t at)
{
    if (!read_flow(r, 0, NULL, &at) || !is_line_done(r, at))
        return false;
    r->index->nodes[r->index->root].entry = r->index->nodes[r->index->root].body;
    while (r->next < r->text.len) {
        start_line(r, r->next);
        if (!is_line_done(r, r->line))
            return false;
    }
    return true;
}

static bool read_lines(struct reader *r, size_t start)
{
    bool may_start = true; /* `---` was not there yet */
    r->next = start;
    while (r->next < r->text.len) {
        start_line(r, r->next);
        if (is_line_done(r, r->line))
            continue;
        const size_t at = skip_spaces(r, r->line);
        if (may_start && is_marker(r, "---")) {
            if (!is_break(byte_at(r, at + 3)) || !is_line_done(r, at + 3))
                return false;
            may_start = false;
            continue;
        }
        may_start = false;
        if (r->index->root == 0 && (r->text.ptr[at] == '{' || r->text.ptr[at] == '['))
            return read_root_flow(r, at);
        if (is_marker(r, "---") || is_marker(r, "...") || !read_line(r, at))
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
