/* Who may do something, as far as the Roles and bindings among the files tell. Knows RBAC, and nothing of what is granted. */
#ifndef OAK_KUBE_RBAC_H
#define OAK_KUBE_RBAC_H

#include <oakum/kube.h>

/* An object of some file of the run. */
struct oak_object {
    size_t file; /* number */
    const struct oak_index *index;
    const struct oak_target *target;
};
typedef OAK_LIST(struct oak_object) oak_objects;

/* Kinds that say who may do what, written group/Kind. */
extern const oak_str oak_rbac_kinds[];
extern const size_t oak_rbac_kind_count;

struct oak_permission {
    oak_str verb;
    const oak_str *resources; /* group/name each: on any of them */
    size_t resource_count;
};

/* Pods of this service account (empty: of any) in this namespace (or in all) have the permission on this object (empty: on
 * any), because of this binding. */
struct oak_grant {
    oak_str object_name;
    bool is_everywhere;
    oak_str namespace; /* empty: the binding does not say */
    oak_str service_account;
    oak_str person; /* of a user or a group that is none of service accounts, bound in all namespaces: holds for pods that
                     * they create themselves; empty otherwise */
    struct oak_object binding;
};
typedef OAK_LIST(struct oak_grant) oak_grants;

oak_grants oak_rbac_grants(struct oak_arena *arena, const oak_objects *objects, const struct oak_permission *permission);

/* The service account that the pod of a target runs as. */
oak_str oak_pod_account(const struct oak_index *index, uint32_t pod);

#endif
