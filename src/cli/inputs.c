/* Paths → files. Folders are walked as files are asked for; what git ignores is left out. */
#include "cli/inputs.h"

#include <string.h>

void oak_inputs_init(struct oak_arena *arena, const struct oak_command_line *line, struct oak_inputs *out)
{
    *out = (struct oak_inputs){ .next = 0 };
    for (size_t i = 0; i < line->paths.count; i++)
        *oak_push(arena, &out->items) = (struct oak_input){ line->paths.items[i], false };
    for (size_t i = 0; i < line->files.count; i++)
        *oak_push(arena, &out->items) = (struct oak_input){ line->files.items[i], !line->is_recursive };
    if (out->items.count == 0)
        *oak_push(arena, &out->items) = (struct oak_input){ ".", false };
}

static bool skip_ignored(void *context, const char *path, bool is_dir)
{
    return oak_ignore_is_ignored(context, path, is_dir);
}

static void fail(struct oak_found *out, const struct oak_error *err)
{
    out->has_error = true;
    out->error = *err;
}

static void stop_walk(struct oak_inputs *inputs)
{
    oak_walk_free(&inputs->walk);
    oak_ignore_free(inputs->ignore);
    inputs->is_walking = false;
}

static bool start_walk(struct oak_inputs *inputs, const char *root, struct oak_found *out)
{
    struct oak_error err;
    inputs->ignore = oak_ignore_open(root);
    const oak_walk_filter filter = { inputs->ignore != NULL ? skip_ignored : NULL, inputs->ignore };
    if (!oak_walk_init(&inputs->walk, root, filter, &err)) {
        oak_ignore_free(inputs->ignore);
        fail(out, &err);
        return false;
    }
    inputs->is_walking = true;
    return true;
}

/* The next file of the walk in progress; false if it has ended. */
static bool take_from_walk(struct oak_arena *arena, struct oak_inputs *inputs, struct oak_found *out)
{
    const char *path;
    struct oak_error err;
    switch (oak_walk_next(&inputs->walk, &path, &err)) {
    case OAK_WALK_FILE:
        out->path = out->real = oak_arena_cstr(arena, oak_str_from(path));
        return true;
    case OAK_WALK_ERROR:
        out->path = oak_arena_cstr(arena, oak_str_from(path));
        fail(out, &err);
        return true;
    default:
        stop_walk(inputs);
        return false;
    }
}

/* Starts with the next path of the command line; true if that is a file by itself. */
static bool take_input(struct oak_arena *arena, struct oak_inputs *inputs, struct oak_found *out)
{
    const struct oak_input input = inputs->items.items[inputs->next++];
    struct oak_error err;
    out->path = input.path;
    if (strcmp(input.path, "-") == 0) {
        out->path = "<stdin>";
        out->is_stdin = true;
        return true;
    }
    switch (oak_path_kind(arena, input.path, &out->real, &err)) {
    case OAK_PATH_FILE:
        return true;
    case OAK_PATH_FOLDER:
        if (input.needs_recursive) {
            oak_fail(&err, OAK_USAGE, (oak_span){ 0, 0 }, "is a folder: -f needs -R to walk it");
            fail(out, &err);
            return true;
        }
        return !start_walk(inputs, input.path, out);
    default:
        fail(out, &err);
        return true;
    }
}

bool oak_inputs_next(struct oak_arena *arena, struct oak_inputs *inputs, struct oak_found *out)
{
    for (;;) {
        if (inputs->is_walking) {
            if (take_from_walk(arena, inputs, out))
                return true;
        } else if (inputs->next == inputs->items.count) {
            return false;
        } else if (take_input(arena, inputs, out)) {
            return true;
        }
    }
}

void oak_inputs_free(struct oak_inputs *inputs)
{
    if (inputs->is_walking)
        stop_walk(inputs);
}
