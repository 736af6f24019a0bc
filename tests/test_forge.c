/* The pure parts of the forge's side: addresses, encoding, marks. The conversation is in forge/. */
#include "arena_test.h"

#include "forge/pull.h"

#include <string.h>

TestSuite(forge, .init = setup, .fini = teardown, .timeout = 60);

Test(forge, knows_where_the_api_is)
{
    static const struct {
        const char *url;
        enum oak_forge_kind kind;
        const char *api;
    } cases[] = {
        { "git@github.com:o/r.git", OAK_FORGE_UNKNOWN, "https://api.github.com" },
        { "https://acme.ghe.com/o/r", OAK_FORGE_UNKNOWN, "https://api.acme.ghe.com" },
        { "https://github.example.org/o/r", OAK_FORGE_UNKNOWN, "https://github.example.org/api/v3" },
        { "ssh://git@gitlab.example.org:2222/g/s/r", OAK_FORGE_UNKNOWN, "https://gitlab.example.org/api/v4" },
        { "https://codeberg.org/o/r", OAK_FORGE_UNKNOWN, "https://codeberg.org/api/v1" },
        { "https://example.org:8443/o/r", OAK_GITEA, "https://example.org:8443/api/v1" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_forge_place place;
        cr_assert(oak_forge_place_parse(&arena, oak_str_from(cases[i].url), cases[i].kind, &place, &err), "%s: %s", cases[i].url,
                  err.text);
        const oak_str api = oak_forge_api(&arena, &place);
        cr_expect(oak_str_eq(api, oak_str_from(cases[i].api)), "%s: %.*s", cases[i].url, (int)api.len, api.ptr);
    }
}

Test(forge, encodes_what_it_fills_in)
{
    static const struct oak_slot slots[] = { { "head", { "a/b c&d=%#?\n\xc3\xbc", 14 } }, { "owner", { "g/s", 3 } } };
    static const struct {
        const char *format, *want;
    } cases[] = {
        { "/x?head={owner}:{head}&y", "/x?head=g%2Fs:a%2Fb%20c%26d%3D%25%23%3F%0A%C3%BC&y" },
        { "{=owner}/{owner}", "g/s/g%2Fs" },
        { "plain", "plain" },
        { "", "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_str got = oak_dialect_fill(&arena, cases[i].format, slots, COUNT(slots));
        cr_expect(oak_str_eq(got, oak_str_from(cases[i].want)), "%.*s", (int)got.len, got.ptr);
    }
}

Test(forge, finds_its_marks)
{
    static const struct {
        const char *body;
        bool is_there, has_end, is_closed;
        const char *part; /* what lies in the span */
    } cases[] = {
        { "", false, false, false, "" },
        { "text", false, false, false, "" },
        { "<!-- oakum:v1 digest=1 title=2 -->\nx\n<!-- oakum:end -->", true, true, false,
          "<!-- oakum:v1 digest=1 title=2 -->\nx\n<!-- oakum:end -->" },
        { "a\r\n<!-- oakum:v1 digest=1 title=2 closed -->\r\nx\r\n<!-- oakum:end -->\r\nb", true, true, true,
          "<!-- oakum:v1 digest=1 title=2 closed -->\r\nx\r\n<!-- oakum:end -->" },
        { "<!-- oakum:v1 digest=1 -->\ncut off", true, false, false, "<!-- oakum:v1 digest=1 -->\ncut off" },
        /* not at the start of a line: text of a manifest */
        { "- `<!-- oakum:v1 digest=1 -->`\n- `<!-- oakum:end -->`", false, false, false, "" },
        { "<!-- oakum:v1 digest=1 -->\n- `<!-- oakum:end -->`\n<!-- oakum:end -->", true, true, false,
          "<!-- oakum:v1 digest=1 -->\n- `<!-- oakum:end -->`\n<!-- oakum:end -->" },
        { "<!-- oakum:end -->\n<!-- oakum:v1 digest=1 -->\n<!-- oakum:end -->", true, true, false,
          "<!-- oakum:v1 digest=1 -->\n<!-- oakum:end -->" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_mark mark;
        const oak_str body = oak_str_from(cases[i].body);
        oak_mark_find(body, &mark);
        cr_expect_eq(mark.is_there, cases[i].is_there, "%s", cases[i].body);
        cr_expect_eq(mark.has_end, cases[i].has_end, "%s", cases[i].body);
        cr_expect_eq(mark.is_closed, cases[i].is_closed, "%s", cases[i].body);
        cr_expect(oak_str_eq(oak_str_span(body, mark.span), oak_str_from(cases[i].part)), "%s", cases[i].body);
    }
}

Test(forge, replaces_only_its_part)
{
    const struct oak_marked first = { .title = OAK_STR("t"), .text = OAK_STR("one") };
    const struct oak_marked second = { .title = OAK_STR("t"), .text = OAK_STR("two") };
    struct oak_mark mark;
    const oak_str body = oak_mark_replace(&arena, (oak_str){ "", 0 }, &first);
    const oak_str around = oak_arena_printf(&arena, "above\n%.*s\nbelow", (int)body.len, body.ptr);
    const oak_str after = oak_mark_replace(&arena, around, &second);
    cr_expect(oak_str_starts(after, OAK_STR("above\n<!-- oakum:v1 digest=")), "%.*s", (int)after.len, after.ptr);
    cr_expect(oak_str_ends(after, OAK_STR(" -->\ntwo\n<!-- oakum:end -->\nbelow")), "%.*s", (int)after.len, after.ptr);
    oak_mark_find(after, &mark);
    cr_expect(oak_str_eq(mark.digest, oak_mark_digest(&arena, OAK_STR("two"))));
    cr_expect(oak_str_eq(mark.title, oak_mark_digest(&arena, OAK_STR("t"))));

    const oak_str closed = oak_mark_close(&arena, after);
    oak_mark_find(closed, &mark);
    cr_expect(mark.is_closed && mark.has_end);
    cr_expect(oak_str_eq(oak_mark_close(&arena, closed), closed));
    cr_expect(oak_str_eq(oak_mark_replace(&arena, closed, &second), after), "open again");
}

Test(forge, scrubs)
{
    char token[] = "t0ken";
    const struct oak_secret secret = { token, 5 };
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "" }, { "t0ken", "***" }, { "at0kent0kenb t0ke", "a******b t0ke" }, { "a\n\x1b[1m\x7f", "a  [1m " },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_str got = oak_scrub(&arena, &secret, oak_str_from(cases[i].text));
        cr_expect(oak_str_eq(got, oak_str_from(cases[i].want)), "'%.*s'", (int)got.len, got.ptr);
    }
}
