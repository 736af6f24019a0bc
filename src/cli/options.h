/* The command line: tables, from which parsing and help come. Parsing validates and stores; nothing is done. */
#ifndef OAK_CLI_OPTIONS_H
#define OAK_CLI_OPTIONS_H

#include "engine/migrate.h"

#include <oakum/engine.h>

struct oak_command_line {
    struct oak_options options;
    const char *patches_folder; /* NULL: none */
    const char *config_path;    /* NULL: the one that is found */
    const char *reason;         /* of `ignore`; NULL: none */
    oak_day until;              /* of `ignore` */
    bool no_config, has_profile;
    unsigned jobs;              /* 0: one for each processor */
    bool exit_zero, is_json, is_recursive;
    struct oak_migration_options migration;
    bool is_writing;            /* migrate-psp rewrites files */
    OAK_LIST(const char *) paths; /* in order; `-` is standard input */
    OAK_LIST(const char *) files; /* of -f: a folder needs -R */
};

/* Parses what follows the command. Fails with USAGE. */
OAK_MUST_CHECK bool oak_command_line_parse(struct oak_arena *arena, int argc, char **argv, struct oak_command_line *out,
                                           struct oak_error *err);
void oak_options_help(struct oak_buf *out);

#endif
