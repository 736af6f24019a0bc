/* The table of options. */
#include "cli/options.h"

#include "cli/words.h"
#include "output/look.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPT_FILE = 'f', OPT_RECURSIVE = 'R', OPT_HELP = 'h', OPT_INTERACTIVE = 'i', OPT_JOBS = 'j', OPT_KUSTOMIZE = 'k', OPT_QUIET = 'q',
    OPT_VERBOSE = 'v',
    OPT_PROFILE = 256, OPT_FIX, OPT_FORCE, OPT_SELECT, OPT_ALSO, OPT_IGNORE, OPT_RUNTIME_CLASS, OPT_ENFORCE, OPT_KUBE_VERSION,
    OPT_EXIT_ZERO, OPT_FORMAT, OPT_PATCHES, OPT_GUESS, OPT_CONFIG, OPT_NO_CONFIG, OPT_TODAY, OPT_REASON, OPT_UNTIL,
    OPT_PSP_MAPPING, OPT_PSP_ENFORCE, OPT_WRITE, OPT_COLOR, OPT_STATISTICS, OPT_GROUP
};

/* Who takes it. A row that is IN_SHORT is on the first page of help. */
enum {
    FILES = OAK_OF_CHECK | OAK_OF_FIX,
    GIT = OAK_OF_COMMIT | OAK_OF_PR,
    FIXES = FILES | GIT | OAK_OF_FN,
    RULES = FIXES | OAK_OF_IGNORE,
    RUNS = FILES | GIT | OAK_OF_MIGRATE,
    IN_SHORT = 1 << 30
};

static const struct oak_word colours[] = { { "auto", OAK_COLOUR_AUTO }, { "always", OAK_COLOUR_ALWAYS },
                                           { "never", OAK_COLOUR_NEVER }, { NULL, 0 } };
static const struct oak_word profiles[] = { { "baseline", OAK_BASELINE }, { "restricted", OAK_RESTRICTED },
                                            { "hardened", OAK_HARDENED }, { NULL, 0 } };
static const struct oak_word levels[] = { { "baseline", 0 }, { "restricted", 0 }, { "auto", 0 }, { NULL, 0 } };
static const struct oak_word fixes[] = { { "safe", OAK_FIX_SAFE }, { "all", OAK_FIX_ALL }, { NULL, 0 } };
static const struct oak_word mappings[] = { { "strict", OAK_MAPPING_STRICT }, { "lenient", OAK_MAPPING_LENIENT }, { NULL, 0 } };
/* Examples: any name may be there. */
static const struct oak_word sandboxes[] = { { "gvisor", 0 }, { "kata", 0 }, { "kata-fc", 0 }, { NULL, 0 } };

/* In the order of the help. A row of OPT_GROUP is a heading; its options are told in full to the commands of that row, and by name
 * to the others. */
static const struct {
    int id;
    const char *name;
    const char *argument; /* NULL: none */
    unsigned of;
    const char *help;
} table[] = {
    { OPT_INTERACTIVE, "interactive", NULL, OAK_OF_FIX, "ask about each finding, as 'git add -p' does" },
    { OPT_REASON, "reason", "TEXT", OAK_OF_IGNORE, "why" },
    { OPT_UNTIL, "until", "DATE", OAK_OF_IGNORE, "the last day on which it holds" },
    { OPT_WRITE, "write", NULL, OAK_OF_MIGRATE, "write the labels; default: show them as a diff" },
    { OPT_PSP_MAPPING, "psp-mapping", "HOW", OAK_OF_MIGRATE, "strict (default), or lenient: in doubt for the policy" },
    { OPT_PSP_ENFORCE, "psp-enforce", NULL, OAK_OF_MIGRATE, "the enforce label, too" },
    { OAK_OPT_BRANCH, "branch", "NAME", GIT, "gets the commit; base, HEAD and work tree stay" },
    { OAK_OPT_REPO, "repo", "DIR", GIT, "the repository, bare or not; default: around here" },
    { OAK_OPT_BASE, "base", "REF", GIT, "what is fixed; default: HEAD" },
    { OAK_OPT_MODE, "mode", "HOW", GIT, "create the branch (default), append or replace" },
    { OAK_OPT_SPLIT, "split", "BY", GIT, "one commit for each patch or directory" },
    { OAK_OPT_SIGN, "sign", NULL, GIT, "sign, even if commit.gpgSign does not say so" },
    { OAK_OPT_NO_SIGN, "no-sign", NULL, GIT, "do not sign" },
    { OAK_OPT_SIGNOFF, "signoff", NULL, GIT, "add a Signed-off-by line" },
    { OAK_OPT_REPOS_FROM, "repos-from", "FILE", GIT, "many repositories, one in each line; - is stdin" },
    { OAK_OPT_SHARD, "shard", "I/N", GIT, "only part I (from 0) of N of these repositories" },
    { OPT_GROUP, "The pull request", NULL, OAK_OF_PR, "" },
    { OAK_OPT_REMOTE, "remote", "NAME", OAK_OF_PR, "a remote or an address; default: origin" },
    { OAK_OPT_FORGE, "forge", "KIND", OAK_OF_PR, "github, gitlab, gitea (Forgejo); default: by host" },
    { OAK_OPT_FORGE_URL, "forge-url", "URL", OAK_OF_PR, "the repository's page; default: by the remote" },
    { OAK_OPT_TOKEN_FILE, "token-file", "FILE", OAK_OF_PR, "the token; default: OAKUM_TOKEN, or the forge's own" },
    { OAK_OPT_LABEL, "label", "NAME,…", OAK_OF_PR, "labels of a new request" },
    { OAK_OPT_REVIEWER, "reviewer", "NAME,…", OAK_OF_PR, "who shall review a new request; ORG/TEAM is a team" },
    { OAK_OPT_DRAFT, "draft", NULL, OAK_OF_PR, "open it as a draft" },
    { OAK_OPT_REOPEN, "reopen", NULL, OAK_OF_PR, "open a request again that somebody closed" },
    { OAK_OPT_LOOPBACK_HTTP, "loopback-http", NULL, OAK_OF_PR, "allow http to 127.0.0.1, for tests" },
    { OPT_GROUP, "Files", NULL, FILES | OAK_OF_MIGRATE, "" },
    { OPT_FILE, "filename", "FILE", FILES | OAK_OF_MIGRATE, "a file, as kubectl has it; - is standard input" },
    { OPT_RECURSIVE, "recursive", NULL, FILES | OAK_OF_MIGRATE, "walk the folders given with -f" },
    { OPT_KUSTOMIZE, "kustomize", "DIR", FILES, "the files that a kustomization and its bases name" },
    { OPT_GROUP, "What is looked for and fixed", NULL, FILES | OAK_OF_MIGRATE | OAK_OF_LIBRARY | IN_SHORT, "check" },
    { OPT_PROFILE, "profile", "LEVEL", RULES | IN_SHORT, "baseline, restricted (default) or hardened" },
    { OPT_FIX, "fix", "WHICH", FIXES | IN_SHORT, "safe: what stops no correct workload; all: also held" },
    { OPT_FORCE, "force", "ID,…", FIXES | IN_SHORT, "these, even if the manifest speaks against it" },
    { OPT_SELECT, "select", "ID,…", RULES | IN_SHORT, "only these; ids of other tools work (CKV_K8S_16)" },
    { OPT_ALSO, "also", "ID,…", RULES | IN_SHORT, "these patches, too, beside those of the profile" },
    { OPT_IGNORE, "ignore", "ID,…", RULES | IN_SHORT, "not these patches" },
    { OPT_RUNTIME_CLASS, "runtime-class", "NAME", RULES | IN_SHORT, "put pods into this sandbox: gvisor, kata, kata-fc …" },
    { OPT_ENFORCE, "enforce", "LEVEL", RULES | IN_SHORT, "label namespaces: baseline, restricted, auto" },
    { OPT_KUBE_VERSION, "kube-version", "1.NN", RULES | OAK_OF_MIGRATE | IN_SHORT, "rules and fields of this version; default: the newest" },
    { OPT_GUESS, "guess", NULL, RULES, "what looks like a pod in an unknown kind is one" },
    { OPT_PATCHES, "patches", "DIR", RULES | OAK_OF_MIGRATE | OAK_OF_LIBRARY, "add or replace patches by *.yaml of this folder" },
    { OPT_CONFIG, "config", "FILE", (RULES & ~OAK_OF_FN) | OAK_OF_LIBRARY | IN_SHORT, "default: .oakum.yaml here or above" },
    { OPT_NO_CONFIG, "no-config", NULL, (RULES & ~OAK_OF_FN) | OAK_OF_LIBRARY, "use no configuration" },
    { OPT_TODAY, "today", "DATE", RULES, "judges exemptions; default: today (UTC)" },
    { OPT_GROUP, "Output", NULL, ~0U, "" },
    { OPT_FORMAT, "format", "FORMAT", RUNS | IN_SHORT, "text, json, sarif, github, markdown, junit, html" },
    { OPT_STATISTICS, "statistics", NULL, FILES | GIT | IN_SHORT, "a table by patch instead of the findings" },
    { OPT_QUIET, "quiet", NULL, FILES | GIT | IN_SHORT, "only what is left to do, and errors" },
    { OPT_VERBOSE, "verbose", NULL, FILES | GIT | IN_SHORT, "also what is passed over and why, and what may break" },
    { OPT_COLOR, "color", "WHEN", ~0U, "auto (default: on a terminal), always, never" },
    { OPT_EXIT_ZERO, "exit-zero", NULL, RUNS | IN_SHORT, "exit with 0 even if findings remain" },
    { OPT_JOBS, "jobs", "N", RUNS | IN_SHORT, "files at a time; default: one for each processor" },
    { OPT_HELP, "help", NULL, ~0U, "this page" },
};
enum { OPTION_COUNT = sizeof table / sizeof *table };

bool oak_option_at(size_t i, struct oak_option *out)
{
    size_t at = 0;
    for (; at < OPTION_COUNT; at++)
        if (table[at].id != OPT_GROUP && i-- == 0)
            break;
    if (at == OPTION_COUNT)
        return oak_kube_option_at(i, out);
    *out = (struct oak_option){ table[at].id, table[at].id < 256 ? (char)table[at].id : '\0', table[at].name,
                                table[at].argument, table[at].of, table[at].help };
    return true;
}

/* Pages are made of files alone. */
static const struct oak_word *format_words(struct oak_arena *arena, unsigned of)
{
    struct oak_word *const names = oak_arena_alloc(arena, (oak_format_count + 1) * sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < oak_format_count; i++)
        if (oak_formats[i].add_page == NULL || (of & FILES) != 0)
            names[count++].word = oak_formats[i].name;
    return names;
}

static const struct oak_word *words_of(struct oak_arena *arena, int id, unsigned of)
{
    switch (id) {
    case OPT_PROFILE:
        return profiles;
    case OPT_FIX:
        return fixes;
    case OPT_ENFORCE:
        return levels;
    case OPT_PSP_MAPPING:
        return mappings;
    case OPT_COLOR:
        return colours;
    case OPT_RUNTIME_CLASS:
        return sandboxes;
    case OPT_FORMAT:
        return format_words(arena, of);
    default:
        return oak_git_option_words((enum oak_git_option)id);
    }
}

oak_str oak_option_words(struct oak_arena *arena, int id, unsigned of)
{
    struct oak_buf out;
    if (id >= OAK_OPT_KUBE)
        return oak_kube_option_words(arena, id);
    oak_buf_init(&out, arena);
    for (const struct oak_word *word = words_of(arena, id, of); word != NULL && word->word != NULL; word++)
        oak_buf_addf(&out, "%s%s", out.len > 0 ? " " : "", word->word);
    return oak_buf_str(&out);
}

/* `text`, and blanks up to `width` columns. */
void oak_help_column(struct oak_buf *out, oak_str text, size_t width)
{
    size_t columns = 0;
    for (size_t i = 0; i < text.len; i++)
        columns += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    oak_buf_addf(out, "%.*s%*s ", (int)text.len, text.ptr, columns < width ? (int)(width - columns) : 0, "");
}

void oak_help_option(struct oak_buf *out, int letter, const char *name, const char *argument, const char *help)
{
    if (letter != 0)
        oak_buf_addf(out, "  -%c, ", letter);
    else
        oak_buf_addf(out, "      ");
    oak_help_column(out, oak_arena_printf(out->arena, "--%s%s%s", name, argument != NULL ? "=" : "",
                                          argument != NULL ? argument : ""), 20);
    oak_text_flow(out, 27, "                           ", oak_str_from(help));
    oak_buf_add(out, OAK_STR("\n"));
}

static void add_option(struct oak_buf *out, size_t i)
{
    oak_help_option(out, table[i].id < 256 ? table[i].id : 0, table[i].name, table[i].argument, table[i].help);
}

static bool is_wanted(size_t i, unsigned of)
{
    return table[i].id != OPT_GROUP && (table[i].of & of) != 0;
}

static void add_heading(struct oak_buf *out, size_t i, bool is_told)
{
    oak_buf_add(out, OAK_STR("\n"));
    oak_ink_add(out, OAK_INK_BOLD, oak_str_from(table[i].name));
    oak_buf_addf(out, is_told ? ":\n" : ", as 'oakum help %s' says:", table[i].help);
}

/* The options of the group whose heading is row `heading`; returns where the next begins. */
static size_t add_group(struct oak_buf *out, size_t heading, unsigned of)
{
    enum { WIDTH = 80 };
    const bool is_told = (table[heading].of & of) != 0;
    size_t i = heading + 1, count = 0, column = WIDTH;
    for (; i < OPTION_COUNT && table[i].id != OPT_GROUP; i++) {
        if (!is_wanted(i, of))
            continue;
        if (count++ == 0)
            add_heading(out, heading, is_told);
        if (is_told) {
            add_option(out, i);
            continue;
        }
        const size_t len = strlen(table[i].name) + 3;
        oak_buf_addf(out, column + len > WIDTH ? "\n      --%s" : " --%s", table[i].name);
        column = column + len > WIDTH ? 5 + len : column + len;
    }
    oak_buf_add(out, count > 0 && !is_told ? OAK_STR("\n") : OAK_STR(""));
    return i;
}

void oak_options_help(struct oak_buf *out, unsigned of)
{
    const unsigned command = of & ~(unsigned)OAK_OF_PLUGIN, wanted = command != 0 ? command : IN_SHORT;
    size_t i = 0;
    for (size_t own = 0; table[i].id != OPT_GROUP; i++) {
        if (!is_wanted(i, wanted))
            continue;
        oak_buf_add(out, own++ == 0 ? OAK_STR("\n") : OAK_STR(""));
        add_option(out, i);
    }
    while (i < OPTION_COUNT)
        i = add_group(out, i, wanted);
}

static bool has_kube_options(unsigned of)
{
    return (of & OAK_OF_PLUGIN) != 0 && (of & FILES) != 0;
}

static bool usage(struct oak_error *err, const char *what, const char *value)
{
    return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "%s '%s'", what, value);
}

/* Adds the comma-separated ids of `value` to a list of `*count`. */
static bool add_ids(struct oak_arena *arena, const char *value, oak_str **ids, size_t *count)
{
    oak_str id, rest = oak_str_from(value);
    const bool has_any = rest.len > 0;
    while (rest.len > 0) {
        oak_str_cut(rest, ',', &id, &rest);
        oak_str *const longer = oak_arena_alloc(arena, (*count + 1) * sizeof *longer);
        if (*count > 0)
            memcpy(longer, *ids, *count * sizeof *longer);
        longer[(*count)++] = oak_str_trim(id);
        *ids = longer;
    }
    return has_any;
}

static bool fail_empty(const char *name, struct oak_error *err)
{
    return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "--%s needs the id of a patch: nothing would mean everything", name);
}

static bool parse_number(const char *value, unsigned long max, unsigned *out)
{
    char *end;
    const unsigned long number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || number > max)
        return false;
    *out = (unsigned)number;
    return true;
}

/* 1.34, v1.34, and as a cluster says it: v1.34.2, of which the last number decides nothing. */
static bool parse_version(const char *value, unsigned *minor, struct oak_error *err)
{
    char number[8] = "";
    unsigned patch;
    const char *const digits = value[0] == 'v' ? value + 1 : value;
    const bool is_one = strncmp(digits, "1.", 2) == 0;
    const size_t len = is_one ? strcspn(digits + 2, ".") : 0;
    if (!is_one || len >= sizeof number)
        return usage(err, "--kube-version is written as 1.34, not", value);
    memcpy(number, digits + 2, len);
    const char *const rest = digits + 2 + len;
    if (!parse_number(number, 999, minor) || *minor == 0 || (rest[0] == '.' && !parse_number(rest + 1, 9999, &patch)))
        return usage(err, "--kube-version is written as 1.34, not", value);
    return true;
}

static bool parse_runtime_class(const char *value, oak_str *out, struct oak_error *err)
{
    *out = oak_str_from(value);
    return oak_is_class_name(*out) || usage(err, "--runtime-class is the name of a RuntimeClass, such as gvisor, not", value);
}

static bool parse_day(const char *name, const char *value, oak_day *out, struct oak_error *err)
{
    return oak_day_parse(oak_str_from(value), out) ||
           oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "--%s is a day such as 2027-01-31, not '%s'", name, value);
}

/* How much is said, and how it looks. */
static bool take_output(struct oak_command_line *out, int id, const char *value, struct oak_error *err)
{
    int word = OAK_COLOUR_AUTO;
    const bool ok = id != OPT_COLOR || oak_word_take("color", colours, value, &word, err);
    if (id == OPT_COLOR)
        out->colour = (enum oak_colour)word;
    else if (id == OPT_STATISTICS)
        out->wants_statistics = true;
    else if (out->loudness == (id == OPT_QUIET ? OAK_VERBOSE : OAK_QUIET))
        return usage(err, "--quiet does not go with", "--verbose");
    else
        out->loudness = id == OPT_QUIET ? OAK_QUIET : OAK_VERBOSE;
    return ok;
}

/* What does not change what is found; and what is left, the help. */
static bool take_rest(struct oak_arena *arena, struct oak_command_line *out, int id, const char *value, struct oak_error *err)
{
    int word = 0;
    bool is_word;
    switch (id) {
    case OPT_EXIT_ZERO:
        out->exit_zero = true;
        return true;
    case OPT_CONFIG:
        out->config_path = value;
        return true;
    case OPT_NO_CONFIG:
        out->no_config = true;
        return true;
    case OPT_TODAY:
        return parse_day("today", value, &out->options.today, err);
    case OPT_UNTIL:
        return parse_day("until", value, &out->until, err);
    case OPT_REASON:
        out->reason = value;
        return true;
    case OPT_WRITE:
        out->is_writing = true;
        return true;
    case OPT_PSP_MAPPING:
        is_word = oak_word_take("psp-mapping", mappings, value, &word, err);
        out->migration.mapping = (enum oak_mapping)word;
        return is_word;
    case OPT_PSP_ENFORCE:
        out->migration.has_enforce = true;
        return true;
    case OPT_INTERACTIVE:
        out->is_interactive = true;
        return true;
    case OPT_COLOR:
    case OPT_STATISTICS:
    case OPT_QUIET:
    case OPT_VERBOSE:
        return take_output(out, id, value, err);
    case OPT_HELP:
        out->wants_help = true;
        return true;
    default:
        return oak_git_option_take(arena, &out->git, (enum oak_git_option)id, value, err);
    }
}

static bool take_format(struct oak_arena *arena, const char *value, struct oak_command_line *out, struct oak_error *err)
{
    out->format = oak_format_find(oak_str_from(value));
    if (out->format != NULL)
        return true;
    return oak_word_fail("format", format_words(arena, out->of), value, err);
}

static bool take(struct oak_arena *arena, struct oak_command_line *out, int id, const char *value, struct oak_error *err)
{
    struct oak_options *const o = &out->options;
    int word = 0;
    bool is_word;
    switch (id) {
    case OPT_FILE:
        *oak_push(arena, &out->files) = value;
        return true;
    case OPT_RECURSIVE:
        out->is_recursive = true;
        return true;
    case OPT_KUSTOMIZE:
        *oak_push(arena, &out->kustomizations) = value;
        return true;
    case OPT_PROFILE:
        out->has_profile = true;
        is_word = oak_word_take("profile", profiles, value, &word, err);
        o->profile = (enum oak_profile)word;
        return is_word;
    case OPT_FIX:
        is_word = oak_word_take("fix", fixes, value, &word, err);
        o->fix = (enum oak_fix)word;
        return is_word;
    case OPT_FORCE:
        return add_ids(arena, value, &o->force, &o->force_count) || fail_empty("force", err);
    case OPT_SELECT:
        return add_ids(arena, value, &o->select, &o->select_count) || fail_empty("select", err);
    case OPT_ALSO:
        return add_ids(arena, value, &o->also, &o->also_count) || fail_empty("also", err);
    case OPT_IGNORE:
        return add_ids(arena, value, &o->ignore, &o->ignore_count) || fail_empty("ignore", err);
    case OPT_RUNTIME_CLASS:
        return parse_runtime_class(value, &o->runtime_class, err);
    case OPT_ENFORCE:
        o->enforce = oak_str_from(value);
        return oak_word_take("enforce", levels, value, &word, err);
    case OPT_KUBE_VERSION:
        return parse_version(value, &o->kube_minor, err);
    case OPT_GUESS:
        o->guesses = true;
        return true;
    case OPT_PATCHES:
        out->patches_folder = value;
        return true;
    case OPT_FORMAT:
        return take_format(arena, value, out, err);
    case OPT_JOBS:
        return (parse_number(value, 256, &out->jobs) && out->jobs > 0) ||
               usage(err, "--jobs is a number from 1 to 256, not", value);
    default:
        return take_rest(arena, out, id, value, err);
    }
}

static void make_getopt(struct option *longs, unsigned of)
{
    size_t count = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (table[i].id != OPT_GROUP)
            longs[count++] = (struct option){ table[i].name, table[i].argument != NULL ? required_argument : no_argument, NULL,
                                          table[i].id };
    if (has_kube_options(of))
        oak_kube_options_getopt(longs + count);
}

/* -o says the same as --format where both have a word for it. */
static bool check_output(struct oak_command_line *out, struct oak_error *err)
{
    const struct oak_format *const format = out->kube.output != NULL ? oak_format_find(oak_str_from(out->kube.output)) : NULL;
    if (format != NULL)
        out->format = format;
    return out->kube.add_change == NULL || out->format->add_file == NULL ||
           usage(err, "--format does not go with -o", out->kube.output);
}

static bool fail_unknown_option(const char *given, unsigned of, struct oak_error *err)
{
    oak_str name = oak_str_from(given), rest;
    oak_str_cut(name, '=', &name, &rest);
    if (!has_kube_options(of) && oak_kube_option_is(name))
        return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "%.*s is an option of 'kubectl oakum' with check, diff and fix",
                        (int)name.len, name.ptr);
    if (!oak_str_starts(name, OAK_STR("--")))
        return usage(err, "unknown option", given);
    struct oak_nearest nearest = { .wanted = { name.ptr + 2, name.len - 2 } };
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (is_wanted(i, of))
            oak_nearest_try(&nearest, oak_str_from(table[i].name));
    if (has_kube_options(of))
        oak_kube_option_nearest(&nearest);
    if (nearest.found.len == 0)
        return usage(err, "unknown option", given);
    return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "unknown option '%.*s': did you mean '--%s'?", (int)name.len,
                    name.ptr, nearest.found.ptr);
}

/* getopt names a letter that it does not know, and the id of an option that takes no value but got one; else it has just passed
 * what it does not know. */
static bool fail_option(struct oak_arena *arena, const char *passed, unsigned of, struct oak_error *err)
{
    for (size_t i = 0; i < OPTION_COUNT && optopt != 0; i++)
        if (table[i].id == optopt)
            return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "--%s takes no value", table[i].name);
    if (optopt > 0 && optopt < 256)
        return fail_unknown_option(oak_arena_printf(arena, "-%c", optopt).ptr, of, err);
    return fail_unknown_option(passed, of, err);
}

static bool check_owner(int id, unsigned of, struct oak_error *err)
{
    static const char *const owners[] = { "check", "fix", "commit", "pr", "ignore", "migrate-psp" };
    size_t i = 0, owner = 0;
    while (table[i].id != id)
        i++;
    if ((table[i].of & of) != 0)
        return true;
    while ((table[i].of & 1U << owner) == 0)
        owner++;
    return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "--%s is an option of 'oakum %s', not of this command", table[i].name,
                    owners[owner]);
}

/* pflag takes -n=shop for -n shop, and so do people. */
static const char *value_of(const char *given, const char *value)
{
    const bool is_attached = value != NULL && given[0] == '-' && given[1] != '-' && value > given &&
                             value <= given + strlen(given);
    return is_attached && *value == '=' ? value + 1 : value;
}

static bool take_any(struct oak_arena *arena, unsigned of, struct oak_command_line *out, int id, const char *value,
                     struct oak_error *err)
{
    if (id >= OAK_OPT_KUBE)
        return oak_kube_option_take(arena, &out->kube, id, value, err);
    return check_owner(id, of, err) && take(arena, out, id, value, err);
}

bool oak_command_line_parse(struct oak_arena *arena, int argc, char **argv, unsigned of, struct oak_command_line *out,
                            struct oak_error *err)
{
    struct option longs[OPTION_COUNT + OAK_MAX_KUBE_OPTIONS + 1] = { { 0 } };
    const bool has_kube = has_kube_options(of);
    make_getopt(longs, of);
    *out = (struct oak_command_line){ .options = { .profile = OAK_RESTRICTED }, .format = oak_format_find(OAK_STR("text")),
                                      .of = of, .program = of & OAK_OF_PLUGIN ? "kubectl oakum" : "oakum" };
    opterr = 0;
    optind = 1;
    int id;
    const oak_str letters = oak_arena_printf(arena, ":f:k:Rhij:qv%s", has_kube ? oak_kube_short_options : "");
    while ((id = getopt_long(argc, argv, letters.ptr, longs, NULL)) != -1) {
        if (id == ':')
            return usage(err, "a value is missing behind", argv[optind - 1]);
        if (id == '?')
            return fail_option(arena, argv[optind - 1], of, err);
        if (!take_any(arena, of, out, has_kube ? oak_kube_option_id(id) : id,
                      has_kube ? value_of(argv[optind - 1], optarg) : optarg, err))
            return false;
    }
    for (int i = optind; i < argc; i++)
        *oak_push(arena, &out->paths) = argv[i];
    if (out->no_config && out->config_path != NULL)
        return usage(err, "--no-config does not go with --config", out->config_path);
    if (out->wants_statistics && out->format->add_file != NULL)
        return usage(err, "--statistics goes with --format text, not", out->format->name);
    if (out->loudness == OAK_VERBOSE && out->format->add_summary != NULL) /* a file's name could be a command of its log */
        return usage(err, "--verbose does not go with --format", out->format->name);
    if ((of & FILES) == 0 && out->format->add_page != NULL)
        return usage(err, "--format is text or json for this command, not", out->format->name);
    return check_output(out, err);
}

bool oak_command_line_is_json(const struct oak_command_line *line)
{
    return line->format->add_file == oak_json_line;
}
