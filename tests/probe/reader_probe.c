/* Compares the two readers of YAML: whatever the plain one reads, libfyaml reads, too, and to the same index, node for node.
 *
 * usage: reader-probe ROUNDS FOLDER…     every document of every file, as it is and ROUNDS times with a few bytes or lines spoilt
 * exit 0: all the same; 1: some differ; 2: the plain reader read nothing, or a folder could not be walked */
#include "yaml/parse.h"

#include "files/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
    struct oak_arena arena;
    const char *path;
    uint64_t seed;
    size_t documents, plain, spoilt, spoilt_plain, differ;
};

/* ---- comparing ---- */

static bool same_span(oak_span a, oak_span b)
{
    return a.start == b.start && a.end == b.end;
}

/* Names what differs between two nodes; NULL if nothing does. */
static const char *difference(const struct oak_node *a, const struct oak_node *b)
{
    const struct {
        bool is_same;
        const char *name;
    } parts[] = {
        { a->kind == b->kind, "kind" },
        { a->style == b->style, "style" },
        { same_span(a->span, b->span), "span" },
        { a->body == b->body, "body" },
        { a->entry == b->entry, "entry" },
        { same_span(a->key, b->key), "key" },
        { oak_str_eq(a->name, b->name), "name" },
        { oak_str_eq(a->value, b->value), "value" },
        { a->anchor.len == 0 && b->anchor.len == 0 && a->tag.len == 0 && b->tag.len == 0, "properties" },
        { a->column == b->column, "column" },
        { a->parent == b->parent && a->next == b->next && a->child == b->child && a->last == b->last, "place" },
        { a->count == b->count && a->target == b->target && a->odd == b->odd, "count" },
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!parts[i].is_same)
            return parts[i].name;
    return NULL;
}

static void tell(struct tally *t, oak_str text, size_t at, const char *what)
{
    t->differ++;
    if (t->differ > 20)
        return;
    const size_t from = at > 60 ? at - 60 : 0;
    const size_t len = text.len - from < 120 ? text.len - from : 120;
    printf("%s: %s differs at byte %zu:\n%.*s\n----\n", t->path, what, at, (int)len, text.ptr + from);
}

/* libfyaml 0.7.12 takes the next keys for the content of an empty block scalar, which parse.c refuses; and it does not read a
 * sequence at the column of its key whose last item is empty. */
static bool is_known_fault(const struct oak_index *plain, const struct oak_error *err)
{
    bool has_empty_item = false;
    for (size_t i = 1; i < plain->count; i++)
        has_empty_item = has_empty_item || (plain->nodes[i].kind == OAK_NULL && plain->nodes[i].key.end == 0);
    return strncmp(err->text, "an empty block scalar", 21) == 0 ||
           (has_empty_item && strstr(err->text, "did not find expected node content") != NULL);
}

static bool compare(struct tally *t, oak_str text, oak_span document)
{
    struct oak_index plain, all;
    struct oak_error err;
    if (!oak_parse_plain(&t->arena, text, document, &plain))
        return false;
    if (!oak_parse_events(&t->arena, text, document, &all, &err)) {
        if (!is_known_fault(&plain, &err))
            tell(t, text, err.span.start, err.text);
        return true;
    }
    if (plain.root != all.root || plain.count != all.count || plain.alias_count != all.alias_count)
        tell(t, text, document.start, "the number of nodes");
    for (size_t i = 1; i < plain.count && i < all.count; i++) {
        const char *const what = difference(&plain.nodes[i], &all.nodes[i]);
        if (what != NULL) {
            tell(t, text, all.nodes[i].body, what);
            break;
        }
    }
    return true;
}

/* ---- spoiling ---- */

static size_t random_below(struct tally *t, size_t limit)
{
    t->seed ^= t->seed << 13;
    t->seed ^= t->seed >> 7;
    t->seed ^= t->seed << 17;
    return limit > 0 ? (size_t)(t->seed % limit) : 0;
}

static size_t line_at(const char *text, size_t at)
{
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

/* Spoils `text` (with room for a few bytes more) in one place; its new length. */
static size_t spoil(struct tally *t, char *text, size_t len)
{
    static const char nasty[] = "  \t\n\n-:?,[]{}#&*!|>'\"%@`\\~a0<=.+";
    size_t at = random_below(t, len);
    const char byte = nasty[random_below(t, sizeof nasty - 1)];
    switch (random_below(t, 5)) {
    case 0:
        text[at] = byte;
        return len;
    case 1: /* at the start of a line: indentation */
        at = line_at(text, at);
        /* fall through */
    case 2:
        memmove(text + at + 1, text + at, len - at);
        text[at] = byte;
        return len + 1;
    case 3: /* one byte less */
        memmove(text + at, text + at + 1, len - at - 1);
        return len - 1;
    default: { /* a line less, or its beginning */
        const size_t start = line_at(text, at);
        memmove(text + start, text + at, len - at);
        return len - (at - start);
    }
    }
}

static void compare_spoilt(struct tally *t, oak_str text)
{
    struct oak_error err;
    char *const copy = oak_arena_bytes(&t->arena, text.len + 4);
    memcpy(copy, text.ptr, text.len);
    size_t len = text.len;
    for (size_t i = random_below(t, 3); i < 3 && len > 1; i++)
        len = spoil(t, copy, len);
    const oak_str spoilt = { copy, len };
    if (!oak_text_check(spoilt, &err))
        return;
    const oak_documents documents = oak_split(&t->arena, spoilt);
    for (size_t i = 0; i < documents.count; i++) {
        t->spoilt++;
        t->spoilt_plain += compare(t, spoilt, documents.items[i].span);
    }
}

/* ---- files ---- */

static void compare_file(struct tally *t, size_t rounds)
{
    enum { MAX_SPOILT = 16 * 1024 };
    oak_str text;
    struct oak_file_stamp stamp;
    struct oak_error err;
    if (!oak_file_read(&t->arena, t->path, OAK_MAX_FILE, &text, &stamp, &err) || !oak_text_check(text, &err))
        return;
    const oak_documents documents = oak_split(&t->arena, text);
    for (size_t i = 0; i < documents.count; i++) {
        const oak_span span = documents.items[i].span;
        if (documents.items[i].is_empty)
            continue;
        t->documents++;
        t->plain += compare(t, text, span);
        for (size_t k = 0; k < rounds && span.end - span.start < MAX_SPOILT; k++)
            compare_spoilt(t, oak_str_span(text, span));
    }
}

static bool compare_folder(struct tally *t, const char *folder, size_t rounds)
{
    struct oak_walk walk;
    struct oak_error err;
    if (!oak_walk_init(&walk, folder, (oak_walk_filter){ NULL, NULL }, &err))
        return false;
    while (oak_walk_next(&walk, &t->path, &err) != OAK_WALK_END) {
        compare_file(t, rounds);
        oak_arena_reset(&t->arena);
    }
    oak_walk_free(&walk);
    return true;
}

int main(int argc, char **argv)
{
    struct tally t = { .seed = 20260101 };
    if (argc < 3)
        return 2;
    oak_arena_init(&t.arena);
    const size_t rounds = strtoul(argv[1], NULL, 10);
    bool ok = true;
    for (int i = 2; i < argc; i++)
        ok = compare_folder(&t, argv[i], rounds) && ok;
    oak_arena_free(&t.arena);
    printf("%zu documents, %zu of them plain; %zu spoilt ones, %zu plain; %zu differ\n", t.documents, t.plain, t.spoilt,
           t.spoilt_plain, t.differ);
    return t.differ > 0 ? 1 : ok && t.plain > 0 ? 0 : 2;
}
