/* From the paths of the command line to files, in order. */
#include "cli/inputs.h"

#include <string.h>

void oak_inputs_init(struct oak_inputs *inputs, const struct oak_command_line *line)
{
    *inputs = (struct oak_inputs){ .line = line };
    oak_arena_init(&inputs->arena);
}

static bool skip_ignored(void *context, const char *path, bool is_dir)
{
    return oak_ignore_is_ignored(context, path, is_dir);
}

static void end_ignore(struct oak_inputs *in)
{
    const bool was_opened = in->ignore != NULL;
    oak_ignore_free(in->ignore);
    oak_ignore_stop(was_opened);
}

static bool start_walk(struct oak_inputs *in, const char *root, struct oak_error *err)
{
    in->ignore = oak_ignore_open(root);
    const oak_walk_filter filter = { in->ignore != NULL ? skip_ignored : NULL, in->ignore };
    in->is_walking = oak_walk_init(&in->walk, root, filter, err);
    if (!in->is_walking)
        end_ignore(in);
    return in->is_walking;
}

static void end_walk(struct oak_inputs *in)
{
    oak_walk_free(&in->walk);
    end_ignore(in);
    in->is_walking = false;
}

/* The path of this number: those without an option, then those of -f. `.` if there are none. */
static const char *path_of(const struct oak_inputs *in, size_t number, bool *needs_recursive)
{
    const struct oak_command_line *const l = in->line;
    *needs_recursive = number >= l->paths.count && !l->is_recursive;
    if (number < l->paths.count)
        return l->paths.items[number];
    number -= l->paths.count;
    if (number < l->files.count)
        return l->files.items[number];
    *needs_recursive = false;
    return number == 0 && l->paths.count + l->files.count == 0 ? "." : NULL;
}

/* Starts with the next path; false at the end, and after the start of a walk. */
static enum oak_input_result take(struct oak_inputs *in, struct oak_input *out, struct oak_error *err)
{
    bool needs_recursive;
    out->path = path_of(in, in->next, &needs_recursive);
    if (out->path == NULL)
        return OAK_INPUT_END;
    in->next++;
    if (strcmp(out->path, "-") == 0) {
        *out = (struct oak_input){ "<stdin>", NULL };
        return OAK_INPUT_FILE;
    }
    switch (oak_path_kind(&in->arena, out->path, &out->real, err)) {
    case OAK_PATH_FILE:
        return OAK_INPUT_FILE;
    case OAK_PATH_FOLDER:
        if (needs_recursive) {
            oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "is a folder: -f needs -R to walk it");
            return OAK_INPUT_ERROR;
        }
        return start_walk(in, out->path, err) ? OAK_INPUT_END : OAK_INPUT_ERROR;
    default:
        return OAK_INPUT_ERROR;
    }
}

enum oak_input_result oak_inputs_next(struct oak_inputs *in, struct oak_input *out, struct oak_error *err)
{
    for (;;) {
        if (!in->is_walking) {
            const enum oak_input_result taken = take(in, out, err);
            if (taken != OAK_INPUT_END || !in->is_walking)
                return taken;
        }
        switch (oak_walk_next(&in->walk, &out->path, err)) {
        case OAK_WALK_FILE:
            out->real = out->path;
            return OAK_INPUT_FILE;
        case OAK_WALK_ERROR:
            return OAK_INPUT_ERROR;
        default:
            end_walk(in);
        }
    }
}

void oak_inputs_free(struct oak_inputs *in)
{
    if (in->is_walking)
        end_walk(in);
    oak_arena_free(&in->arena);
}
