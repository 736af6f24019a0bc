/* All changes of one document on their way to edits: what remove.c and change.c share. */
#ifndef OAK_YAML_JOB_H
#define OAK_YAML_JOB_H

#include <oakum/yaml.h>

/* The changes by the node that they are about, in their order: for (i = of.first[node]; i != 0; i = of.next[i]) changes[i - 1]. */
struct oak_changes_of {
    uint32_t *first, *next;
};
struct oak_changes_of oak_changes_by_node(struct oak_arena *arena, const struct oak_index *index,
                                          const struct oak_change *changes, size_t count);

struct oak_job {
    struct oak_arena *arena;
    const struct oak_index *index;
    const struct oak_change *changes;
    struct oak_changes_of of;
    bool *removed; /* by node */
    bool *touched; /* collections with something to do, by node */
    oak_edit_list edits;
    uint32_t owner; /* of the edits that come */
    bool takes_break; /* the last lines of a file without final line break go: so does the break before them */
};

const struct oak_node *oak_job_at(const struct oak_job *job, uint32_t node);
void oak_job_edit(struct oak_job *job, oak_span span, oak_str text);

/* Is there nothing but spaces before the entry on its line? */
bool oak_job_owns_line(const struct oak_job *job, size_t entry);
size_t oak_after_break(oak_str text, size_t eol);
bool oak_job_ends_in_block_scalar(const struct oak_job *job, uint32_t node);
/* libfyaml 0.7.12 would take what comes behind it for its content. */
bool oak_job_ends_in_empty_block_scalar(const struct oak_job *job, uint32_t node);

/* Entries that stay; 0 if there is none. */
uint32_t oak_job_previous(const struct oak_job *job, uint32_t child);
uint32_t oak_job_next(const struct oak_job *job, uint32_t child);
uint32_t oak_job_first(const struct oak_job *job, uint32_t collection);
uint32_t oak_job_last(const struct oak_job *job, uint32_t collection);
uint32_t oak_job_named(const struct oak_job *job, uint32_t mapping, oak_str key);

/* May a collection that lost its last member go, too? An item of a list, or one that others know by its anchor, stays. */
bool oak_node_may_go(const struct oak_index *index, uint32_t node);

/* Deletes the entries of `collection` that are marked as removed. */
void oak_job_remove_entries(struct oak_job *job, const struct oak_node *collection);

#endif
