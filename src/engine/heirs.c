/* Pods that are not simply a PodSpec with its containers. Who inherits from whom: steps have what their template has; the
 * pods of a workflow share one security context; of a pod that an operator makes, the containers are not in the manifest.
 * And what of a pod has no place in it. */
#include "engine/engine.h"

#include "patch/when.h"

size_t oak_heir_next(const struct oak_view *view, size_t number, size_t at)
{
    const oak_targets *const all = &view->targets;
    const struct oak_target *const t = &all->items[number];
    if (t->kind != OAK_CONTAINER || t->container_frame == NULL || !t->container_frame->row->is_outer)
        return all->count;
    for (at++; at < all->count; at++) {
        const struct oak_frame *const frame = all->items[at].container_frame;
        if (all->items[at].kind == OAK_CONTAINER && frame != NULL && frame->outer == t->node)
            break;
    }
    return at;
}

bool oak_frames_share(const struct oak_frame *a, const struct oak_frame *b)
{
    return a != NULL && b != NULL && a->context != 0 && a->context == b->context &&
           oak_str_eq(a->context_key, b->context_key);
}

/* A Deployment without containers is a patch of one; an operator adds its own. */
bool oak_pod_is_heir(const struct oak_view *view, size_t pod)
{
    const oak_targets *const all = &view->targets;
    const struct oak_target *const p = &all->items[pod];
    const struct oak_frame *const frame = p->pod_frame;
    const bool shows_all = frame == NULL || !frame->row->is_context_given;
    if (frame != NULL ? !frame->is_context_own : !oak_target_is_custom(p))
        return false;
    const uint32_t context = frame != NULL ? oak_node_get(view->index, frame->context, frame->context_key)
                                           : oak_node_get(view->index, p->node, OAK_STR("securityContext"));
    if (oak_node_is_null(view->index, context))
        return false;
    for (size_t i = 0; i < all->count; i++) {
        const struct oak_target *const t = &all->items[i];
        if (t->kind == OAK_CONTAINER && (t->pod_number == pod ? shows_all : oak_frames_share(frame, t->pod_frame)))
            return false;
    }
    return true;
}

uint32_t oak_given_context(const struct oak_index *index, const struct oak_target *t)
{
    const struct oak_frame *const frame = t->kind == OAK_POD         ? t->pod_frame
                                          : t->kind == OAK_CONTAINER ? t->container_frame
                                                                     : NULL;
    const bool is_given = frame != NULL && frame->row->is_context_given && frame->is_context_own;
    return is_given ? oak_node_get(index, frame->context, frame->context_key) : 0;
}

bool oak_field_has_no_place(const struct oak_target *t, const struct oak_field *field, const oak_places *places)
{
    if (oak_field_holding(t, field) == OAK_HOLDS)
        return false;
    for (size_t i = 0; i < places->count; i++)
        if (places->items[i].missing_count > 0)
            return true;
    return oak_field_context(t, field) != NULL;
}

oak_str oak_dropped_reason(struct oak_arena *arena, const struct oak_target *t)
{
    return oak_arena_printf(arena, "a %.*s has no such field here: the API server drops or refuses it",
                            (int)t->object_kind.len, t->object_kind.ptr);
}

bool oak_field_is_elsewhere(const struct oak_view *view, const struct oak_target *t, const struct oak_field *field,
                            uint32_t node)
{
    const enum oak_holding holding = oak_field_holding(t, field);
    if (holding == OAK_HAS_NO_PLACE)
        return true;
    if (!oak_node_is_null(view->index, node))
        return false;
    if (t->is_part)
        return true;
    return holding != OAK_HOLDS || (t->kind == OAK_CONTAINER && t->container_frame != NULL &&
                                    t->container_frame->outer != 0);
}
