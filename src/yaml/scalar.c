/* Decoding from raw bytes (libfyaml 0.7.12 decodes two adjacent escaped quotes and an empty literal at the end of the
 * file wrongly, and some texts in quadratic time), and spelling. YAML 1.2.2, chapters 6.5, 7.3 and 8.1. */
#include "yaml/scalar.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t break_len(oak_str text, size_t at)
{
    if (at < text.len && text.ptr[at] == '\n')
        return 1;
    return at + 1 < text.len && text.ptr[at] == '\r' && text.ptr[at + 1] == '\n' ? 2 : 0;
}

/* ---- flow scalars ---- */

/* At a line break: skips it, the blank lines behind it and the indentation of the next line; writes what folding makes
 * of them: one break is a space, n + 1 breaks are n. */
static size_t fold(struct oak_buf *out, oak_str text, size_t at, size_t keep_len)
{
    while (out->len > keep_len && is_blank(out->ptr[out->len - 1]))
        out->len--;
    size_t breaks = 0;
    for (;;) {
        while (at < text.len && is_blank(text.ptr[at]))
            at++;
        const size_t len = break_len(text, at);
        if (len == 0)
            break;
        breaks++;
        at += len;
    }
    oak_buf_fill(out, breaks == 1 ? ' ' : '\n', breaks == 1 ? 1 : breaks - 1);
    return at;
}

static void add_utf8(struct oak_buf *out, uint32_t code)
{
    char bytes[4];
    size_t len;
    if (code < 0x80) {
        bytes[0] = (char)code;
        len = 1;
    } else if (code < 0x800) {
        bytes[0] = (char)(0xC0 | (code >> 6));
        bytes[1] = (char)(0x80 | (code & 0x3F));
        len = 2;
    } else if (code < 0x10000) {
        bytes[0] = (char)(0xE0 | (code >> 12));
        bytes[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        bytes[2] = (char)(0x80 | (code & 0x3F));
        len = 3;
    } else {
        bytes[0] = (char)(0xF0 | ((code >> 18) & 0x07));
        bytes[1] = (char)(0x80 | ((code >> 12) & 0x3F));
        bytes[2] = (char)(0x80 | ((code >> 6) & 0x3F));
        bytes[3] = (char)(0x80 | (code & 0x3F));
        len = 4;
    }
    oak_buf_add(out, (oak_str){ bytes, len });
}

static uint32_t hex_at(oak_str text, size_t at, size_t digits)
{
    uint32_t code = 0;
    for (size_t i = at; i < at + digits && i < text.len; i++) {
        const char c = text.ptr[i];
        code = code * 16 + (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return code;
}

/* Behind a backslash, at `at`; returns where the escape ends. A pair of \u surrogates is one character, as JSON has it. */
static size_t unescape(struct oak_buf *out, oak_str text, size_t at)
{
    static const char names[] = "0abtnvfre\t\"/\\ N_LP";
    static const uint32_t codes[] = { 0,   7,   8,   9,    10,  11,   12,   13,     27,    9,
                                      '"', '/', '\\', ' ', 0x85, 0xA0, 0x2028, 0x2029 };
    const char c = text.ptr[at];
    const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits > 0) {
        uint32_t code = hex_at(text, at + 1, digits);
        size_t end = at + 1 + digits;
        const oak_str rest = { text.ptr + end, text.len > end ? text.len - end : 0 };
        if (code >= 0xD800 && code < 0xDC00 && oak_str_starts(rest, OAK_STR("\\u"))) {
            code = 0x10000 + ((code - 0xD800) << 10) + (hex_at(text, end + 2, 4) - 0xDC00);
            end += 6;
        }
        add_utf8(out, code);
        return end;
    }
    const char *const name = memchr(names, c, sizeof names - 1);
    add_utf8(out, name != NULL ? codes[name - names] : (uint32_t)(unsigned char)c);
    return at + 1;
}

static oak_str decode_flow(struct oak_arena *arena, oak_str text, enum oak_style style)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    size_t keep_len = 0; /* blanks up to here were escaped: folding must not take them */
    for (size_t at = 0; at < text.len;) {
        const char c = text.ptr[at];
        if (break_len(text, at) > 0) {
            at = fold(&out, text, at, keep_len);
        } else if (style == OAK_DOUBLE && c == '\\' && break_len(text, at + 1) > 0) {
            at += 1 + break_len(text, at + 1);
            while (at < text.len && is_blank(text.ptr[at]))
                at++;
            keep_len = out.len;
        } else if (style == OAK_DOUBLE && c == '\\' && at + 1 < text.len) {
            at = unescape(&out, text, at + 1);
            keep_len = out.len;
        } else {
            oak_buf_add(&out, (oak_str){ &text.ptr[at], 1 });
            at += style == OAK_SINGLE && c == '\'' ? 2 : 1;
        }
    }
    return oak_buf_str(&out);
}

/* ---- block scalars ---- */

struct block {
    size_t content;  /* offset of the first line behind the header */
    size_t indent;   /* of the content */
    char chomp;      /* '+', '-' or 0 */
};

static size_t line_end(oak_str text, size_t at)
{
    const char *const eol = at < text.len ? memchr(text.ptr + at, '\n', text.len - at) : NULL;
    return eol != NULL ? (size_t)(eol - text.ptr) : text.len;
}

/* Spaces at the start of the line at `at`; `*is_empty` if nothing but line break follows. */
static size_t indent_at(oak_str text, size_t at, bool *is_empty)
{
    size_t indent = 0;
    while (at + indent < text.len && text.ptr[at + indent] == ' ')
        indent++;
    *is_empty = at + indent >= text.len || break_len(text, at + indent) > 0;
    return indent;
}

static struct block read_header(oak_str raw, int column)
{
    struct block b = { 0 };
    size_t explicit_indent = 0;
    const size_t header_end = line_end(raw, 0);
    for (size_t i = 1; i < header_end && raw.ptr[i] != '#' && !is_blank(raw.ptr[i]); i++) {
        if (raw.ptr[i] == '+' || raw.ptr[i] == '-')
            b.chomp = raw.ptr[i];
        else if (raw.ptr[i] >= '1' && raw.ptr[i] <= '9')
            explicit_indent = (size_t)(raw.ptr[i] - '0');
    }
    b.content = header_end < raw.len ? header_end + 1 : raw.len;
    if (explicit_indent > 0) {
        b.indent = explicit_indent + (column > 0 ? (size_t)column : 0);
        return b;
    }
    for (size_t at = b.content; at < raw.len; at = line_end(raw, at) + 1) {
        bool is_empty;
        b.indent = indent_at(raw, at, &is_empty);
        if (!is_empty)
            return b;
    }
    b.indent = SIZE_MAX; /* blank lines only */
    return b;
}

size_t oak_block_scalar_indent(oak_str raw)
{
    for (size_t at = line_end(raw, 0) + 1; at < raw.len; at = line_end(raw, at) + 1) {
        bool is_empty;
        const size_t indent = indent_at(raw, at, &is_empty);
        if (!is_empty)
            return indent;
    }
    return SIZE_MAX;
}

size_t oak_block_scalar_end(oak_str raw, int column)
{
    const struct block b = read_header(raw, column);
    size_t end = line_end(raw, 0);
    for (size_t at = b.content; at < raw.len; at = line_end(raw, at) + 1) {
        bool is_empty;
        const size_t indent = indent_at(raw, at, &is_empty);
        const bool is_content = b.indent != SIZE_MAX && (is_empty ? indent > b.indent : indent >= b.indent);
        if (!is_empty && !is_content)
            break;
        const size_t eol = line_end(raw, at);
        /* The parser's mark may stand in the next line's indentation: a last piece without line break is not a line. */
        if (is_content || (b.chomp == '+' && eol < raw.len))
            end = eol;
    }
    return end > 0 && end < raw.len && raw.ptr[end - 1] == '\r' ? end - 1 : end;
}

struct block_line {
    oak_str text;   /* behind the indentation */
    bool is_more;   /* starts with a blank: not folded */
};

static void add_folded(struct oak_buf *out, const struct block_line *line, size_t breaks, bool was_more, bool is_first)
{
    if (is_first)
        oak_buf_fill(out, '\n', breaks);
    else if (line->is_more || was_more)
        oak_buf_fill(out, '\n', breaks);
    else
        oak_buf_fill(out, breaks == 1 ? ' ' : '\n', breaks == 1 ? 1 : breaks - 1);
    oak_buf_add(out, line->text);
}

static oak_str decode_block(struct oak_arena *arena, oak_str raw, enum oak_style style, int column)
{
    const struct block b = read_header(raw, column);
    struct oak_buf out;
    oak_buf_init(&out, arena);
    size_t breaks = 0; /* line breaks not yet written */
    bool was_more = false, is_first = true;
    for (size_t at = b.content; at < raw.len;) {
        size_t eol = line_end(raw, at);
        const size_t next = eol + 1;
        if (eol > at && eol < raw.len && raw.ptr[eol - 1] == '\r')
            eol--;
        const size_t skip = b.indent < eol - at ? b.indent : eol - at;
        const struct block_line line = { { raw.ptr + at + skip, eol - at - skip },
                                         eol > at + skip && is_blank(raw.ptr[at + skip]) };
        if (line.text.len > 0) {
            if (style == OAK_FOLDED) {
                add_folded(&out, &line, breaks, was_more, is_first);
            } else {
                oak_buf_fill(&out, '\n', breaks);
                oak_buf_add(&out, line.text);
            }
            was_more = line.is_more;
            is_first = false;
            breaks = 0;
        }
        if (next <= raw.len)
            breaks++;
        at = next;
    }
    if (b.chomp == '+')
        oak_buf_fill(&out, '\n', breaks);
    else if (b.chomp == 0 && !is_first)
        oak_buf_fill(&out, '\n', breaks > 0 ? 1 : 0);
    return oak_buf_str(&out);
}

oak_str oak_scalar_decode(struct oak_arena *arena, oak_str raw, enum oak_style style, int column)
{
    if (style == OAK_LITERAL || style == OAK_FOLDED)
        return decode_block(arena, raw, style, column);
    const oak_str text =
        style == OAK_PLAIN || raw.len < 2 ? raw : (oak_str){ raw.ptr + 1, raw.len - 2 };
    const char *const special = style == OAK_DOUBLE ? "\\\n" : style == OAK_SINGLE ? "'\n" : "\n";
    for (const char *c = special; *c != '\0'; c++)
        if (text.len > 0 && memchr(text.ptr, *c, text.len) != NULL)
            return decode_flow(arena, text, style);
    return text;
}

/* ---- spelling ---- */

/* Bytes that end a plain scalar in flow style, or begin a comment. */
static const bool is_bracket[256] = { [','] = true, ['['] = true, [']'] = true, ['{'] = true, ['}'] = true, ['#'] = true };

static bool is_plain_safe(oak_str text)
{
    bool bool_value;
    int64_t int_value;
    if (text.len == 0 || oak_scalar_type(text, &bool_value, &int_value) != OAK_TYPE_STRING)
        return false;
    if (strchr("-?:,[]{}#&*!|>'\"%@`", text.ptr[0]) != NULL || text.ptr[text.len - 1] == ':')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if ((unsigned)(c - '!') > '~' - '!' || is_bracket[c])
            return false;
    }
    /* Dates are timestamps for go-yaml. */
    return !(text.ptr[0] >= '0' && text.ptr[0] <= '9');
}

/* What oak_text_check refuses, or readers take for a break or leave out: written as an escape. */
static bool is_unprintable(uint32_t c)
{
    return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

/* Bytes of the character at `at` (one, of something that is none), and what it is. */
static size_t char_at(oak_str text, size_t at, uint32_t *out)
{
    const size_t len = oak_utf8_decode(text, at, out);
    *out = len == 0 ? (unsigned char)text.ptr[at] : *out;
    return len == 0 ? 1 : len;
}

static bool has_unprintable(oak_str text)
{
    for (size_t i = 0; i < text.len;) {
        uint32_t c;
        i += char_at(text, i, &c);
        if (is_unprintable(c))
            return true;
    }
    return false;
}

oak_str oak_scalar_spell(struct oak_arena *arena, oak_str text, enum oak_style wanted)
{
    if (wanted == OAK_PLAIN && is_plain_safe(text))
        return text;
    struct oak_buf out;
    oak_buf_init(&out, arena);
    if (wanted == OAK_SINGLE && text.len > 0 && !has_unprintable(text)) {
        oak_buf_add(&out, OAK_STR("'"));
        for (size_t i = 0; i < text.len; i++)
            oak_buf_addf(&out, text.ptr[i] == '\'' ? "''" : "%c", text.ptr[i]);
        oak_buf_add(&out, OAK_STR("'"));
        return oak_buf_str(&out);
    }
    oak_buf_add(&out, OAK_STR("\""));
    for (size_t i = 0, len; i < text.len; i += len) {
        uint32_t c = 0;
        len = char_at(text, i, &c);
        if (c == '"' || c == '\\')
            oak_buf_addf(&out, "\\%c", (char)c);
        else if (is_unprintable(c))
            oak_buf_addf(&out, "\\u%04x", (unsigned)c);
        else
            oak_buf_add(&out, oak_str_span(text, (oak_span){ i, i + len }));
    }
    oak_buf_add(&out, OAK_STR("\""));
    return oak_buf_str(&out);
}
