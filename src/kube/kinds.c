/* The table of kinds: data, read from CSV. */
#include <oakum/kube.h>

static bool add_row(struct oak_arena *arena, oak_str line, struct oak_kind *row, struct oak_error *err)
{
    oak_str rest = line, cells[4];
    for (size_t i = 0; i < 4; i++)
        oak_str_cut(rest, ',', &cells[i], &rest);
    row->group = cells[0];
    row->kind = oak_str_trim(cells[1]);
    const oak_str template = oak_str_trim(cells[3]);
    if (row->kind.len == 0 || cells[2].len == 0)
        return oak_fail(err, OAK_PATCH, (oak_span){ 0, 0 }, "kinds: '%.*s' names no kind or no path", (int)line.len,
                        line.ptr);
    if (oak_str_eq(template, OAK_STR(".")))
        return oak_path_parse(arena, cells[2], &row->pod, err);
    return oak_path_parse(arena, cells[2], &row->pod, err) && oak_path_parse(arena, template, &row->template, err);
}

bool oak_kinds_load(struct oak_arena *arena, oak_str csv, struct oak_kinds *out, struct oak_error *err)
{
    OAK_LIST(struct oak_kind) rows = { 0 };
    oak_str line, rest = csv;
    oak_str_cut(rest, '\n', &line, &rest); /* the heading */
    while (rest.len > 0) {
        oak_str_cut(rest, '\n', &line, &rest);
        if (oak_str_trim(line).len > 0 && !add_row(arena, line, oak_push(arena, &rows), err))
            return false;
    }
    *out = (struct oak_kinds){ rows.items, rows.count };
    return true;
}
