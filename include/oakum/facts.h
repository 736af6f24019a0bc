/* Facts across files: what one file has to tell so that another can be judged. For --enforce auto: which level of the Pod
 * Security Standards the workloads of a namespace meet.
 *
 * Facts are small: names, lines, levels. A pass gathers those of its file; oak_facts_add copies them, in the order of the
 * files; oak_facts_decide looks at all of them. Pure: the order of the files decides the order of the answers and nothing else.
 *
 * A label must never refuse what the files deploy. What can't be known therefore counts as a workload that meets no level. */
#ifndef OAKUM_FACTS_H
#define OAKUM_FACTS_H

#include <oakum/patch.h>

/* Why a level can't be enforced: a finding that stays, or something that may run pods that nobody judged. */
struct oak_obstacle {
    enum oak_profile level; /* the lowest that refuses it: BASELINE or RESTRICTED */
    oak_str subject;        /* "Deployment 'web'"; empty: the file as a whole */
    oak_str reason;         /* the id of a patch, or words */
    oak_str file;           /* filled in by oak_facts_add */
    size_t line;            /* 0: the file as a whole */
};
typedef OAK_LIST(struct oak_obstacle) oak_obstacles;

enum oak_fact_kind {
    OAK_FACT_WORKLOAD,  /* an object whose pods were judged; its obstacles are the findings that stay */
    OAK_FACT_UNSEEN,    /* something that may run pods that nobody judged; its only obstacle says what */
    OAK_FACT_NAMESPACE
};

struct oak_fact {
    enum oak_fact_kind kind;
    oak_str namespace;     /* where it goes, or a NAMESPACE's own name; empty: not said, or not known */
    bool is_everywhere;    /* UNSEEN: it may run its pods in any namespace */
    oak_obstacles obstacles;

    /* of a NAMESPACE */
    size_t line, column;
    oak_str enforced;      /* the level that it enforces already; empty: none */
    oak_str pinned;        /* what stands beside it and is not what this run would write: another version; empty: nothing */
};
typedef OAK_LIST(struct oak_fact) oak_fact_list;

enum oak_named_kind {
    OAK_NAMED_RESOURCE, /* a file, a folder with a kustomization, or something remote */
    OAK_NAMED_PATCH,    /* a file */
    OAK_NAMED_UNREAD    /* what makes or changes objects, and is in no file of manifests */
};
struct oak_named {
    enum oak_named_kind kind;
    oak_str word; /* as written; of UNREAD, what it is */
    oak_str path; /* in the form of oak_path_join */
};

/* What a kustomization does with the files that it names. */
struct oak_kustomization {
    oak_str namespace;     /* that it puts everything into; empty: none */
    OAK_LIST(oak_str) resources; /* paths, in the form of oak_path_join */
    OAK_LIST(struct oak_named) named; /* these and all others, in order; oak_facts_add forgets them */
    oak_str unseen;        /* the first word that changes or makes workloads in a way that nobody follows; empty: none */
    size_t line;           /* of that word */
};

/* Is it one by its name? */
bool oak_is_kustomization(oak_str path);
/* What it says. NULL if it is none; then `err` is filled only if it cannot be read. */
const struct oak_kustomization *oak_kustomization_read(struct oak_arena *arena, oak_str path, oak_str text,
                                                       struct oak_error *err);

struct oak_file_facts {
    oak_str path;
    oak_fact_list items;
    const struct oak_kustomization *kustomization; /* NULL: the file is none */
};

/* ---- of one file ---- */

/* The facts that a file tells by its name: a kustomization, a Helm chart. */
void oak_facts_of_name(struct oak_arena *arena, oak_str path, oak_str text, struct oak_file_facts *out);

/* A file that could not be read, judged or written: nobody knows what it holds. Forgets what is known of it. */
void oak_facts_of_failure(struct oak_arena *arena, const struct oak_error *error, struct oak_file_facts *out);

bool oak_facts_has_namespace(const struct oak_file_facts *file);

/* Without `.`, doubled slashes, and `..` where it has something to go back from. */
oak_str oak_path_join(struct oak_arena *arena, oak_str folder, oak_str path);

/* ---- of all files ---- */

struct oak_facts {
    struct oak_arena *arena;
    OAK_LIST(struct oak_file_facts) files;
    OAK_LIST(const struct oak_rule *) met; /* rules whose expected object was seen */
};

/* Copies into the arena of `facts`. */
void oak_facts_add(struct oak_facts *facts, oak_str path, const struct oak_file_facts *file);
void oak_facts_add_met(struct oak_facts *facts, const struct oak_rule *rule);
bool oak_facts_is_met(const struct oak_facts *facts, const struct oak_rule *rule);

/* ---- decisions ---- */

enum { OAK_MAX_OBSTACLES = 20 }; /* that a verdict names */

/* What a Namespace of a file gets. */
struct oak_verdict {
    size_t file;            /* number of its file */
    oak_str name;
    size_t line, column;
    enum oak_profile level; /* to enforce: BASELINE or RESTRICTED; NONE: no label */
    enum oak_profile against; /* the level that the obstacles stand against; NONE: any */
    oak_str reason;         /* why there is no label, or why the one that is there is another; empty: nothing to add */
    oak_str enforced;       /* as the file has it */
    const struct oak_obstacle **obstacles; /* what stands against the next level, or against any */
    size_t obstacle_count;  /* of those named */
    size_t more;            /* that are not */
    size_t sorted;          /* about the file, not this verdict: of its verdicts in the order of names, which one stands at this
                             * number; of equal names the last of the file stands last */
};
typedef OAK_LIST(struct oak_verdict) oak_verdicts;

/* One for each Namespace, in the order of the files. */
oak_verdicts oak_facts_decide(struct oak_arena *arena, const struct oak_facts *facts);
/* Of all verdicts of one file the last about a Namespace of this name; NULL if there is none. */
const struct oak_verdict *oak_verdict_find(const struct oak_verdict *verdicts, size_t count, oak_str name);

#endif
