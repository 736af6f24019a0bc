/* What somebody said to single findings, and what follows from a no: the place stays as it is, as that of an exemption, but it
 * is left open. Knows nothing of questions. */
#include "engine/check.h"

static const struct oak_exempt declined = {
    .what = { .reason = { "the answer was no", sizeof "the answer was no" - 1 } },
    .is_answer = true,
};

/* Of what a plan made of a document. */
static bool has_stayed(const oak_findings *before, const struct oak_patch *patch, const struct oak_target *t,
                       const oak_route *route)
{
    for (size_t i = 0; i < before->count; i++)
        if (before->items[i].outcome != OAK_FIXED && oak_finding_is_alike(&before->items[i], patch, t, route))
            return true;
    return false;
}

enum oak_reply oak_reply_to(const struct oak_checked *c, const struct oak_patch *patch, const struct oak_target *t,
                            const oak_route *route)
{
    const oak_findings *const before = c->views[0].before;
    if (before != NULL)
        return has_stayed(before, patch, t, route) ? OAK_REPLY_NO : OAK_REPLY_NONE;
    for (size_t i = 0; c->answers != NULL && i < c->answers->items.count; i++) {
        const struct oak_answer *const a = &c->answers->items.items[i];
        if (a->patch == patch && a->document == c->document && oak_route_eq(&a->route, route))
            return a->reply;
    }
    return OAK_REPLY_NONE;
}

bool oak_is_declined(const struct oak_checked *c, const struct oak_finding *f)
{
    if (c->answers == NULL)
        return false;
    const enum oak_reply reply = oak_reply_to(c, f->rule->patch, &f->target, &f->route);
    return reply == OAK_REPLY_NO || (reply == OAK_REPLY_NONE && c->views[0].before == NULL && c->answers->is_final);
}

void oak_check_decline(struct oak_finding *f)
{
    f->outcome = OAK_OPEN;
    f->reason = declined.what.reason;
    f->is_left = true;
}

const struct oak_exempt *oak_kept_by(const struct oak_checked *c, const struct oak_patch *patch, const struct oak_target *t,
                                     const oak_route *route)
{
    const struct oak_view *const view = &c->views[0];
    const struct oak_exempt *const by = oak_exempt_for(c->arena, &view->exempts, view->index, patch, t, route, 1);
    const bool asks = by == NULL && c->answers != NULL;
    return asks && oak_reply_to(c, patch, t, route) == OAK_REPLY_NO ? &declined : by;
}

bool oak_any_is_kept(const struct oak_checked *c)
{
    return c->views[0].exempts.items.count > 0 || c->answers != NULL;
}
