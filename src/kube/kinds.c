/* The table of kinds: data, read from CSV. src/README.md explains its columns. */
#include <oakum/kube.h>

#include <stdlib.h>

enum column { GROUP, KIND, WHAT, PATH, TEMPLATE, CONTEXT, OUTER, FIELDS, COLUMNS };

struct reader {
    struct oak_arena *arena;
    struct oak_error *err;
    OAK_LIST(struct oak_kind) kinds;
    oak_str line;
};

static bool fail(const struct reader *r, const char *what)
{
    return oak_fail(r->err, OAK_PATCH, (oak_span){ 0, 0 }, "kinds: '%.*s': %s", (int)r->line.len, r->line.ptr, what);
}

static bool parse_path(const struct reader *r, oak_str text, struct oak_path *out)
{
    return oak_path_parse(r->arena, text, out, r->err);
}

static bool read_what(const struct reader *r, oak_str text, enum oak_row_kind *out)
{
    static const struct {
        oak_str word;
        enum oak_row_kind what;
    } words[] = {
        { { "pod", 3 }, OAK_ROW_POD },         { { "container", 9 }, OAK_ROW_CONTAINER }, { { "text", 4 }, OAK_ROW_TEXT },
        { { "objects", 7 }, OAK_ROW_OBJECTS }, { { "none", 4 }, OAK_ROW_NONE },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (oak_str_eq(words[i].word, text)) {
            *out = words[i].what;
            return true;
        }
    return fail(r, "what is pod, container, objects, text or none");
}

/* "" is securityContext; "-": none; "key?": only where it is written. */
static bool read_context(const struct reader *r, oak_str text, struct oak_row *row)
{
    if (oak_str_eq(text, OAK_STR("-")))
        return true;
    row->is_context_given = oak_str_ends(text, OAK_STR("?"));
    text.len -= row->is_context_given;
    if (!parse_path(r, text.len > 0 ? text : OAK_STR("securityContext"), &row->context))
        return false;
    return row->context.count == 1 || row->is_context_given || fail(r, "a context further down ends with '?'");
}

static bool read_outer(const struct reader *r, oak_str text, struct oak_row *row)
{
    oak_str path;
    while (text.len > 0) {
        oak_str_cut(text, ' ', &path, &text);
        if (!parse_path(r, path, oak_push(r->arena, &row->outer)))
            return false;
    }
    return true;
}

/* "-a -b": all but these; "+a +b": only these; "+": none; "-a?": there, but not added. */
static bool read_fields(const struct reader *r, oak_str text, struct oak_row *row)
{
    row->has_only = oak_str_starts(text, OAK_STR("+"));
    const oak_str sign = row->has_only ? OAK_STR("+") : OAK_STR("-");
    oak_str field;
    while (text.len > 0) {
        oak_str_cut(text, ' ', &field, &text);
        if (!oak_str_starts(field, sign))
            return fail(r, "fields are +all +that +are +there or -all -that -are -not");
        const oak_str name = { field.ptr + 1, field.len - 1 };
        if (oak_str_ends(name, OAK_STR("?")) && !row->has_only)
            *oak_push(r->arena, &row->given) = (oak_str){ name.ptr, name.len - 1 };
        else if (name.len > 0)
            *oak_push(r->arena, &row->fields) = name;
    }
    return true;
}

static bool starts_with(const struct oak_path *path, const struct oak_path *start)
{
    if (path->count < start->count)
        return false;
    for (size_t i = 0; i < start->count; i++)
        if (path->steps[i].kind != start->steps[i].kind || !oak_str_eq(path->steps[i].key, start->steps[i].key))
            return false;
    return true;
}

static bool check_row(const struct reader *r, const struct oak_kind *kind, const struct oak_row *row)
{
    if ((row->what == OAK_ROW_NONE) != (row->path.count == 0))
        return fail(r, "a path is missing, or too many");
    if (row->has_template && row->path.steps[row->path.count - 1].kind != OAK_STEP_KEY)
        return fail(r, "an item of a list is in no template");
    if (row->what != OAK_ROW_CONTAINER)
        return true;
    for (size_t i = kind->rows.count; i-- > 0;)
        if (kind->rows.items[i].what != OAK_ROW_CONTAINER)
            return (kind->rows.items[i].what == OAK_ROW_POD && starts_with(&row->path, &kind->rows.items[i].path)) ||
                   fail(r, "the row above is not that of its pod");
    return fail(r, "a container needs a pod above it");
}

static bool read_row(struct reader *r)
{
    oak_str rest = r->line, cells[COLUMNS];
    size_t commas = 0;
    for (size_t i = 0; i < COLUMNS; i++)
        commas += oak_str_cut(rest, ',', &cells[i], &rest);
    struct oak_row row = { .has_template = oak_str_eq(cells[TEMPLATE], OAK_STR("parent")) };
    if (cells[KIND].len == 0 || commas != COLUMNS - 1)
        return fail(r, "not a row of eight cells");
    if (!read_what(r, cells[WHAT], &row.what) || !parse_path(r, cells[PATH], &row.path) ||
        !read_context(r, cells[CONTEXT], &row) || !read_outer(r, cells[OUTER], &row) ||
        !read_fields(r, cells[FIELDS], &row))
        return false;
    struct oak_kind *kind = r->kinds.count > 0 ? &r->kinds.items[r->kinds.count - 1] : NULL;
    if (kind == NULL || !oak_str_eq(kind->group, cells[GROUP]) || !oak_str_eq(kind->kind, cells[KIND])) {
        kind = oak_push(r->arena, &r->kinds);
        kind->group = cells[GROUP];
        kind->kind = cells[KIND];
    }
    if (!check_row(r, kind, &row))
        return false;
    *oak_push(r->arena, &kind->rows) = row;
    return true;
}

static bool same_path(const struct oak_path *a, const struct oak_path *b)
{
    return a->count == b->count && starts_with(a, b);
}

static void mark_outer(struct oak_kind *kind)
{
    for (size_t i = 0; i < kind->rows.count; i++)
        for (size_t k = 0; k < kind->rows.count && kind->rows.items[i].outer.count > 0; k++)
            if (same_path(&kind->rows.items[k].path, &kind->rows.items[i].outer.items[0]))
                kind->rows.items[k].is_outer = true;
}

static int by_kind(const void *a, const void *b)
{
    const struct oak_kind *const x = a, *const y = b;
    const int order = oak_str_cmp(x->kind, y->kind);
    return order != 0 ? order : oak_str_cmp(x->group, y->group);
}

bool oak_kinds_load(struct oak_arena *arena, oak_str csv, struct oak_kinds *out, struct oak_error *err)
{
    struct reader r = { .arena = arena, .err = err };
    oak_str rest = csv;
    oak_str_cut(rest, '\n', &r.line, &rest); /* the heading */
    while (rest.len > 0) {
        oak_str_cut(rest, '\n', &r.line, &rest);
        r.line = oak_str_trim(r.line);
        if (r.line.len > 0 && !read_row(&r))
            return false;
    }
    if (r.kinds.count > 0)
        qsort(r.kinds.items, r.kinds.count, sizeof *r.kinds.items, by_kind);
    for (size_t i = 0; i < r.kinds.count; i++)
        mark_outer(&r.kinds.items[i]);
    for (size_t i = 1; i < r.kinds.count; i++)
        if (by_kind(&r.kinds.items[i - 1], &r.kinds.items[i]) == 0) {
            r.line = r.kinds.items[i].kind;
            return fail(&r, "its rows do not stand together");
        }
    *out = (struct oak_kinds){ .items = r.kinds.items, .count = r.kinds.count };
    return true;
}

const struct oak_kind *oak_kind_find(const struct oak_kinds *kinds, oak_str group, oak_str kind)
{
    const struct oak_kind wanted = { .group = group, .kind = kind };
    return kinds->count > 0 ? bsearch(&wanted, kinds->items, kinds->count, sizeof wanted, by_kind) : NULL;
}

bool oak_row_has(const struct oak_row *row, oak_str field)
{
    for (size_t i = 0; i < row->fields.count; i++)
        if (oak_str_eq(row->fields.items[i], field))
            return row->has_only;
    return !row->has_only;
}

bool oak_row_adds(const struct oak_row *row, oak_str field)
{
    for (size_t i = 0; i < row->given.count; i++)
        if (oak_str_eq(row->given.items[i], field))
            return false;
    return oak_row_has(row, field);
}
