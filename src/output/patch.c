/* What would change, for other programs: as a patch that kubectl takes, or as the whole new text. */
#include "output/output.h"
#include "output/value.h"

#include "engine/amend.h"

#include <string.h>

/* deployment/web, widget.example.org/web: as kubectl takes it. */
static oak_str name_of(struct oak_arena *arena, const struct oak_amendment *a)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    oak_buf_add_lower(&out, a->kind);
    if (memchr(a->group.ptr, '.', a->group.len) != NULL)
        oak_buf_add_all(&out, (oak_str[]){ OAK_STR("."), a->group }, 2);
    oak_buf_add_all(&out, (oak_str[]){ OAK_STR("/"), a->name }, 2);
    return oak_buf_str(&out);
}

static void add_amendment(struct oak_buf *out, const struct oak_amendment *a)
{
    oak_buf_add(out, OAK_STR("---\n# "));
    if (a->obstacle != NULL) {
        oak_text_visible(out, name_of(out->arena, a));
        oak_buf_add(out, OAK_STR(": no patch: "));
        oak_text_visible(out, oak_str_from(a->obstacle));
        oak_buf_add(out, OAK_STR("\n"));
        return;
    }
    oak_buf_add(out, OAK_STR("kubectl patch "));
    oak_text_visible(out, name_of(out->arena, a));
    if (a->namespace.len > 0) {
        oak_buf_add(out, OAK_STR(" -n "));
        oak_text_visible(out, a->namespace);
    }
    oak_buf_addf(out, " --type=%s --patch-file=FILE\n", oak_amend_type_name(a->type));
    oak_json_add_line(out, oak_json_value(a->patch));
}

void oak_patch(struct oak_buf *out, const struct oak_report *report)
{
    oak_amendments amendments;
    struct oak_error err;
    if (!oak_amend(out->arena, report->text, report->result->text, &amendments, &err)) {
        oak_buf_add(out, OAK_STR("---\n# "));
        oak_text_visible(out, report->path);
        oak_buf_addf(out, ": no patch: %s\n", err.text);
        return;
    }
    for (size_t i = 0; i < amendments.count; i++)
        add_amendment(out, &amendments.items[i]);
}

void oak_fixed(struct oak_buf *out, const struct oak_report *report)
{
    const oak_str text = report->result->text;
    if (report->result->edits.count == 0)
        return;
    if (!oak_str_starts(text, OAK_STR("---")) && !oak_str_starts(text, OAK_STR("%")))
        oak_buf_add(out, OAK_STR("---\n"));
    oak_buf_add(out, text);
    oak_buf_add(out, oak_str_ends(text, OAK_STR("\n")) ? OAK_STR("") : OAK_STR("\n"));
}
