/* Where containers live in which kind. Has no opinion about them.
 *
 * Targets are enumerated logically: a container that an alias repeats is two targets at one node. Their order is that
 * of the document, so that two indexes of the same shape give targets that correspond by number. */
#ifndef OAKUM_KUBE_H
#define OAKUM_KUBE_H

#include <oakum/yaml.h>

struct oak_kind {
    oak_str group; /* API group; empty: core */
    oak_str kind;
    struct oak_path pod;      /* from the object to its PodSpec */
    struct oak_path template; /* from the object to what holds the pod's metadata and spec */
};

struct oak_kinds {
    struct oak_kind *items;
    size_t count;
};

/* Reads a table as kinds.csv has it. The built-in one is oak_kinds_builtin (src/kube/kinds.csv; k8s.io/api). */
OAK_MUST_CHECK bool oak_kinds_load(struct oak_arena *arena, oak_str csv, struct oak_kinds *out, struct oak_error *err);
extern const oak_str oak_kinds_builtin;

/* Which pods an object of a kind leads to (src/kube/objects.csv). */
enum oak_pods {
    OAK_PODS_UNKNOWN,  /* nobody told us: a controller may make any of it */
    OAK_PODS_NONE,
    OAK_PODS_WRITTEN,  /* only those that stand in it */
    OAK_PODS_ELSEWHERE /* it deploys something that is not written in it, in any namespace */
};
struct oak_object_row {
    oak_str group, kind; /* `*`: any */
    enum oak_pods pods;
};
struct oak_objects {
    struct oak_object_row *items;
    size_t count, capacity;
};
OAK_MUST_CHECK bool oak_objects_load(struct oak_arena *arena, oak_str csv, struct oak_objects *out, struct oak_error *err);
enum oak_pods oak_objects_find(const struct oak_objects *objects, oak_str group, oak_str kind);
extern const oak_str oak_objects_builtin;

enum oak_target_kind { OAK_OBJECT, OAK_POD, OAK_CONTAINER, OAK_VOLUME, OAK_MOUNT, OAK_TARGET_KINDS };

struct oak_target {
    enum oak_target_kind kind;
    uint32_t node; /* the target itself, aliases followed */

    /* The scopes of a path: 0 where there is none. */
    uint32_t object, template, pod, container;
    uint32_t volume; /* of a mount: the volume that it names */

    oak_str group, object_kind, object_name, namespace; /* for people, and for patches that want one kind */
    oak_str name;      /* of the container, volume or mount path */
    const char *word;  /* "container", "init container", "ephemeral container", "volume", "mount" … */
    oak_str container_name;
    uint32_t pod_number; /* number, in the list, of the pod target that holds it */
    oak_route route;   /* from the document's root to the target */
};
typedef OAK_LIST(struct oak_target) oak_targets;

/* A list of lists by way of aliases can be endless: the search stops somewhat above this number. */
enum { OAK_MAX_TARGETS = 100000 };
oak_targets oak_targets_find(struct oak_arena *arena, const struct oak_index *index, const struct oak_kinds *kinds);

/* Is the target of this kind, written group/Kind, or Kind for the core group? */
bool oak_target_is(const struct oak_target *target, oak_str kind);

/* The key of a PodSpec before which people put new keys: its first list of containers. Empty if there is none. */
oak_str oak_pod_before(const struct oak_index *index, uint32_t pod);

/* A sorted set of kinds. */
struct oak_names {
    oak_str *items;
    size_t count;
};
void oak_names_sort(struct oak_names *names);

/* May this document be, or hold, an object of one of these kinds? Looks at bytes only. A wrong yes costs time; there
 * is no wrong no. */
bool oak_document_matters(oak_str text, oak_span document, const struct oak_names *kinds);

#endif
