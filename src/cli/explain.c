/* `oakum explain`: what a patch does, with its example before and after, made by running the patch. */
#include "cli/explain.h"

#include "output/output.h"

/* Everything that an example may need: its patch alone, all of its rules, a name for whatever has to be given. */
static struct oak_options options_for(struct oak_arena *arena, const struct oak_patch *patch)
{
    oak_str *const id = oak_arena_alloc(arena, sizeof *id);
    *id = patch->id;
    return (struct oak_options){ .profile = OAK_HARDENED, .fix = OAK_FIX_ALL, .select = id, .select_count = 1,
                                 .runtime_class = OAK_STR("gvisor"), .enforce = OAK_STR("baseline"),
                                 .kube_minor = oak_patch_newest(patch) };
}

static bool explain_one(struct oak_arena *arena, const struct oak_patches *patches, const struct oak_patch *patch,
                        struct oak_buf *out, struct oak_error *err)
{
    if (patch->example.len == 0) {
        oak_text_explain(out, patch, NULL);
        return true;
    }
    const struct oak_options options = options_for(arena, patch);
    struct oak_run run;
    if (!oak_run_init(arena, patches, &options, &run, err))
        return false;
    struct oak_result result;
    const oak_str text = oak_arena_printf(arena, "%.*s\n", (int)patch->example.len, patch->example.ptr);
    oak_pass(arena, &run, text, &result);
    const struct oak_report example = { .path = OAK_STR("example.yaml"), .text = text, .result = &result,
                                        .view = OAK_VIEW_CHECK };
    oak_text_explain(out, patch, &example);
    return true;
}

bool oak_explain(struct oak_arena *arena, const struct oak_patches *patches, oak_str id, struct oak_buf *out,
                 struct oak_error *err)
{
    size_t from = 0;
    const struct oak_patch *patch = oak_patches_find(patches, id, &from);
    if (patch == NULL)
        return oak_fail_unknown(patches, id, err);
    for (; patch != NULL; patch = oak_patches_find(patches, id, &from)) {
        if (out->len > 0)
            oak_buf_add(out, OAK_STR("\n"));
        if (!explain_one(arena, patches, patch, out, err))
            return false;
    }
    return true;
}
