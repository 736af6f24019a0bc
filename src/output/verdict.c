/* What --enforce auto decided about the namespaces of a file, and why. */
#include "output/output.h"

#include "output/look.h"

static void add_obstacle(struct oak_buf *out, const struct oak_verdict *v, const struct oak_obstacle *o)
{
    oak_buf_add(out, OAK_STR("      = "));
    if (v->against != OAK_PROFILE_NONE)
        oak_buf_addf(out, "%s is blocked by ", oak_profile_name(v->against));
    oak_text_visible(out, o->subject);
    oak_buf_add(out, o->subject.len > 0 ? OAK_STR(": ") : OAK_STR(""));
    oak_text_visible(out, o->reason);
    oak_buf_add(out, OAK_STR(", "));
    oak_text_visible(out, o->file);
    if (o->line > 0)
        oak_buf_addf(out, ":%zu", o->line);
    oak_buf_add(out, OAK_STR("\n"));
}

static void add_headline(struct oak_buf *out, const struct oak_verdict *v)
{
    enum oak_profile enforced = OAK_PROFILE_NONE;
    const bool is_level = oak_profile_parse(v->enforced, &enforced);
    if (v->level == OAK_PROFILE_NONE ? v->enforced.len > 0 : is_level && enforced > v->level) {
        oak_buf_add(out, OAK_STR("enforce "));
        oak_text_visible(out, v->enforced);
        oak_buf_add(out, OAK_STR(" stays: "));
        oak_text_visible(out, v->level == OAK_PROFILE_NONE ? v->reason : OAK_STR("its workloads meet baseline"));
    } else if (v->level == OAK_PROFILE_NONE) {
        oak_buf_add(out, OAK_STR("no enforce label: "));
        oak_text_visible(out, v->reason);
    } else {
        oak_buf_addf(out, "enforce %s", oak_profile_name(v->level));
    }
}

void oak_text_verdicts(struct oak_buf *out, const struct oak_report *report)
{
    for (size_t i = 0; i < report->verdict_count; i++) {
        const struct oak_verdict *const v = &report->verdicts[i];
        oak_text_place(out, report->path, (struct oak_position){ v->line, v->column });
        oak_buf_add(out, OAK_STR("namespace '"));
        oak_ink_add(out, OAK_INK_BOLD, v->name);
        oak_buf_add(out, OAK_STR("': "));
        add_headline(out, v);
        oak_buf_add(out, OAK_STR("\n"));
        for (size_t k = 0; k < v->obstacle_count; k++)
            add_obstacle(out, v, v->obstacles[k]);
        if (v->more > 0)
            oak_buf_addf(out, "      = and %zu more\n", v->more);
    }
}
