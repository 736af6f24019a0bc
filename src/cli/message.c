/* Subject, what was fixed by patch, what is left and why, trailers. The subject is `area: imperative`: the area is the
 * patch if it is one, else the folder that holds all that changed. */
#include "cli/message.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* The deepest folder that holds all paths; empty: the root. */
static oak_str common_folder(const struct oak_message *m)
{
    if (m->path_count == 0)
        return OAK_STR("");
    const oak_str first = m->paths[0], last = m->paths[m->path_count - 1];
    size_t same = 0, folder = 0;
    while (same < first.len && same < last.len && first.ptr[same] == last.ptr[same]) {
        if (first.ptr[same] == '/')
            folder = same;
        same++;
    }
    return oak_str_span(first, (oak_span){ 0, folder });
}

/* A name that can stand in front of a colon, on one short line. */
static bool is_area(oak_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] <= ' ' || name.ptr[i] == ':' || (unsigned char)name.ptr[i] >= 0x7f)
            return false;
    return name.len > 0 && name.len <= 32;
}

/* As much of the folder's end as fits. */
static oak_str area_of(oak_str folder)
{
    oak_str first, rest;
    while (!is_area(folder) && oak_str_cut(folder, '/', &first, &rest))
        folder = rest;
    return is_area(folder) ? folder : OAK_STR("manifests");
}

static void add_subject(struct oak_buf *out, const struct oak_message *m)
{
    const oak_str folder = common_folder(m);
    if (m->area != NULL) {
        const size_t fixed = m->totals->by_outcome[OAK_FIXED];
        oak_buf_addf(out, "%.*s: fix %zu place%s\n", (int)m->area->id.len, m->area->id.ptr, fixed, plural(fixed));
        return;
    }
    const oak_str area = area_of(folder);
    const bool has_area = !oak_str_eq(area, OAK_STR("manifests"));
    const oak_str file = m->path_count == 1
                             ? oak_str_span(m->paths[0], (oak_span){ folder.len + (folder.len > 0), m->paths[0].len })
                             : OAK_STR("");
    if (is_area(file))
        oak_buf_addf(out, "%.*s: harden %.*s\n", (int)area.len, area.ptr, (int)file.len, file.ptr);
    else
        oak_buf_addf(out, "%.*s: harden %zu %s%s\n", (int)area.len, area.ptr, m->path_count, has_area ? "manifest" : "file",
                     plural(m->path_count));
}

static void add_fixed(struct oak_buf *out, const struct oak_message *m)
{
    oak_buf_add(out, OAK_STR("\nFixed so that a container cannot take over its host:\n\n"));
    for (size_t i = 0; i < m->run->patches->items.count; i++) {
        const struct oak_patch *const patch = m->run->patches->items.items[i];
        const size_t fixed = oak_totals_of(m->totals, m->run->patches, patch)[OAK_FIXED];
        if (fixed > 0)
            oak_buf_addf(out, "%5zu  %-21.*s %.*s\n", fixed, (int)patch->id.len, patch->id.ptr, (int)patch->title.len,
                         patch->title.ptr);
    }
}

/* "2 held, 1 manual"; false if nothing of this patch is left. */
static bool add_left_of(struct oak_buf *out, const size_t *by_outcome)
{
    size_t kinds = 0;
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        if (i != OAK_FIXED && by_outcome[i] > 0)
            oak_buf_addf(out, "%s%zu %s", kinds++ > 0 ? ", " : "", by_outcome[i], oak_outcome_name((enum oak_outcome)i));
    return kinds > 0;
}

static void add_left(struct oak_buf *out, const struct oak_message *m)
{
    bool is_first = true;
    for (size_t i = 0; i < m->run->patches->items.count; i++) {
        const struct oak_patch *const patch = m->run->patches->items.items[i];
        struct oak_buf counts;
        oak_buf_init(&counts, out->arena);
        if (!add_left_of(&counts, oak_totals_of(m->totals, m->run->patches, patch)))
            continue;
        if (is_first)
            oak_buf_add(out, OAK_STR("\nLeft to a person:\n\n"));
        is_first = false;
        oak_buf_addf(out, "  %.*s: %.*s\n", (int)patch->id.len, patch->id.ptr, (int)counts.len, counts.ptr);
    }
    if (m->totals->templates > 0)
        oak_buf_addf(out, "\n%zu template%s left alone.\n", m->totals->templates, plural(m->totals->templates));
}

oak_str oak_message_print(struct oak_arena *arena, const struct oak_message *m)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    add_subject(&out, m);
    add_fixed(&out, m);
    if (m->tells_left)
        add_left(&out, m);
    oak_buf_addf(&out, "\nOakum-Base: %s\nOakum-Digest: %s\n", m->base_tree.hex, m->digest.hex);
    if (m->signoff != NULL)
        oak_buf_addf(&out, "Signed-off-by: %.*s <%.*s>\n", (int)m->signoff->name.len, m->signoff->name.ptr,
                     (int)m->signoff->email.len, m->signoff->email.ptr);
    return oak_buf_str(&out);
}
