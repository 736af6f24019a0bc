/* The page: what people and machines read. Computes nothing; renders into a buffer that the caller prints. */
#ifndef OAK_OUTPUT_OUTPUT_H
#define OAK_OUTPUT_OUTPUT_H

#include "engine/migrate.h"

#include <oakum/engine.h>
#include <oakum/source.h>

enum oak_command_view { OAK_VIEW_CHECK, OAK_VIEW_DIFF, OAK_VIEW_FIX };

struct oak_report {
    oak_str path;
    oak_str text;                     /* before */
    const struct oak_result *result;
    enum oak_command_view view;
    const struct oak_error *io_error; /* NULL: none */
    const struct oak_verdict *verdicts; /* of the namespaces of this file */
    size_t verdict_count;
};

/* FIXED, seen from `check` and `diff`, is OPEN: nothing was written. */
enum oak_outcome oak_outcome_for(enum oak_command_view view, const struct oak_finding *finding);

/* Pieces of a message: text without control bytes; `file:line:col: `; a line with carets below the span and notes. */
void oak_text_visible(struct oak_buf *out, oak_str text);
void oak_text_place(struct oak_buf *out, oak_str path, struct oak_position at);
void oak_text_excerpt(struct oak_buf *out, const struct oak_source *source, oak_span span, oak_str notes);

void oak_text_findings(struct oak_buf *out, const struct oak_report *report);
/* What --enforce auto decided about the namespaces of the file, and why. */
void oak_text_verdicts(struct oak_buf *out, const struct oak_report *report);
void oak_text_error(struct oak_buf *out, oak_str path, oak_str text, const struct oak_error *error);
void oak_text_unread(struct oak_buf *out, const struct oak_report *report);
/* Warnings: exemptions that have expired, are not needed, or cannot be understood. */
void oak_text_notes(struct oak_buf *out, oak_str path, oak_str text, const oak_notes *notes);
void oak_json_line(struct oak_buf *out, const struct oak_report *report);

/* A unified diff that `git apply` accepts, straight from the edits. */
void oak_diff(struct oak_buf *out, const struct oak_report *report);

/* Counts over all files. */
struct oak_totals {
    size_t files, manifests, changed, errors, templates, unread;
    size_t by_outcome[OAK_OUTCOMES];
    size_t *by_patch; /* [patch * OAK_OUTCOMES + outcome], in the order of the run's patches */
};
void oak_text_summary(struct oak_buf *out, const struct oak_totals *totals, const struct oak_patches *patches,
                      enum oak_command_view view);

/* What a migration found, and what it does to the files that hold namespaces: `results` is NULL for the other files. */
struct oak_migration_report {
    const struct oak_migration *migration;
    const struct oak_result *const *results; /* by file */
    bool is_written;
};
/* What may stand at the field of a rule, in words. */
oak_str oak_rule_allows(struct oak_arena *arena, const struct oak_rule *rule);
void oak_text_migration(struct oak_buf *out, const struct oak_migration_report *report);
void oak_json_migration(struct oak_buf *out, const struct oak_migration_report *report);

void oak_text_patches(struct oak_buf *out, const struct oak_patches *patches);
/* `example` is what a pass over the patch's own example found; NULL: it has none. */
void oak_text_explain(struct oak_buf *out, const struct oak_patch *patch, const struct oak_report *example);

/* Words of a patch in lines of a readable length. */
void oak_text_wrapped(struct oak_buf *out, const char *indent, oak_str text);

#endif
