/* From policies to namespace labels: the level that each policy corresponds to, what keeps it from the next one, where it
 * applies, what it set and who needs that now, and the labels of the namespaces. Which kind is a policy, which fields
 * count and which labels are written is said by patches (patches/migrate/), never here.
 *
 * Facts stand in several files, so all documents that matter are kept: oak_migration_add for each file, then
 * oak_migration_finish, then read. Everything lives in the arena of the migration. */
#ifndef OAK_ENGINE_MIGRATE_H
#define OAK_ENGINE_MIGRATE_H

#include "kube/rbac.h"

#include <oakum/engine.h>
#include <oakum/source.h>

/* How rules with a `choice` are read: STRICT takes them, LENIENT leaves them out. */
enum oak_mapping { OAK_MAPPING_STRICT, OAK_MAPPING_LENIENT, OAK_MAPPINGS };
const char *oak_mapping_name(enum oak_mapping mapping);

struct oak_migration_options {
    enum oak_mapping mapping;
    bool has_enforce;    /* the enforce label, too */
    unsigned kube_minor; /* 0: the newest rules, labels of version latest */
};

struct oak_migration_file {
    oak_str path, text;
    struct oak_source source; /* its lines */
    bool has_namespace;
};

/* What can't be used, and why: a template, a key that stands twice, no YAML. */
struct oak_refusal {
    size_t file;
    struct oak_error error;
    bool is_minor; /* can't hold a policy, a namespace or a role that grants one: counted, not told */
};

/* A pod whose containers lack what a policy set. */
struct oak_need {
    struct oak_object object; /* the workload */
    OAK_LIST(oak_str) containers; /* empty: the pod itself */
};

struct oak_policy_default {
    const struct oak_finding *finding; /* where the policy says it, the first place of several */
    struct oak_value *value; /* what it set, at rule->fills->fields.items[0]; of APPEND: the list of all items */
    OAK_LIST(struct oak_need) needs;
};

struct oak_labelled {
    oak_str key, value;
};
typedef OAK_LIST(struct oak_labelled) oak_labels;

struct oak_policy {
    struct oak_object object;
    oak_findings findings;             /* of all rules, in order of their place */
    enum oak_profile levels[OAK_MAPPINGS]; /* NONE: privileged */
    OAK_LIST(struct oak_policy_default) defaults;
    oak_grants grants;
    oak_labels labels; /* of a namespace in which it alone applies */
};

/* A namespace in which at least one policy applies. */
struct oak_policed_namespace {
    oak_str name;      /* empty: the one that the manifests are applied to */
    bool is_rest;      /* all that are not named */
    enum oak_profile level;
    OAK_LIST(const struct oak_policy *) policies; /* those that decide the level */
    oak_objects objects; /* the Namespaces of this name among the files */
    oak_labels labels;
};

/* For the engine: a workload, and the targets of its document. */
struct oak_kept_pod {
    struct oak_object object;
    const oak_targets *targets;
};

struct oak_migration {
    struct oak_arena *arena;
    const struct oak_patches *patches;
    struct oak_migration_options options;
    struct oak_options everything;
    struct oak_run run; /* over the policies */
    OAK_LIST(struct oak_migration_file) files;
    OAK_LIST(struct oak_refusal) refusals;
    OAK_LIST(struct oak_policy *) policies; /* by name */
    OAK_LIST(struct oak_policed_namespace) namespaces; /* by name, the rest last */

    /* for the engine */
    struct oak_names wanted, subjects; /* kinds: all, and those that rules are about */
    oak_objects rbac, spaces;
    OAK_LIST(struct oak_kept_pod) pods;
    struct oak_options label_options;
    struct oak_patches label_patches;
    struct oak_run label_run;
};

/* `patches` are those of oak_patches_add_migrations; they must live as long. */
OAK_MUST_CHECK bool oak_migration_init(struct oak_arena *arena, const struct oak_patches *patches,
                                       const struct oak_migration_options *options, struct oak_migration *out,
                                       struct oak_error *err);

/* May the file hold anything that this is about? */
bool oak_migration_matters(struct oak_arena *scratch, const struct oak_migration *m, oak_str text);
/* `path` and `text` must live as long as the arena. */
void oak_migration_add(struct oak_migration *m, oak_str path, oak_str text);
OAK_MUST_CHECK bool oak_migration_finish(struct oak_migration *m, struct oak_error *err);

/* The labels of the namespaces of one file: what `oak_pass` would do. */
void oak_migration_label(struct oak_arena *arena, const struct oak_migration *m, size_t file, struct oak_result *out);

/* Does the rule keep policies from a level, under this mapping? */
bool oak_rule_counts(const struct oak_rule *rule, enum oak_mapping mapping);
/* Does the grant say where pods run that the policy judges? Not if it is about a person. */
bool oak_grant_counts(const struct oak_grant *grant);
bool oak_grant_covers(const struct oak_grant *grant, oak_str namespace);

/* ---- within the engine ---- */

void oak_migration_find_defaults(struct oak_migration *m, struct oak_policy *policy);
OAK_MUST_CHECK bool oak_migration_find_namespaces(struct oak_migration *m, struct oak_error *err);

#endif
