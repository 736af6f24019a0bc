/* Who inherits from whom, beyond containers and their pod: steps have what their template has; the pods of a workflow share
 * one security context; of a pod that an operator makes, the containers are not in the manifest. */
#include "engine/engine.h"

#include <string.h>

size_t oak_heir_next(const struct oak_view *view, size_t number, size_t at)
{
    const oak_targets *const all = &view->targets;
    const struct oak_target *const t = &all->items[number];
    if (t->kind != OAK_CONTAINER || t->pod_frame == NULL)
        return all->count; /* only pods of the table have containers that inherit */
    for (at++; at < all->count; at++) {
        const struct oak_frame *const frame = all->items[at].container_frame;
        if (all->items[at].kind == OAK_CONTAINER && frame != NULL && frame->outer == t->node)
            break;
    }
    return at;
}

static bool share_context(const struct oak_frame *a, const struct oak_frame *b)
{
    return a != NULL && b != NULL && a->context != 0 && a->context == b->context &&
           oak_str_eq(a->context_key, b->context_key);
}

size_t oak_sharer_next(const struct oak_view *view, size_t pod, size_t at)
{
    const oak_targets *const all = &view->targets;
    const struct oak_frame *const frame = all->items[pod].pod_frame;
    if (frame == NULL)
        return all->count;
    for (; at < all->count; at++) {
        const struct oak_target *const t = &all->items[at];
        if (t->kind == OAK_CONTAINER && t->pod_number != pod && share_context(frame, t->pod_frame))
            break;
    }
    return at;
}

/* A Deployment without containers is a patch of one; an operator adds its own. Kubernetes' own groups for pods have no dot. */
static bool is_custom(const struct oak_target *t)
{
    return memchr(t->group.ptr, '.', t->group.len) != NULL;
}

bool oak_pod_is_heir(const struct oak_view *view, size_t pod)
{
    const oak_targets *const all = &view->targets;
    const struct oak_target *const p = &all->items[pod];
    const struct oak_frame *const frame = p->pod_frame;
    const bool shows_all = frame == NULL || !frame->row->is_context_given;
    if (frame != NULL ? !frame->is_context_own : !is_custom(p))
        return false;
    const uint32_t context = frame != NULL ? oak_node_get(view->index, frame->context, frame->context_key)
                                           : oak_node_get(view->index, p->node, OAK_STR("securityContext"));
    if (oak_node_is_null(view->index, context))
        return false;
    for (size_t i = pod + 1; i < all->count && all->items[i].pod_number == pod; i++)
        if (all->items[i].kind == OAK_CONTAINER && shows_all)
            return false;
    return oak_sharer_next(view, pod, 0) == all->count;
}
