/* What the formats for machines share. */
#include "output/machine.h"

#include <string.h>

enum oak_grade oak_grade_of(const struct oak_rule *rule)
{
    if (rule->level == OAK_PROFILE_NONE && rule->tier == OAK_SAFE)
        return OAK_GRADE_NOTE;
    return rule->profile == OAK_BASELINE ? OAK_GRADE_ERROR : rule->profile == OAK_RESTRICTED ? OAK_GRADE_WARNING : OAK_GRADE_NOTE;
}

enum oak_grade oak_grade_of_patch(const struct oak_patch *patch)
{
    enum oak_grade grade = OAK_GRADE_NOTE;
    for (size_t i = 0; i < patch->rules.count; i++)
        if (oak_grade_of(&patch->rules.items[i]) < grade)
            grade = oak_grade_of(&patch->rules.items[i]);
    return grade;
}

oak_str oak_plain_line(struct oak_arena *arena, oak_str text)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    text = oak_str_trim(text);
    for (size_t i = 0; i < text.len;) {
        const char *const end = memchr(text.ptr + i, '\n', text.len - i);
        const size_t next = end != NULL ? (size_t)(end - text.ptr) : text.len;
        oak_text_visible(&out, oak_str_span(text, (oak_span){ i, next }));
        oak_buf_add(&out, end != NULL ? OAK_STR(" ") : OAK_STR(""));
        i = next + 1;
    }
    return oak_buf_str(&out);
}

oak_str oak_finding_says(struct oak_arena *arena, const struct oak_finding *f)
{
    const oak_str parts[] = { oak_plain_line(arena, f->subject), OAK_STR(" "), f->rule->finding };
    return oak_arena_join(arena, parts, 3);
}

oak_str oak_finding_object(struct oak_arena *arena, const struct oak_finding *f)
{
    const struct oak_target *const t = &f->target;
    const oak_str parts[] = { t->object_kind, OAK_STR(" "), t->namespace, t->namespace.len > 0 ? OAK_STR("/") : OAK_STR(""),
                              t->object_name };
    return oak_plain_line(arena, oak_arena_join(arena, parts, 5));
}

oak_str oak_finding_field(struct oak_arena *arena, const struct oak_finding *f)
{
    const size_t from = f->route.count >= f->target.route.count &&
                                oak_route_starts_alike(&f->route, &f->target.route, f->target.route.count)
                            ? f->target.route.count : 0;
    return oak_route_print(arena, f->route.items + from, f->route.count - from);
}

oak_str oak_finding_changes(struct oak_arena *arena, const struct oak_finding *f)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    for (size_t i = 0; i < f->wishes.count; i++) {
        if (f->wishes.items[i].is_outdone)
            continue;
        oak_buf_add(&out, out.len > 0 ? OAK_STR(", ") : OAK_STR(""));
        oak_buf_add(&out, oak_plain_line(arena, oak_wish_print(arena, &f->wishes.items[i])));
    }
    return oak_buf_str(&out);
}

oak_str oak_finding_outcome(struct oak_arena *arena, const struct oak_report *report, const struct oak_finding *f)
{
    const oak_str reason = oak_plain_line(arena, f->reason);
    const oak_str changes = f->outcome == OAK_FIXED ? oak_finding_changes(arena, f) : OAK_STR("");
    struct oak_buf out;
    oak_buf_init(&out, arena);
    if (f->outcome != OAK_FIXED) {
        oak_buf_addf(&out, "%s: ", oak_outcome_name(f->outcome));
        oak_buf_add(&out, reason);
        return oak_buf_str(&out);
    }
    oak_buf_addf(&out, "%s (%s)", report->view == OAK_VIEW_FIX ? "fixed" : "fix", oak_tier_name(f->rule->tier));
    const oak_str parts[] = { changes.len > 0 ? OAK_STR(": ") : OAK_STR(""), changes,
                              reason.len == 0 ? OAK_STR("") : changes.len > 0 ? OAK_STR("; check: ") : OAK_STR(": "), reason };
    oak_buf_add_all(&out, parts, 4);
    return oak_buf_str(&out);
}

const struct oak_error *oak_report_error(const struct oak_report *report)
{
    return report->io_error != NULL ? report->io_error : report->result->failed ? &report->result->error : NULL;
}

uint64_t oak_hash(const oak_str *parts, size_t count)
{
    uint64_t sum = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < parts[i].len; k++)
            sum = (sum ^ (unsigned char)parts[i].ptr[k]) * UINT64_C(0x100000001B3);
        sum = (sum ^ 0xFF) * UINT64_C(0x100000001B3); /* no byte of UTF-8: between two parts */
    }
    return sum + (sum == 0);
}

void oak_seen_init(struct oak_arena *arena, size_t count, struct oak_seen *out)
{
    out->room = 2 * count + 1;
    out->slots = oak_arena_alloc(arena, out->room * sizeof *out->slots);
}

size_t oak_seen_before(struct oak_seen *seen, uint64_t sum)
{
    size_t i = sum % seen->room;
    while (seen->slots[i].sum != 0 && seen->slots[i].sum != sum)
        i = (i + 1) % seen->room;
    seen->slots[i].sum = sum;
    return seen->slots[i].times++;
}

bool oak_part_next(const struct oak_page *page, struct oak_part_cursor *at, char mark, oak_str *line)
{
    while (at->part < page->part_count) {
        const oak_str part = page->parts[at->part];
        while (at->offset < part.len) {
            const char *const from = part.ptr + at->offset;
            const char *const end = memchr(from, '\n', part.len - at->offset);
            const size_t len = end != NULL ? (size_t)(end - from) : part.len - at->offset;
            at->offset += len + 1;
            *line = (oak_str){ from + 1, len > 0 ? len - 1 : 0 };
            if (*from == mark)
                return true;
        }
        *at = (struct oak_part_cursor){ at->part + 1, 0 };
    }
    return false;
}
