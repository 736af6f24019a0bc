/* The run of a SARIF file around the results: the tool, its rules, how it went. */
#include "output/machine.h"
#include "output/markdown.h"
#include "output/value.h"

#include <stdlib.h>

enum { MAX_TAGS = 10 }; /* GitHub shows no more */

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *text_of(oak_str text)
{
    json_t *const out = json_object();
    set(out, "text", oak_json_text(oak_str_trim(text)));
    return out;
}

/* ---- rules ---- */

static void add_paragraph(struct oak_buf *plain, struct oak_buf *marked, const char *title, oak_str words)
{
    const oak_str text = oak_plain_line(plain->arena, words);
    if (text.len == 0)
        return;
    oak_buf_addf(plain, "%s%s%s", plain->len > 0 ? "\n\n" : "", title, *title != '\0' ? ": " : "");
    oak_buf_add(plain, text);
    oak_buf_addf(marked, marked->len > 0 ? "\n\n%s%s%s" : "%s%s%s", *title != '\0' ? "**" : "", title, *title != '\0' ? ":** " : "");
    oak_markdown_prose(marked, text);
}

static json_t *help_of(struct oak_arena *arena, const struct oak_patch *patch)
{
    struct oak_buf plain, marked;
    oak_buf_init(&plain, arena);
    oak_buf_init(&marked, arena);
    add_paragraph(&plain, &marked, "", patch->why);
    add_paragraph(&plain, &marked, "May break", patch->breaks);
    add_paragraph(&plain, &marked, "Note", patch->note);
    oak_buf_addf(&plain, "\n\nTo keep it, say why on a line above it: # oakum: ignore %.*s -- REASON", (int)patch->id.len, patch->id.ptr);
    oak_buf_addf(&marked, "\n\nTo keep it, say why on a line above it:\n\n```yaml\n# oakum: ignore %.*s -- REASON\n```\n",
                 (int)patch->id.len, patch->id.ptr);
    json_t *const out = text_of(oak_buf_str(&plain));
    set(out, "markdown", oak_json_text(oak_buf_str(&marked)));
    return out;
}

static bool is_of_pss(const struct oak_patch *patch)
{
    for (size_t i = 0; i < patch->references.count; i++)
        if (oak_str_eq(patch->references.items[i].system, OAK_STR("pss")))
            return true;
    return false;
}

static void add_tag(json_t *tags, oak_str tag)
{
    if (json_array_size(tags) < MAX_TAGS)
        json_array_append_new(tags, oak_json_text(tag));
}

static json_t *tags_of(struct oak_arena *arena, const struct oak_patch *patch)
{
    json_t *const tags = json_array();
    add_tag(tags, OAK_STR("security"));
    add_tag(tags, OAK_STR("kubernetes"));
    for (int profile = OAK_BASELINE; profile <= OAK_HARDENED; profile++)
        for (size_t i = 0; i < patch->rules.count; i++)
            if ((int)patch->rules.items[i].profile == profile) {
                add_tag(tags, oak_str_from(oak_profile_name((enum oak_profile)profile)));
                break;
            }
    for (size_t i = 0; i < patch->references.count; i++) {
        const oak_str parts[] = { patch->references.items[i].system, OAK_STR("/"), patch->references.items[i].id };
        if (oak_str_starts(parts[0], OAK_STR("cis")))
            add_tag(tags, oak_arena_join(arena, parts, 3));
    }
    return tags;
}

/* What other tools call it. */
static json_t *references_of(const struct oak_patch *patch)
{
    json_t *const out = json_object();
    for (size_t i = 0; i < patch->references.count; i++) {
        const struct oak_reference *const r = &patch->references.items[i];
        json_t *ids = json_object_getn(out, r->system.ptr, r->system.len);
        if (ids == NULL)
            json_object_setn_new(out, r->system.ptr, r->system.len, ids = json_array());
        json_array_append_new(ids, oak_json_text(r->id));
    }
    return out;
}

/* GitHub: 9.0 and more is critical, 7.0 high, 4.0 medium, else low. */
static json_t *rule_of(struct oak_arena *arena, const struct oak_patch *patch)
{
    static const struct {
        const char *level, *severity;
    } grades[OAK_GRADES] = { { "error", "8.0" }, { "warning", "5.5" }, { "note", "3.0" } };
    const enum oak_grade grade = oak_grade_of_patch(patch);
    json_t *const out = json_object(), *const configuration = json_object(), *const properties = json_object();
    set(configuration, "level", json_string(grades[grade].level));
    set(properties, "tags", tags_of(arena, patch));
    set(properties, "precision", json_string("very-high"));
    set(properties, "security-severity", json_string(grades[grade].severity));
    set(properties, "references", references_of(patch));
    set(out, "id", oak_json_text(patch->id));
    set(out, "shortDescription", text_of(patch->title));
    set(out, "fullDescription", text_of(oak_plain_line(arena, patch->why)));
    set(out, "help", help_of(arena, patch));
    if (is_of_pss(patch))
        set(out, "helpUri", json_string("https://kubernetes.io/docs/concepts/security/pod-security-standards/"));
    set(out, "defaultConfiguration", configuration);
    set(out, "properties", properties);
    return out;
}

static bool is_used(const struct oak_page *page, const struct oak_patch *patch)
{
    for (size_t i = 0; i < page->run->active.count; i++)
        if (page->run->active.items[i].rule->patch == patch)
            return true;
    const size_t *const counts = oak_totals_of(page->totals, page->run->patches, patch);
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        if (counts[i] > 0)
            return true;
    return false;
}

/* ---- the page ---- */

static json_t *notifications_of(void)
{
    static const struct {
        const char *id, *text;
    } kinds[] = {
        { "error", "A file could not be read, understood, proven or written" },
        { "template", "A template: it is left alone" },
        { "exemption", "An exemption has expired, is not needed, or cannot be understood" },
        { "unread", "A place that may hold a pod, and is not looked into" },
    };
    json_t *const out = json_array();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        json_t *const kind = json_object();
        set(kind, "id", json_string(kinds[i].id));
        set(kind, "shortDescription", text_of(oak_str_from(kinds[i].text)));
        json_array_append_new(out, kind);
    }
    return out;
}

static json_t *tool_of(struct oak_arena *arena, const struct oak_page *page)
{
    json_t *const tool = json_object(), *const driver = json_object(), *const rules = json_array();
    for (size_t i = 0; i < page->run->patches->items.count; i++)
        if (is_used(page, page->run->patches->items.items[i]))
            json_array_append_new(rules, rule_of(arena, page->run->patches->items.items[i]));
    set(driver, "name", json_string("oakum"));
    set(driver, "version", json_string(page->version));
    set(driver, "semanticVersion", json_string(page->version));
    set(driver, "rules", rules);
    set(driver, "notifications", notifications_of());
    set(tool, "driver", driver);
    return tool;
}

static void add_json(struct oak_buf *out, const char *key, json_t *value)
{
    char *const text = json_dumps(value, JSON_COMPACT);
    oak_buf_addf(out, "\"%s\":", key);
    oak_buf_add(out, oak_str_from(text != NULL ? text : "null"));
    oak_buf_add(out, OAK_STR(",\n"));
    free(text);
    json_decref(value);
}

static void add_lines(struct oak_buf *out, const struct oak_page *page, char mark)
{
    struct oak_part_cursor at = { 0, 0 };
    oak_str line;
    for (bool is_first = true; oak_part_next(page, &at, mark, &line); is_first = false) {
        oak_buf_add(out, is_first ? OAK_STR("\n") : OAK_STR(",\n"));
        oak_buf_add(out, line);
    }
}

static json_t *counts_of(const struct oak_page *page)
{
    json_t *const out = json_object();
    set(out, "files", json_integer((json_int_t)page->totals->files));
    set(out, "manifests", json_integer((json_int_t)page->totals->manifests));
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        set(out, oak_outcome_name((enum oak_outcome)i), json_integer((json_int_t)page->totals->by_outcome[i]));
    return out;
}

static json_t *bases_of(void)
{
    json_t *const out = json_object(), *const root = json_object();
    set(root, "description", text_of(OAK_STR("The folder in which oakum was run")));
    set(out, "%SRCROOT%", root);
    return out;
}

void oak_sarif_page(struct oak_buf *out, const struct oak_page *page)
{
    oak_buf_add(out, OAK_STR("{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                             "sarif-schema-2.1.0.json\",\n\"version\":\"2.1.0\",\n\"runs\":[{"));
    add_json(out, "tool", tool_of(out->arena, page));
    add_json(out, "originalUriBaseIds", bases_of());
    oak_buf_add(out, OAK_STR("\"columnKind\":\"utf16CodeUnits\",\n"));
    add_json(out, "properties", counts_of(page));
    oak_buf_addf(out, "\"invocations\":[{\"executionSuccessful\":%s,\"toolExecutionNotifications\":[",
                 page->totals->errors == 0 ? "true" : "false");
    add_lines(out, page, 'N');
    oak_buf_add(out, OAK_STR("]}],\n\"results\":["));
    add_lines(out, page, 'R');
    oak_buf_add(out, OAK_STR("]}]}\n"));
}
