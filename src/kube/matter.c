/* Which documents matter, found without parsing. Every way to write `kind: Pod` in YAML must be seen: quotes, flow style,
 * a value on the next line, escapes, aliases, templates. Where bytes alone can't tell, the answer is yes. */
#include <oakum/kube.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    const struct oak_name *const x = a, *const y = b;
    const int order = oak_str_cmp(x->kind, y->kind);
    return order != 0 ? order : oak_str_cmp(x->group, y->group);
}

void oak_names_add(struct oak_arena *arena, struct oak_names *names, oak_str kind)
{
    struct oak_name name = { .group = OAK_STR("") };
    if (!oak_str_cut(kind, '/', &name.group, &name.kind))
        name = (struct oak_name){ kind, OAK_STR("") };
    *oak_push(arena, names) = name;
}

void oak_names_sort(struct oak_names *names)
{
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, by_name);
}

/* The first name of this kind or a later one. */
static size_t first_of(const struct oak_names *names, oak_str kind)
{
    return oak_str_lower_bound(names->items, names->count, sizeof *names->items, offsetof(struct oak_name, kind), kind);
}

/* Does `group/` stand in the text? A CustomResourceDefinition names a group without a version. */
static bool has_group(oak_str text, oak_str group)
{
    for (size_t at = 0; oak_str_find(text, at, group, &at); at++)
        if (at + group.len < text.len && text.ptr[at + group.len] == '/')
            return true;
    return false;
}

/* What stands between the letters of a group can be an escape, too: \x2e, \u002d; and the line can be cut behind a `\`. */
static bool has_cut_or_escaped_sign(oak_str text)
{
    static const oak_str starts[] = { { "\n", 1 },   { "\r", 1 },   { "x2", 2 },       { "x3", 2 },
                                      { "u002", 4 }, { "u003", 4 }, { "U0000002", 8 }, { "U0000003", 8 } };
    for (size_t at = 0; oak_str_find(text, at, OAK_STR("\\"), &at); at += 2) {
        const oak_str rest = { text.ptr + at + 1, text.len - at - 1 };
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
            if (oak_str_starts(rest, starts[i]))
                return true;
    }
    return false;
}

/* The document, and what was asked of all of it: a ConfigMap may embed thousands of manifests that all ask the same. */
enum { REMEMBERED = 1024 }; /* names; of those behind them nothing is remembered */
struct asked {
    oak_str text;
    const struct oak_names *names;
    bool knows_sign, has_sign;                            /* has_cut_or_escaped_sign */
    uint8_t knows[REMEMBERED / 8], has[REMEMBERED / 8];   /* bits, by number of the name: has_group of its group */
};

static bool names_group(struct asked *a, size_t name)
{
    const oak_str group = a->names->items[name].group;
    if (name >= REMEMBERED)
        return has_group(a->text, group);
    const uint8_t bit = (uint8_t)(1u << name % 8);
    if ((a->knows[name / 8] & bit) == 0) {
        a->knows[name / 8] |= bit;
        if (has_group(a->text, group))
            a->has[name / 8] |= bit;
    }
    return (a->has[name / 8] & bit) != 0;
}

static bool may_hide_group(struct asked *a)
{
    if (!a->knows_sign)
        a->has_sign = has_cut_or_escaped_sign(a->text);
    a->knows_sign = true;
    return a->has_sign;
}

/* Many kinds share a name: a Service of Knative names its group somewhere in the document, in these bytes or in escapes. */
static bool has_kind(struct asked *a, oak_str kind)
{
    for (size_t i = first_of(a->names, kind); i < a->names->count && oak_str_eq(a->names->items[i].kind, kind); i++)
        if (a->names->items[i].group.len == 0 || names_group(a, i) || may_hide_group(a))
            return true;
    return false;
}

static bool has_name(struct asked *a, oak_str name)
{
    if (has_kind(a, name))
        return true;
    if (!oak_str_ends(name, OAK_STR("List")) || name.len == 4)
        return false;
    name.len -= 4; /* DeploymentList: its items need not name their kind */
    return has_kind(a, name);
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Blanks, line breaks and comments. */
static size_t skip_space(oak_str text, size_t at)
{
    while (at < text.len) {
        if (text.ptr[at] == '#' && at > 0 && strchr(" \t\n", text.ptr[at - 1]) != NULL) {
            const char *const eol = memchr(text.ptr + at, '\n', text.len - at);
            at = eol != NULL ? (size_t)(eol - text.ptr) : text.len;
        } else if (strchr(" \t\r\n", text.ptr[at]) != NULL) {
            at++;
        } else {
            break;
        }
    }
    return at;
}

/* The value behind `kind:` at `at`: a word is looked up; what could still become one of the names is a yes. */
static bool value_matters(struct asked *a, size_t at)
{
    const oak_str text = a->text;
    at = skip_space(text, at);
    if (at == text.len)
        return false;
    const char c = text.ptr[at];
    if (c == '{')
        return at + 1 < text.len && (text.ptr[at + 1] == '{' || text.ptr[at + 1] == '%'); /* a template's action */
    if (strchr("*&!|>%", c) != NULL)
        return true;
    const size_t start = c == '"' || c == '\'' ? at + 1 : at;
    size_t end = start;
    while (end < text.len && is_letter(text.ptr[end]))
        end++;
    if (start > at && (end == text.len || text.ptr[end] != c))
        return true; /* in quotes, and no plain word: an escape, perhaps */
    return has_name(a, oak_str_span(text, (oak_span){ start, end }));
}

/* Letters can be written as escapes in double quotes: \x4b, \u006b, \U0000006b; rare enough to say yes. */
static bool has_escaped_letter(oak_str text)
{
    size_t at = 0;
    while (oak_str_find(text, at, OAK_STR("\\"), &at)) {
        const oak_str rest = { text.ptr + at + 1, text.len - at - 1 };
        static const oak_str starts[] = {
            { "x4", 2 }, { "x5", 2 }, { "x6", 2 }, { "x7", 2 }, { "u004", 4 }, { "u005", 4 }, { "u006", 4 },
            { "u007", 4 }, { "U0000004", 8 }, { "U0000005", 8 }, { "U0000006", 8 }, { "U0000007", 8 },
        };
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
            if (oak_str_starts(rest, starts[i]))
                return true;
        at += 2;
    }
    return false;
}

/* A double-quoted key can be cut by `\` and a line break: "ki\ and nd" on the next line. Its last piece ends the key. */
static bool has_cut_key(oak_str text)
{
    static const oak_str pieces[] = { { "\"", 1 }, { "d\"", 2 }, { "nd\"", 3 }, { "ind\"", 4 }, { "kind\"", 5 } };
    for (size_t at = 0; oak_str_find(text, at, OAK_STR("\\"), &at);) {
        at++;
        if (at == text.len || strchr("\r\n", text.ptr[at]) == NULL)
            continue;
        while (at < text.len && strchr(" \t\r\n", text.ptr[at]) != NULL)
            at++;
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
            if (oak_str_starts((oak_str){ text.ptr + at, text.len - at }, pieces[i]))
                return true;
    }
    return false;
}

bool oak_document_matters(oak_str text, oak_span document, const struct oak_names *kinds)
{
    const oak_str part = oak_str_span(text, document);
    struct asked asked = { .text = part, .names = kinds };
    for (size_t at = 0; oak_str_find(part, at, OAK_STR("kind"), &at);) {
        at += 4;
        size_t colon = at;
        if (colon < part.len && (part.ptr[colon] == '"' || part.ptr[colon] == '\''))
            colon++;
        colon = skip_space(part, colon);
        if (colon < part.len && part.ptr[colon] == ':' && value_matters(&asked, colon + 1))
            return true;
    }
    return memchr(part.ptr, '\\', part.len) != NULL && (has_escaped_letter(part) || has_cut_key(part));
}

/* `containers:` with a list behind it, or with what could lead to one. */
bool oak_document_has_containers(oak_str text, oak_span document)
{
    static const oak_str key = { "containers", 10 };
    const oak_str part = oak_str_span(text, document);
    for (size_t at = 0; oak_str_find(part, at, key, &at);) {
        at += key.len;
        size_t colon = at;
        if (colon < part.len && (part.ptr[colon] == '"' || part.ptr[colon] == '\''))
            colon++;
        colon = skip_space(part, colon);
        if (colon == part.len || part.ptr[colon] != ':')
            continue;
        const size_t value = skip_space(part, colon + 1);
        if (value < part.len && strchr("-[&*!", part.ptr[value]) != NULL)
            return true;
    }
    return false;
}
