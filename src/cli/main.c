/* The command table, one look-up, one call. */
#include "cli/commit_command.h"
#include "cli/complete.h"
#include "cli/explain.h"
#include "cli/fn.h"
#include "cli/ignore.h"
#include "cli/interactive.h"
#include "cli/kustomize.h"
#include "cli/manual.h"
#include "cli/migrate.h"
#include "cli/pr.h"
#include "cli/program.h"
#include "cli/signals.h"
#include "cli/stdout.h"

#include "files/files.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef OAKUM_VERSION
#define OAKUM_VERSION "unknown"
#endif

struct context {
    struct oak_arena arena;
    struct oak_patches patches;
    struct oak_command_line line;
    struct oak_config_file config;
    struct oak_terminal terminal;
    const struct command *command;
    bool is_plugin;      /* of kubectl */
    const char *program; /* oakum, or kubectl oakum */
    char **words; /* behind the command */
    size_t word_count;
};

/* Beside the options of a command. */
static unsigned plugin_bit(const struct context *c)
{
    return c->is_plugin ? OAK_OF_PLUGIN : 0;
}

static int fail(const struct context *c, const char *subject, const char *text)
{
    oak_program_say(c->program, subject, text);
    return OAK_EXIT_FAILED;
}

static int print(const struct context *c, const struct oak_buf *buf)
{
    struct oak_stdout answer = { .is_lost = false };
    oak_stdout_print(&answer, oak_buf_str(buf));
    oak_stdout_flush(&answer);
    return oak_stdout_close(&answer, c->program) ? OAK_EXIT_CLEAN : OAK_EXIT_FAILED;
}

/* ---- patches ---- */

static int fail_in_patch(struct context *c, const char *path, oak_str text, const struct oak_error *err)
{
    struct oak_buf out;
    oak_buf_init(&out, &c->arena);
    out.look = c->terminal.err;
    oak_text_error(&out, oak_str_from(path), text, err);
    fwrite(out.ptr, 1, out.len, stderr);
    return OAK_EXIT_FAILED;
}

static int fail_in_run(struct context *c, bool in_config, const struct oak_error *err)
{
    return in_config ? fail_in_patch(c, c->config.path, c->config.text, err) : fail(c, "", err->text);
}

/* patches/migrate/ is a library of its own. */
static bool skip_migrations(void *context, const char *path, bool is_dir)
{
    (void)context;
    return is_dir && oak_str_ends(oak_str_from(path), OAK_STR("/migrate"));
}

static int read_patches_of(struct context *c, struct oak_patches *patches, const char *folder, bool wants_evidence)
{
    struct oak_walk walk;
    struct oak_error err;
    const char *path;
    int status = OAK_EXIT_CLEAN;
    if (!oak_walk_init(&walk, folder, (oak_walk_filter){ skip_migrations, NULL }, &err))
        return fail(c, folder, err.text);
    enum oak_walk_result found;
    while (status == OAK_EXIT_CLEAN && (found = oak_walk_next(&walk, &path, &err)) != OAK_WALK_END) {
        struct oak_file_stamp stamp;
        oak_str text = { "", 0 };
        const oak_str file = oak_arena_str(&c->arena, oak_str_from(path));
        if (found == OAK_WALK_FILE && oak_patches_is_evidence(file) != wants_evidence)
            continue;
        if (found == OAK_WALK_ERROR || !oak_file_read(&c->arena, path, OAK_MAX_FILE, &text, &stamp, &err) ||
            !oak_patches_add(&c->arena, patches, file, text, &err))
            status = fail_in_patch(c, path, text, &err);
    }
    oak_walk_free(&walk);
    return status;
}

/* Evidence first: patches name it. */
static int add_patches_of(struct context *c, struct oak_patches *patches, const char *folder)
{
    struct oak_error err;
    const char *real;
    if (oak_path_kind(&c->arena, folder, &real, &err) == OAK_PATH_ERROR)
        return fail(c, folder, err.text);
    const int status = read_patches_of(c, patches, folder, true);
    return status == OAK_EXIT_CLEAN ? read_patches_of(c, patches, folder, false) : status;
}

static int load_config(struct context *c)
{
    struct oak_error err;
    if (!oak_config_file_read(&c->arena, &c->line, &c->config, &err))
        return fail_in_run(c, c->config.path != NULL, &err);
    oak_config_file_apply(&c->arena, &c->config, &c->line);
    return OAK_EXIT_CLEAN;
}

static int load_patches(struct context *c)
{
    struct oak_error err;
    if (!oak_patches_add_builtin(&c->arena, &c->patches, &err))
        return fail(c, "built-in patches", err.text);
    return c->line.patches_folder != NULL ? add_patches_of(c, &c->patches, c->line.patches_folder) : OAK_EXIT_CLEAN;
}

static int load(struct context *c)
{
    const int status = load_config(c);
    return status == OAK_EXIT_CLEAN ? load_patches(c) : status;
}

/* The patches that a run in this folder would have: the arguments are no paths. */
static int load_library(struct context *c)
{
    const size_t count = c->line.paths.count;
    c->line.paths.count = 0;
    const int status = load(c);
    c->line.paths.count = count;
    return status;
}

/* ---- commands ---- */

static oak_day today(void)
{
    const time_t now = time(NULL);
    struct tm day;
    if (gmtime_r(&now, &day) == NULL)
        return 0;
    return (oak_day)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
}

enum { OLDEST = 19 }; /* the official tests of the Pod Security Standards begin with 1.19 */

/* Rules are picked by version; of one that nobody knows yet, or knows no more, that would look like knowledge. */
static void tell_version(const struct context *c)
{
    const unsigned minor = c->line.options.kube_minor;
    unsigned newest = 0;
    for (size_t i = 0; i < c->patches.items.count; i++)
        for (size_t k = 0; k < c->patches.items.items[i]->rules.count; k++) {
            const struct oak_rule *const rule = &c->patches.items.items[i]->rules.items[k];
            newest = rule->since > newest ? rule->since : newest;
        }
    if (minor > newest)
        fprintf(stderr, "%s: version 1.%u is not known yet: the newest rules are those of 1.%u\n", c->program, minor, newest);
    else if (minor > 0 && minor < OLDEST)
        fprintf(stderr, "%s: version 1.%u is older than the rules (1.%d): what they say of fields that came later is left out\n",
                c->program, minor, OLDEST);
}

/* What has been loaded becomes a run, perhaps one without a rule. On failure `in_config` tells whether the configuration is to
 * blame. */
static bool start_run(struct context *c, struct oak_run *run, bool *in_config, struct oak_error *err)
{
    *in_config = !oak_config_file_check(&c->config, &c->patches, err);
    if (*in_config)
        return false;
    tell_version(c);
    if (c->line.options.today == 0)
        c->line.options.today = today();
    const bool is_made = oak_run_init(&c->arena, &c->patches, &c->line.options, run, err);
    *in_config = !is_made && err->kind == OAK_PATCH;
    return is_made;
}

/* One that looks for something. */
static bool make_run(struct context *c, struct oak_run *run, bool *in_config, struct oak_error *err)
{
    return start_run(c, run, in_config, err) && oak_run_check(run, err);
}

static int begin(struct context *c, struct oak_run *run, bool (*make)(struct context *, struct oak_run *, bool *, struct oak_error *))
{
    struct oak_error err;
    bool in_config;
    return make(c, run, &in_config, &err) ? OAK_EXIT_CLEAN : fail_in_run(c, in_config, &err);
}

/* Configuration, patches and options become a run. */
static int prepare(struct context *c, struct oak_run *run)
{
    const int status = load(c);
    c->line.options.wants_standings = c->line.format->wants_standings;
    c->line.options.wants_fixes = c->line.format->wants_fixes;
    return status == OAK_EXIT_CLEAN ? begin(c, run, make_run) : status;
}

/* Words of `kubectl oakum` may be objects of a cluster: these are read once everything else is known to be right. */
static int find_inputs(struct context *c, enum oak_command_view view, struct oak_live *live)
{
    struct oak_error err;
    struct oak_buf talk;
    oak_buf_init(&talk, &c->arena);
    if (c->line.kube.add_change != NULL && view != OAK_VIEW_DIFF)
        return fail(c, c->command->name, oak_arena_printf(&c->arena, "-o %s is for 'oakum diff'", c->line.kube.output).ptr);
    if (plugin_bit(c) != 0 && !oak_live_decide(&c->line, &live->is_live, &err))
        return fail(c, c->command->name, err.text);
    if (live->is_live && view == OAK_VIEW_FIX)
        return fail(c, "fix", "an object of a cluster is not rewritten: fix the manifest that it comes from, or print with 'oakum diff "
                    "TYPE/NAME -o patch' what 'kubectl patch' takes");
    const bool ok = oak_kustomize_files(&c->arena, &c->line, &talk);
    if (talk.len > 0)
        fwrite(talk.ptr, 1, talk.len, stderr);
    if (ok && !live->is_live && c->line.kube.passed.count > 0)
        fprintf(stderr, "note: %s is about a cluster: files are taken as they are\n", c->line.kube.passed.items[0]);
    return ok ? OAK_EXIT_CLEAN : OAK_EXIT_FAILED;
}

static int run_files(struct context *c, enum oak_command_view view)
{
    struct oak_run run;
    struct oak_live live = { .is_live = false };
    struct oak_error err;
    int status = find_inputs(c, view, &live);
    if (status == OAK_EXIT_CLEAN)
        status = prepare(c, &run);
    if (status != OAK_EXIT_CLEAN)
        return status;
    if (live.is_live && !oak_live_read(&c->arena, &c->line, &live, &err))
        return fail(c, "", err.text);
    const char *const obstacle = c->line.is_interactive ? oak_dialogue_obstacle(&c->line, &run) : NULL;
    if (obstacle != NULL)
        return fail(c, "fix", obstacle);
    const struct oak_command command = { .line = &c->line, .config = &c->config, .view = view, .terminal = &c->terminal,
                                         .live = live.is_live ? &live : NULL };
    return oak_run_files(&c->arena, &run, &command);
}

static int run_check(struct context *c)
{
    return run_files(c, OAK_VIEW_CHECK);
}

static int run_diff(struct context *c)
{
    return run_files(c, OAK_VIEW_DIFF);
}

static int run_fix(struct context *c)
{
    if (c->line.paths.count + c->line.files.count + c->line.kustomizations.count == 0)
        return fail(c, "", "fix: which files? 'oakum fix .' rewrites all manifests below this folder");
    return run_files(c, OAK_VIEW_FIX);
}

/* The configuration is that of each base, unless one is named. */
static int run_with_git(struct context *c, int (*deliver)(struct oak_arena *arena, const struct oak_commit_command *command))
{
    struct oak_run run;
    const struct oak_commit_command command = { .patches = &c->patches, .line = &c->line, .config = &c->config,
                                                .version = OAKUM_VERSION, .terminal = &c->terminal };
    if (c->line.git.branch == NULL)
        return fail(c, c->command->name,
                    oak_arena_printf(&c->arena, "which branch? 'oakum %s --branch oakum/harden' makes it on HEAD",
                                     c->command->name).ptr);
    if (c->line.files.count > 0)
        return fail(c, c->command->name, "paths start at the root of the repository, without -f");
    int status = c->line.config_path != NULL ? load(c) : load_patches(c);
    /* Options that are wrong by themselves are told before a repository is opened. */
    if (status == OAK_EXIT_CLEAN)
        status = begin(c, &run, start_run);
    return status == OAK_EXIT_CLEAN ? deliver(&c->arena, &command) : status;
}

static int run_commit(struct context *c)
{
    return run_with_git(c, oak_run_commit);
}

static int run_pr(struct context *c)
{
    return run_with_git(c, oak_run_pr);
}

static int run_fn(struct context *c)
{
    struct oak_fn fn = { .is_check = false };
    struct oak_run run;
    struct oak_error err;
    bool has_list, in_config = true;
    if (c->line.paths.count > 0)
        return fail(c, "fn", "reads a ResourceList from standard input, and takes no paths");
    const bool is_read = oak_fn_read(&c->arena, &fn, &c->config, &has_list, &err);
    if (!has_list)
        return fail_in_patch(c, "<stdin>", fn.text, &err);
    if (is_read) {
        oak_config_file_apply(&c->arena, &c->config, &c->line);
        if (load_patches(c) != OAK_EXIT_CLEAN)
            return oak_fn_fail(&c->arena, &fn, OAK_STR("the patches cannot be loaded"));
        if (make_run(c, &run, &in_config, &err))
            return oak_fn_run(&c->arena, &run, &fn);
    }
    fail_in_run(c, in_config, &err);
    return oak_fn_fail(&c->arena, &fn, oak_str_from(err.text));
}

static int run_ignore(struct context *c)
{
    struct oak_run run;
    struct oak_ignore_order order = { .what = { .until = c->line.until } };
    if (c->line.paths.count != 2)
        return fail(c, "", "ignore: 'oakum ignore ID FILE:LINE --reason TEXT' exempts what stands there");
    if (c->line.reason == NULL)
        return fail(c, "", "ignore: an exemption needs a reason: --reason TEXT");
    const char *const place = c->line.paths.items[1];
    order.what.id = oak_str_from(c->line.paths.items[0]);
    order.what.reason = oak_str_trim(oak_str_from(c->line.reason));
    if (!oak_place_parse(oak_str_from(place), &order.path, &order.what.line))
        return fail(c, place, "FILE:LINE is expected, as 'oakum check' prints it");
    c->line.paths.count = 0;
    *oak_push(&c->arena, &c->line.paths) = oak_arena_cstr(&c->arena, order.path);
    const int status = prepare(c, &run);
    return status != OAK_EXIT_CLEAN ? status : oak_ignore_command(&c->arena, &run, &c->config, &order);
}

static int load_migrations(struct context *c, struct oak_patches *migrations)
{
    struct oak_error err;
    const char *real;
    if (!oak_patches_add_migrations(&c->arena, migrations, &err))
        return fail(c, "built-in patches", err.text);
    if (c->line.patches_folder == NULL)
        return OAK_EXIT_CLEAN;
    const oak_str folder = oak_arena_printf(&c->arena, "%s/migrate", c->line.patches_folder);
    const char *const path = oak_arena_cstr(&c->arena, folder);
    if (oak_path_kind(&c->arena, path, &real, &err) != OAK_PATH_FOLDER)
        return fail(c, path, err.text);
    return add_patches_of(c, migrations, path);
}

static int run_migrate_psp(struct context *c)
{
    struct oak_patches migrations;
    oak_patches_init(&migrations);
    const int status = load_migrations(c, &migrations);
    if (status != OAK_EXIT_CLEAN)
        return status;
    if (c->line.is_writing && c->line.paths.count + c->line.files.count == 0)
        return fail(c, "", "migrate-psp --write: which files? 'oakum migrate-psp --write .' labels all namespaces below this folder");
    return oak_migrate_psp(&c->arena, &migrations, &c->line, &c->terminal);
}

static int run_patches(struct context *c)
{
    struct oak_buf out;
    if (c->line.paths.count > 0)
        return fail(c, "", "patches: lists all of them: 'oakum explain ID' is about one");
    const int status = load_library(c);
    if (status != OAK_EXIT_CLEAN)
        return status;
    oak_buf_init(&out, &c->arena);
    out.look = c->terminal.out;
    oak_text_patches(&out, &c->patches);
    return print(c, &out);
}

static int run_explain(struct context *c)
{
    struct oak_buf out;
    const int status = load_library(c);
    if (status != OAK_EXIT_CLEAN)
        return status;
    if (c->line.paths.count == 0)
        return fail(c, "", "explain: which patch? 'oakum patches' lists them");
    struct oak_error err;
    oak_buf_init(&out, &c->arena);
    out.look = c->terminal.out;
    for (size_t i = 0; i < c->line.paths.count; i++) {
        oak_str id, rest = oak_str_from(c->line.paths.items[i]);
        do {
            oak_str_cut(rest, ',', &id, &rest);
            if (!oak_explain(&c->arena, &c->patches, oak_str_trim(id), &out, &err))
                return fail(c, "", err.text);
        } while (rest.len > 0);
    }
    return print(c, &out);
}

static int run_version(struct context *c)
{
    struct oak_buf out;
    if (c->line.paths.count > 0)
        return fail(c, "", "version: takes no words");
    oak_buf_init(&out, &c->arena);
    oak_buf_add(&out, OAK_STR("oakum " OAKUM_VERSION "\n"));
    return print(c, &out);
}

static int run_completion(struct context *c)
{
    const oak_str shell = c->line.paths.count == 1 ? oak_str_from(c->line.paths.items[0]) : OAK_STR("");
    const oak_str script = oak_completion_script(shell);
    if (script.ptr == NULL)
        return fail(c, "", "completion: for which shell? 'oakum completion bash', zsh or fish");
    const struct oak_buf out = { .ptr = (char *)script.ptr, .len = script.len };
    return print(c, &out);
}

/* Nobody who presses the tab key wants to read about a broken configuration: the ids are then those of the binary. */
static int run_complete(struct context *c)
{
    struct oak_error err;
    struct oak_buf out;
    const struct command *const command = c->word_count > 1 ? oak_command_find(c->words[0]) : NULL;
    char **const copy = oak_arena_alloc(&c->arena, (c->word_count + 1) * sizeof *copy);
    memcpy(copy, c->words, c->word_count * sizeof *copy);
    /* The last option may still lack its value: what stands before it counts. */
    (void)(command != NULL && command->of != 0 &&
           oak_command_line_parse(&c->arena, (int)c->word_count - 1, copy, command->of, &c->line, &err));
    if (freopen("/dev/null", "w", stderr) == NULL || load_library(c) != OAK_EXIT_CLEAN)
        (void)load_patches(c);
    oak_buf_init(&out, &c->arena);
    oak_complete(&out, &c->patches, &(struct oak_unfinished){ c->words, c->word_count, plugin_bit(c) });
    return print(c, &out);
}

static int run_manual(struct context *c)
{
    struct oak_buf out;
    const int status = load_patches(c);
    oak_buf_init(&out, &c->arena);
    if (status != OAK_EXIT_CLEAN)
        return status;
    if (c->word_count != 1 || !oak_manual(&out, &c->patches, oak_str_from(c->words[0])))
        return fail(c, "__manual", "commands, options or patches");
    return print(c, &out);
}

const struct command oak_commands[] = {
    { "check", "[PATH…]", OAK_OF_CHECK, "what is wrong and what would be done; changes nothing", run_check },
    { "diff", "[PATH…]", OAK_OF_CHECK, "the same as a unified diff that 'git apply' accepts", run_diff },
    { "fix", "PATH…", OAK_OF_FIX, "rewrite in place, -i asks; - is stdin to stdout", run_fix },
    { "commit", "[PATH…]", OAK_OF_COMMIT, "the fixed tree as a commit on --branch; no checkout", run_commit },
    { "pr", "[PATH…]", OAK_OF_PR, "commit, push, open or update the pull request", run_pr },
    { "fn", "", OAK_OF_FN, "a KRM function; kustomize and kpt reformat", run_fn },
    { "ignore", "ID FILE:LINE", OAK_OF_IGNORE, "write an exemption, with --reason TEXT", run_ignore },
    { "migrate-psp", "[PATH…]", OAK_OF_MIGRATE, "PodSecurityPolicies to labels of namespaces", run_migrate_psp },
    { "patches", "", OAK_OF_LIBRARY, "the fixes: id, profile, tier, title", run_patches },
    { "explain", "ID…", OAK_OF_LIBRARY, "one fix: what changes, why, what may break", run_explain },
    { "completion", "SHELL", OAK_OF_VERSION, "the script that completes words in bash, zsh or fish", run_completion },
    { "version", "", OAK_OF_VERSION, "the version", run_version },
    { "__complete", "", 0, NULL, run_complete },
    { "__manual", "", 0, NULL, run_manual },
};
const size_t oak_command_count = sizeof oak_commands / sizeof *oak_commands;

/* ---- the program ---- */

static void add_command(struct oak_buf *out, const struct command *command)
{
    oak_buf_add(out, OAK_STR("  "));
    oak_help_column(out, oak_str_from(command->name), 11);
    oak_help_column(out, oak_str_from(command->arguments), 12);
    oak_text_flow(out, 27, "                           ", oak_str_from(command->help));
    oak_buf_add(out, OAK_STR("\n"));
}

/* Those of kubectl stand behind the others: what oakum does comes first. */
static void add_kube_help(struct oak_buf *out, const struct context *c, const struct command *command)
{
    if (plugin_bit(c) == 0 || (command != NULL && (command->of & (OAK_OF_CHECK | OAK_OF_FIX)) == 0))
        return;
    oak_buf_add(out, OAK_STR("\n"));
    if (command == NULL) {
        oak_buf_add(out, OAK_STR("check and diff also take objects of a cluster: 'kubectl oakum diff deployment/web'.\n"));
        return;
    }
    oak_ink_add(out, OAK_INK_BOLD, OAK_STR("Objects of a cluster (TYPE/NAME, TYPE NAME…, TYPE), with check and diff"));
    oak_buf_add(out, OAK_STR(":\n"));
    oak_kube_options_help(out);
}

static void add_help(struct oak_buf *out, const struct context *c, const struct command *command)
{
    if (command != NULL) {
        oak_buf_addf(out, "%s %s %s\n%s\n", c->program, command->name, command->arguments, command->help);
        oak_options_help(out, command->of);
        add_kube_help(out, c, command);
        return;
    }
    oak_buf_add(out, OAK_STR("oakum rewrites Kubernetes manifests so that no container takes over its host.\n\n"));
    for (size_t i = 0; i < oak_command_count; i++)
        if (oak_commands[i].help != NULL)
            add_command(out, &oak_commands[i]);
    oak_buf_addf(out, "\nThe usual options; '%s help COMMAND' lists all of a command.\n", c->program);
    oak_options_help(out, 0);
    add_kube_help(out, c, NULL);
    oak_buf_add(out, OAK_STR("\nExit status: 0 nothing left to do, 1 findings remain, 2 something could not be\n"
                             "done; commit and pr also: 3 an unsafe repository, 75 try again.\n"));
}

const struct command *oak_command_find(const char *name)
{
    for (size_t i = 0; i < oak_command_count; i++)
        if (strcmp(oak_commands[i].name, name) == 0)
            return &oak_commands[i];
    return strcmp(name, "--version") == 0 ? oak_command_find("version") : NULL;
}

static int fail_unknown_command(struct context *c, const char *name)
{
    const char *real;
    struct oak_error none;
    if (name[0] == '-' && name[1] != '\0')
        return fail(c, name, "the command comes first: 'oakum check --profile=baseline', for example");
    if (oak_path_kind(&c->arena, name, &real, &none) != OAK_PATH_ERROR)
        return fail(c, name, oak_arena_cstr(&c->arena, oak_arena_printf(&c->arena, "no such command; did you mean 'oakum check %s'?", name)));
    struct oak_nearest nearest = { .wanted = oak_str_from(name) };
    for (size_t i = 0; i < oak_command_count; i++)
        if (oak_commands[i].help != NULL)
            oak_nearest_try(&nearest, oak_str_from(oak_commands[i].name));
    if (nearest.found.len == 0)
        return fail(c, name, "no such command; 'oakum --help' lists them");
    fprintf(stderr, "%s: %s: no such command; did you mean '%s'?\n", c->program, name, nearest.found.ptr);
    return OAK_EXIT_FAILED;
}

/* Of the command, or of the program. */
static int show_help(struct context *c, FILE *to)
{
    struct oak_buf out;
    oak_buf_init(&out, &c->arena);
    out.look = to == stdout ? c->terminal.out : c->terminal.err;
    add_help(&out, c, c->command);
    if (to == stdout)
        return print(c, &out);
    fwrite(out.ptr, 1, out.len, to);
    return OAK_EXIT_FAILED;
}

static int show_help_of(struct context *c, const char *name)
{
    c->command = name != NULL ? oak_command_find(name) : NULL;
    return name != NULL && c->command == NULL ? fail_unknown_command(c, name) : show_help(c, stdout);
}

static int run_program(struct context *c, int argc, char **argv)
{
    struct oak_error err;
    oak_terminal_init(&c->terminal, OAK_COLOUR_AUTO);
    if (argc < 2)
        return show_help(c, stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return show_help_of(c, argc > 2 ? argv[2] : NULL);
    c->command = oak_command_find(argv[1]);
    if (c->command == NULL)
        return fail_unknown_command(c, argv[1]);
    c->words = argv + 2;
    c->word_count = (size_t)argc - 2;
    if (c->command->of != 0 && !oak_command_line_parse(&c->arena, argc - 1, argv + 1, c->command->of | plugin_bit(c), &c->line, &err))
        return fail(c, "", err.text);
    oak_terminal_init(&c->terminal, c->line.colour);
    return c->line.wants_help ? show_help(c, stdout) : c->command->run(c);
}

int main(int argc, char **argv)
{
    if (!oak_signals_take())
        return OAK_EXIT_FAILED;
    /* `oakum kubectl-oakum …` for those who cannot make a link of that name. */
    const bool is_told = argc > 1 && oak_program_is_plugin(argv[1]);
    argc -= is_told;
    argv += is_told;
    struct context c = { .is_plugin = oak_program_is_plugin(argc > 0 ? argv[0] : NULL) };
    c.program = c.is_plugin ? "kubectl oakum" : "oakum";
    oak_arena_init(&c.arena);
    const int status = run_program(&c, argc, argv);
    oak_arena_free(&c.arena);
    oak_signals_end();
    return status;
}
