/* The engine: bytes → findings, plan, new bytes, proof. Pure: no file, clock, terminal or environment.
 *
 * A run is set up once (oak_run_init) and never changes; oak_pass can then be called from any number of threads, each with
 * an arena of its own. Findings, edits and text live as long as that arena and the bytes that were passed in. */
#ifndef OAKUM_ENGINE_H
#define OAKUM_ENGINE_H

#include <oakum/config.h>
#include <oakum/facts.h>

/* ---- a run ---- */

struct oak_options {
    enum oak_profile profile;
    enum oak_fix fix;
    oak_str *select, *also, *ignore, *force; /* ids or references of patches */
    size_t select_count, also_count, ignore_count, force_count;
    oak_str runtime_class; /* empty: no sandbox */
    oak_str enforce;       /* baseline, restricted or auto; empty: no such label */
    unsigned kube_minor;   /* 0: the newest rules */
    bool guesses;          /* what looks like a pod in an unknown kind is one */
    bool wants_standings;  /* a pass says where each object stands */
    bool wants_fixes;      /* a pass says which edits belong together: `fix` of findings, `owner` of edits, `fix_count` */
    oak_day today;         /* 0: no exemption has expired */
    const struct oak_config *config; /* exemptions, classes and profiles by place; NULL: none */
    oak_str config_name;   /* of its file, for messages */
};

/* A remark that is no finding: an exemption that has expired, is not needed, or cannot be understood. */
struct oak_note {
    oak_span span;
    oak_str text;
};
typedef OAK_LIST(struct oak_note) oak_notes;
void oak_notes_sort(oak_notes *notes); /* by place */

/* What somebody said about single findings of the file at hand. A finding is known by its patch and the route of its field. */
enum oak_reply { OAK_REPLY_NONE, OAK_REPLY_YES, OAK_REPLY_FORCE /* yes, even if it is held */, OAK_REPLY_NO };
struct oak_answer {
    const struct oak_patch *patch;
    size_t document;
    oak_route route;
    enum oak_reply reply;
};
struct oak_answers {
    OAK_LIST(struct oak_answer) items; /* one for each finding at most */
    bool is_final;                     /* no to all others */
};

struct oak_active {
    const struct oak_rule *rule;
    bool is_forced;
    enum oak_target_kind at; /* the targets that it is asked about: of a rule that inherits, pods */
    uint64_t mark;           /* in the run's lookout */
};
typedef OAK_LIST(struct oak_active) oak_actives;

/* The first keys of the fields that rules are about: a bit for each (src/engine/lookout.c). */
struct oak_lookout {
    struct {
        enum oak_scope scope;
        oak_str first, second; /* second: empty if the first is all */
    } keys[63];
    size_t count;
    /* Those whose first key has this length (the last: or more); whose first key begins with this byte; of this scope. */
    uint64_t by_len[32], by_byte[256], by_scope[OAK_SCOPES];
};

struct oak_run {
    const struct oak_patches *patches;
    const struct oak_options *options;
    struct oak_kinds kinds;
    struct oak_names wanted; /* kinds that some active rule cares about */
    bool wants_pods;         /* some active rule is about pods, whatever kind holds them */
    oak_actives active;
    struct oak_lookout *lookout;
    const struct oak_exempt *exempts; /* of the configuration, one for each of its entries; NULL: has expired */
    OAK_LIST(struct oak_run) others;  /* for objects to which the configuration gives another profile or runtime class */
    oak_notes notes;  /* remarks on the configuration, with spans in its text */
    oak_str level, version;  /* what $level and $version stand for */
    oak_str enforce;         /* what $enforce stands for; empty: nothing, or another in each namespace */

    /* for --enforce auto */
    bool gathers;            /* oak_pass gathers facts */
    oak_actives observed;    /* all rules with a level, asleep or not: what they still find after the fixes lowers it; also for
                                standings */
    struct oak_objects objects;
    const struct oak_verdict *verdicts; /* on the second visit: of the namespaces of the file at hand */
    size_t verdict_count;

    const struct oak_answers *answers; /* of the file at hand; NULL: nobody was asked, and all that can be done is done */
};

/* Fails with USAGE for an id that no patch has; with PATCH, and a place in its text, for one of the configuration's.
 * `patches` and `options` must live as long as the run. */
OAK_MUST_CHECK bool oak_run_init(struct oak_arena *arena, const struct oak_patches *patches,
                                 const struct oak_options *options, struct oak_run *out, struct oak_error *err);

/* Fails with USAGE if the run looks for nothing: its answer would be good news about nothing. */
OAK_MUST_CHECK bool oak_run_check(const struct oak_run *run, struct oak_error *err);

/* Fails with USAGE for an id that no patch has, and names the one that was probably meant. */
bool oak_fail_unknown(const struct oak_patches *patches, oak_str id, struct oak_error *err);

/* ---- what a pass over one file finds ---- */

enum oak_outcome { OAK_FIXED, OAK_OPEN, OAK_HELD, OAK_MANUAL, OAK_IGNORED, OAK_REFUSED, OAK_OUTCOMES };
const char *oak_outcome_name(enum oak_outcome outcome);

/* One change of a finding, for people and machines: the logical route from the document's root. */
struct oak_wish {
    enum oak_change_op op;          /* SET (or add), REMOVE, APPEND */
    uint32_t node;                  /* as written: what is set or removed, or what gets the missing keys */
    const oak_str *missing;         /* keys to create below `node` */
    size_t missing_count;
    const struct oak_value *value;  /* NULL for REMOVE */
    bool grows;                     /* SET of a list that was not there: what others append becomes part of it */
    bool gives_way;                 /* another patch's wish for the same place wins */
    bool is_outdone;                /* it gave way */
    bool is_covered;                /* written elsewhere: at the anchor that this mapping merges */
    oak_str before;                 /* where a new key of `node` goes */
    oak_route route;
    size_t target_len;              /* steps of the route that lead to the target; 0: it is not below the target */
};
typedef OAK_LIST(struct oak_wish) oak_wishes;

struct oak_finding {
    const struct oak_rule *rule;
    struct oak_target target;
    size_t document;     /* number of the document in its file, empty ones not counted */
    oak_span span;       /* what the caret points at */
    oak_str subject;     /* "container 'web'" */
    oak_wishes wishes;   /* what the fix does, companions included */
    enum oak_outcome outcome;
    oak_str reason;      /* why it is not fixed; of one that is: what to check, or nothing */
    oak_span evidence;   /* what shows the reason; empty: nothing in particular */
    oak_route route;     /* of the field */
    uint32_t fix;        /* FIXED: the owner of its edits, alone or together with other findings; 0: none */

    /* for the engine */
    uint32_t node;       /* the field's node, 0 if it is missing */
    size_t number;       /* of its target, in the list of targets */
    bool needs_pending;
    bool hangs;          /* it is only fixed because others of its object are */
    bool has_conflict;
    bool is_left;        /* OPEN, since somebody said no: its place stays as it is */

    size_t standing;     /* number of its object's, if the run wants them */
};
typedef OAK_LIST(struct oak_finding) oak_findings;

/* A place that may hold a pod, and why nothing is known of it. Told, and no finding: it does not decide the outcome. */
struct oak_unread {
    oak_span span;
    oak_str text; /* "spec.template.spec of Widget 'x' looks like …" */
};

/* An object of the file, and the strictest level of the Pod Security Standards that its pods meet, whatever is selected, ignored
 * or exempted: BASELINE, RESTRICTED, or NONE. */
struct oak_standing {
    oak_span span;
    size_t document;
    oak_str kind, name;
    oak_str namespace;         /* of a Namespace: its own name; empty: not said */
    bool has_pods;
    bool is_known;             /* no template action stands where it decides */
    enum oak_profile before, after;
};
typedef OAK_LIST(struct oak_standing) oak_standings;

/* What one entry of the configuration's `exempt` did in one file. */
struct oak_config_use {
    bool is_matched; /* it is about this file */
    bool is_used;
};

struct oak_result {
    oak_findings findings;   /* in order of their place in the file */
    oak_edit_list edits;     /* what `fix` does; sorted, disjoint. Those of one owner belong together: alone they make a file
                              * that is right, as any others do; all together make `text` */
    uint32_t fix_count;      /* owners: 1 … fix_count */
    oak_str text;            /* the text after the edits; the input itself if there are none */
    OAK_LIST(const struct oak_rule *) met; /* rules whose expected object stands in this file */
    OAK_LIST(struct oak_unread) unread;
    struct oak_file_facts facts; /* if the run gathers them */
    oak_standings standings; /* of all objects in documents that mattered, in their order; if the run wants them */
    bool is_manifest;        /* at least one document mattered */
    size_t manifests;        /* how many did, as far as the file was read */
    oak_notes notes;         /* in order of their place */
    struct oak_config_use *uses; /* of the entries of the configuration's `exempt`; NULL if it has none */
    bool failed;             /* nothing may be written; `error` says why. Kind TEMPLATE: refused, not broken */
    struct oak_error error;
};

/* A text, and the path by which the configuration knows it: from the configuration's folder; empty: by none. */
struct oak_file {
    oak_str path, text;
};

/* Everything between bytes and proof. Always computes what `fix` would do: findings that the options apply have the
 * outcome FIXED, `text` is the proven result. On failure `text` is the input. */
void oak_pass(struct oak_arena *arena, const struct oak_run *run, oak_str text, struct oak_result *out);
void oak_pass_file(struct oak_arena *arena, const struct oak_run *run, struct oak_file file, struct oak_result *out);
/* Nothing of the file is written after all: what was FIXED is REFUSED for this reason. */
void oak_result_take_back(struct oak_result *result, oak_str reason);

/* Was every rule of the patch looked for, so that "nothing found" means something? */
bool oak_run_is_whole(const struct oak_run *run, const struct oak_patch *patch);
/* The same for an entry of the configuration's `exempt`; false if it has expired. */
bool oak_run_entry_is_whole(const struct oak_run *run, size_t entry);

/* ---- writing an exemption ---- */

struct oak_annotation {
    oak_str id, reason; /* id: several are separated by commas; reason: one line */
    oak_day until;      /* 0: for good */
    size_t line;        /* 1-based: where `check` shows the finding, or of any node above it */
};
struct oak_annotated {
    oak_str text;    /* of the whole file */
    oak_str comment; /* without indentation */
    size_t line;     /* of the comment */
};

/* Puts a comment above the outermost node that begins on the line; the finding is ignored afterwards, and nothing else has
 * changed. Fails with USAGE for words that make no exemption, with SYNTAX where no comment can stand, or nothing is found. */
OAK_MUST_CHECK bool oak_annotate(struct oak_arena *arena, const struct oak_run *run, struct oak_file file,
                                 const struct oak_annotation *what, struct oak_annotated *out, struct oak_error *err);

/* "set securityContext.privileged: false", relative to the target. */
oak_str oak_wish_print(struct oak_arena *arena, const struct oak_wish *wish);

#endif
