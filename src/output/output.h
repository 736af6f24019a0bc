/* The page: what people and machines read. Computes nothing; renders into a buffer that the caller prints. */
#ifndef OAK_OUTPUT_OUTPUT_H
#define OAK_OUTPUT_OUTPUT_H

#include "engine/migrate.h"

#include <oakum/engine.h>
#include <oakum/source.h>

enum oak_command_view { OAK_VIEW_CHECK, OAK_VIEW_DIFF, OAK_VIEW_FIX };
/* How much is said besides the answer. QUIET: what is left to do, and errors. */
enum oak_loudness { OAK_USUAL, OAK_QUIET, OAK_VERBOSE };

struct oak_report {
    oak_str path;
    oak_str text;                     /* before */
    const struct oak_result *result;
    enum oak_command_view view;
    const struct oak_error *io_error; /* NULL: none */
    const struct oak_verdict *verdicts; /* of the namespaces of this file */
    size_t verdict_count;
    bool is_brief;                    /* what is done or ignored is not told */
};

/* FIXED, seen from `check` and `diff`, is OPEN: nothing was written. */
enum oak_outcome oak_outcome_for(enum oak_command_view view, const struct oak_finding *finding);

/* Pieces of a message: text without control bytes; `file:line:col: `; a line with carets below the span and a note. */
void oak_text_visible(struct oak_buf *out, oak_str text);
size_t oak_text_columns(oak_str text); /* that it takes, a character each */
void oak_text_place(struct oak_buf *out, oak_str path, struct oak_position at);
void oak_text_excerpt(struct oak_buf *out, const struct oak_source *source, oak_span span, oak_str note);

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
/* The same without the names of the file. */
void oak_diff_hunks(struct oak_buf *out, oak_str text, const oak_edit_list *edits);

/* What else `diff` can show of what would change: for each object a comment with the command, and the patch that it takes, as a
 * stream of YAML; or the new text, as part of one. */
void oak_patch(struct oak_buf *out, const struct oak_report *report);
void oak_fixed(struct oak_buf *out, const struct oak_report *report);
/* Counts of what is in one namespace. */
struct oak_namespace_totals {
    oak_str name; /* empty: not said */
    size_t by_outcome[OAK_OUTCOMES];
    /* Objects with pods, by the level that they meet before and after; known ones. */
    size_t moves[OAK_HARDENED][OAK_HARDENED];
    size_t unknown; /* nobody knows */
};

/* Counts over all files. */
struct oak_totals {
    struct oak_arena *arena;
    size_t files, manifests, changed, errors, templates, unread;
    size_t by_outcome[OAK_OUTCOMES];
    bool are_objects; /* of a cluster, not files */
    size_t by_tier[OAK_TIER_MANUAL + 1][OAK_OUTCOMES];
    OAK_LIST(struct oak_namespace_totals) namespaces; /* sorted; if the run wants standings */
    size_t *by_patch; /* [patch * OAK_OUTCOMES + outcome], in the order of the run's patches */
    size_t *risks;    /* by patch: changes, made or to be made, that may stop a workload */
};
void oak_totals_init(struct oak_arena *arena, const struct oak_patches *patches, struct oak_totals *out);
void oak_totals_add(struct oak_totals *totals, const struct oak_patches *patches, const struct oak_report *report);
/* Those of one patch, by outcome. */
size_t *oak_totals_of(const struct oak_totals *totals, const struct oak_patches *patches, const struct oak_patch *patch);
size_t oak_totals_left(const struct oak_totals *totals); /* what decides between exit status 0 and 1 */
/* The closing words. VERBOSE: with a line for each patch, what may break, and notes. */
void oak_text_summary(struct oak_buf *out, const struct oak_totals *totals, const struct oak_patches *patches,
                      enum oak_command_view view, enum oak_loudness loudness);
/* Its line of counts alone, without an end. */
void oak_text_counts(struct oak_buf *out, const struct oak_totals *totals, enum oak_command_view view);
/* How many of each outcome, in a line; none if there are none. */
void oak_text_outcomes(struct oak_buf *out, const struct oak_totals *totals);
/* A table of counts: a patch a line, the most frequent first. Nothing if there are no findings. */
void oak_text_statistics(struct oak_buf *out, const struct oak_totals *totals, const struct oak_patches *patches);
/* What a fix relies on and nobody has seen: the RuntimeClass of a sandbox. */
void oak_text_unmet(struct oak_buf *out, const struct oak_run *run, const struct oak_totals *totals,
                    const struct oak_facts *facts);

/* ---- formats: what --format names ---- */

/* All files, once the last is known. */
struct oak_page {
    const struct oak_run *run;
    const struct oak_totals *totals;
    const char *version;  /* of oakum */
    const oak_str *parts; /* of the files that have any, in their order */
    size_t part_count;
    enum oak_command_view view;
};

struct oak_format {
    const char *name;
    bool wants_standings; /* where each object stands, before and after */
    /* One file; several threads at once. NULL: text, which has a part for stdout and one for stderr. */
    void (*add_file)(struct oak_buf *out, const struct oak_report *report);
    /* Around the parts of the files, which are kept until the last of them. NULL: a part is written when it is ready. */
    void (*add_page)(struct oak_buf *out, const struct oak_page *page);
    /* What goes to the summary of a job of GitHub Actions, if there is one. NULL: nothing. */
    void (*add_summary)(struct oak_buf *out, const struct oak_page *page);
};
void oak_sarif_file(struct oak_buf *out, const struct oak_report *report);
void oak_sarif_page(struct oak_buf *out, const struct oak_page *page);
void oak_github_file(struct oak_buf *out, const struct oak_report *report);
void oak_github_page(struct oak_buf *out, const struct oak_page *page);
void oak_digest_file(struct oak_buf *out, const struct oak_report *report);
void oak_digest_page(struct oak_buf *out, const struct oak_page *page);
void oak_junit_file(struct oak_buf *out, const struct oak_report *report);
void oak_junit_page(struct oak_buf *out, const struct oak_page *page);

extern const struct oak_format oak_formats[];
extern const size_t oak_format_count;
const struct oak_format *oak_format_find(oak_str name); /* NULL: there is none */

/* What became of one repository. Texts may be NULL or empty. */
struct oak_commit_report {
    oak_str name;         /* of the repository, if there are several */
    const char *result;   /* made, same, nothing, skipped; of no meaning with an error */
    const char *base, *branch, *commit, *previous, *digest, *pull_request;
    size_t commits, passed_over;
    const struct oak_totals *totals;
    const struct oak_patches *patches;
    uint64_t duration_ms;
    const struct oak_error *error; /* NULL: none */
};
void oak_text_commit(struct oak_buf *out, const struct oak_commit_report *report);
void oak_json_commit(struct oak_buf *out, const struct oak_commit_report *report);
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

/* ---- the pull request ---- */

/* A finding, kept for the page: small, and of the arena that it was added with. */
struct oak_entry {
    const struct oak_patch *patch; /* NULL: a file that could not be done; `what` says why */
    enum oak_tier tier;
    enum oak_outcome outcome;
    oak_str path, subject, what; /* what: the change, or the reason why there is none */
    size_t line;
};
typedef OAK_LIST(struct oak_entry) oak_entries;
void oak_entries_add(struct oak_arena *arena, oak_entries *places, const struct oak_report *report);

struct oak_pull_page {
    const struct oak_patches *patches;
    const struct oak_totals *totals;
    const oak_entries *entries; /* in order of their files */
    oak_str link;             /* the address of the base's files, up to the path; empty: no links */
};

/* Markdown. Nothing that stands in a manifest can become markup, mention anybody or close an issue. */
oak_str oak_pull_title(struct oak_arena *arena, const struct oak_pull_page *page);
oak_str oak_pull_body(struct oak_arena *arena, const struct oak_pull_page *page);
extern const oak_str oak_pull_farewell; /* the word with which it is closed when nothing is left */

void oak_text_patches(struct oak_buf *out, const struct oak_patches *patches);
/* `example` is what a pass over the patch's own example found; NULL: it has none. */
void oak_text_explain(struct oak_buf *out, const struct oak_patch *patch, const struct oak_report *example);

/* Words of a patch in lines of a readable length. */
void oak_text_wrapped(struct oak_buf *out, const char *indent, oak_str text);

#endif
