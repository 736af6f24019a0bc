/* One file as SARIF 2.1.0: its results, and what could not be done as notifications. Lines of a part: R a result, N a notification.
 *
 * Places are lines and columns, in UTF-16 units: what nearly all viewers count in, whether they read columnKind or not. There are no
 * byte offsets: viewers take a region that has them for one of a binary file. */
#include "output/machine.h"
#include "output/value.h"

#include <stdlib.h>
#include <string.h>

struct sheet {
    const struct oak_report *report;
    struct oak_source source;
    struct oak_arena *arena;
    bool is_wide;          /* some character takes two units of UTF-16 */
    size_t *edits;         /* numbers of edits by fix: of fix n those in [first[n], first[n + 1]) */
    size_t *first;
    struct oak_seen seen;  /* fingerprints so far */
};

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *number(size_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *message(oak_str text)
{
    json_t *const out = json_object();
    set(out, "text", oak_json_text(text));
    return out;
}

/* ---- places ---- */

/* A path as a relative reference: of RFC 3986 what needs no escape, and slashes. */
static json_t *artifact_of(struct oak_arena *arena, oak_str path)
{
    const bool is_absolute = oak_str_starts(path, OAK_STR("/"));
    struct oak_buf uri;
    oak_buf_init(&uri, arena);
    oak_buf_add(&uri, is_absolute ? OAK_STR("file://") : OAK_STR(""));
    for (size_t i = 0; i < path.len; i++) {
        const unsigned char c = (unsigned char)path.ptr[i];
        const bool is_safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                             (c != '\0' && strchr("-._~/", c) != NULL);
        oak_buf_addf(&uri, is_safe ? "%c" : "%%%02X", c);
    }
    json_t *const out = json_object();
    set(out, "uri", oak_json_text(oak_buf_str(&uri)));
    if (!is_absolute)
        set(out, "uriBaseId", json_string("%SRCROOT%"));
    return out;
}

/* Columns count units of UTF-16: characters beyond the first 65,536 are two. */
static struct oak_position position(const struct sheet *s, size_t offset)
{
    struct oak_position at = oak_source_position(&s->source, offset);
    if (s->is_wide)
        for (size_t i = s->source.line_starts[at.line - 1]; i < offset; i++)
            at.column_chars += (unsigned char)s->source.text.ptr[i] >= 0xF0;
    return at;
}

static json_t *region_of(const struct sheet *s, oak_span span)
{
    const struct oak_position start = position(s, span.start), end = position(s, span.end);
    json_t *const out = json_object();
    set(out, "startLine", number(start.line));
    set(out, "startColumn", number(start.column_chars));
    set(out, "endLine", number(end.line));
    set(out, "endColumn", number(end.column_chars));
    return out;
}

static json_t *location_of(const struct sheet *s, oak_span span, bool has_region)
{
    json_t *const out = json_object(), *const physical = json_object();
    set(physical, "artifactLocation", artifact_of(s->arena, s->report->path));
    if (has_region)
        set(physical, "region", region_of(s, span));
    set(out, "physicalLocation", physical);
    return out;
}

static json_t *list_of(json_t *only)
{
    json_t *const out = json_array();
    json_array_append_new(out, only);
    return out;
}

/* ---- fingerprints ---- */

/* Patch, object and field, and not the line: it stays when lines move or the file is renamed. */
static json_t *fingerprints_of(struct sheet *s, const struct oak_finding *f)
{
    const struct oak_target *const t = &f->target;
    const oak_str parts[] = { f->rule->patch->id, t->group, t->object_kind, t->namespace, t->object_name,
                              oak_str_from(oak_target_kind_name(t->kind)), t->container_name, t->name,
                              oak_finding_field(s->arena, f) };
    const uint64_t sum = oak_hash(parts, sizeof parts / sizeof *parts);
    const oak_str text = oak_arena_printf(s->arena, "%016llx:%zu", (unsigned long long)sum, oak_seen_before(&s->seen, sum) + 1);
    json_t *const out = json_object();
    /* GitHub knows an alert again by this one, and makes it of the lines where there is none. */
    set(out, "primaryLocationLineHash", oak_json_text(text));
    set(out, "oakum/v1", oak_json_text(text));
    return out;
}

/* ---- fixes ---- */

/* Sorts the edits by fix, keeping their order. */
static void sort_edits(struct sheet *s)
{
    const struct oak_result *const r = s->report->result;
    s->first = oak_arena_alloc(s->arena, ((size_t)r->fix_count + 2) * sizeof *s->first);
    s->edits = oak_arena_alloc(s->arena, (r->edits.count + 1) * sizeof *s->edits);
    for (size_t i = 0; i < r->edits.count; i++)
        s->first[r->edits.items[i].owner]++;
    for (size_t n = 1; n <= r->fix_count; n++)
        s->first[n] += s->first[n - 1];
    s->first[r->fix_count + 1] = r->edits.count;
    for (size_t i = r->edits.count; i-- > 0;)
        s->edits[--s->first[r->edits.items[i].owner]] = i;
}

/* Edits that touch are one replacement: an order of several is not for a viewer to find. */
static json_t *replacements_of(const struct sheet *s, uint32_t fix)
{
    const oak_edit_list *const edits = &s->report->result->edits;
    json_t *const out = json_array();
    for (size_t i = s->first[fix], next; i < s->first[fix + 1]; i = next) {
        oak_span span = edits->items[s->edits[i]].span;
        struct oak_buf text;
        oak_buf_init(&text, s->arena);
        for (next = i; next < s->first[fix + 1] && edits->items[s->edits[next]].span.start <= span.end; next++) {
            oak_buf_add(&text, edits->items[s->edits[next]].text);
            span.end = edits->items[s->edits[next]].span.end;
        }
        json_t *const replacement = json_object();
        set(replacement, "deletedRegion", region_of(s, span));
        set(replacement, "insertedContent", message(oak_buf_str(&text)));
        json_array_append_new(out, replacement);
    }
    return out;
}

static json_t *fixes_of(const struct sheet *s, const struct oak_finding *f)
{
    json_t *const fix = json_object(), *const change = json_object();
    const oak_str changes = oak_finding_changes(s->arena, f);
    set(change, "artifactLocation", artifact_of(s->arena, s->report->path));
    set(change, "replacements", replacements_of(s, f->fix));
    set(fix, "description", message(changes.len > 0 ? changes : oak_plain_line(s->arena, f->reason)));
    set(fix, "artifactChanges", list_of(change));
    return list_of(fix);
}

/* ---- results ---- */

static json_t *suppression_of(const struct sheet *s, const struct oak_finding *f)
{
    const bool is_in_source = f->evidence.end > 0;
    json_t *const out = json_object();
    set(out, "kind", json_string(is_in_source ? "inSource" : "external"));
    set(out, "status", json_string("accepted"));
    set(out, "justification", oak_json_text(oak_plain_line(s->arena, f->reason)));
    if (is_in_source)
        set(out, "location", location_of(s, f->evidence, true));
    return list_of(out);
}

static json_t *related_of(const struct sheet *s, const struct oak_finding *f)
{
    json_t *const out = location_of(s, f->evidence, true);
    set(out, "id", json_integer(1));
    set(out, "message", message(OAK_STR("what shows the reason")));
    return list_of(out);
}

/* A name in a manifest may look like a link, which viewers would make of it: [text](target). */
static json_t *text_of(struct oak_arena *arena, oak_str text)
{
    struct oak_buf out;
    size_t at;
    if (!oak_str_find(text, 0, OAK_STR("]("), &at))
        return message(text);
    oak_buf_init(&out, arena);
    for (size_t i = 0; i < text.len; i++) {
        oak_buf_add(&out, strchr("[]\\", text.ptr[i]) != NULL ? OAK_STR("\\") : OAK_STR(""));
        oak_buf_add(&out, oak_str_span(text, (oak_span){ i, i + 1 }));
    }
    return message(oak_buf_str(&out));
}

static json_t *properties_of(const struct sheet *s, const struct oak_finding *f)
{
    json_t *const out = json_object();
    set(out, "outcome", json_string(oak_outcome_name(oak_outcome_for(s->report->view, f))));
    set(out, "tier", json_string(oak_tier_name(f->rule->tier)));
    set(out, "profile", json_string(oak_profile_name(f->rule->profile)));
    set(out, "object", oak_json_text(oak_finding_object(s->arena, f)));
    return out;
}

static json_t *result_of(struct sheet *s, const struct oak_finding *f)
{
    static const char *const levels[OAK_GRADES] = { "error", "warning", "note" };
    const oak_str parts[] = { oak_finding_says(s->arena, f), OAK_STR(". "), oak_finding_outcome(s->arena, s->report, f) };
    const oak_str field = oak_route_print(s->arena, f->route.items, f->route.count);
    json_t *const out = json_object(), *const location = location_of(s, f->span, true), *const logical = json_object();
    const oak_str name[] = { oak_finding_object(s->arena, f), OAK_STR(" "), field };
    set(logical, "fullyQualifiedName", oak_json_text(oak_plain_line(s->arena, oak_arena_join(s->arena, name, 3))));
    set(location, "logicalLocations", list_of(logical));
    set(out, "ruleId", oak_json_text(f->rule->patch->id));
    set(out, "level", json_string(levels[oak_grade_of(f->rule)]));
    set(out, "message", text_of(s->arena, oak_arena_join(s->arena, parts, 3)));
    set(out, "locations", list_of(location));
    set(out, "partialFingerprints", fingerprints_of(s, f));
    if (f->outcome == OAK_IGNORED)
        set(out, "suppressions", suppression_of(s, f));
    else if (f->evidence.end > 0)
        set(out, "relatedLocations", related_of(s, f));
    if (f->fix != 0)
        set(out, "fixes", fixes_of(s, f));
    set(out, "properties", properties_of(s, f));
    return out;
}

/* ---- notifications ---- */

struct remark {
    const char *id, *level;
    oak_span span;
    bool has_region;
    oak_str text;
};

static void add_line(struct oak_buf *out, oak_str mark, json_t *value)
{
    oak_buf_add(out, mark);
    oak_json_add_line(out, value);
}

static void add_remark(struct oak_buf *out, const struct sheet *s, struct remark what)
{
    json_t *const notification = json_object(), *const descriptor = json_object();
    set(descriptor, "id", json_string(what.id));
    set(notification, "descriptor", descriptor);
    set(notification, "level", json_string(what.level));
    set(notification, "message", text_of(s->arena, oak_plain_line(s->arena, what.text)));
    set(notification, "locations", list_of(location_of(s, what.span, what.has_region)));
    add_line(out, OAK_STR("N"), notification);
}

static void add_remarks(struct oak_buf *out, const struct sheet *s)
{
    const struct oak_result *const r = s->report->result;
    const struct oak_error *const error = oak_report_error(s->report);
    if (error != NULL)
        add_remark(out, s, (struct remark){ error->kind == OAK_TEMPLATE ? "template" : "error",
                                            error->kind == OAK_TEMPLATE ? "warning" : "error", error->span,
                                            error == &r->error, oak_str_from(error->text) });
    for (size_t i = 0; i < r->notes.count; i++)
        add_remark(out, s, (struct remark){ "exemption", "warning", r->notes.items[i].span, true, r->notes.items[i].text });
    for (size_t i = 0; i < r->unread.count; i++)
        add_remark(out, s, (struct remark){ "unread", "note", r->unread.items[i].span, true, r->unread.items[i].text });
}

static bool has_wide(oak_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0xF0)
            return true;
    return false;
}

/* What `fix` has fixed is in the file no more: a result would be an alert about nothing. The others have the places that they had. */
void oak_sarif_file(struct oak_buf *out, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    struct sheet s = { .report = report, .arena = out->arena, .is_wide = has_wide(report->text) };
    oak_source_init(s.arena, report->text, &s.source);
    sort_edits(&s);
    oak_seen_init(s.arena, r->findings.count, &s.seen);
    for (size_t i = 0; i < r->findings.count; i++)
        if (oak_outcome_for(report->view, &r->findings.items[i]) != OAK_FIXED)
            add_line(out, OAK_STR("R"), result_of(&s, &r->findings.items[i]));
    add_remarks(out, &s);
}
