/* Strings, lists, text, edits, lines. */
#include "arena_test.h"

#include <oakum/source.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(base, .init = setup, .fini = teardown, .timeout = 60);

Test(base, compares_strings)
{
    static const struct {
        const char *a, *b;
        int order;
        bool starts, ends; /* a with b */
    } cases[] = {
        { "", "", 0, true, true },       { "a", "", 1, true, true },       { "", "a", -1, false, false },
        { "a", "b", -1, false, false },  { "ab", "a", 1, true, false },    { "ab", "b", -1, false, true },
        { "\xff", "a", 1, false, false }, { "aba", "aba", 0, true, true },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_str a = oak_str_from(cases[i].a), b = oak_str_from(cases[i].b);
        const int order = oak_str_cmp(a, b);
        cr_assert_eq((order > 0) - (order < 0), cases[i].order, "'%s' '%s'", cases[i].a, cases[i].b);
        cr_assert_eq(oak_str_eq(a, b), cases[i].order == 0);
        cr_assert_eq(oak_str_starts(a, b), cases[i].starts);
        cr_assert_eq(oak_str_ends(a, b), cases[i].ends);
    }
    cr_assert(oak_str_eq(OAK_STR("a\0b"), (oak_str){ "a\0b", 3 }));
    cr_assert_not(oak_str_eq(OAK_STR("a\0b"), OAK_STR("a\0c")));
}

Test(base, trims_and_cuts)
{
    static const struct {
        const char *text, *trimmed, *head, *rest; /* cut at ',' */
        bool is_cut;
    } cases[] = {
        { "", "", "", "", false },           { " \t\r\n", "", " \t\r\n", "", false },
        { " a b ", "a b", " a b ", "", false }, { "a,b,c", "a,b,c", "a", "b,c", true },
        { ",", ",", "", "", true },          { "a,", "a,", "a", "", true },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        oak_str head, rest;
        const oak_str text = oak_str_from(cases[i].text);
        cr_assert(oak_str_eq(oak_str_trim(text), oak_str_from(cases[i].trimmed)), "'%s'", cases[i].text);
        cr_assert_eq(oak_str_cut(text, ',', &head, &rest), cases[i].is_cut, "'%s'", cases[i].text);
        cr_assert(oak_str_eq(head, oak_str_from(cases[i].head)), "'%s'", cases[i].text);
        cr_assert(oak_str_eq(rest, oak_str_from(cases[i].rest)), "'%s'", cases[i].text);
    }
}

Test(base, finds_strings)
{
    static const struct {
        const char *text;
        size_t from;
        const char *needle;
        bool is_found;
        size_t at;
    } cases[] = {
        { "kind: kind", 0, "kind", true, 0 }, { "kind: kind", 1, "kind", true, 6 },
        { "kind: kind", 7, "kind", false, 0 }, { "abc", 3, "c", false, 0 },
        { "abc", 9, "c", false, 0 },           { "ab", 0, "abc", false, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t at = 0;
        cr_assert_eq(oak_str_find(oak_str_from(cases[i].text), cases[i].from, oak_str_from(cases[i].needle), &at),
                     cases[i].is_found, "%zu", i);
        cr_assert_eq(at, cases[i].at, "%zu", i);
    }
}

/* Long texts are searched in parts: what is found must not hang on where those end. */
Test(base, finds_strings_anywhere_in_long_text)
{
    static const char *const needles[] = { "oakum", "ou", "o", "om" };
    char text[600];
    for (size_t k = 0; k < COUNT(needles); k++)
        for (size_t at = 0; at + strlen(needles[k]) <= sizeof text; at++) {
            size_t found = 0;
            memset(text, '.', sizeof text);
            for (size_t i = 0; i + 5 <= at; i += 7)
                memcpy(text + i, "oak.m", 5); /* looks like it from afar */
            for (size_t i = at < 100 ? 0 : at - 100; i < at; i++)
                text[i] = '.';
            if (needles[k][1] == '\0')
                memset(text, '.', sizeof text);
            memcpy(text + at, needles[k], strlen(needles[k]));
            cr_assert(oak_str_find((oak_str){ text, sizeof text }, 0, oak_str_from(needles[k]), &found), "%s at %zu", needles[k], at);
            cr_assert_eq(found, at, "%s at %zu, not %zu", needles[k], at, found);
            cr_assert(!oak_str_find((oak_str){ text, sizeof text }, at + 1, oak_str_from(needles[k]), &found), "%s behind %zu",
                      needles[k], at);
        }
}

Test(base, keeps_what_arenas_hold)
{
    oak_str words[1000];
    OAK_LIST(size_t) list = { 0 };
    struct oak_buf buf;
    oak_buf_init(&buf, &arena);
    for (size_t i = 0; i < COUNT(words); i++) {
        words[i] = oak_arena_printf(&arena, "word %zu", i);
        *oak_push(&arena, &list) = i;
        oak_buf_addf(&buf, "%zu,", i);
        const void *const aligned = oak_arena_alloc(&arena, i % 7 + 1);
        cr_assert_eq((uintptr_t)aligned % _Alignof(max_align_t), 0);
    }
    oak_str rest = oak_buf_str(&buf);
    for (size_t i = 0; i < COUNT(words); i++) {
        char want[32];
        oak_str number;
        snprintf(want, sizeof want, "word %zu", i);
        cr_assert(oak_str_eq(words[i], oak_str_from(want)));
        cr_assert_eq(list.items[i], i);
        oak_str_cut(rest, ',', &number, &rest);
        cr_assert(oak_str_eq(number, oak_str_from(want + 5)));
    }
    const char *const large = oak_arena_alloc(&arena, 1000 * 1000);
    for (size_t i = 0; i < 1000 * 1000; i++)
        cr_assert_eq(large[i], 0);
    oak_arena_reset(&arena);
    cr_assert_str_eq(oak_arena_cstr(&arena, OAK_STR("again")), "again");
    oak_buf_init(&buf, &arena);
    oak_buf_fill(&buf, '-', 3);
    cr_assert(oak_str_eq(oak_buf_str(&buf), OAK_STR("---")));
}

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>

/* Of an arena, what nobody has may not be touched, or the sanitizer would never see a step too far. */
Test(base, guards_what_is_free)
{
    static const size_t sizes[] = { 1, 7, 8, 13, 16, 100, 65000, 70000, 3 };
    const char *last = NULL;
    for (size_t i = 0; i < 3 * COUNT(sizes); i++) {
        const size_t size = sizes[i % COUNT(sizes)];
        const char *const piece = i % 2 == 0 ? oak_arena_bytes(&arena, size) : oak_arena_alloc(&arena, size);
        cr_assert_null(__asan_region_is_poisoned((void *)piece, size), "%zu", i);
        for (size_t k = 0; k < 16; k++)
            cr_assert(__asan_address_is_poisoned(piece + size + k), "%zu: %zu behind", i, k);
        last = piece;
    }
    oak_arena_reset(&arena);
    cr_assert(__asan_address_is_poisoned(last));
}
#endif

Test(base, counts_no_room_around_the_end, .signal = SIGABRT)
{
    oak_list_room(&arena, SIZE_MAX / 16 + 2, 16);
}

Test(base, fails_in_one_line)
{
    cr_assert_not(oak_fail(&err, OAK_SYNTAX, (oak_span){ 1, 2 }, "%s %d", "word", 7));
    cr_assert_str_eq(err.text, "word 7");
    cr_assert(err.kind == OAK_SYNTAX && err.span.start == 1 && err.span.end == 2);
    char longer[1000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    cr_assert_not(oak_fail(&err, OAK_IO, (oak_span){ 0, 0 }, "%s", longer));
    cr_assert_lt(strlen(err.text), sizeof err.text);
}

/* ---- lines ---- */

Test(base, knows_lines_and_columns)
{
    static const struct {
        const char *text;
        size_t offset, line, column_chars;
        const char *line_text;
    } cases[] = {
        { "", 0, 1, 1, "" },
        { "ab\ncd\n", 0, 1, 1, "ab" },
        { "ab\ncd\n", 2, 1, 3, "ab" },
        { "ab\ncd\n", 3, 2, 1, "cd" },
        { "ab\ncd\n", 6, 3, 1, "" },
        { "ab\r\ncd", 5, 2, 2, "cd" },
        { "ab\r\ncd", 1, 1, 2, "ab" },
        { "\n\nx", 2, 3, 1, "x" },
        { "\xEF\xBB\xBF" "ab", 3, 1, 1, "ab" },
        { "\xEF\xBB\xBF" "ab", 4, 1, 2, "ab" },
        { "\xC3\xA9: \xE6\x97\xA5x", 4, 1, 4, "\xC3\xA9: \xE6\x97\xA5x" },
        { "\xC3\xA9: \xE6\x97\xA5x", 7, 1, 5, "\xC3\xA9: \xE6\x97\xA5x" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_source source;
        oak_source_init(&arena, oak_str_from(cases[i].text), &source);
        const struct oak_position at = oak_source_position(&source, cases[i].offset);
        cr_assert_eq(at.line, cases[i].line, "%zu: line %zu", i, at.line);
        cr_assert_eq(at.column_chars, cases[i].column_chars, "%zu: column %zu", i, at.column_chars);
        cr_assert(oak_str_eq(oak_source_line(&source, at.line), oak_str_from(cases[i].line_text)), "%zu", i);
        cr_assert_eq(oak_source_line(&source, 0).len + oak_source_line(&source, 99).len, 0);
    }
}

Test(base, columns_of_very_long_lines)
{
    struct oak_source source;
    char text[30000];
    for (size_t i = 0; i + 1 < sizeof text; i += 2)
        memcpy(text + i, i % 6 == 0 ? "ab" : "\xC3\xA9", 2);
    memcpy(text + 11000, "\n\n", 2);
    oak_source_init(&arena, (oak_str){ text, sizeof text }, &source);
    for (size_t i = 0, line = 1, column = 1; i <= sizeof text; i++) {
        const struct oak_position at = oak_source_position(&source, i);
        cr_assert(at.line == line && at.column_chars == column, "byte %zu: %zu:%zu", i, at.line, at.column_chars);
        if (i == sizeof text)
            break;
        column = text[i] == '\n' ? 1 : column + (((unsigned char)text[i] & 0xC0) != 0x80);
        line += text[i] == '\n';
    }
}

/* ---- edits ---- */

/* The dumb twin: from right to left, one memmove each. */
static oak_str spliced_by_twin(oak_str text, const struct oak_edit *edits, size_t count)
{
    char *const bytes = oak_arena_bytes(&arena, 4096);
    size_t len = text.len;
    memcpy(bytes, text.ptr, text.len);
    while (count-- > 0) {
        const struct oak_edit e = edits[count];
        memmove(bytes + e.span.start + e.text.len, bytes + e.span.end, len - e.span.end);
        memcpy(bytes + e.span.start, e.text.ptr, e.text.len);
        len = len - (e.span.end - e.span.start) + e.text.len;
    }
    return (oak_str){ bytes, len };
}

Test(base, splices_like_its_twin)
{
    static const char words[] = "abcdefghijklmnopqrstuvwxyz";
    srandom(7);
    for (int round = 0; round < 20000; round++) {
        struct oak_edit edits[8];
        size_t count = 0, at = 0;
        const oak_str text = { "0123456789012345678901234567890123456789", (size_t)random() % 41 };
        while (count < COUNT(edits) && random() % 8 != 0) {
            const size_t start = at + (size_t)random() % (text.len - at + 1);
            const size_t end = start + (size_t)random() % (text.len - start + 1) / (size_t)(1 + random() % 4);
            edits[count++] = (struct oak_edit){ .span = { start, end }, .text = { words, (size_t)random() % 10 } };
            at = end;
        }
        oak_str out;
        cr_assert(oak_edits_apply(&arena, text, edits, count, &out, &err), "%s", err.text);
        cr_assert(oak_str_eq(out, spliced_by_twin(text, edits, count)), "round %d", round);
        oak_arena_reset(&arena);
    }
}

Test(base, refuses_edits_that_break_the_contract)
{
    static const struct oak_edit cases[][2] = {
        { { { 0, 3 }, { "x", 1 }, 0 }, { { 2, 4 }, { "y", 1 }, 0 } }, /* overlap */
        { { { 4, 4 }, { "x", 1 }, 0 }, { { 2, 2 }, { "y", 1 }, 0 } }, /* not sorted */
        { { { 0, 0 }, { "x", 1 }, 0 }, { { 5, 7 }, { "y", 1 }, 0 } }, /* behind the end */
        { { { 3, 2 }, { "x", 1 }, 0 }, { { 4, 4 }, { "y", 1 }, 0 } }, /* upside down */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        oak_str out;
        cr_assert_not(oak_edits_apply(&arena, OAK_STR("012345"), cases[i], 2, &out, &err), "%zu", i);
        cr_assert_eq(err.kind, OAK_INTERNAL);
    }
}
