/* What the searches for targets share: lists below a target, rows of the table, shapes. */
#ifndef OAK_KUBE_FINDER_H
#define OAK_KUBE_FINDER_H

#include <oakum/kube.h>

struct oak_finder {
    struct oak_arena *arena;
    const struct oak_index *index;
    const struct oak_kinds *kinds;
    oak_targets targets;
    size_t steps; /* taken into lists and patterns of the table */
};

/* One list of like things below a target that has been found. */
struct oak_target_list {
    oak_str key;
    enum oak_target_kind kind;
    const char *word;
    oak_str name_key;
};

/* The scalar under `key`; empty if there is none. `mapping` may be 0. */
oak_str oak_finder_scalar(const struct oak_finder *f, uint32_t mapping, oak_str key);
bool oak_finder_is_mapping(const struct oak_finder *f, uint32_t node);
/* A copy with room for `more` steps. */
oak_route oak_finder_route(struct oak_finder *f, const oak_route *route, size_t more);

/* Adds the target: a container with its mounts, a pod with what its lists hold. */
void oak_finder_add_container(struct oak_finder *f, const struct oak_target *container);
void oak_finder_add_pod(struct oak_finder *f, struct oak_target *pod);

/* The object at `node` and all that is in it. `depth` bounds objects within objects. */
void oak_finder_add_object(struct oak_finder *f, uint32_t node, oak_route route, int depth);

/* What the table says of the object's kind. */
void oak_rows_find(struct oak_finder *f, const struct oak_target *object, const struct oak_kind *kind, int depth);

/* What looks like a pod in an object of a kind that is not in the table. */
void oak_shapes_find(struct oak_finder *f, const struct oak_target *object);

#endif
