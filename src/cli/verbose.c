/* The words of -v. */
#include "cli/verbose.h"

#include "output/look.h"

static size_t count_patches(const struct oak_run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->patches->items.count; i++) {
        size_t k = 0;
        while (k < run->active.count && run->active.items[k].rule->patch != run->patches->items.items[i])
            k++;
        count += k < run->active.count;
    }
    return count;
}

void oak_verbose_run(struct oak_buf *out, const struct oak_run *run, const struct oak_config_file *config)
{
    oak_buf_add(out, OAK_STR("configuration: "));
    oak_text_visible(out, oak_str_from(config->path != NULL ? config->path : "none"));
    oak_buf_addf(out, "\nprofile: %s; rules of Kubernetes: ", oak_profile_name(run->options->profile));
    if (run->options->kube_minor > 0)
        oak_buf_addf(out, "1.%u", run->options->kube_minor);
    else
        oak_buf_add(out, OAK_STR("the newest"));
    oak_buf_addf(out, "; patches: %zu of %zu\n", count_patches(run), run->patches->items.count);
}

static void add_line(struct oak_buf *out, oak_str path, oak_str word, oak_str why)
{
    oak_ink_add(out, OAK_INK_BOLD, path);
    oak_buf_add(out, OAK_STR(": "));
    oak_buf_add(out, word);
    oak_text_visible(out, why);
    oak_buf_add(out, OAK_STR("\n"));
}

void oak_verbose_passed_over(struct oak_buf *out, oak_str path, oak_str why)
{
    add_line(out, path, OAK_STR("passed over: "), why);
}

void oak_verbose_file(struct oak_buf *out, const struct oak_report *report)
{
    const struct oak_result *const r = report->result;
    if (r->failed || report->io_error != NULL)
        return;
    if (!r->is_manifest)
        oak_verbose_passed_over(out, report->path, OAK_STR("holds no object that these patches are about"));
    else if (r->findings.count == 0)
        add_line(out, report->path, OAK_STR("nothing to do"), OAK_STR(""));
}
