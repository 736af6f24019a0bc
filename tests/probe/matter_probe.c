/* Compares the guess which documents matter with parsing all of them, over a folder of real files.
 *
 * usage: matter-probe FOLDER     exit 0: no document was missed; 1: some were; 2: nothing was compared */
#include <oakum/engine.h>

#include "files/files.h"

#include <stdio.h>
#include <stdlib.h>

struct tally {
    const struct oak_run *run;
    size_t parsed, with_target, missed, guessed;
};

static bool is_wanted(const struct oak_names *wanted, const struct oak_target *t)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (oak_str_eq(wanted->items[i].kind, t->object_kind) && oak_str_eq(wanted->items[i].group, t->group))
            return true;
    return false;
}

static void compare(struct oak_arena *arena, struct tally *t, const char *path, oak_str text, oak_span document)
{
    struct oak_index index;
    struct oak_error err;
    const bool matters = oak_document_matters(text, document, &t->run->wanted);
    t->guessed += matters;
    if (!oak_index_parse(arena, text, document, &index, &err))
        return;
    t->parsed++;
    const oak_targets targets = oak_targets_find(arena, &index, &t->run->kinds);
    bool has_target = false;
    for (size_t i = 0; i < targets.count; i++)
        has_target = has_target || is_wanted(&t->run->wanted, &targets.items[i]);
    t->with_target += has_target;
    if (has_target && !matters) {
        printf("missed: %s at byte %zu\n", path, document.start);
        t->missed++;
    }
}

static void compare_file(struct oak_arena *arena, struct tally *t, const char *path)
{
    oak_str text;
    struct oak_file_stamp stamp;
    struct oak_error err;
    if (!oak_file_read(arena, path, OAK_MAX_FILE, &text, &stamp, &err) || !oak_text_check(text, &err))
        return;
    const oak_documents documents = oak_split(arena, text);
    for (size_t i = 0; i < documents.count; i++)
        if (!documents.items[i].is_empty)
            compare(arena, t, path, text, documents.items[i].span);
}

int main(int argc, char **argv)
{
    struct oak_arena run_arena, arena;
    struct oak_patches patches;
    oak_patches_init(&patches);
    const struct oak_options options = { .profile = OAK_HARDENED, .runtime_class = OAK_STR("gvisor"),
                                         .enforce = OAK_STR("baseline") };
    struct oak_run run;
    struct oak_error err;
    struct oak_walk walk;
    const char *path;
    oak_arena_init(&run_arena);
    oak_arena_init(&arena);
    if (argc != 2 || !oak_patches_add_builtin(&run_arena, &patches, &err) ||
        !oak_run_init(&run_arena, &patches, &options, &run, &err) ||
        !oak_walk_init(&walk, argv[1], (oak_walk_filter){ NULL, NULL }, &err))
        return 2;
    struct tally t = { .run = &run };
    while (oak_walk_next(&walk, &path, &err) != OAK_WALK_END) {
        compare_file(&arena, &t, path);
        oak_arena_reset(&arena);
    }
    oak_walk_free(&walk);
    oak_arena_free(&arena);
    oak_arena_free(&run_arena);
    printf("%zu documents parsed, %zu with a target, %zu guessed to matter, %zu missed\n", t.parsed, t.with_target,
           t.guessed, t.missed);
    return t.missed > 0 ? 1 : t.with_target == 0 ? 2 : 0;
}
