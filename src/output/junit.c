/* JUnit's XML: a suite for each file, a case for each finding. Lines of a part: S a line of the suite; P one for each file in which all
 * is well. No times and no host: the same input gives the same bytes. */
#include "output/machine.h"

#include <string.h>

/* XML 1.0 has no way to write most control characters, and takes nothing but UTF-8 of characters that exist. */
static bool is_char(uint32_t c)
{
    return c == '\t' || c == '\n' || (c >= 0x20 && c != 0x7F && c != 0xFFFE && c != 0xFFFF && !(c >= 0x80 && c < 0xA0));
}

static void add_xml(struct oak_buf *out, oak_str text)
{
    for (size_t i = 0, len; i < text.len; i += len > 0 ? len : 1) {
        uint32_t c = 0;
        len = oak_utf8_decode(text, i, &c);
        const char *const name = len != 1 ? NULL : c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;"
                                 : c == '\n' ? "&#10;" : c == '\t' ? "&#9;" : NULL;
        if (name != NULL)
            oak_buf_add(out, oak_str_from(name));
        else if (len == 0 || !is_char(c))
            oak_buf_add(out, OAK_STR("\xEF\xBF\xBD"));
        else
            oak_buf_add(out, (oak_str){ text.ptr + i, len });
    }
}

static void add_attribute(struct oak_buf *out, const char *name, oak_str value)
{
    oak_buf_addf(out, " %s=\"", name);
    add_xml(out, value);
    oak_buf_add(out, OAK_STR("\""));
}

struct case_of {
    oak_str class, name;
    size_t line;         /* 0: unknown */
    const char *element; /* NULL: passed */
    oak_str type, message, text;
};

static void add_case(struct oak_buf *out, const struct oak_report *report, const struct case_of *c)
{
    oak_buf_add(out, OAK_STR("S<testcase"));
    add_attribute(out, "classname", c->class);
    add_attribute(out, "name", c->name);
    add_attribute(out, "file", report->path);
    if (c->line > 0)
        oak_buf_addf(out, " line=\"%zu\"", c->line);
    oak_buf_add(out, c->element == NULL ? OAK_STR(" time=\"0\"/>\n") : OAK_STR(" time=\"0\">\n"));
    if (c->element == NULL)
        return;
    oak_buf_addf(out, "S<%s", c->element);
    add_attribute(out, "type", c->type);
    add_attribute(out, "message", c->message);
    oak_buf_add(out, OAK_STR(">"));
    add_xml(out, c->text);
    oak_buf_addf(out, "</%s>\nS</testcase>\n", c->element);
}

/* deploy.yaml: Deployment shop/web, container 'web': securityContext.privileged. A pod or an object needs no second name. */
static oak_str name_of(struct oak_arena *arena, const struct oak_report *report, const struct oak_finding *f, struct oak_seen *seen)
{
    const bool is_inner = f->target.kind != OAK_OBJECT && f->target.kind != OAK_POD;
    const oak_str field = oak_finding_field(arena, f);
    const oak_str parts[] = { report->path, OAK_STR(": "), oak_finding_object(arena, f), is_inner ? OAK_STR(", ") : OAK_STR(""),
                              is_inner ? f->subject : OAK_STR(""), field.len > 0 ? OAK_STR(": ") : OAK_STR(""), field };
    const oak_str name = oak_arena_join(arena, parts, sizeof parts / sizeof *parts), key[] = { f->rule->patch->id, name };
    const size_t before = oak_seen_before(seen, oak_hash(key, 2));
    return before == 0 ? name : oak_arena_printf(arena, "%.*s (%zu)", (int)name.len, name.ptr, before + 1);
}

struct suite {
    const struct oak_report *report;
    struct oak_source source;
    struct oak_seen seen; /* names so far: who keeps a history knows a case by its name */
};

static void add_finding(struct oak_buf *out, struct suite *s, const struct oak_finding *f)
{
    const struct oak_report *const report = s->report;

    const enum oak_outcome outcome = oak_outcome_for(report->view, f);
    const size_t line = oak_source_position(&s->source, f->span.start).line;
    const oak_str id[] = { OAK_STR("oakum."), f->rule->patch->id };
    const oak_str says = oak_finding_says(out->arena, f);
    const oak_str text = oak_arena_printf(out->arena, "%.*s:%zu\n", (int)report->path.len, report->path.ptr, line);
    const oak_str words[] = { text, oak_finding_outcome(out->arena, report, f) };
    add_case(out, report, &(struct case_of){ .class = oak_arena_join(out->arena, id, 2), .name = name_of(out->arena, report, f, &s->seen),
        .line = line, .element = outcome == OAK_FIXED ? NULL : outcome == OAK_IGNORED ? "skipped" : "failure",
        .type = oak_str_from(oak_outcome_name(outcome)), .message = says, .text = oak_arena_join(out->arena, words, 2) });
}

static void add_error(struct oak_buf *out, const struct oak_report *report, const struct oak_source *source)
{
    const struct oak_error *const error = oak_report_error(report);
    const bool is_template = error->kind == OAK_TEMPLATE;
    const size_t line = error == &report->result->error ? oak_source_position(source, error->span.start).line : 0;
    const oak_str text = oak_str_from(error->text);
    add_case(out, report, &(struct case_of){ .class = OAK_STR("oakum"), .name = report->path, .line = line,
        .element = is_template ? "failure" : "error", .type = is_template ? OAK_STR("template") : OAK_STR("error"),
        .message = text, .text = text });
}

void oak_junit_file(struct oak_buf *out, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    const struct oak_error *const error = oak_report_error(report);
    size_t failures = error != NULL && error->kind == OAK_TEMPLATE, skipped = 0;
    const size_t errors = error != NULL && error->kind != OAK_TEMPLATE;
    const size_t tests = r->findings.count > 0 || error != NULL ? r->findings.count + (error != NULL) : 1;
    struct suite s = { .report = report };
    if (r->findings.count == 0 && error == NULL && !r->is_manifest)
        return;
    for (size_t i = 0; i < r->findings.count; i++) {
        const enum oak_outcome outcome = oak_outcome_for(report->view, &r->findings.items[i]);
        skipped += outcome == OAK_IGNORED;
        failures += outcome != OAK_IGNORED && outcome != OAK_FIXED;
    }
    oak_source_init(out->arena, report->text, &s.source);
    oak_seen_init(out->arena, r->findings.count, &s.seen);
    oak_buf_add(out, OAK_STR("S<testsuite"));
    add_attribute(out, "name", report->path);
    oak_buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"0\">\n", tests, failures, errors,
                 skipped);
    for (size_t i = 0; i < r->findings.count; i++)
        add_finding(out, &s, &r->findings.items[i]);
    if (error != NULL)
        add_error(out, report, &s.source);
    if (r->findings.count == 0 && error == NULL) {
        add_case(out, report, &(struct case_of){ .class = OAK_STR("oakum"), .name = report->path });
        oak_buf_add(out, OAK_STR("P\n"));
    }
    oak_buf_add(out, OAK_STR("S</testsuite>\n"));
}

void oak_junit_page(struct oak_buf *out, const struct oak_page *page)
{
    const struct oak_totals *const t = page->totals;
    struct oak_part_cursor at = { 0, 0 };
    oak_str line;
    size_t tests = t->errors + t->templates;
    while (oak_part_next(page, &at, 'P', &line))
        tests++;
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        tests += t->by_outcome[i];
    oak_buf_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"oakum\" tests=\"%zu\" failures=\"%zu\" "
                 "errors=\"%zu\" skipped=\"%zu\" time=\"0\">\n", tests, oak_totals_left(t), t->errors, t->by_outcome[OAK_IGNORED]);
    at = (struct oak_part_cursor){ 0, 0 };
    while (oak_part_next(page, &at, 'S', &line)) {
        oak_buf_add(out, line);
        oak_buf_add(out, OAK_STR("\n"));
    }
    oak_buf_add(out, OAK_STR("</testsuites>\n"));
}
