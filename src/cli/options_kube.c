/* kubectl's options: which are passed on to `kubectl get`, and what is said to those that mean nothing here. */
#include "cli/options_kube.h"

#include "cli/options.h"

#include <string.h>

enum what {
    PASSED,  /* where and who: nothing for us */
    CHOOSES, /* passed, and whoever says it thinks of objects in a cluster */
    FILTERS, /* the same, and of a file it would choose a part */
    OUTPUT,
    REFUSED
};

static const char nothing_is_applied[] = "oakum changes nothing in a cluster: pipe 'diff -o yaml' into 'kubectl apply -f -'";
static const char no_table[] = "it shapes kubectl's tables; here -o is diff, patch, yaml, json …";

static const struct {
    const char *name;
    char letter;
    int has_argument;
    enum what what;
    const char *argument, *help; /* help: in a few words; of REFUSED, why. NULL: not on the page */
} table[] = {
    { "namespace", 'n', required_argument, CHOOSES, "NAME", "the namespace of the objects" },
    { "all-namespaces", 'A', no_argument, CHOOSES, NULL, "those of all namespaces" },
    { "selector", 'l', required_argument, FILTERS, "EXPR", "those with these labels: app=web" },
    { "field-selector", 0, required_argument, FILTERS, "F=V", "those with these values: spec.nodeName=n1" },
    { "output", 'o', required_argument, OUTPUT, "FORM", "of diff: patch (for 'kubectl patch'), yaml; json" },
    { "context", 0, required_argument, PASSED, "NAME", "of the kubeconfig" },
    { "kubeconfig", 0, required_argument, PASSED, "FILE", "which cluster, and who asks" },
    { "cluster", 0, required_argument, PASSED, NULL, NULL },
    { "user", 0, required_argument, PASSED, NULL, NULL },
    { "server", 's', required_argument, PASSED, NULL, NULL },
    { "token", 0, required_argument, PASSED, NULL, NULL },
    { "username", 0, required_argument, PASSED, NULL, NULL },
    { "password", 0, required_argument, PASSED, NULL, NULL },
    { "as", 0, required_argument, PASSED, NULL, NULL },
    { "as-group", 0, required_argument, PASSED, NULL, NULL },
    { "as-uid", 0, required_argument, PASSED, NULL, NULL },
    { "certificate-authority", 0, required_argument, PASSED, NULL, NULL },
    { "client-certificate", 0, required_argument, PASSED, NULL, NULL },
    { "client-key", 0, required_argument, PASSED, NULL, NULL },
    { "insecure-skip-tls-verify", 0, optional_argument, PASSED, NULL, NULL },
    { "tls-server-name", 0, required_argument, PASSED, NULL, NULL },
    { "disable-compression", 0, optional_argument, PASSED, NULL, NULL },
    { "request-timeout", 0, required_argument, PASSED, NULL, NULL },
    { "cache-dir", 0, required_argument, PASSED, NULL, NULL },
    { "chunk-size", 0, required_argument, PASSED, NULL, NULL },
    { "ignore-not-found", 0, optional_argument, PASSED, NULL, NULL },
    { "v", 0, required_argument, PASSED, NULL, NULL },
    { "dry-run", 0, optional_argument, REFUSED, NULL, "'diff' shows what 'fix' would do, and writes nothing" },
    { "all", 0, optional_argument, REFUSED, NULL, "a type alone means all of it: 'check deployments -n NAMESPACE'" },
    { "watch", 'w', optional_argument, REFUSED, NULL, "objects are read once" },
    { "watch-only", 0, optional_argument, REFUSED, NULL, "objects are read once" },
    { "raw", 0, required_argument, REFUSED, NULL, "objects are named by type and name" },
    { "subresource", 0, required_argument, REFUSED, NULL, "objects are read whole" },
    { "show-managed-fields", 0, optional_argument, REFUSED, NULL, "what the server adds is not shown" },
    { "template", 0, required_argument, REFUSED, NULL, no_table },
    { "sort-by", 0, required_argument, REFUSED, NULL, no_table },
    { "no-headers", 0, optional_argument, REFUSED, NULL, no_table },
    { "show-labels", 0, optional_argument, REFUSED, NULL, no_table },
    { "show-kind", 0, optional_argument, REFUSED, NULL, no_table },
    { "label-columns", 'L', required_argument, REFUSED, NULL, no_table },
    { "server-side", 0, optional_argument, REFUSED, NULL, nothing_is_applied },
    { "force-conflicts", 0, optional_argument, REFUSED, NULL, nothing_is_applied },
    { "field-manager", 0, required_argument, REFUSED, NULL, nothing_is_applied },
    { "prune", 0, optional_argument, REFUSED, NULL, nothing_is_applied },
    { "validate", 0, optional_argument, REFUSED, NULL, nothing_is_applied },
    { "save-config", 0, optional_argument, REFUSED, NULL, nothing_is_applied },
    { "record", 0, optional_argument, REFUSED, NULL, nothing_is_applied },
    { "overwrite", 0, optional_argument, REFUSED, NULL, nothing_is_applied },
    { "wait", 0, optional_argument, REFUSED, NULL, nothing_is_applied },
    { "grace-period", 0, required_argument, REFUSED, NULL, nothing_is_applied },
};
enum { ROW_COUNT = sizeof table / sizeof *table };
_Static_assert(sizeof table / sizeof *table <= OAK_MAX_KUBE_OPTIONS, "there is room for all rows");

const char oak_kube_short_options[] = "n:Al:o:s:wL:";

size_t oak_kube_options_getopt(struct option *longs)
{
    for (int i = 0; i < ROW_COUNT; i++)
        longs[i] = (struct option){ table[i].name, table[i].has_argument, NULL, OAK_OPT_KUBE + i };
    return ROW_COUNT;
}

int oak_kube_option_id(int letter)
{
    for (int i = 0; i < ROW_COUNT; i++)
        if (table[i].letter != 0 && table[i].letter == letter)
            return OAK_OPT_KUBE + i;
    return letter;
}

bool oak_kube_option_is(oak_str word)
{
    const bool is_long = oak_str_starts(word, OAK_STR("--"));
    const oak_str name = oak_str_span(word, (oak_span){ is_long ? 2 : word.len, word.len });
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (is_long ? oak_str_eq(name, oak_str_from(table[i].name)) : word.len > 1 && table[i].letter == word.ptr[1])
            return true;
    return false;
}

void oak_kube_option_nearest(struct oak_nearest *nearest)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        oak_nearest_try(nearest, oak_str_from(table[i].name));
}

static bool take_output(struct oak_kube_options *out, const char *value, struct oak_error *err)
{
    static const struct {
        const char *name;
        void (*add_change)(struct oak_buf *out, const struct oak_report *report);
    } forms[] = { { "diff", NULL }, { "patch", oak_patch }, { "yaml", oak_fixed } };
    const struct oak_format *const format = oak_format_find(oak_str_from(value));
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, value) == 0) {
            out->add_change = forms[i].add_change;
            out->output = forms[i].name;
            return true;
        }
    if (format == NULL)
        return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "-o is diff, patch, yaml or what --format can be, not '%s'", value);
    out->add_change = NULL;
    out->output = format->name;
    return true;
}

bool oak_kube_option_take(struct oak_arena *arena, struct oak_kube_options *out, int id, const char *value,
                          struct oak_error *err)
{
    const size_t row = (size_t)(id - OAK_OPT_KUBE);
    if (table[row].what == OUTPUT)
        return take_output(out, value, err);
    if (table[row].what == REFUSED)
        return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "--%s means nothing here: %s", table[row].name, table[row].help);
    if (table[row].what != PASSED && out->chooses == NULL)
        out->chooses = table[row].name;
    if (table[row].what == FILTERS && out->filters == NULL)
        out->filters = table[row].name;
    *oak_push(arena, &out->passed) = oak_arena_printf(arena, "--%s%s%s", table[row].name, value != NULL ? "=" : "",
                                                      value != NULL ? value : "").ptr;
    return true;
}

bool oak_kube_option_at(size_t i, struct oak_option *out)
{
    size_t row = 0;
    for (; row < ROW_COUNT; row++)
        if (table[row].what != REFUSED && i-- == 0)
            break;
    if (row == ROW_COUNT)
        return false;
    /* What takes a value must say so: most of these are known by name alone. */
    const char *const argument = table[row].has_argument == required_argument ? "VALUE" : NULL;
    *out = (struct oak_option){ OAK_OPT_KUBE + (int)row, table[row].letter, table[row].name, table[row].argument != NULL ? table[row].argument : argument,
                                OAK_OF_PLUGIN, table[row].help != NULL ? table[row].help : "passed on to kubectl" };
    return true;
}

oak_str oak_kube_option_words(struct oak_arena *arena, int id)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    if (table[id - OAK_OPT_KUBE].what != OUTPUT)
        return OAK_STR("");
    oak_buf_add(&out, OAK_STR("diff patch yaml"));
    for (size_t i = 0; i < oak_format_count; i++)
        oak_buf_addf(&out, " %s", oak_formats[i].name);
    return oak_buf_str(&out);
}

void oak_kube_options_help(struct oak_buf *out)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (table[i].help != NULL && table[i].what != REFUSED)
            oak_help_option(out, table[i].letter, table[i].name, table[i].argument, table[i].help);
    oak_buf_add(out, OAK_STR("      what else says which cluster, and who asks, is passed on to kubectl\n"));
}
