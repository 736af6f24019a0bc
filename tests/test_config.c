/* Tables for the room config: days, globs, exemptions; and the schema against the reader. */
#include "check.h"

#include "config/keys.h"
#include "files/files.h"

#include <oakum/config.h>
#include <string.h>

static struct oak_arena arena;

static void start(void)
{
    oak_arena_init(&arena);
}

static void stop(void)
{
    oak_arena_free(&arena);
    CHECK_LEAKS();
}

TestSuite(config, .init = start, .fini = stop);

Test(config, days)
{
    static const struct {
        const char *text;
        oak_day want; /* 0: none */
    } cases[] = {
        { "2027-01-31", 20270131 }, { "2028-02-29", 20280229 }, { "2000-02-29", 20000229 }, { "2027-02-29", 0 },
        { "1900-02-29", 0 }, { "2027-04-31", 0 }, { "2027-13-01", 0 }, { "2027-00-01", 0 }, { "2027-01-00", 0 },
        { "0000-01-01", 0 }, { "2027-1-31", 0 }, { "2027-01-31 ", 0 }, { "2027/01/31", 0 }, { "", 0 }, { "20270131xx", 0 },
        { "2027-0x-31", 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        oak_day day = 0;
        cr_expect_eq(oak_day_parse(oak_str_from(cases[i].text), &day), cases[i].want != 0, "%s", cases[i].text);
        cr_expect_eq(day, cases[i].want, "%s", cases[i].text);
    }
    cr_expect(oak_str_eq(oak_day_print(&arena, 20270131), OAK_STR("2027-01-31")));
}

/* Patterns separated by blanks. */
static oak_globs globs_of(const char *patterns, bool (*add)(struct oak_arena *, oak_globs *, oak_str))
{
    oak_globs globs = { 0 };
    oak_str pattern, rest = oak_str_from(patterns);
    while (rest.len > 0) {
        oak_str_cut(rest, ' ', &pattern, &rest);
        cr_assert(add(&arena, &globs, pattern), "%s", patterns);
    }
    return globs;
}

Test(config, paths)
{
    static const struct {
        const char *patterns, *path;
        bool want;
    } cases[] = {
        { "", "a.yaml", true },
        { "a.yaml", "a.yaml", true },
        { "a.yaml", "deep/down/a.yaml", true }, /* no slash: in any folder */
        { "a.yaml", "b/a.yaml.d/x", false },
        { "/a.yaml", "a.yaml", true },
        { "/a.yaml", "deep/a.yaml", false },
        { "deploy/a.yaml", "deploy/a.yaml", true },
        { "deploy/a.yaml", "x/deploy/a.yaml", false }, /* a slash: from the top */
        { "deploy", "deploy/x/y.yaml", true },         /* a folder stands for all below it */
        { "deploy/", "x/deploy/y.yaml", true },
        { "deploy/", "deploy", false }, /* a file of this name */
        { "*.yaml", "x/y.yaml", true },
        { "x/*.yaml", "x/y/z.yaml", false }, /* a star stays within its folder */
        { "x/**", "x/y/z.yaml", true },
        { "x/**/z.yaml", "x/z.yaml", true },
        { "x/**/z.yaml", "x/a/b/z.yaml", true },
        { "**/z.yaml", "z.yaml", true },
        { "x/?.yaml", "x/z.yaml", true },
        { "x/[a-c].yaml", "x/b.yaml", true },
        { "x/[!a-c].yaml", "x/b.yaml", false },
        { "x\\*.yaml", "x*.yaml", true },
        { "x\\*.yaml", "xy.yaml", false },
        { "*.yaml !b.yaml", "b.yaml", false },
        { "*.yaml !b.yaml", "c.yaml", true },
        { "!b.yaml *.yaml", "b.yaml", true }, /* the last decides */
        { "!legacy/", "a.yaml", true },        /* only taken back: all but that */
        { "!legacy/", "legacy/a.yaml", false },
        { "{a,b}.yaml", "a.yaml", false }, /* braces are nothing special */
        { "a.yaml", "aXyaml", false },
        { "größe/*.yaml", "größe/ü.yaml", true },
        { "x/?.yaml", "x/ü.yaml", true },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_globs globs = globs_of(cases[i].patterns, oak_globs_add_path);
        cr_expect_eq(oak_globs_match(&globs, oak_str_from(cases[i].path)), cases[i].want, "'%s' and %s", cases[i].patterns,
                     cases[i].path);
    }
}

Test(config, names)
{
    static const struct {
        const char *patterns, *name;
        bool want;
    } cases[] = {
        { "web", "web", true }, { "web", "web-1", false }, { "web*", "web-1", true }, { "kube-* !kube-public", "kube-public", false },
        { "kube-* !kube-public", "kube-system", true }, { "!web", "other", true }, { "web", "", false }, { "*", "web", true },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_globs globs = globs_of(cases[i].patterns, oak_globs_add_name);
        cr_expect_eq(oak_globs_match(&globs, oak_str_from(cases[i].name)), cases[i].want, "'%s' and '%s'", cases[i].patterns,
                     cases[i].name);
    }
}

/* Outside of which folder can nothing match? Decides whether an exemption may be called unused. */
Test(config, folders)
{
    static const struct {
        const char *pattern, *want;
    } cases[] = {
        { "a.yaml", "" }, { "/a.yaml", "a.yaml" }, { "deploy/", "" }, { "/deploy/", "deploy" }, { "deploy/*.yaml", "deploy" },
        { "deploy/agents/**", "deploy/agents" }, { "deploy/a*/b.yaml", "deploy" }, { "**/a.yaml", "" }, { "/*.yaml", "" },
        { "a/b/c.yaml", "a/b/c.yaml" }, { "a/b[1]/c.yaml", "a" }, { "a/\\*/c.yaml", "a" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_globs globs = globs_of(cases[i].pattern, oak_globs_add_path);
        const oak_str got = globs.items[0].folder;
        cr_expect(oak_str_eq(got, oak_str_from(cases[i].want)), "'%s' gives '%.*s'", cases[i].pattern, (int)got.len, got.ptr);
    }
}

Test(config, exemptions)
{
    static const struct {
        const char *text, *want; /* ids joined by `+`, day, reason; or the start of the error */
    } cases[] = {
        { "privileged -- driver", "privileged|0|driver" },
        { "  a ,b,  c   until 2027-01-31   --  two words  ", "a+b+c|20270131|two words" },
        { "a -- until 2027-01-31 -- b", "a|0|until 2027-01-31 -- b" },
        { "a -- x; y # z", "a|0|x; y # z" },
        { "not--root -- b", "not--root|0|b" },
        { "a --b", "a reason is missing: ignore ID -- REASON" },
        { "a", "a reason is missing: ignore ID -- REASON" },
        { "a --", "a reason is missing behind '--'" },
        { "-- b", "which patch? Write: ignore ID -- REASON" },
        { "a,, b -- c", "an id is missing at a comma" },
        { "a, -- c", "an id is missing at a comma" },
        { "a until -- c", "a day is missing behind 'until'" },
        { "a until 2027-1-1 -- c", "a day such as 2027-01-31 is expected behind 'until', not '2027-1-1'" },
        { "a b -- c", "ids are separated by commas" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_exemption e;
        struct oak_error err;
        oak_str got;
        if (oak_exemption_parse(&arena, oak_str_from(cases[i].text), &e, &err)) {
            struct oak_buf out;
            oak_buf_init(&out, &arena);
            for (size_t k = 0; k < e.ids.count; k++)
                oak_buf_addf(&out, "%s%.*s", k > 0 ? "+" : "", (int)e.ids.items[k].len, e.ids.items[k].ptr);
            oak_buf_addf(&out, "|%u|%.*s", e.until, (int)e.reason.len, e.reason.ptr);
            got = oak_buf_str(&out);
        } else {
            got = oak_arena_str(&arena, oak_str_from(err.text));
        }
        cr_expect(oak_str_starts(got, oak_str_from(cases[i].want)), "'%s' gives '%.*s'", cases[i].text, (int)got.len, got.ptr);
    }
}

/* ---- the schema ---- */

static uint32_t at(const struct oak_index *index, uint32_t mapping, const char *key)
{
    const uint32_t node = oak_node_get(index, mapping, oak_str_from(key));
    cr_assert_neq(node, 0, "the schema has no %s", key);
    return node;
}

static bool is_among(oak_str name, const char *const *keys)
{
    while (*keys != NULL && !oak_str_eq(name, oak_str_from(*keys)))
        keys++;
    return *keys != NULL;
}

/* JSON is YAML. */
static void read_schema(const char *path, struct oak_index *out)
{
    struct oak_error err;
    struct oak_file_stamp stamp;
    oak_str text;
    cr_assert(oak_file_read(&arena, path, OAK_MAX_FILE, &text, &stamp, &err), "%s", err.text);
    cr_assert(oak_index_parse(&arena, text, (oak_span){ 0, text.len }, out, &err), "%s", err.text);
}

static void expect_keys(const struct oak_index *schema, uint32_t mapping, const char *const *keys, const char *name)
{
    const uint32_t properties = at(schema, mapping, "properties");
    size_t count = 0;
    for (; keys[count] != NULL; count++)
        at(schema, properties, keys[count]);
    for (uint32_t k = schema->nodes[properties].child; k != 0; k = schema->nodes[k].next)
        cr_expect(is_among(schema->nodes[k].name, keys), "the reader does not know %.*s", (int)schema->nodes[k].name.len,
                  schema->nodes[k].name.ptr);
    cr_expect_eq(schema->nodes[properties].count, count, "%s", name);
}

Test(config, schema_knows_the_same_keys)
{
    struct oak_index index;
    struct oak_config_table tables[8];
    const size_t count = oak_config_tables(&arena, tables, COUNT(tables));
    read_schema(OAK_SCHEMA "/oakum.schema.json", &index);
    cr_assert_eq(count, 4);
    for (size_t i = 0; i < count; i++) {
        const char *const name = tables[i].mapping;
        expect_keys(&index, name[0] == '\0' ? index.root : at(&index, at(&index, index.root, "$defs"), name), tables[i].keys, name);
    }
}

Test(config, schema_of_the_function_knows_the_same_keys)
{
    struct oak_index index;
    const char *keys[32] = { NULL };
    for (size_t i = 0; oak_function_keys[i].name != NULL; i++)
        keys[i] = oak_function_keys[i].name;
    read_schema(OAK_SCHEMA "/harden.schema.json", &index);
    expect_keys(&index, at(&index, at(&index, index.root, "properties"), "spec"), keys, "Harden");
}
