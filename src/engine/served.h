/* Objects as an API server serves them. */
#ifndef OAK_ENGINE_SERVED_H
#define OAK_ENGINE_SERVED_H

#include <oakum/kube.h>

struct oak_served {
    oak_str kind, group, name, namespace;
    oak_str owner_kind, owner_name; /* of the controller that made it; empty: a person did */
    oak_str text; /* the object, a YAML document of its own */
};
typedef OAK_LIST(struct oak_served) oak_served_list;

/* What `kubectl get -o yaml` prints, one object or a list of them, cut into objects. Each is proven to say what it said in the
 * list. Fails with SYNTAX for what is not written as kubectl writes. */
OAK_MUST_CHECK bool oak_served_read(struct oak_arena *arena, oak_str text, oak_served_list *out, struct oak_error *err);

/* The same object without what the server adds to it: status, uid, managedFields … */
OAK_MUST_CHECK bool oak_served_clean(struct oak_arena *arena, oak_str text, oak_str *out, struct oak_error *err);

#endif
