/* Workflow commands of GitHub Actions: annotations at the lines of a change.
 *
 * GitHub shows ten of each level for a step, and takes the first: the gravest come first, and findings at one place are one
 * annotation. Lines of a part: A, a digit for the level, a digit for the rank in it, the command; and those of the summary. */
#include "output/machine.h"

#include <string.h>

enum { RANKS = 3 }; /* a file that could not be done, what can be fixed, what is left to a person */

static const char *const levels[OAK_GRADES] = { "error", "warning", "notice" };

/* actions/toolkit, packages/core/src/command.ts: escapeData and escapeProperty. */
static void add_escaped(struct oak_buf *out, oak_str text, const char *what)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c != '\0' && strchr(what, c) != NULL)
            oak_buf_addf(out, "%%%02X", (unsigned char)c);
        else
            oak_buf_add(out, (oak_str){ &c, 1 });
    }
}

static void add_property(struct oak_buf *out, const char *name, oak_str value)
{
    oak_buf_addf(out, "%s=", name);
    add_escaped(out, value, "%\r\n:,");
}

struct annotation {
    enum oak_grade grade;
    unsigned rank;
    oak_str title, text;
};

static void add_annotation(struct oak_buf *out, const struct oak_report *report, const struct oak_source *source, oak_span span,
                           struct annotation what)
{
    oak_buf_addf(out, "A%u%u::%s ", (unsigned)what.grade, what.rank, levels[what.grade]);
    add_property(out, "file", oak_plain_line(out->arena, report->path));
    if (source != NULL) {
        const struct oak_position start = oak_source_position(source, span.start), end = oak_source_position(source, span.end);
        oak_buf_addf(out, ",line=%zu,endLine=%zu", start.line, end.line);
        if (start.line == end.line) /* else GitHub takes no columns */
            oak_buf_addf(out, ",col=%zu,endColumn=%zu", start.column_chars, end.column_chars);
    }
    oak_buf_add(out, OAK_STR(","));
    add_property(out, "title", what.title);
    oak_buf_add(out, OAK_STR("::"));
    add_escaped(out, what.text, "%\r\n");
    oak_buf_add(out, OAK_STR("\n"));
}

/* What was fixed or exempted needs nobody's eye. */
static bool is_told(const struct oak_report *report, const struct oak_finding *f)
{
    const enum oak_outcome outcome = oak_outcome_for(report->view, f);
    return outcome != OAK_FIXED && outcome != OAK_IGNORED;
}

/* Findings at one place. Returns where the next place begins. */
static size_t add_place(struct oak_buf *out, const struct oak_report *report, const struct oak_source *source, size_t first)
{
    const oak_findings *const all = &report->result->findings;
    const oak_span span = all->items[first].span;
    struct oak_buf title, text;
    struct annotation what = { .grade = OAK_GRADE_NOTE, .rank = RANKS - 1 };
    oak_buf_init(&title, out->arena);
    oak_buf_init(&text, out->arena);
    size_t end = first;
    for (; end < all->count && all->items[end].span.start == span.start && all->items[end].span.end == span.end; end++) {
        const struct oak_finding *const f = &all->items[end];
        if (!is_told(report, f))
            continue;
        if (oak_grade_of(f->rule) < what.grade)
            what.grade = oak_grade_of(f->rule);
        if (f->outcome == OAK_FIXED)
            what.rank = 1;
        const oak_str line[] = { text.len > 0 ? OAK_STR("\n") : OAK_STR(""), oak_finding_says(out->arena, f), OAK_STR("\n  "),
                                 oak_finding_outcome(out->arena, report, f) };
        if (!oak_str_ends(oak_buf_str(&title), f->rule->patch->id)) /* in order of place, then of patch */
            oak_buf_addf(&title, "%s%.*s", title.len > 0 ? ", " : "", (int)f->rule->patch->id.len,
                         f->rule->patch->id.ptr);
        oak_buf_add_all(&text, line, 4);
    }
    what.title = oak_buf_str(&title);
    what.text = oak_buf_str(&text);
    if (text.len > 0)
        add_annotation(out, report, source, span, what);
    return end;
}

void oak_github_file(struct oak_buf *out, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    const struct oak_error *const error = oak_report_error(report);
    struct oak_source source;
    oak_source_init(out->arena, report->text, &source);
    if (error != NULL) {
        const bool is_template = error->kind == OAK_TEMPLATE;
        add_annotation(out, report, error == &r->error ? &source : NULL, error->span,
                       (struct annotation){ is_template ? OAK_GRADE_WARNING : OAK_GRADE_ERROR, 0,
                                            is_template ? OAK_STR("template") : OAK_STR("oakum"),
                                            oak_plain_line(out->arena, oak_str_from(error->text)) });
    }
    for (size_t i = 0; i < r->findings.count;)
        i = add_place(out, report, &source, i);
    for (size_t i = 0; i < r->notes.count; i++)
        add_annotation(out, report, &source, r->notes.items[i].span,
                       (struct annotation){ OAK_GRADE_WARNING, RANKS - 1, OAK_STR("exemption"),
                                            oak_plain_line(out->arena, r->notes.items[i].text) });
    for (size_t i = 0; i < r->unread.count; i++)
        add_annotation(out, report, &source, r->unread.items[i].span,
                       (struct annotation){ OAK_GRADE_NOTE, RANKS - 1, OAK_STR("not looked into"),
                                            oak_plain_line(out->arena, r->unread.items[i].text) });
    oak_digest_file(out, report);
}

void oak_github_page(struct oak_buf *out, const struct oak_page *page)
{
    for (unsigned class = 0; class < OAK_GRADES * RANKS; class++) {
        const char mark[] = { (char)('0' + class / RANKS), (char)('0' + class % RANKS) };
        struct oak_part_cursor at = { 0, 0 };
        oak_str line;
        while (oak_part_next(page, &at, 'A', &line)) {
            if (memcmp(line.ptr, mark, sizeof mark) != 0)
                continue;
            oak_buf_add(out, oak_str_span(line, (oak_span){ sizeof mark, line.len }));
            oak_buf_add(out, OAK_STR("\n"));
        }
    }
}
