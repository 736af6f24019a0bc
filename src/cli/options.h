/* The command line: tables, from which parsing and help come. Parsing validates and stores; nothing is done. */
#ifndef OAK_CLI_OPTIONS_H
#define OAK_CLI_OPTIONS_H

#include "cli/commit.h"
#include "cli/options_kube.h"
#include "cli/words.h"
#include "engine/migrate.h"
#include "output/output.h"

#include <oakum/engine.h>
#include <oakum/forge.h>

/* What `commit` and `pr` take besides. Ids continue those of options.c. */
enum oak_git_option {
    OAK_OPT_REPO = 512, OAK_OPT_REPOS_FROM, OAK_OPT_SHARD, OAK_OPT_BASE, OAK_OPT_BRANCH, OAK_OPT_MODE, OAK_OPT_SPLIT,
    OAK_OPT_SIGN, OAK_OPT_NO_SIGN, OAK_OPT_SIGNOFF,
    OAK_OPT_REMOTE, OAK_OPT_FORGE, OAK_OPT_FORGE_URL, OAK_OPT_TOKEN_FILE, OAK_OPT_LABEL, OAK_OPT_REVIEWER, OAK_OPT_DRAFT,
    OAK_OPT_REOPEN, OAK_OPT_LOOPBACK_HTTP
};

typedef OAK_LIST(oak_str) oak_words;

struct oak_git_options {
    const char *repo;       /* NULL: the current folder */
    const char *repos_from; /* a file with a name or address of a repository in each line; - is standard input */
    unsigned shard_index, shard_count; /* count 0: all */
    const char *base, *branch;
    enum oak_commit_mode mode;
    bool has_mode;
    enum oak_commit_split split;
    enum oak_signing signing;
    bool signoff;

    /* of pr */
    const char *remote;     /* a name or an address; NULL: origin */
    enum oak_forge_kind forge;
    const char *forge_url;  /* of the repository's page, if the remote's address does not say it; NULL: it does */
    const char *token_file;
    oak_words labels, reviewers;
    bool is_draft, reopen, loopback_http;
};
OAK_MUST_CHECK bool oak_git_option_take(struct oak_arena *arena, struct oak_git_options *out, enum oak_git_option id,
                                        const char *value, struct oak_error *err);

enum oak_colour { OAK_COLOUR_AUTO, OAK_COLOUR_ALWAYS, OAK_COLOUR_NEVER };

const struct oak_word *oak_git_option_words(enum oak_git_option id); /* NULL: anything */

struct oak_command_line {
    struct oak_options options;
    const char *patches_folder; /* NULL: none */
    const char *config_path;    /* NULL: the one that is found */
    const char *reason;         /* of `ignore`; NULL: none */
    oak_day until;              /* of `ignore` */
    bool no_config, has_profile;
    unsigned jobs;              /* 0: one for each processor */
    const struct oak_format *format;
    bool exit_zero, is_recursive, wants_help;
    enum oak_colour colour;
    enum oak_loudness loudness;
    bool wants_statistics;      /* a table instead of findings */
    struct oak_migration_options migration;
    bool is_writing;            /* migrate-psp rewrites files */
    bool is_interactive;        /* fix asks */
    OAK_LIST(const char *) paths; /* in order; `-` is standard input */
    OAK_LIST(const char *) files; /* of -f: a folder needs -R */
    OAK_LIST(const char *) kustomizations; /* of -k: folders */
    struct oak_kube_options kube;
    unsigned of;                  /* whose options they are */
    const char *program;          /* as people call it: oakum, or kubectl oakum */
    struct oak_git_options git;
};

/* Whose options, in the order of check_owner()'s names. `diff` takes those of `check`; `patches` and `explain` those of the library. */
enum oak_options_of {
    OAK_OF_CHECK = 1, OAK_OF_FIX = 2, OAK_OF_COMMIT = 4, OAK_OF_PR = 8, OAK_OF_IGNORE = 16, OAK_OF_MIGRATE = 32,
    OAK_OF_LIBRARY = 64, OAK_OF_VERSION = 128,
    OAK_OF_PLUGIN = 256, /* beside those of a command: it is called as `kubectl oakum` */
    OAK_OF_FN = 512
};

/* Parses what follows the command. Fails with USAGE, also for an option of other commands. */
OAK_MUST_CHECK bool oak_command_line_parse(struct oak_arena *arena, int argc, char **argv, unsigned of,
                                           struct oak_command_line *out, struct oak_error *err);
/* The format is json: of the commands that have no other besides text. */
bool oak_command_line_is_json(const struct oak_command_line *line);
struct oak_option {
    int id;
    char letter; /* of the short form; NUL: none */
    const char *name;
    const char *argument; /* as help calls it; NULL: none */
    unsigned of;
    const char *help;
};
/* The `i`-th, in the order of the help; false behind the last. */
bool oak_option_at(size_t i, struct oak_option *out);
/* What the value of this option of such a command can be, with blanks between them; empty: anything. */
oak_str oak_option_words(struct oak_arena *arena, int id, unsigned of);
/* The options of these commands, a line each; with 0 the usual ones. */
void oak_options_help(struct oak_buf *out, unsigned of);
void oak_help_option(struct oak_buf *out, int letter, const char *name, const char *argument, const char *help);
void oak_help_column(struct oak_buf *out, oak_str text, size_t width);

#endif
