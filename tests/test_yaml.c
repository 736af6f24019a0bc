/* Bytes → nodes: spans, decoded scalars, types, paths, documents; each surprise of libfyaml with its smallest input. */
#include "arena_test.h"

#include <oakum/kube.h>

#include <string.h>

TestSuite(yaml, .init = setup, .fini = teardown, .timeout = 120);

static struct oak_index parsed(const char *text)
{
    struct oak_index index;
    const oak_str bytes = oak_str_from(text);
    const oak_documents documents = oak_split(&arena, bytes);
    cr_assert(oak_text_check(bytes, &err), "%s: %s", text, err.text);
    cr_assert_eq(documents.count, 1, "%s", text);
    cr_assert(oak_index_parse(&arena, bytes, documents.items[0].span, &index, &err), "%s: %s", text, err.text);
    return index;
}

static oak_places places_of(const struct oak_index *index, const char *path)
{
    struct oak_path steps;
    cr_assert(oak_path_parse(&arena, oak_str_from(path), &steps, &err), "%s", err.text);
    return oak_path_resolve(&arena, index, index->root, &steps);
}

/* The node at the end of `path`. */
static const struct oak_node *node_at(const struct oak_index *index, const char *path)
{
    const oak_places places = places_of(index, path);
    cr_assert_gt(places.count, 0, "%s: nothing at %s", index->text.ptr, path);
    cr_assert_eq(places.items[0].missing_count, 0, "%s: nothing at %s", index->text.ptr, path);
    return &index->nodes[places.items[0].node];
}

/* ---- marks ---- */

Test(yaml, spans_are_exact)
{
    static const struct {
        const char *text, *path;
        enum oak_node_kind kind;
        enum oak_style style;
        const char *span; /* the bytes, as written */
    } cases[] = {
        { "k: plain # c\n", "k", OAK_SCALAR, OAK_PLAIN, "plain" },
        { "k: two\n  lines # c\n", "k", OAK_SCALAR, OAK_PLAIN, "two\n  lines" },
        { "k: 'it''s'  # c\n", "k", OAK_SCALAR, OAK_SINGLE, "'it''s'" },
        { "k: \"a\\\"b\"\n", "k", OAK_SCALAR, OAK_DOUBLE, "\"a\\\"b\"" },
        { "k: ''\n", "k", OAK_SCALAR, OAK_SINGLE, "''" },
        { "k: |\n  a\n  b\n\n# c\nz: 1\n", "k", OAK_SCALAR, OAK_LITERAL, "|\n  a\n  b" },
        { "k:\n  a: |\n    x\n  # c\nz: 1\n", "k.a", OAK_SCALAR, OAK_LITERAL, "|\n    x" },
        { "k: >- # c\n  x\n\n\nz: 1\n", "k", OAK_SCALAR, OAK_FOLDED, ">- # c\n  x" },
        { "k: |\n", "k", OAK_SCALAR, OAK_LITERAL, "|" },
        { "k:\n  |-\n  x\n", "k", OAK_SCALAR, OAK_LITERAL, "|-\n  x" },
        { "k: |\r\n  a\r\nz: 1\r\n", "k", OAK_SCALAR, OAK_LITERAL, "|\r\n  a" },
        { "k:\nz: 1\n", "k", OAK_NULL, OAK_PLAIN, "" },
        { "k: &a\nz: 1\n", "k", OAK_NULL, OAK_PLAIN, "&a" },
        { "k: &a !!str v # c\n", "k", OAK_SCALAR, OAK_PLAIN, "&a !!str v" },
        { "k: !!str &a 'v'\n", "k", OAK_SCALAR, OAK_SINGLE, "!!str &a 'v'" },
        { "a: &x 1\nb: *x # c\n", "b", OAK_ALIAS, OAK_PLAIN, "*x" },
        { "k:\n- a\n- b\nz: 1\n", "k", OAK_SEQUENCE, OAK_BLOCK, "- a\n- b" },
        { "k:\n  - a\n  -\n\n  # c\nz: 1\n", "k", OAK_SEQUENCE, OAK_BLOCK, "- a\n  -" },
        { "k:\n  a: 1\n  # c\n\nz: 2\n", "k", OAK_MAPPING, OAK_BLOCK, "a: 1" },
        { "k:\n  a: 1\n  b:   # c\nz: 2\n", "k", OAK_MAPPING, OAK_BLOCK, "a: 1\n  b:" },
        { "k: &m # c\n  a: 1\n", "k", OAK_MAPPING, OAK_BLOCK, "&m # c\n  a: 1" },
        { "k: { a: 1, }  # c\n", "k", OAK_MAPPING, OAK_FLOW, "{ a: 1, }" },
        { "k: [\n  1, # c\n]\n", "k", OAK_SEQUENCE, OAK_FLOW, "[\n  1, # c\n]" },
        { "k: {}\n", "k", OAK_MAPPING, OAK_FLOW, "{}" },
        { "k: {a}\n", "k.a", OAK_NULL, OAK_PLAIN, "" },
        { "? k\n: v\n", "k", OAK_SCALAR, OAK_PLAIN, "v" },
        { "x:\n- k: v\n  l: w\n", "x[]", OAK_MAPPING, OAK_BLOCK, "k: v\n  l: w" },
        { "x:\n- - a\n  - b\n", "x[]", OAK_SEQUENCE, OAK_BLOCK, "- a\n  - b" },
        { "k:\tv\n", "k", OAK_SCALAR, OAK_PLAIN, "v" },
        { "\xEF\xBB\xBFk: v\n", "k", OAK_SCALAR, OAK_PLAIN, "v" },
        { "\xC3\xA9: {\xE6\x97\xA5: v}\n", "\xC3\xA9.\xE6\x97\xA5", OAK_SCALAR, OAK_PLAIN, "v" },
        { "k: v", "k", OAK_SCALAR, OAK_PLAIN, "v" },
        { "--- {k: v}\n...\n", "k", OAK_SCALAR, OAK_PLAIN, "v" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct oak_index index = parsed(cases[i].text);
        const struct oak_node *const node = node_at(&index, cases[i].path);
        const oak_str span = oak_str_span(index.text, node->span);
        cr_expect_eq(node->kind, cases[i].kind, "%s: kind %d", cases[i].text, (int)node->kind);
        cr_expect(node->kind == OAK_NULL || node->kind == OAK_ALIAS || node->style == cases[i].style, "%s: style %d",
                  cases[i].text, (int)node->style);
        cr_expect(oak_str_eq(span, oak_str_from(cases[i].span)), "%s: span '%.*s'", cases[i].text, (int)span.len,
                  span.ptr);
    }
}

Test(yaml, entries_and_columns_are_exact)
{
    static const struct {
        const char *text, *path, *entry, *key;
        uint32_t column; /* of a collection */
    } cases[] = {
        { "a: 1\n  # c\n\"k\": v\n", "k", "\"k\": v\n", "\"k\"", 0 },
        { "x:\n-   b: 1\n", "x[].b", "b: 1\n", "b", 0 },
        { "x:\n  -   b: 1\n", "x[]", "-   b: 1\n", "", 6 },
        { "x:\n- - a\n", "x[]", "- - a\n", "", 2 },
        { "k: {a: 1, \"b\": 2}\n", "k.b", "\"b\": 2}\n", "\"b\"", 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct oak_index index = parsed(cases[i].text);
        const struct oak_node *const node = node_at(&index, cases[i].path);
        const oak_str entry = oak_str_span(index.text, (oak_span){ node->entry, index.text.len });
        const oak_str key = oak_str_span(index.text, node->key);
        cr_expect(oak_str_eq(entry, oak_str_from(cases[i].entry)), "%s: entry '%.*s'", cases[i].text, (int)entry.len,
                  entry.ptr);
        cr_expect(oak_str_eq(key, oak_str_from(cases[i].key)), "%s: key '%.*s'", cases[i].text, (int)key.len, key.ptr);
        if (node->kind == OAK_SEQUENCE || node->kind == OAK_MAPPING)
            cr_expect_eq(node->column, cases[i].column, "%s: column %u", cases[i].text, node->column);
    }
}

Test(yaml, knows_odd_mappings)
{
    static const struct {
        const char *text;
        bool is_odd;
    } cases[] = {
        { "{a: 1}\n", false }, { "a: 1\n", false },       { "? a\n: 1\n", true }, { "{a}\n", true },
        { "? a\n", true },     { "[a]: 1\n", true },      { "\"a\": 1\n", false }, { "{? a : 1}\n", true },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct oak_index index = parsed(cases[i].text);
        cr_expect_eq(index.nodes[index.root].odd, cases[i].is_odd, "%s", cases[i].text);
    }
    const struct oak_index pair = parsed("k: [a: b]\n");
    cr_assert_eq(node_at(&pair, "k[]")->style, OAK_PAIR);
}

/* ---- scalars ---- */

Test(yaml, decodes_scalars)
{
    static const struct {
        const char *text, *want; /* text: the value of `k`, with all that follows */
    } cases[] = {
        { "plain\n", "plain" },
        { "a\n  b\n\n  c\n", "a b\nc" },
        { "'x '''' y'\n", "x '' y" }, /* libfyaml 0.7.12: x ''' */
        { "''''\n", "'" },
        { "'a\n\n  b'\n", "a\nb" },
        { "'a  \n  b'\n", "a b" },
        { "\"a\\tb\\n\\\\\\\"\\/\"\n", "a\tb\n\\\"/" },
        { "\"\\x41\\u00e9\\U0001F600\"\n", "A\xC3\xA9\xF0\x9F\x98\x80" },
        { "\"a\\\n   b\"\n", "ab" },
        { "\"a \\\n   \\ b\"\n", "a  b" },
        { "\"a\n  b\n\n  c\"\n", "a b\nc" },
        { "\"\\e\\a\\b\\v\\f\\r\\_\\N\\L\\P\"\n",
          "\x1B\a\b\v\f\r\xC2\xA0\xC2\x85\xE2\x80\xA8\xE2\x80\xA9" },
        { "|\n  a\n   b\n\n  c\n", "a\n b\n\nc\n" },
        { "|-\n  a\n\n", "a" },
        { "|+\n  a\n\n", "a\n\n" },
        { "|+\n  a\n\nz: 1\n", "a\n\n" },
        { "|\n", "" },           /* libfyaml 0.7.12: a NUL byte */
        { "|\n  x", "x" },       /* libfyaml: x and a line break; libyaml and Go: x */
        { "|+\n  x", "x" },
        { "|-\n  x", "x" },
        { ">\n  x", "x" },
        { "|2\n    x\n", "  x\n" },
        { "|2-\n    x\n", "  x" },
        { "|\n\n\n  a\n", "\n\na\n" },
        { "|\n  a\n     \n  b\n", "a\n   \nb\n" },
        { "|\n  a\r\n  b\r\n", "a\nb\n" },
        { ">\n  a\n  b\n\n  c\n", "a b\nc\n" },
        { ">\n  a\n    more\n  b\n", "a\n  more\nb\n" },
        { ">\n\n  a\n", "\na\n" },
        { ">-\n  a\n\n\n  b\n", "a\n\nb" },
        { "\n  |-\n  text\n", "text" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_str text = oak_arena_printf(&arena, "k: %s", cases[i].text);
        const struct oak_index index = parsed(oak_arena_cstr(&arena, text));
        const oak_str value = node_at(&index, "k")->value;
        cr_expect(oak_str_eq(value, oak_str_from(cases[i].want)), "%s: '%.*s' (%zu bytes)", cases[i].text,
                  (int)value.len, value.ptr, value.len);
    }
}

Test(yaml, types_scalars_as_kubectl_does)
{
    static const struct {
        const char *text;
        enum oak_type type;
        int64_t value;
    } cases[] = {
        { "", OAK_TYPE_NULL, 0 },         { "~", OAK_TYPE_NULL, 0 },          { "null", OAK_TYPE_NULL, 0 },
        { "Null", OAK_TYPE_NULL, 0 },     { "nUll", OAK_TYPE_STRING, 0 },     { "true", OAK_TYPE_BOOL, 1 },
        { "yes", OAK_TYPE_BOOL, 1 },      { "Yes", OAK_TYPE_BOOL, 1 },        { "on", OAK_TYPE_BOOL, 1 },
        { "y", OAK_TYPE_BOOL, 1 },        { "Y", OAK_TYPE_BOOL, 1 },          { "no", OAK_TYPE_BOOL, 0 },
        { "n", OAK_TYPE_BOOL, 0 },        { "NO", OAK_TYPE_BOOL, 0 },         { "off", OAK_TYPE_BOOL, 0 },
        { "False", OAK_TYPE_BOOL, 0 },    { "tRue", OAK_TYPE_STRING, 0 },     { "yep", OAK_TYPE_STRING, 0 },
        { "0", OAK_TYPE_INT, 0 },         { "-7", OAK_TYPE_INT, -7 },         { "+7", OAK_TYPE_INT, 7 },
        { "0644", OAK_TYPE_INT, 420 },    { "010", OAK_TYPE_INT, 8 },         { "0o17", OAK_TYPE_INT, 15 },
        { "0x1F", OAK_TYPE_INT, 31 },     { "0b101", OAK_TYPE_INT, 5 },       { "-0x10", OAK_TYPE_INT, -16 },
        { "1_000", OAK_TYPE_INT, 1000 },  { "08", OAK_TYPE_FLOAT, 0 },        { "1e3", OAK_TYPE_FLOAT, 0 },
        { "1.5", OAK_TYPE_FLOAT, 0 },     { ".5", OAK_TYPE_FLOAT, 0 },        { "1.", OAK_TYPE_FLOAT, 0 },
        { ".inf", OAK_TYPE_FLOAT, 0 },    { "-.Inf", OAK_TYPE_FLOAT, 0 },     { ".NaN", OAK_TYPE_FLOAT, 0 },
        { ".", OAK_TYPE_STRING, 0 },      { "-", OAK_TYPE_STRING, 0 },        { "+", OAK_TYPE_STRING, 0 },
        { "12:30:45", OAK_TYPE_STRING, 0 }, { "1.2.3", OAK_TYPE_STRING, 0 },  { "0x", OAK_TYPE_STRING, 0 },
        { "1e", OAK_TYPE_STRING, 0 },     { "2001-01-01", OAK_TYPE_STRING, 0 }, { "=", OAK_TYPE_STRING, 0 },
        { "<<", OAK_TYPE_STRING, 0 },     { "web", OAK_TYPE_STRING, 0 },      { "1 2", OAK_TYPE_STRING, 0 },
        { "9223372036854775807", OAK_TYPE_INT, INT64_MAX }, { "99999999999999999999", OAK_TYPE_FLOAT, 0 },
        { "-9223372036854775808", OAK_TYPE_INT, INT64_MIN }, { "-9223372036854775809", OAK_TYPE_FLOAT, 0 },
        { "-0x8000000000000000", OAK_TYPE_INT, INT64_MIN }, { "-0x8000000000000001", OAK_TYPE_STRING, 0 },
        { "0x0x1", OAK_TYPE_STRING, 0 },  { "0x_1_", OAK_TYPE_INT, 1 },       { "0_x1", OAK_TYPE_INT, 1 },
        { "-0", OAK_TYPE_INT, 0 },        { "00", OAK_TYPE_INT, 0 },          { "0b", OAK_TYPE_STRING, 0 },
        { "0b2", OAK_TYPE_STRING, 0 },    { "0o8", OAK_TYPE_STRING, 0 },      { "0O17", OAK_TYPE_INT, 15 },
        { "0xfg", OAK_TYPE_STRING, 0 },   { "--1", OAK_TYPE_STRING, 0 },      { "0x-1", OAK_TYPE_STRING, 0 },
        { "0 1", OAK_TYPE_STRING, 0 },    { "0x 1", OAK_TYPE_STRING, 0 },     { "1__", OAK_TYPE_INT, 1 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool is_true = false;
        int64_t number = 0;
        const enum oak_type type = oak_scalar_type(oak_str_from(cases[i].text), &is_true, &number);
        cr_expect_eq(type, cases[i].type, "'%s': type %d", cases[i].text, (int)type);
        if (type == OAK_TYPE_BOOL)
            cr_expect_eq(is_true, cases[i].value != 0, "'%s'", cases[i].text);
        if (type == OAK_TYPE_INT)
            cr_expect_eq(number, cases[i].value, "'%s': %lld", cases[i].text, (long long)number);
    }
    const struct oak_index index = parsed("a: 'true'\nb: !!str true\nc:\nd: &x yes\ne: *x\n");
    static const enum oak_type types[] = { OAK_TYPE_STRING, OAK_TYPE_STRING, OAK_TYPE_NULL, OAK_TYPE_BOOL,
                                           OAK_TYPE_BOOL };
    for (size_t i = 0; i < COUNT(types); i++) {
        bool is_true;
        int64_t number;
        const uint32_t node = oak_node_get(&index, index.root, (oak_str){ "abcde" + i, 1 });
        cr_expect_eq(oak_node_type(&index, node, &is_true, &number), types[i], "%zu", i);
    }
}

/* ---- bad text ---- */

Test(yaml, refuses_text_before_it_is_parsed)
{
    static const struct {
        oak_str text;
        size_t at;
        const char *want;
    } cases[] = {
        { { "\xFF\xFEk\0", 4 }, 0, "UTF-16" },         { { "\xFE\xFF\0k", 4 }, 0, "UTF-16" },
        { { "a: \0b", 5 }, 3, "NUL" },                 { { "a: \xFF", 4 }, 3, "invalid UTF-8" },
        { { "a: \xC0\xAF", 5 }, 3, "invalid UTF-8" },  { { "a: \xED\xA0\x80", 6 }, 3, "invalid UTF-8" },
        { { "a: \xE6\x97", 5 }, 3, "invalid UTF-8" },  { { "a: \xF4\x90\x80\x80", 7 }, 3, "invalid UTF-8" },
        { { "a: b\rc: d", 9 }, 4, "carriage return" }, { { "a: b\r", 5 }, 4, "carriage return" },
        { { "a: \x01", 4 }, 3, "control character" },  { { "a: \x1B[0m", 7 }, 3, "control character" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_expect_not(oak_text_check(cases[i].text, &err), "%zu", i);
        cr_expect_eq(err.span.start, cases[i].at, "%zu: at %zu", i, err.span.start);
        cr_expect_not_null(strstr(err.text, cases[i].want), "%zu: %s", i, err.text);
    }
    cr_assert(oak_text_check(OAK_STR(""), &err));
    cr_assert(oak_text_check(OAK_STR("\xEF\xBB\xBF" "a:\tb\r\n\xF0\x9F\x98\x80\n"), &err));
}

static bool parses(const char *text)
{
    struct oak_index index;
    const oak_str bytes = oak_str_from(text);
    return oak_text_check(bytes, &err) && oak_index_parse(&arena, bytes, (oak_span){ 0, bytes.len }, &index, &err);
}

Test(yaml, refuses_what_is_no_yaml)
{
    static const struct {
        const char *text;
        enum oak_error_kind kind;
    } cases[] = {
        { "a: \"b\n", OAK_SYNTAX },           { "a: [b\n", OAK_SYNTAX },          { "a:\n\tb: c\n", OAK_SYNTAX },
        { "a: *x\n", OAK_SYNTAX },            { "a: b: c\n", OAK_SYNTAX },        { "a: }\n", OAK_SYNTAX },
        { "a: \"\\z\"\n", OAK_SYNTAX },       { "a: \"\\", OAK_SYNTAX },          { "a: {{ b }}\n", OAK_TEMPLATE },
        { "{{- if a }}\nb: c\n{{ end }}\n", OAK_TEMPLATE },                       { "{% if a %}\nb: c\n", OAK_TEMPLATE },
        { "a:\n  {{- b | nindent 2 }}\n", OAK_TEMPLATE },                         { "*a\n", OAK_SYNTAX },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_expect_not(parses(cases[i].text), "%s", cases[i].text);
        cr_expect_eq(err.kind, cases[i].kind, "%s: %s", cases[i].text, err.text);
        cr_expect(err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "%s", err.text);
    }
    static const char *const good[] = { "a: \"{{ b }}\"\n", "a: x{{ b }}\n", "a: |\n  {{ b }}\n", "a: b # {{ c }}\n",
                                        "a: {b: {c: d}}\n", "# {{ a }}\nb: c\n" };
    for (size_t i = 0; i < COUNT(good); i++)
        cr_expect(parses(good[i]), "%s: %s", good[i], err.text);
}

/* `count` brackets, opened and closed. */
static const char *nested(size_t count)
{
    struct oak_buf buf;
    oak_buf_init(&buf, &arena);
    oak_buf_fill(&buf, '[', count);
    oak_buf_fill(&buf, ']', count);
    oak_buf_add(&buf, (oak_str){ "\n", 2 });
    return buf.ptr;
}

/* A list on one line, of `len` bytes or a few more. */
static const char *long_list(const char *start, size_t len)
{
    struct oak_buf buf;
    oak_buf_init(&buf, &arena);
    oak_buf_add(&buf, oak_str_from(start));
    while (buf.len < len)
        oak_buf_add(&buf, OAK_STR("1,"));
    oak_buf_add(&buf, (oak_str){ "1]}\n", 5 });
    return buf.ptr;
}

Test(yaml, bounds_depth_and_lines)
{
    cr_assert(parses(nested(OAK_MAX_DEPTH)), "%s", err.text);
    cr_assert_not(parses(nested(OAK_MAX_DEPTH + 1)));
    cr_assert_not(parses(nested(10000)));
    cr_assert(parses(long_list("{\"a\":[", OAK_MAX_FLOW_LINE)), "%s", err.text);
    cr_assert_not(parses(long_list("{\"a\":[", 2 * OAK_MAX_NODES + 100)));
    /* Only libfyaml can read an anchor, and it queues all of the line. */
    cr_assert_not(parses(long_list("{\"a\":[&b 1,", OAK_MAX_FLOW_LINE)));
    /* A long line in block style is nobody's trouble. */
    struct oak_buf buf;
    oak_buf_init(&buf, &arena);
    oak_buf_add(&buf, OAK_STR("a: "));
    oak_buf_fill(&buf, 'x', 3 * 1024 * 1024);
    oak_buf_add(&buf, (oak_str){ "\n", 2 });
    cr_assert(parses(buf.ptr), "%s", err.text);
}

/* ---- documents ---- */

Test(yaml, cuts_files_into_documents)
{
    static const struct {
        const char *text, *want; /* the documents, each in <>; an empty one in () */
    } cases[] = {
        { "", "" },
        { "a\n", "<a\n>" },
        { "---\na\n", "<---\na\n>" },
        { "a\n---\nb\n", "<a\n><---\nb\n>" },
        { "a\n---\n---\nb", "<a\n>(---\n)<---\nb>" },
        { "# c\n---\na\n", "<# c\n---\na\n>" },
        { "%YAML 1.2\n---\na\n...\n# c\n---\nb\n", "<%YAML 1.2\n---\na\n...\n><# c\n---\nb\n>" },
        { "--- a\n--- # c\n", "<--- a\n>(--- # c\n)" },
        { "a: ---\n", "<a: ---\n>" },
        { "---a: b\n", "<---a: b\n>" },
        { "a: |\n  x\n---\nb\n", "<a: |\n  x\n><---\nb\n>" },
        { "a\r\n---\r\nb\r\n", "<a\r\n><---\r\nb\r\n>" },
        { "# only\n", "(# only\n)" },
        { "\xEF\xBB\xBF---\na\n", "<\xEF\xBB\xBF---\na\n>" },
        { "a\n---", "<a\n>(---)" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_str text = oak_str_from(cases[i].text);
        const oak_documents documents = oak_split(&arena, text);
        struct oak_buf buf;
        oak_buf_init(&buf, &arena);
        for (size_t d = 0; d < documents.count; d++) {
            const oak_str part = oak_str_span(text, documents.items[d].span);
            oak_buf_addf(&buf, documents.items[d].is_empty ? "(%.*s)" : "<%.*s>", (int)part.len, part.ptr);
        }
        cr_expect(oak_str_eq(oak_buf_str(&buf), oak_str_from(cases[i].want)), "%s: %.*s", cases[i].text, (int)buf.len,
                  buf.len > 0 ? buf.ptr : "");
    }
}

/* ---- asking ---- */

Test(yaml, resolves_paths)
{
    static const char text[] = "a: {b: 1, c: [2, {d: 3}]}\ne:\nf: x\nlimits: {cpu: 4, nvidia.com/gpu: 5}\n"
                               "h: &h {i: 6}\nj: *h\nk: {<<: *h, l: 7}\n"
                               "m: [{n: o, p: 1}, s, {n: r, q: \"2\"}, {n: 'o'}]\n";
    static const struct {
        const char *path, *want; /* the spans of the places; missing keys behind +, ! for a blocked one */
    } cases[] = {
        { "a.b", "1;" },          { "a.c[]", "2;{d: 3};" }, { "a.c[].d", "+d!;3;" },  { "a.x.y", "+x+y;" },
        { "e.x", "+x;" },         { "f.x", "+x!;" },        { "g", "+g;" },           { "g[]", "" },
        { "limits.[*/*]", "5;" }, { "limits.[n*]", "5;" },  { "limits.[nvidia.com/gpu]", "5;" },
        { "limits.[*]", "4;5;" }, { "j.i", "6;" },          { "k.i", "6;" },          { "k.l", "7;" },
        { "j", "*h;" },           { "limits.[x*]", "" },    { "a.c[0]", "2;" },       { "g[0].d", "" },
        { "m[n=o].p", "1;+p;" },  { "m[n=x].p", "" },       { "m[0].p", "1;" },       { "a.c[d=3]", "{d: 3};" },
        { "m[q=2].n", "r;" },     { "f[n=x]", "" },
        { "limits.[!cpu]", "5;" },
        { "a.[!b , x].[]", "2;{d: 3};" }, { "limits.[!cpu, nvidia.com/gpu]", "" }, { "f.[!x]", "" },
    };
    const struct oak_index index = parsed(text);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_places places = places_of(&index, cases[i].path);
        struct oak_buf buf;
        oak_buf_init(&buf, &arena);
        for (size_t p = 0; p < places.count; p++) {
            const struct oak_place *const place = &places.items[p];
            const oak_str span = oak_str_span(index.text, index.nodes[place->node].span);
            for (size_t k = 0; k < place->missing_count; k++)
                oak_buf_addf(&buf, "+%.*s", (int)place->missing[k].len, place->missing[k].ptr);
            if (place->missing_count == 0)
                oak_buf_addf(&buf, "%.*s", (int)span.len, span.ptr);
            oak_buf_add(&buf, place->blocked ? OAK_STR("!;") : OAK_STR(";"));
        }
        cr_expect(oak_str_eq(oak_buf_str(&buf), oak_str_from(cases[i].want)), "%s: %.*s", cases[i].path, (int)buf.len,
                  buf.len > 0 ? buf.ptr : "");
    }
    static const char *const bad[] = { ".a", "a[", "a..b" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct oak_path path;
        cr_expect_not(oak_path_parse(&arena, oak_str_from(bad[i]), &path, &err), "%s", bad[i]);
    }
}

Test(yaml, knows_aliases_and_duplicates)
{
    const struct oak_index index = parsed("a: &x {b: 1}\nc: *x\nd: [*x, *x]\na2: &y 1\ne: &y 2\nf: *y\n");
    const uint32_t a = oak_node_get(&index, index.root, OAK_STR("a"));
    cr_assert_eq(oak_node_real(&index, oak_node_get(&index, index.root, OAK_STR("c"))), a);
    cr_assert_eq(oak_node_uses(&index, a), 4);
    cr_assert_eq(oak_node_uses(&index, oak_node_get(&index, a, OAK_STR("b"))), 4);
    cr_assert_neq(oak_node_alias(&index, a), 0);
    cr_assert_eq(oak_index_duplicate(&index), 0);
    /* An anchor may be defined again: the last one before the alias counts. */
    oak_str value;
    cr_assert(oak_node_scalar(&index, oak_node_get(&index, index.root, OAK_STR("f")), &value));
    cr_assert(oak_str_eq(value, OAK_STR("2")));

    const struct oak_index twice = parsed("a: {b: 1, 'b': 2}\n");
    cr_assert_neq(oak_index_duplicate(&twice), 0);
    const uint32_t last = oak_node_get(&twice, oak_node_get(&twice, twice.root, OAK_STR("a")), OAK_STR("b"));
    cr_assert(oak_node_scalar(&twice, last, &value) && oak_str_eq(value, OAK_STR("2")));
}

Test(yaml, finds_each_of_many_anchors)
{
    enum { MANY = 1000, OFTEN = 3 };
    struct oak_buf buf;
    oak_buf_init(&buf, &arena);
    for (int round = 0; round < OFTEN; round++)
        for (int i = 0; i < MANY; i++)
            oak_buf_addf(&buf, "- &a%d %d\n- *a%d\n", i, round * MANY + i, (i * 7) % (round > 0 ? MANY : i + 1));
    oak_buf_add(&buf, (oak_str){ "", 1 });
    const struct oak_index index = parsed(buf.ptr);
    int latest[MANY] = { 0 }, number = 0;
    for (uint32_t at = index.nodes[index.root].child; at != 0; at = index.nodes[index.nodes[at].next].next, number++) {
        const int i = number % MANY, wanted = (i * 7) % (number >= MANY ? MANY : i + 1);
        latest[i] = number;
        oak_str value;
        cr_assert(oak_node_scalar(&index, index.nodes[at].next, &value));
        cr_assert(oak_str_eq(value, oak_arena_printf(&arena, "%d", latest[wanted])), "alias %d", number);
    }
    cr_assert_eq(number, MANY * OFTEN);

    /* What stands in the anchor's own node may define it again, and mean that. */
    const struct oak_index again = parsed("a: &x [&x 1, *x]\nb: *x\n");
    oak_str value;
    cr_assert(oak_node_scalar(&again, oak_node_get(&again, again.root, OAK_STR("b")), &value));
    cr_assert(oak_str_eq(value, OAK_STR("1")));
}

Test(yaml, finds_what_stands_twice_in_a_large_mapping)
{
    struct oak_buf buf;
    oak_buf_init(&buf, &arena);
    for (int i = 0; i < 500; i++)
        oak_buf_addf(&buf, "key-%d: 1\n", i * 7919 % 500);
    const size_t len = buf.len;
    oak_buf_add(&buf, (oak_str){ "", 1 });
    const struct oak_index once = parsed(buf.ptr);
    cr_assert_eq(oak_index_duplicate(&once), 0);
    buf.len = len;
    oak_buf_add(&buf, OAK_STR("'key-250': 2\n"));
    oak_buf_add(&buf, (oak_str){ "", 1 });
    const struct oak_index twice = parsed(buf.ptr);
    cr_assert_eq(oak_index_duplicate(&twice), twice.nodes[twice.root].last);
}

Test(yaml, counts_alias_bombs_without_expanding_them)
{
    struct oak_buf buf;
    oak_buf_init(&buf, &arena);
    oak_buf_add(&buf, OAK_STR("a0: &a0 x\n"));
    for (int i = 1; i < 60; i++)
        oak_buf_addf(&buf, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1, i - 1);
    oak_buf_add(&buf, (oak_str){ "", 1 });
    const struct oak_index index = parsed(buf.ptr);
    cr_assert_gt(oak_node_uses(&index, oak_node_get(&index, index.root, OAK_STR("a0"))), 1000); /* saturated */
}

/* ---- documents that matter ---- */

static bool holds_pod(const char *text)
{
    struct oak_kinds kinds;
    const struct oak_index index = parsed(text);
    cr_assert(oak_kinds_load(&arena, oak_kinds_builtin, &kinds, &err), "%s", err.text);
    const oak_targets targets = oak_targets_find(&arena, &index, &kinds);
    for (size_t i = 0; i < targets.count; i++)
        if (targets.items[i].kind == OAK_POD)
            return true;
    return false;
}

/* What parsing everything would find is never missed. `matters` is what the bytes say; `holds` what is there. */
Test(yaml, misses_no_document)
{
#define SPEC "apiVersion: v1\nspec: {containers: [{name: a}]}\n"
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {
        { SPEC "kind: Pod\n", true },
        { SPEC "kind:   Pod # c\n", true },
        { SPEC "kind:\tPod\n", true },
        { SPEC "kind: 'Pod'\n", true },
        { SPEC "kind : \"Pod\"\n", true },
        { SPEC "\"kind\": Pod\n", true },
        { SPEC "'kind'   : Pod\n", true },
        { SPEC "kind:\n  Pod\n", true },
        { SPEC "kind: # c\n  # d\n\n  Pod\n", true },
        { SPEC "kind:\r\n  Pod\r\n", true },
        { SPEC "kind: !!str Pod\n", true },
        { SPEC "kind: &k Pod\n", true },
        { SPEC "x: &k Pod\nkind: *k\n", true },
        { SPEC "kind: |-\n  Pod\n", true },
        { SPEC "kind: >-\n  Pod\n", true },
        { SPEC "kind: \"\\x50od\"\n", true },
        { SPEC "kind: \"P\\u006fd\"\n", true },
        { SPEC "kind: \"Po\\\n  d\"\n", true },
        { SPEC "\"\\x6bind\": Pod\n", true },
        { SPEC "\"k\\u0069nd\": Pod\n", true },
        { SPEC "\"k\\U00000069nd\": Pod\n", true },
        { SPEC "? kind\n: Pod\n", true },
        { SPEC "? \"kind\"\n# c\n: Pod\n", true },
        { SPEC "? \"ki\\\n  nd\"\n: Pod\n", true },
        { SPEC "?   \"ki\\\n  nd\"\n: Pod\n", true },
        { SPEC "?\n  \"ki\\\n  nd\"\n: Pod\n", true },
        { SPEC "? !!str \"k\\\n  in\\\n  d\"\n: Pod\n", true },
        { SPEC "? \"\\\n  kind\\\r\n  \"\n: Pod\n", true },
        { "{apiVersion: v1, \"ki\\\n  nd\": Pod, spec: {containers: [{name: a}]}}\n", true },
        { SPEC "? |-\n  kind\n: Pod\n", true },
        { SPEC "!!str kind: Pod\n", true },
        { SPEC "&k kind: Pod\n", true },
        { SPEC "x: &b {kind: Pod}\n<<: *b\n", true },
        { "{apiVersion: v1,kind: Pod,spec: {containers: [{name: a}]}}\n", true },
        { "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"a\"}]}}\n", true },
        { "{\"kind\"\n:\n\"Pod\",\"apiVersion\":\"v1\",\"spec\":{\"containers\":[{\"name\":\"a\"}]}}\n", true },
        { "kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Pod, spec: {containers: [{name: a}]}}\n",
          true },
        { "kind: List\napiVersion: v1\nitems:\n- kind: List\n  apiVersion: v1\n  items:\n"
          "  - {apiVersion: v1, kind: Pod, spec: {containers: [{name: a}]}}\n", true },
        { SPEC "kind: |\n  Pod\n", false },
        { "kind: PodList\napiVersion: v1\nitems:\n- {spec: {containers: [{name: a}]}}\n", true },
        { SPEC "kind: Widget\n", false },
        { SPEC "kind: pod\n", false },
        { SPEC "kind: {}\n", false },
        { SPEC "kind:\n", false },
        { "data: |\n  kind: Pod\n", false },
        { "x: &k kind\n*k : Pod\n" SPEC, false },
    };
#undef SPEC
    struct oak_name pod = { OAK_STR("Pod"), OAK_STR("") };
    const struct oak_names wanted = { &pod, 1, 1 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_str text = oak_str_from(cases[i].text);
        const bool holds = holds_pod(cases[i].text);
        const bool matters = oak_document_matters(text, (oak_span){ 0, text.len }, &wanted);
        cr_expect_eq(holds, cases[i].holds, "%s: parsing says %d", cases[i].text, holds);
        cr_expect(matters || !holds, "missed:\n%s", cases[i].text);
    }
    static const char *const indifferent[] = { "kind: Service\n", "kind: \"Service\" # Pod\n", "kinds: Pod\n", "Pod\n",
                                               "kind: PodTemplate\n", "" };
    for (size_t i = 0; i < COUNT(indifferent); i++) {
        const oak_str text = oak_str_from(indifferent[i]);
        cr_expect_not(oak_document_matters(text, (oak_span){ 0, text.len }, &wanted), "%s", indifferent[i]);
    }
    const struct oak_names none = { .count = 0 };
    cr_assert_not(oak_document_matters(OAK_STR("kind: Pod\n"), (oak_span){ 0, 10 }, &none));
}
