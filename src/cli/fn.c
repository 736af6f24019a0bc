/* A host deletes the objects that a function does not give back, and may go on after a failure: so whatever happens, once the list
 * has been read, all of it is printed. */
#include "cli/fn.h"

#include "cli/later.h"
#include "cli/run.h"
#include "files/files.h"
#include "output/results.h"

#include <stdio.h>
#include <unistd.h>

static const oak_str name = { "<stdin>", 7 };

/* ---- reading ---- */

bool oak_fn_read(struct oak_arena *arena, struct oak_fn *fn, struct oak_config_file *file, bool *has_list,
                 struct oak_error *err)
{
    struct oak_function_config config;
    *file = (struct oak_config_file){ .path = NULL };
    *has_list = oak_stream_read(arena, STDIN_FILENO, OAK_MAX_FILE, &fn->text, err) &&
                oak_resource_list_read(arena, fn->text, &fn->list, err);
    if (!*has_list)
        return false;
    if (fn->list.config == 0)
        return true;
    file->path = "functionConfig";
    file->folder = oak_path_folder(arena, ".");
    file->text = fn->text;
    if (!oak_function_config_read(arena, &fn->list.index, fn->list.config, &config, err))
        return false;
    file->config = config.config;
    fn->is_check = config.is_check;
    return true;
}

/* ---- printing ---- */

static bool print(FILE *to, oak_str text)
{
    return (text.len == 0 || fwrite(text.ptr, 1, text.len, to) == text.len) && fflush(to) == 0;
}

/* The list of `text` with the results. If they can't be added, at least the items are given back as they were. */
static bool print_list(struct oak_arena *arena, const struct oak_fn *fn, oak_str text, oak_value_list results)
{
    struct oak_resource_list list;
    struct oak_error err;
    oak_str out;
    const bool is_read = oak_resource_list_read(arena, text, &list, &err);
    if (is_read)
        oak_results_fit(arena, &results, list.index.count < OAK_MAX_NODES ? OAK_MAX_NODES - list.index.count : 0);
    if (is_read && oak_resource_list_add(arena, &list, &results, &out, &err))
        return print(stdout, out) || (fputs("oakum: cannot write the output\n", stderr), false);
    fprintf(stderr, "oakum: fn: the results cannot be added: %s\n", err.text);
    print(stdout, fn->text);
    return false;
}

int oak_fn_fail(struct oak_arena *arena, const struct oak_fn *fn, oak_str message)
{
    oak_value_list results = { 0 };
    *oak_push(arena, &results) = oak_result_of_error(arena, message);
    print_list(arena, fn, fn->text, results);
    return OAK_EXIT_FAILED;
}

/* ---- running ---- */

/* What a kustomization among the items makes of the others is another function's business, and nobody can see it here. */
static void add_kustomizations(struct oak_arena *arena, const struct oak_fn *fn, struct oak_file_facts *facts)
{
    const struct oak_index *const index = &fn->list.index;
    struct oak_item_cursor cursor = { 0, 0 };
    uint32_t item;
    for (size_t i = 0; (item = oak_resource_list_item(&fn->list, i, &cursor)) != 0; i++) {
        const bool is_mapping = index->nodes[item].kind == OAK_MAPPING;
        const uint32_t version = is_mapping ? oak_node_get(index, item, OAK_STR("apiVersion")) : 0;
        oak_str text;
        if (version == 0 || !oak_node_scalar(index, version, &text) ||
            !oak_str_starts(text, OAK_STR("kustomize.config.k8s.io/")))
            continue;
        struct oak_fact *const fact = oak_push(arena, &facts->items);
        *fact = (struct oak_fact){ .kind = OAK_FACT_UNSEEN, .is_everywhere = true };
        *oak_push(arena, &fact->obstacles) = (struct oak_obstacle){
            .level = OAK_BASELINE, .reason = OAK_STR("a kustomization stands among the items") };
    }
}

/* The pass; with --enforce auto another one, which knows what the first has seen. */
static void pass(struct oak_arena *arena, const struct oak_run *run, const struct oak_fn *fn, struct oak_report *report,
                 struct oak_result *result)
{
    struct oak_later later = { .facts = { .arena = arena } };
    oak_pass(arena, run, fn->text, result);
    const bool waits = oak_later_must_wait(arena, run, name, fn->text, result);
    if (!waits)
        return;
    add_kustomizations(arena, fn, &result->facts);
    oak_later_add(&later, &(struct oak_late){ .path = "<stdin>", .is_stdin = true, .text = fn->text }, &result->facts, true);
    oak_later_start(&later);
    const struct oak_late *const late = oak_later_next(&later);
    const struct oak_run second = oak_later_run(run, late);
    oak_pass(arena, &second, fn->text, result);
    report->verdicts = late->verdicts;
    report->verdict_count = late->verdict_count;
}

static void tell(struct oak_arena *arena, const struct oak_run *run, const struct oak_report *report,
                 const oak_value_list *results)
{
    struct oak_totals totals;
    struct oak_facts facts = { .arena = arena };
    struct oak_buf talk;
    oak_buf_init(&talk, arena);
    oak_totals_init(arena, run->patches, &totals);
    oak_totals_add(&totals, run->patches, report);
    for (size_t i = 0; i < report->result->met.count; i++)
        oak_facts_add_met(&facts, report->result->met.items[i]);
    oak_text_results(&talk, results);
    oak_text_verdicts(&talk, report);
    oak_text_unmet(&talk, run, &totals, &facts);
    oak_text_outcomes(&talk, &totals);
    print(stderr, oak_buf_str(&talk));
}

int oak_fn_run(struct oak_arena *arena, const struct oak_run *run, const struct oak_fn *fn)
{
    struct oak_result result = { .text = fn->text };
    struct oak_report report = { .path = name, .text = fn->text, .result = &result,
                                 .view = fn->is_check ? OAK_VIEW_CHECK : OAK_VIEW_FIX };
    if (oak_resource_list_has_items(&fn->list))
        pass(arena, run, fn, &report, &result);
    for (size_t i = 0; i < run->notes.count; i++) /* of the functionConfig, which is part of the text */
        *oak_push(arena, &result.notes) = run->notes.items[i];
    oak_notes_sort(&result.notes);
    const oak_value_list results = oak_results_of(arena, &fn->list, &report);
    tell(arena, run, &report, &results);
    const bool has_error = oak_results_have_error(&results);
    if (!print_list(arena, fn, fn->is_check ? fn->text : result.text, results) || result.failed)
        return OAK_EXIT_FAILED;
    return fn->is_check && has_error ? OAK_EXIT_FINDINGS : OAK_EXIT_CLEAN;
}
