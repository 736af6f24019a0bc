/* `oakum ignore ID FILE:LINE`: one comment into one file. */
#include "cli/ignore.h"

#include "files/files.h"
#include "output/output.h"

#include <stdio.h>
#include <string.h>

/* Takes a number behind a colon off the end. */
static bool take_number(oak_str *text, size_t *out)
{
    size_t digits = 0, value = 0;
    while (digits < text->len && text->ptr[text->len - 1 - digits] >= '0' && text->ptr[text->len - 1 - digits] <= '9')
        digits++;
    if (digits == 0 || digits > 9 || digits + 1 >= text->len || text->ptr[text->len - 1 - digits] != ':')
        return false;
    for (size_t i = text->len - digits; i < text->len; i++)
        value = value * 10 + (size_t)(text->ptr[i] - '0');
    text->len -= digits + 1;
    *out = value;
    return true;
}

bool oak_place_parse(oak_str text, oak_str *path, size_t *line)
{
    size_t column;
    if (oak_str_ends(text, OAK_STR(":"))) /* copied with the colon behind it */
        text.len--;
    *path = text;
    if (!take_number(path, line))
        return false;
    column = *line;
    /* FILE:LINE:COLUMN, as `check` prints it. */
    if (!take_number(path, line))
        *line = column;
    return true;
}

static int tell(struct oak_arena *arena, const char *path, oak_str text, const struct oak_error *err)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    oak_text_error(&out, oak_str_from(path), text, err);
    fwrite(out.ptr, 1, out.len, stderr);
    return OAK_EXIT_FAILED;
}

int oak_ignore_command(struct oak_arena *arena, const struct oak_run *run, const struct oak_config_file *config,
                       const struct oak_ignore_order *order)
{
    struct oak_error err;
    struct oak_file_stamp stamp;
    struct oak_annotated done;
    struct oak_file file = { { "", 0 }, { "", 0 } };
    const char *const path = oak_arena_cstr(arena, order->path), *real;
    switch (oak_path_kind(arena, path, &real, &err)) {
    case OAK_PATH_FILE:
        break;
    case OAK_PATH_FOLDER:
        oak_fail(&err, OAK_IO, (oak_span){ 0, 0 }, "is a folder: a file and a line of it are expected");
        return tell(arena, path, OAK_STR(""), &err);
    default:
        return tell(arena, path, OAK_STR(""), &err);
    }
    if (config->path != NULL && !oak_path_inside(arena, config->folder, path, &file.path))
        file.path = OAK_STR("");
    if (!oak_file_read(arena, real, OAK_MAX_FILE, &file.text, &stamp, &err) ||
        !oak_annotate(arena, run, file, &order->what, &done, &err) ||
        !oak_file_replace(real, &stamp, done.text, &err))
        return tell(arena, path, file.text, &err);
    printf("%s:%zu: %.*s\n", path, done.line, (int)done.comment.len, done.comment.ptr);
    return fflush(stdout) == 0 ? OAK_EXIT_CLEAN : OAK_EXIT_FAILED;
}
