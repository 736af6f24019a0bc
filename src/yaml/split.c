/* Cutting a file into documents at memory speed, without parsing. */
#include <oakum/yaml.h>

#include <string.h>

enum line_kind { LINE_BLANK, LINE_COMMENT, LINE_DIRECTIVE, LINE_START, LINE_END, LINE_CONTENT };

static bool is_marker(oak_str line, oak_str marker)
{
    return oak_str_starts(line, marker) &&
           (line.len == 3 || line.ptr[3] == ' ' || line.ptr[3] == '\t' || line.ptr[3] == '\r');
}

static enum line_kind kind_of(oak_str line)
{
    if (is_marker(line, OAK_STR("---")))
        return LINE_START;
    if (is_marker(line, OAK_STR("...")))
        return LINE_END;
    const oak_str text = oak_str_trim(line);
    if (text.len == 0)
        return LINE_BLANK;
    if (text.ptr[0] == '#')
        return LINE_COMMENT;
    return line.ptr[0] == '%' ? LINE_DIRECTIVE : LINE_CONTENT;
}

struct splitter {
    struct oak_arena *arena;
    oak_documents documents;
    size_t start;       /* of the part being read */
    bool has_content;   /* something is written in it */
    bool only_prologue; /* nothing but comments and directives so far: no `---` either */
};

static void close_part(struct splitter *s, size_t end)
{
    if (end > s->start) {
        struct oak_document *const part = oak_push(s->arena, &s->documents);
        *part = (struct oak_document){ { s->start, end }, !s->has_content };
    }
    s->start = end;
    s->has_content = false;
    s->only_prologue = true;
}

static void take_line(struct splitter *s, oak_str text, oak_span at, enum line_kind kind)
{
    if (kind == LINE_START && !s->only_prologue)
        close_part(s, at.start);
    if (kind == LINE_START) {
        const oak_str rest = oak_str_trim(oak_str_span(text, (oak_span){ at.start + 3, at.end }));
        s->has_content = rest.len > 0 && rest.ptr[0] != '#';
    }
    s->has_content = s->has_content || kind == LINE_CONTENT;
    if (kind == LINE_START || kind == LINE_CONTENT)
        s->only_prologue = false;
    if (kind == LINE_END)
        close_part(s, at.end < text.len ? at.end + 1 : at.end);
}

enum { STRIDE = 64 };

/* Does a line that could be a marker begin behind one of these bytes? Written without a branch: it becomes vectors. */
static bool may_have_marker(const char *at)
{
    unsigned char found = 0;
    for (size_t i = 0; i < STRIDE; i++)
        found |= (unsigned char)((at[i] == '\n') & ((at[i + 1] == '-') | (at[i + 1] == '.')));
    return found != 0;
}

/* From inside a line to the start of the next one, or of a later one if none of those between can be a marker. */
static size_t skip_lines(oak_str text, size_t at)
{
    while (at + STRIDE < text.len && !may_have_marker(text.ptr + at))
        at += STRIDE;
    const char *const eol = memchr(text.ptr + at, '\n', text.len - at);
    return eol != NULL ? (size_t)(eol - text.ptr) + 1 : text.len;
}

oak_documents oak_split(struct oak_arena *arena, oak_str text)
{
    struct splitter s = { .arena = arena, .only_prologue = true };
    size_t at = oak_str_starts(text, OAK_STR("\xEF\xBB\xBF")) ? 3 : 0;
    while (at < text.len) {
        const char first = text.ptr[at];
        /* Once there is content, only a marker can end the document: look no closer at other lines. */
        if (s.has_content && first != '-' && first != '.') {
            at = skip_lines(text, at);
            continue;
        }
        const char *const eol = memchr(text.ptr + at, '\n', text.len - at);
        const oak_span line = { at, eol != NULL ? (size_t)(eol - text.ptr) : text.len };
        take_line(&s, text, line, kind_of(oak_str_span(text, line)));
        at = line.end + 1;
    }
    close_part(&s, text.len);
    return s.documents;
}

size_t oak_split_count(struct oak_arena *arena, oak_str text, oak_span *first, oak_span *second)
{
    const oak_documents all = oak_split(arena, text);
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (all.items[i].is_empty)
            continue;
        if (count < 2)
            *(count == 0 ? first : second) = all.items[i].span;
        count++;
    }
    return count;
}
