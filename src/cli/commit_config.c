/* The configuration of a base, and the patches that it brings. */
#include "cli/commit_config.h"

#include <oakum/source.h>

#include <string.h>

enum { MAX_TEXT = 1024 * 1024 };

/* Puts the place in front of the words: nobody else has the text. */
static bool place(struct oak_arena *arena, oak_str path, oak_str text, struct oak_error *err)
{
    struct oak_source source;
    char words[sizeof err->text];
    memcpy(words, err->text, sizeof words);
    oak_source_init(arena, text, &source);
    const struct oak_position at = oak_source_position(&source, err->span.start);
    return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "%.*s:%zu:%zu: %.180s", (int)path.len, path.ptr, at.line,
                    at.column_chars, words);
}

/* ---- patches ---- */

struct reader {
    struct oak_arena *arena;
    struct oak_patches *patches;
    oak_str folder; /* with a final slash */
    struct oak_error *err;
    bool wants_evidence; /* only that; or only what is none */
    bool failed, found;
};

static bool wants(void *context, oak_str path)
{
    const struct reader *const r = context;
    return !r->failed && oak_str_starts(path, r->folder) && oak_str_ends(path, OAK_STR(".yaml")) &&
           memchr(path.ptr + r->folder.len, '/', path.len - r->folder.len) == NULL &&
           oak_patches_is_evidence(path) == r->wants_evidence;
}

/* Only reads: nothing of this tree is ever rewritten. */
static bool read_patch(void *context, struct oak_arena *file_arena, oak_str path, oak_str text, oak_str *out)
{
    struct reader *const r = context;
    const oak_str kept = oak_arena_str(r->arena, text), name = oak_arena_str(r->arena, path);
    (void)file_arena;
    (void)out;
    r->found = true;
    if (!r->failed && !oak_patches_add(r->arena, r->patches, name, kept, r->err))
        r->failed = !place(r->arena, name, kept, r->err);
    return false;
}

static void pass_over(void *context, oak_str path, oak_str why)
{
    struct reader *const r = context;
    r->failed = !oak_fail(r->err, OAK_USAGE, (oak_span){ 0, 0 }, "%.*s: %.*s", (int)path.len, path.ptr, (int)why.len, why.ptr);
}

static bool read_patches(struct oak_arena *arena, struct oak_repository *repository, const struct oak_base *base,
                         struct oak_base_run *out, struct oak_error *err)
{
    const oak_str folder = oak_path_join(arena, OAK_STR(""), out->config.config.patches);
    const oak_str parts[] = { folder, OAK_STR("/") };
    struct reader reader = { .arena = arena, .patches = &out->own, .folder = oak_arena_join(arena, parts, 2), .err = err };
    const struct oak_rewriter rewriter = { .context = &reader, .max_bytes = MAX_TEXT, .wants = wants, .rewrite = read_patch,
                                           .pass_over = pass_over };
    oak_object_id tree;
    oak_patches_init(&out->own);
    if (!oak_patches_add_builtin(arena, &out->own, err))
        return false;
    for (int pass = 0; pass < 2 && !reader.failed; pass++) {
        reader.wants_evidence = pass == 0; /* first: patches name it */
        if (!oak_tree_rewrite(repository, base, &rewriter, &tree, err))
            return false;
    }
    return !reader.failed && (reader.found || oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, OAK_CONFIG_NAME ": 'patches': there "
                                                       "are no *.yaml files in '%.*s' of the base", (int)folder.len,
                                                       folder.ptr));
}

/* ---- the run ---- */

static bool read_config(struct oak_arena *arena, struct oak_repository *repository, const struct oak_base *base,
                        struct oak_config_file *file, struct oak_error *err)
{
    *file = (struct oak_config_file){ .path = NULL };
    if (!oak_base_read(arena, repository, OAK_CONFIG_NAME, base, &file->text, err))
        return false;
    if (file->text.ptr == NULL)
        return true;
    file->path = OAK_CONFIG_NAME;
    if (file->text.len > MAX_TEXT)
        return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, OAK_CONFIG_NAME ": more than 1 MiB");
    return oak_config_read(arena, file->text, &file->config, err) ||
           place(arena, OAK_STR(OAK_CONFIG_NAME), file->text, err);
}

bool oak_base_run_init(struct oak_arena *arena, struct oak_repository *repository, const struct oak_base *base,
                       struct oak_base_run *out, struct oak_error *err)
{
    struct oak_command_line *const line = &out->line;
    const struct oak_patches *patches = &out->own;
    const bool is_given = line->no_config || line->config_path != NULL;
    if (!is_given && !read_config(arena, repository, base, &out->config, err))
        return false;
    if (!is_given && out->config.path != NULL) {
        if (line->patches_folder == NULL && out->config.config.patches.len > 0 &&
            !read_patches(arena, repository, base, out, err))
            return false;
        out->config.config.patches = OAK_STR("");
        oak_config_file_apply(arena, &out->config, line);
        if (!oak_config_file_check(&out->config, patches, err))
            return place(arena, OAK_STR(OAK_CONFIG_NAME), out->config.text, err);
    }
    if (oak_run_init(arena, patches, &line->options, &out->run, err))
        return oak_run_check(&out->run, err);
    return err->kind == OAK_PATCH && place(arena, oak_str_from(out->config.path), out->config.text, err);
}
