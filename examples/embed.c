/* The library in a page: one manifest comes in, the fixed one goes out, and what was done is said.
 *
 *   cc embed.c -o embed $(pkg-config --cflags --libs oakum)
 *   ./embed <in.yaml >out.yaml */
#include <oakum/engine.h>

#include <stdio.h>

static oak_str read_all(struct oak_arena *arena, FILE *from)
{
    struct oak_buf text;
    char piece[4096];
    size_t len;
    oak_buf_init(&text, arena);
    while ((len = fread(piece, 1, sizeof piece, from)) > 0)
        oak_buf_add(&text, (oak_str){ piece, len });
    return oak_buf_str(&text);
}

static int fix(struct oak_arena *arena)
{
    struct oak_patches patches;
    oak_patches_init(&patches);
    const struct oak_options options = { .profile = OAK_RESTRICTED, .fix = OAK_FIX_ALL };
    struct oak_run run;
    struct oak_result result;
    struct oak_error err;

    /* Once: what is looked for. A run never changes; threads can share it. */
    if (!oak_patches_add_builtin(arena, &patches, &err) || !oak_run_init(arena, &patches, &options, &run, &err)) {
        fprintf(stderr, "embed: %s\n", err.text);
        return 2;
    }

    /* For each file: bytes in, proven bytes out. On failure they are the same bytes. */
    oak_pass(arena, &run, read_all(arena, stdin), &result);
    for (size_t i = 0; i < result.findings.count; i++) {
        const struct oak_finding *const found = &result.findings.items[i];
        const oak_str id = found->rule->patch->id;
        fprintf(stderr, "%s: %.*s\n", oak_outcome_name(found->outcome), (int)id.len, id.ptr);
    }
    if (result.failed)
        fprintf(stderr, "embed: %s\n", result.error.text);
    const bool is_written = fwrite(result.text.ptr, 1, result.text.len, stdout) == result.text.len && fflush(stdout) == 0;
    return result.failed || !is_written ? 2 : 0;
}

int main(void)
{
    struct oak_arena arena;
    oak_arena_init(&arena);
    const int status = fix(&arena);
    oak_arena_free(&arena); /* all of it */
    return status;
}
