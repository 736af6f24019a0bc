/* One JSON object per file and line, for machines. */
#include "output/output.h"
#include "output/value.h"

#include <stdlib.h>

static json_t *route_of(const oak_route *route)
{
    json_t *const path = json_array();
    for (size_t i = 0; i < route->count; i++) {
        const struct oak_seg *const seg = &route->items[i];
        json_array_append_new(path, seg->key.ptr != NULL ? oak_json_text(seg->key) : json_integer((json_int_t)seg->index));
    }
    return path;
}

static json_t *changes_of(const struct oak_finding *f)
{
    static const char *const names[] = { "set", "set", "remove", "append" };
    json_t *const changes = json_array();
    for (size_t i = 0; i < f->wishes.count; i++) {
        const struct oak_wish *const w = &f->wishes.items[i];
        if (w->is_outdone)
            continue;
        json_t *const change = json_object();
        oak_route route = w->route;
        /* An item that goes changes its list: the indices behind it mean something else afterwards. Its own is that of before. */
        const bool is_item = w->op == OAK_REMOVE && route.count > 0 && route.items[route.count - 1].key.ptr == NULL;
        route.count -= is_item;
        json_object_set_new(change, "doc", json_integer((json_int_t)f->document));
        json_object_set_new(change, "path", route_of(&route));
        if (is_item)
            json_object_set_new(change, "item", json_integer((json_int_t)route.items[route.count].index));
        /* A list that several wishes make together is appended to by each. */
        json_object_set_new(change, "op", json_string(names[w->grows ? OAK_APPEND : w->op]));
        if (w->value != NULL)
            json_object_set_new(change, "value", oak_json_value(w->grows ? w->value->child : w->value));
        json_array_append_new(changes, change);
    }
    return changes;
}

static json_t *finding_of(const struct oak_report *report, const struct oak_source *source, const struct oak_finding *f)
{
    const struct oak_position at = oak_source_position(source, f->span.start);
    json_t *const out = json_object();
    json_object_set_new(out, "patch", oak_json_text(f->rule->patch->id));
    json_object_set_new(out, "outcome", json_string(oak_outcome_name(oak_outcome_for(report->view, f))));
    json_object_set_new(out, "tier", json_string(oak_tier_name(f->rule->tier)));
    json_object_set_new(out, "level", json_string(oak_profile_name(f->rule->level)));
    json_object_set_new(out, "line", json_integer((json_int_t)at.line));
    json_object_set_new(out, "column", json_integer((json_int_t)at.column_chars));
    json_object_set_new(out, "document", json_integer((json_int_t)f->document));
    json_object_set_new(out, "kind", oak_json_text(f->target.object_kind));
    json_object_set_new(out, "name", oak_json_text(f->target.object_name));
    json_object_set_new(out, "namespace", oak_json_text(f->target.namespace));
    json_object_set_new(out, "target", oak_json_text(f->subject));
    json_object_set_new(out, "message", oak_json_text(f->rule->finding));
    json_object_set_new(out, "reason", oak_json_text(f->reason));
    if (f->fix != 0)
        json_object_set_new(out, "fix", json_integer((json_int_t)f->fix));
    json_object_set_new(out, "changes", f->outcome == OAK_FIXED ? changes_of(f) : json_array());
    return out;
}

static json_t *error_of(const struct oak_source *source, const struct oak_error *error)
{
    const struct oak_position at = oak_source_position(source, error->span.start);
    json_t *const out = json_object();
    json_object_set_new(out, "line", json_integer((json_int_t)at.line));
    json_object_set_new(out, "column", json_integer((json_int_t)at.column_chars));
    json_object_set_new(out, "template", json_boolean(error->kind == OAK_TEMPLATE));
    json_object_set_new(out, "text", oak_json_text(oak_str_from(error->text)));
    return out;
}

static json_t *unread_of(const struct oak_source *source, const struct oak_result *result)
{
    json_t *const out = json_array();
    for (size_t i = 0; i < result->unread.count; i++) {
        const struct oak_position at = oak_source_position(source, result->unread.items[i].span.start);
        json_t *const place = json_object();
        json_object_set_new(place, "line", json_integer((json_int_t)at.line));
        json_object_set_new(place, "column", json_integer((json_int_t)at.column_chars));
        json_object_set_new(place, "text", oak_json_text(result->unread.items[i].text));
        json_array_append_new(out, place);
    }
    return out;
}

static json_t *notes_of(const struct oak_source *source, const oak_notes *notes)
{
    json_t *const out = json_array();
    for (size_t i = 0; i < notes->count; i++) {
        const struct oak_position at = oak_source_position(source, notes->items[i].span.start);
        json_t *const note = json_object();
        json_object_set_new(note, "line", json_integer((json_int_t)at.line));
        json_object_set_new(note, "column", json_integer((json_int_t)at.column_chars));
        json_object_set_new(note, "text", oak_json_text(notes->items[i].text));
        json_array_append_new(out, note);
    }
    return out;
}

static json_t *edits_of(const oak_edit_list *edits)
{
    json_t *const out = json_array();
    for (size_t i = 0; i < edits->count; i++) {
        json_t *const edit = json_object();
        json_object_set_new(edit, "start", json_integer((json_int_t)edits->items[i].span.start));
        json_object_set_new(edit, "end", json_integer((json_int_t)edits->items[i].span.end));
        json_object_set_new(edit, "text", oak_json_text(edits->items[i].text));
        json_object_set_new(edit, "fix", json_integer((json_int_t)edits->items[i].owner));
        json_array_append_new(out, edit);
    }
    return out;
}

static json_t *obstacles_of(const struct oak_verdict *v)
{
    json_t *const out = json_array();
    for (size_t i = 0; i < v->obstacle_count; i++) {
        json_t *const obstacle = json_object();
        json_object_set_new(obstacle, "target", oak_json_text(v->obstacles[i]->subject));
        json_object_set_new(obstacle, "reason", oak_json_text(v->obstacles[i]->reason));
        json_object_set_new(obstacle, "file", oak_json_text(v->obstacles[i]->file));
        json_object_set_new(obstacle, "line", json_integer((json_int_t)v->obstacles[i]->line));
        json_array_append_new(out, obstacle);
    }
    return out;
}

static json_t *verdicts_of(const struct oak_report *report)
{
    json_t *const out = json_array();
    for (size_t i = 0; i < report->verdict_count; i++) {
        const struct oak_verdict *const v = &report->verdicts[i];
        json_t *const verdict = json_object();
        json_object_set_new(verdict, "name", oak_json_text(v->name));
        json_object_set_new(verdict, "line", json_integer((json_int_t)v->line));
        json_object_set_new(verdict, "column", json_integer((json_int_t)v->column));
        json_object_set_new(verdict, "enforce",
                            v->level == OAK_PROFILE_NONE ? json_null() : json_string(oak_profile_name(v->level)));
        json_object_set_new(verdict, "reason", oak_json_text(v->reason));
        json_object_set_new(verdict, "blocked_by", obstacles_of(v));
        json_object_set_new(verdict, "more", json_integer((json_int_t)v->more));
        json_array_append_new(out, verdict);
    }
    return out;
}

/* With U+FFFD for each byte that is no UTF-8. */
static json_t *mended_text(oak_str text)
{
    struct oak_arena arena;
    struct oak_buf out;
    oak_arena_init(&arena);
    oak_buf_init(&out, &arena);
    for (size_t i = 0, len; i < text.len; i += len > 0 ? len : 1) {
        uint32_t c;
        len = oak_utf8_decode(text, i, &c);
        oak_buf_add(&out, len > 0 ? (oak_str){ text.ptr + i, len } : OAK_STR("\xEF\xBF\xBD"));
    }
    json_t *const value = json_stringn(out.ptr, out.len);
    oak_arena_free(&arena);
    return value != NULL ? value : json_string("?");
}

static double number_of(oak_str text)
{
    char digits[64];
    size_t len = 0;
    for (size_t i = 0; i < text.len && len + 1 < sizeof digits; i++)
        if (text.ptr[i] != '_')
            digits[len++] = text.ptr[i];
    digits[len] = '\0';
    return strtod(digits, NULL);
}

json_t *oak_json_value(const struct oak_value *value)
{
    bool bool_value = false;
    int64_t int_value = 0;
    if (value->kind == OAK_MAPPING || value->kind == OAK_SEQUENCE) {
        json_t *const out = value->kind == OAK_MAPPING ? json_object() : json_array();
        for (const struct oak_value *v = value->child; v != NULL; v = v->next) {
            if (value->kind == OAK_MAPPING)
                json_object_setn_new(out, v->key.ptr, v->key.len, oak_json_value(v));
            else
                json_array_append_new(out, oak_json_value(v));
        }
        return out;
    }
    if (value->type == OAK_TYPE_STRING)
        return oak_json_text(value->text);
    oak_scalar_type(value->text, &bool_value, &int_value);
    if (value->type == OAK_TYPE_INT)
        return json_integer(int_value);
    if (value->type == OAK_TYPE_FLOAT)
        return json_real(number_of(value->text));
    return value->type == OAK_TYPE_BOOL ? json_boolean(bool_value) : json_null();
}

json_t *oak_json_text(oak_str text)
{
    json_t *const value = json_stringn(text.ptr != NULL ? text.ptr : "", text.len);
    return value != NULL ? value : mended_text(text);
}

json_t *oak_json_start(void)
{
    json_t *const line = json_object();
    json_object_set_new(line, "version", json_integer(OAK_JSON_VERSION));
    return line;
}

void oak_json_add_line(struct oak_buf *out, json_t *line)
{
    char *const text = json_dumps(line, JSON_COMPACT);
    if (text != NULL) {
        oak_buf_add(out, oak_str_from(text));
        oak_buf_add(out, OAK_STR("\n"));
    }
    free(text);
    json_decref(line);
}

void oak_json_line(struct oak_buf *out, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    if (r->findings.count == 0 && r->edits.count == 0 && r->unread.count == 0 && r->notes.count == 0 && !r->failed &&
        report->io_error == NULL && report->verdict_count == 0)
        return;
    struct oak_source source;
    oak_source_init(out->arena, report->text, &source);
    json_t *const line = oak_json_start();
    json_object_set_new(line, "file", oak_json_text(report->path));
    if (report->io_error != NULL || r->failed)
        json_object_set_new(line, "error", error_of(&source, report->io_error != NULL ? report->io_error : &r->error));
    json_t *const findings = json_array();
    for (size_t i = 0; i < r->findings.count; i++)
        json_array_append_new(findings, finding_of(report, &source, &r->findings.items[i]));
    json_object_set_new(line, "findings", findings);
    if (r->unread.count > 0)
        json_object_set_new(line, "unread", unread_of(&source, r));
    json_object_set_new(line, "edits", edits_of(&r->edits));
    if (r->notes.count > 0)
        json_object_set_new(line, "warnings", notes_of(&source, &r->notes));
    if (report->verdict_count > 0)
        json_object_set_new(line, "namespaces", verdicts_of(report));
    oak_json_add_line(out, line);
}
