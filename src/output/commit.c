/* What became of a repository: a line for people, an object for machines. */
#include "output/output.h"

#include "output/value.h"

#include <string.h>

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

void oak_text_commit(struct oak_buf *out, const struct oak_commit_report *r)
{
    if (r->name.len > 0)
        oak_buf_addf(out, "%.*s: ", (int)r->name.len, r->name.ptr);
    if (r->error != NULL)
        oak_buf_addf(out, "error: %s\n", r->error->text);
    else if (strcmp(r->result, "skipped") == 0)
        oak_buf_addf(out, "branch '%s' is left alone\n", r->branch);
    else if (strcmp(r->result, "made") == 0)
        oak_buf_addf(out, "branch '%s': %zu commit%s, %zu file%s, now at %.12s\n", r->branch, r->commits, plural(r->commits),
                     r->totals->changed, plural(r->totals->changed), r->commit);
    else if (strcmp(r->result, "same") == 0)
        oak_buf_addf(out, "branch '%s' holds this already: same files, patches and options\n", r->branch);
    else if (r->commit[0] != '\0')
        oak_buf_addf(out, "nothing to fix: branch '%s' stays as it is\n", r->branch);
    else
        oak_buf_addf(out, "nothing to fix: no branch '%s' is made\n", r->branch);
}

static json_t *text_or_null(const char *text)
{
    return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

static json_t *count_of(size_t count)
{
    return json_integer((json_int_t)count);
}

static json_t *outcomes_of(const size_t *by_outcome)
{
    json_t *const out = json_object();
    for (size_t i = 0; i < OAK_OUTCOMES; i++)
        if (by_outcome[i] > 0)
            json_object_set_new(out, oak_outcome_name((enum oak_outcome)i), count_of(by_outcome[i]));
    return out;
}

static json_t *patches_of(const struct oak_commit_report *r)
{
    json_t *const out = json_object();
    for (size_t i = 0; i < r->patches->items.count; i++) {
        json_t *const counts = outcomes_of(&r->totals->by_patch[i * OAK_OUTCOMES]);
        const oak_str id = r->patches->items.items[i]->id;
        if (json_object_size(counts) > 0)
            json_object_setn_new(out, id.ptr, id.len, counts);
        else
            json_decref(counts);
    }
    return out;
}

static const char *class_of(const struct oak_error *error)
{
    return error->kind == OAK_AGAIN ? "try again" : error->kind == OAK_UNSAFE ? "unsafe" : "permanent";
}

static json_t *error_of(const struct oak_error *error)
{
    if (error == NULL)
        return json_null();
    json_t *const out = json_object();
    json_t *const text = json_string(error->text);
    json_object_set_new(out, "class", json_string(class_of(error)));
    json_object_set_new(out, "text", text != NULL ? text : json_string("?"));
    return out;
}

void oak_json_commit(struct oak_buf *out, const struct oak_commit_report *r)
{
    json_t *const line = oak_json_start();
    json_object_set_new(line, "repository", oak_json_text(r->name));
    json_object_set_new(line, "result", json_string(r->error != NULL ? "failed" : r->result));
    json_object_set_new(line, "base", text_or_null(r->base));
    json_object_set_new(line, "branch", text_or_null(r->branch));
    json_object_set_new(line, "commit", text_or_null(r->commit));
    json_object_set_new(line, "previous", text_or_null(r->previous));
    json_object_set_new(line, "digest", text_or_null(r->digest));
    json_object_set_new(line, "commits", count_of(r->commits));
    json_object_set_new(line, "manifests", count_of(r->totals->manifests));
    json_object_set_new(line, "files", count_of(r->totals->changed));
    json_object_set_new(line, "passed_over", count_of(r->passed_over));
    json_object_set_new(line, "templates", count_of(r->totals->templates));
    json_object_set_new(line, "errors", count_of(r->totals->errors));
    json_object_set_new(line, "findings", outcomes_of(r->totals->by_outcome));
    json_object_set_new(line, "patches", patches_of(r));
    json_object_set_new(line, "pull_request", text_or_null(r->pull_request));
    json_object_set_new(line, "duration_ms", json_integer((json_int_t)r->duration_ms));
    json_object_set_new(line, "error", error_of(r->error));
    oak_json_add_line(out, line);
}
