/* The text of pull requests, and that nothing of a manifest is more than text in it. */
#include "arena_test.h"

#include "output/markdown.h"
#include "output/output.h"

#include <stdio.h>
#include <string.h>

TestSuite(pull, .init = setup, .fini = teardown, .timeout = 60);

#define TICKS10 "``````````"

Test(pull, puts_anything_into_code)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "web", "`web`" },
        { "", "`(empty)`" },
        { "`", "`` ` ``" },
        { "a`b``c", "```a`b``c```" },
        { "``x", "``` ``x ```" },
        { " x", "`  x `" },
        { "<img src=x> @ann #1 www.evil.example [a](b) **b** | \\`", "`` <img src=x> @ann #1 www.evil.example [a](b) **b** | \\` ``" },
        { "a\nb\r\nc\td", "`a b  c d`" },
        { "\x1b[31m", "`\\u{1B}[31m`" },
        { "a\xe2\x80\xae" "b", "`a\\u{202E}b`" },
        { "a\xe2\x80\x8b" "b", "`a\\u{200B}b`" },
        { "a\xef\xbb\xbf" "b", "`a\\u{FEFF}b`" },
        { "a\xf3\xa0\x80\xa1" "b", "`a\\u{E0021}b`" },
        { "\xff\xc0\x80\xed\xa0\x80", "`\\xFF\\xC0\\x80\\xED\\xA0\\x80`" },
        { "gr\xc3\xbc\xc3\x9f" "e \xe5\xae\xb9\xe5\x99\xa8", "`gr\xc3\xbc\xc3\x9f" "e \xe5\xae\xb9\xe5\x99\xa8`" },
        { TICKS10 TICKS10, "`````````````````````" " " TICKS10 TICKS10 " " "`````````````````````" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_buf out;
        oak_buf_init(&out, &arena);
        oak_markdown_code(&out, oak_str_from(cases[i].text));
        cr_expect(oak_str_eq(oak_buf_str(&out), oak_str_from(cases[i].want)), "'%s' gives '%.*s'", cases[i].text, (int)out.len,
                  out.ptr);
    }
}

Test(pull, keeps_code_short_and_whole)
{
    char text[4000];
    struct oak_buf out;
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i + 1 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xbc", 2);
    oak_buf_init(&out, &arena);
    oak_markdown_code(&out, (oak_str){ text, sizeof text });
    cr_expect_lt(out.len, 260);
    cr_expect(oak_str_ends(oak_buf_str(&out), OAK_STR("\xc3\xbc…`")));
}

Test(pull, lets_only_plain_words_be_prose)
{
    static const struct {
        const char *text;
        bool is_plain;
    } cases[] = {
        { "only a person knows", true },  { "runAsUser is 0: it would not start", true }, { "needs 1.24 (or newer)", true },
        { "fixes #1", false },            { "GH-12", false },                              { "see abcdef1", false },
        { "1a", false },                  { "@ann", false },                               { "http://x", false },
        { "www.x", false },               { "a*b*", false },                               { "<b>", false },
        { "a_b_", false },                { "a\nb", false },                               { "ü", false },
        { "", false },                    { "!1", false },                                 { "a~b", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_buf out;
        oak_buf_init(&out, &arena);
        oak_markdown_plain(&out, oak_str_from(cases[i].text));
        cr_expect_eq(out.len > 0 && out.ptr[0] != '`', cases[i].is_plain, "'%s' gives '%.*s'", cases[i].text, (int)out.len, out.ptr);
    }
}

Test(pull, links_places)
{
    static const struct {
        const char *link, *path;
        size_t line;
        const char *want;
    } cases[] = {
        { "https://h/o/r/blob/c/", "a/b.yaml", 7, "[`a/b.yaml:7`](https://h/o/r/blob/c/a/b.yaml#L7)" },
        { "https://h/", "a b)](x#?%.yaml", 1, "[`a b)](x#?%.yaml:1`](https://h/a%20b%29%5D%28x%23%3F%25.yaml#L1)" },
        { "https://h/", "a`b\n.yaml", 2, "[``a`b .yaml:2``](https://h/a%60b%0A.yaml#L2)" },
        { "https://h/", "\xff.json", 0, "[`\\xFF.json`](https://h/%FF.json)" },
        { "", "a.yaml", 7, "`a.yaml:7`" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_buf out;
        oak_buf_init(&out, &arena);
        oak_markdown_place(&out, oak_str_from(cases[i].link), oak_str_from(cases[i].path), cases[i].line);
        cr_expect(oak_str_eq(oak_buf_str(&out), oak_str_from(cases[i].want)), "'%s' gives '%.*s'", cases[i].path, (int)out.len,
                  out.ptr);
    }
}

/* ---- the page ---- */

struct page {
    struct oak_patches patches;
    struct oak_options options;
    struct oak_run run;
    struct oak_totals totals;
    oak_entries entries;
};

static void begin(struct page *p)
{
    memset(p, 0, sizeof *p);
    p->options.profile = OAK_RESTRICTED;
    cr_assert(oak_patches_add_builtin(&arena, &p->patches, &err), "%s", err.text);
    cr_assert(oak_run_init(&arena, &p->patches, &p->options, &p->run, &err), "%s", err.text);
    oak_totals_init(&arena, &p->patches, &p->totals);
}

static void add(struct page *p, const char *path, oak_str text)
{
    struct oak_result *const result = oak_arena_alloc(&arena, sizeof *result);
    oak_pass(&arena, &p->run, text, result);
    const struct oak_report report = { .path = oak_str_from(path), .text = text, .result = result, .view = OAK_VIEW_FIX };
    oak_totals_add(&p->totals, &p->patches, &report);
    oak_entries_add(&arena, &p->entries, &report);
}

static oak_str body_of(const struct page *p)
{
    const struct oak_pull_page page = { .patches = &p->patches, .totals = &p->totals, .entries = &p->entries,
                                        .link = OAK_STR("https://h/o/r/blob/c/") };
    return oak_pull_body(&arena, &page);
}

static bool has(oak_str text, const char *part)
{
    size_t at;
    return oak_str_find(text, 0, oak_str_from(part), &at);
}

static oak_str pod(const char *container, const char *more)
{
    return oak_arena_printf(&arena,
                            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: %s\n"
                            "    image: registry.example/web:1\n    securityContext:\n      privileged: true\n%s",
                            container, more);
}

Test(pull, tells_a_reviewer_what_he_asks)
{
    struct page p;
    begin(&p);
    add(&p, "deploy/web.yaml", pod("web", "  volumes:\n  - name: logs\n    hostPath: {path: /var/log}\n"));
    add(&p, "chart.yaml", OAK_STR("kind: Pod\n{{ if .x }}\nspec: {}\n"));
    const oak_str body = body_of(&p);
    static const char *const parts[] = {
        "## What changes",
        "### Privileged containers (`privileged`): 1",
        "A privileged container sees all devices of its host",
        "**May break:** Programs that load kernel modules",
        "- [`deploy/web.yaml:10`](https://h/o/r/blob/c/deploy/web.yaml#L10) `container 'web'`: `set securityContext.privileged: false`",
        "**Safe:** a workload that was right keeps working.",
        "## How to check",
        "kubectl apply --dry-run=server",
        "## What is left, and why",
        "**For a person:**",
        "- [`deploy/web.yaml:13`](https://h/o/r/blob/c/deploy/web.yaml#L13) `volume 'logs'`: only a person knows what it should become",
        "### Files that were left alone",
        "- [`chart.yaml:2`](https://h/o/r/blob/c/chart.yaml#L2): `template: ",
        "# oakum: ignore ",
        "Close this request without merging",
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        cr_expect(has(body, parts[i]), "'%s' is missing in:\n%.*s", parts[i], (int)body.len, body.ptr);
    const struct oak_pull_page page = { .patches = &p.patches, .totals = &p.totals, .entries = &p.entries };
    const oak_str title = oak_pull_title(&arena, &page);
    cr_expect(oak_str_starts(title, OAK_STR("harden 1 Kubernetes manifest: ")), "%.*s", (int)title.len, title.ptr);
}

/* What is outside code marks, in one text. */
static oak_str outside_code(oak_str body)
{
    struct oak_buf out;
    oak_buf_init(&out, &arena);
    for (size_t i = 0; i < body.len;) {
        size_t marks = 0;
        while (i + marks < body.len && body.ptr[i + marks] == '`')
            marks++;
        if (marks == 0) {
            oak_buf_add(&out, (oak_str){ body.ptr + i++, 1 });
            continue;
        }
        const oak_str fence = { body.ptr + i, marks };
        size_t end = i + marks;
        while (oak_str_find(body, end, fence, &end) && end + marks < body.len && body.ptr[end + marks] == '`')
            while (end < body.len && body.ptr[end] == '`')
                end++;
        i = end + marks;
    }
    return oak_buf_str(&out);
}

Test(pull, no_byte_of_a_manifest_is_markup)
{
    static const char *const names[] = {
        "'EVIL`EVIL'", "\"EVIL\\n<!-- oakum:end -->\\nEVIL\"", "'``EVIL`` <b>EVIL</b> @EVIL'", "\"EVIL\\r\\n# EVIL\"",
        "'EVIL](javascript:EVIL)'", "\"\\u202eEVIL\\0EVIL\"", "'www.EVIL.example'", "'Fixes #EVIL'",
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        struct page p;
        begin(&p);
        add(&p, "a `EVIL` <b>EVIL</b> [x](EVIL) @EVIL\n<!-- oakum:end -->\n.yaml",
            pod(names[i], "  volumes:\n  - name: EVIL`<EVIL>\n    hostPath: {path: \"/`EVIL`\"}\n"));
        const oak_str body = body_of(&p), outside = outside_code(body);
        cr_assert(has(body, "EVIL"));
        cr_expect_not(has(body, "\n<!--"), "a mark of ours in:\n%.*s", (int)body.len, body.ptr);
        /* In the addresses it stands too, encoded. */
        for (size_t at = 0; oak_str_find(outside, at, OAK_STR("EVIL"), &at); at += 4) {
            size_t start = at;
            while (start > 0 && strchr("( \n", outside.ptr[start - 1]) == NULL)
                start--;
            cr_expect(oak_str_starts((oak_str){ outside.ptr + start, outside.len - start }, OAK_STR("https://h/o/r/blob/c/")),
                      "%s: live in:\n%.*s", names[i], (int)outside.len, outside.ptr);
        }
    }
}

Test(pull, stays_below_the_limit_of_forges)
{
    struct page p;
    begin(&p);
    char path[300];
    for (size_t i = 0; i < 400; i++) {
        snprintf(path, sizeof path, "a/very/long/path/%0200zu/web.yaml", i);
        add(&p, path, pod("web", "  volumes:\n  - name: logs\n    hostPath: {path: /var/log}\n"));
    }
    const oak_str body = body_of(&p);
    cr_expect_leq(body.len, 60000);
    cr_expect(has(body, "## To keep a setting"));
    cr_expect(has(body, " more\n") || has(body, "`oakum check` lists them"));
}
