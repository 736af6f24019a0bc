/* Patches: fixes as data. patches/README.md explains the language for people who write them.
 *
 * A patch has rules; a rule says where it looks (target, field), what is allowed there, what the edit is, what belongs to
 * it, what holds it back. All strings point into the patch's text or the run arena. A loaded patch never changes and can be
 * shared by threads. */
#ifndef OAKUM_PATCH_H
#define OAKUM_PATCH_H

#include <oakum/kube.h>

enum oak_profile { OAK_PROFILE_NONE, OAK_BASELINE, OAK_RESTRICTED, OAK_HARDENED }; /* each contains the ones before */
enum oak_tier { OAK_SAFE, OAK_RISKY, OAK_TIER_HELD, OAK_TIER_MANUAL };            /* the riskier, the larger */

/* From which node a path starts; SELF is the target. */
enum oak_scope { OAK_SELF, OAK_OF_OBJECT, OAK_OF_TEMPLATE, OAK_OF_POD, OAK_OF_CONTAINER, OAK_OF_VOLUME };
enum { OAK_SCOPES = OAK_OF_VOLUME + 1 };

struct oak_field {
    enum oak_scope scope;
    struct oak_path path;
    oak_str text;  /* as written */
    bool has_name; /* a key holds {name} */
    size_t named;  /* the first step whose key does */
};

/* One value in a list of values: a literal, `absent`, `present`, a regular expression (PCRE2), or words of a command. */
struct oak_match {
    enum { OAK_MATCH_VALUE, OAK_MATCH_ABSENT, OAK_MATCH_PRESENT, OAK_MATCH_REGEX, OAK_MATCH_WORD } kind;
    const struct oak_value *value; /* of WORD: the list of words, one of which the text holds */
    uint64_t first_bytes, lengths; /* of WORD: bit i: a word begins with a byte that is i modulo 64; is i bytes long (63: or more) */
    const struct pcre2_real_code_8 *regex; /* NULL if it is a literal */
    oak_str pattern; /* of the regex, as written */
    oak_str literal; /* the bytes that it stands for, if it is nothing but that; else empty */
    bool is_start;   /* they must stand at the start */
    const struct oak_field *within; /* of a regex: its first group is a path at or below the one in this field; or NULL */
    oak_str folder;                 /* what stands there at the target that is looked at; in a loaded patch empty */
};
typedef struct {
    struct oak_match *items;
    size_t count, capacity;
    bool has_name;   /* a value holds {name} */
    bool has_within; /* one is about a path; in conditions only */
} oak_matches;

/* What may stand at a field. */
struct oak_test {
    enum {
        OAK_TEST_ALLOWED,   /* one of these, nothing else */
        OAK_TEST_FORBIDDEN, /* anything but these */
        OAK_TEST_CONTAINS,  /* a list that holds one of these items; of a mapping its entries, and perhaps more */
        OAK_TEST_AT_LEAST   /* this far or further in the order of these */
    } kind;
    oak_matches matches;
};

/* Which targets give a term the same answer: only each itself, all of a pod, all of a container. */
enum oak_reach { OAK_AT_TARGET, OAK_IN_POD, OAK_IN_CONTAINER };
enum { OAK_REACHES = OAK_IN_CONTAINER + 1 };

/* A condition: any of `groups`, in which all terms hold. A term holds if some place of its field matches. */
struct oak_term {
    struct oak_field field;
    oak_matches matches;
    bool is_negated;
    size_t number; /* in its library, the same for those that ask the same: answers are remembered by it; 0: they are not */
    enum oak_reach reach;
    bool is_about_something; /* where nothing is, or can be, as a container at a pod, it does not hold */
    uint64_t first_key;      /* oak_key_bit of the first key of its path; all bits if that is none, or hangs on the target */
};
typedef OAK_LIST(struct oak_term) oak_terms;
struct oak_condition {
    OAK_LIST(oak_terms) groups; /* none: no condition */
};

enum oak_action {
    OAK_ACT_NONE,       /* only a person can */
    OAK_ACT_SET,
    OAK_ACT_DEFAULT,    /* set, and give way to a patch that sets something else */
    OAK_ACT_REMOVE,     /* the field */
    OAK_ACT_REMOVE_ITEM, /* the list item that holds the field */
    OAK_ACT_REMOVE_TARGET, /* the target itself: a volume, mount or container */
    OAK_ACT_APPEND
};

/* A field, what may stand there, and what to do if it is something else. */
struct oak_clause {
    struct oak_field field;
    struct oak_test test;
    enum oak_action action;
    const struct oak_value *value; /* $name is an option; $1 … $9 and {name}: struct oak_holes */
};
typedef OAK_LIST(struct oak_clause) oak_clauses;

/* A condition with the words that tell a person what it means. */
struct oak_reason {
    struct oak_condition when;
    oak_str because;
};
typedef OAK_LIST(struct oak_reason) oak_reasons;

/* A reason by its name: what a manifest can show about a workload, whichever patch asks (patches/evidence.yaml). */
struct oak_evidence {
    oak_str name;
    struct oak_reason reason;
};
typedef OAK_LIST(struct oak_evidence) oak_evidence_list;

struct oak_rule {
    const struct oak_patch *patch;
    enum oak_profile profile;
    enum oak_profile level;      /* the Pod Security level that refuses a pod with this finding; NONE: no level does */
    enum oak_tier tier;
    enum oak_target_kind target;
    OAK_LIST(oak_str) kinds;     /* OBJECT only: group/Kind */
    bool inherits;               /* a container without the field has that of its pod */
    oak_clauses fields;          /* share test, action and value */
    oak_clauses companions;      /* belong to the change: all or none */
    oak_reasons needs;           /* must hold after all changes, or the server refuses the result */
    oak_reasons held;            /* evidence that the change would break the workload */
    oak_reasons doubts;          /* what to check in this workload before the change is merged */
    struct oak_condition when, unless; /* where the rule applies at all */
    unsigned since, until;       /* minor versions of Kubernetes: [since, until) */
    oak_str finding;             /* what is wrong, behind the target's name */
    oak_str expects_kind, expects_name, expects_otherwise; /* an object that should be in the run, and what to say if not */
    oak_str instead;             /* what may stand there, in words; empty: the test says it */
    oak_str choice;              /* the rule is one reading of several: what speaks for the other; empty: there is no other */
    const struct oak_rule *fills; /* what the field made targets have that lack it: target, field, edit; NULL: nothing */
    oak_str option;              /* the rule sleeps unless this option was given; empty: always awake */
    bool catches;                /* a value holds what the test caught: $1 … $9 */
};
typedef OAK_LIST(struct oak_rule) oak_rules;

struct oak_reference {
    oak_str system; /* pss, cis, kubescape, checkov … */
    oak_str id;
};

struct oak_patch {
    oak_str id, title, why, breaks;
    oak_str note; /* a remark that stands below each finding */
    oak_str example; /* a small manifest that the patch changes, or finds fault with */
    oak_str file; /* name, for messages */
    oak_str text;
    oak_rules rules;
    OAK_LIST(struct oak_reference) references;
    oak_str granted_verb; /* of RBAC: who has it on one of these resources, group/name, is under the object */
    OAK_LIST(oak_str) granted_resources;
};

struct oak_patches {
    OAK_LIST(struct oak_patch *) items; /* sorted by id */
    OAK_LIST(const struct oak_term *) terms; /* of all conditions, those that ask the same once; by number */
    oak_evidence_list evidence;
};

/* No patches; before anything is added. */
void oak_patches_init(struct oak_patches *patches);

/* Adds the patch in `text`, or replaces the one with the same id. Strict: an unknown word is an error with its place in
 * `text`. `text` must live as long as the arena. A file of evidence adds or replaces that; it comes before the patches that use it. */
OAK_MUST_CHECK bool oak_patches_add(struct oak_arena *arena, struct oak_patches *patches, oak_str file, oak_str text,
                                    struct oak_error *err);

bool oak_patches_is_evidence(oak_str file); /* by its name: evidence.yaml */

/* The library that the binary carries. */
OAK_MUST_CHECK bool oak_patches_add_builtin(struct oak_arena *arena, struct oak_patches *patches, struct oak_error *err);

/* What the binary carries besides: patches for commands that move manifests from one way of saying things to another
 * (patches/migrate/). A library of their own: no rule of it is ever applied by a run over the others. */
OAK_MUST_CHECK bool oak_patches_add_migrations(struct oak_arena *arena, struct oak_patches *patches, struct oak_error *err);

/* By its own id, or by a reference (CKV_K8S_16, C-0057, cis-1.10:5.2.2 …; case does not count); NULL if there is none. `from` is where to go on
 * looking: several patches may share a reference. */
const struct oak_patch *oak_patches_find(const struct oak_patches *patches, oak_str id, size_t *from);
/* The newest minor version for which the patch has a rule; 0: the newest of all. */
unsigned oak_patch_newest(const struct oak_patch *patch);
/* The id or reference that was probably meant; empty if none comes near. */
oak_str oak_patches_nearest(const struct oak_patches *patches, oak_str id);

const char *oak_profile_name(enum oak_profile profile);
const char *oak_tier_name(enum oak_tier tier);
const char *oak_target_kind_name(enum oak_target_kind kind);
bool oak_profile_parse(oak_str name, enum oak_profile *out);

#endif
