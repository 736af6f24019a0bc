/* Which question comes next, and what an answer means. */
#include "engine/ask.h"

#include <oakum/source.h>

#include <string.h>

const struct oak_key oak_keys[] = {
    { 'y', "yes, fix this" },
    { 'n', "no, leave it as it is" },
    { 'a', "yes to all of this patch that is not held, in this file and those that follow" },
    { 'd', "no to all of this patch, in this file and those that follow" },
    { 'f', "yes to the rest of this file, but for what is held" },
    { 's', "no to the rest of this file" },
    { 'i', "write down why it has to stay: an exemption, here" },
    { 'e', "explain it at length" },
    { 'q', "no to this and all that follows; what was accepted in this file is done" },
    { '?', "this page" },
};
const size_t oak_key_count = sizeof oak_keys / sizeof *oak_keys;

bool oak_key_is_for(char key, const struct oak_question *question)
{
    for (size_t i = 0; i < oak_key_count; i++)
        if (oak_keys[i].key == key)
            return key == 'y' ? question->can_fix : question->can_fix && !question->is_held ? true : key != 'a' && key != 'f';
    return false;
}

/* ---- answers ---- */

static bool is_about(const struct oak_answer *a, const struct oak_finding *f)
{
    return a->patch == f->rule->patch && a->document == f->document && oak_route_eq(&a->route, &f->route);
}

static const struct oak_answer *find_answer(const struct oak_asking *a, const struct oak_finding *f)
{
    for (size_t i = 0; i < a->answers.items.count; i++)
        if (is_about(&a->answers.items.items[i], f))
            return &a->answers.items.items[i];
    return NULL;
}

static bool is_yes(enum oak_reply reply)
{
    return reply == OAK_REPLY_YES || reply == OAK_REPLY_FORCE;
}

static enum oak_reply yes_to(const struct oak_finding *f)
{
    return f->outcome == OAK_HELD ? OAK_REPLY_FORCE : OAK_REPLY_YES;
}

/* For the next pass only: it borrows. */
static void suppose(struct oak_asking *a, const struct oak_finding *f, enum oak_reply reply)
{
    *oak_push(a->arena, &a->answers.items) = (struct oak_answer){ f->rule->patch, f->document, f->route, reply };
}

static void suppose_all(struct oak_asking *a, const oak_finding_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        suppose(a, list->items[i], yes_to(list->items[i]));
}

/* For good: the route outlives the pass that found it. */
static void note_answer(struct oak_asking *a, const struct oak_finding *f, enum oak_reply reply)
{
    oak_route route = { oak_list_room(a->arena, f->route.count, sizeof *route.items), f->route.count, f->route.count };
    if (find_answer(a, f) != NULL)
        return;
    for (size_t i = 0; i < route.count; i++) {
        route.items[i] = f->route.items[i];
        if (route.items[i].key.ptr != NULL)
            route.items[i].key = oak_arena_str(a->arena, route.items[i].key);
    }
    *oak_push(a->arena, &a->answers.items) = (struct oak_answer){ f->rule->patch, f->document, route, reply };
    a->is_known = false;
}

/* ---- passes ---- */

enum rest { REST_AS_ALWAYS, REST_LEFT };

static void pass(struct oak_asking *a, struct oak_arena *arena, enum rest rest, struct oak_result *out)
{
    oak_arena_reset(arena);
    a->answers.is_final = rest == REST_LEFT;
    oak_pass_file(arena, &a->run, a->file, out);
}

static void look(struct oak_asking *a)
{
    if (!a->is_known)
        pass(a, &a->world_arena, REST_AS_ALWAYS, &a->world);
    a->is_known = true;
}

static bool is_same(const struct oak_finding *a, const struct oak_finding *b)
{
    return a->rule->patch == b->rule->patch && a->document == b->document && oak_route_eq(&a->route, &b->route);
}

/* Is it among those that are fixed? */
static bool is_fixed(const struct oak_result *r, const struct oak_finding *f)
{
    bool is_there = false;
    for (size_t i = 0; i < r->findings.count; i++)
        if (is_same(&r->findings.items[i], f)) {
            if (r->findings.items[i].outcome != OAK_FIXED)
                return false;
            is_there = true;
        }
    return is_there;
}

static bool are_fixed(const struct oak_result *r, const oak_finding_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!is_fixed(r, list->items[i]))
            return false;
    return !r->failed;
}

bool oak_asking_accepted(const struct oak_asking *a, const struct oak_finding *f)
{
    const struct oak_answer *const answer = find_answer(a, f);
    return answer != NULL && is_yes(answer->reply);
}

/* Is what was accepted done? What is not found any more needs nothing. */
static bool keeps_word(const struct oak_asking *a, const struct oak_result *r)
{
    for (size_t i = 0; i < r->findings.count; i++)
        if (r->findings.items[i].outcome != OAK_FIXED && oak_asking_accepted(a, &r->findings.items[i]))
            return false;
    return !r->failed;
}

/* Can these be done beside what was accepted, and nothing else? */
static bool can_stand(struct oak_asking *a, const oak_finding_list *list, struct oak_result *r)
{
    const size_t count = a->answers.items.count;
    suppose_all(a, list);
    pass(a, &a->trial_arena, REST_LEFT, r);
    const bool can = are_fixed(r, list) && keeps_word(a, r);
    a->answers.items.count = count;
    return can;
}

static bool can_stand_alone(struct oak_asking *a, const struct oak_finding *f)
{
    struct oak_result r;
    const oak_finding_list one = { &f, 1, 1 };
    return can_stand(a, &one, &r);
}

/* ---- what is to be asked ---- */

static bool is_open_to_question(const struct oak_asking *a, const struct oak_finding *f)
{
    return f->outcome != OAK_IGNORED && f->outcome != OAK_OPEN && find_answer(a, f) == NULL;
}

static bool has_patch(const struct oak_patch *const *items, size_t count, const struct oak_patch *patch)
{
    for (size_t i = 0; i < count; i++)
        if (items[i] == patch)
            return true;
    return false;
}

static bool has_stance_yes(const struct oak_asking *a, const struct oak_finding *f)
{
    return has_patch(a->stance->yes.items, a->stance->yes.count, f->rule->patch);
}

static bool has_stance_no(const struct oak_asking *a, const struct oak_finding *f)
{
    return has_patch(a->stance->no.items, a->stance->no.count, f->rule->patch);
}

static bool is_in(const oak_finding_list *list, const struct oak_finding *f)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == f)
            return true;
    return false;
}

/* ---- what hangs together ---- */

/* There may be thousands of findings, and few of them matter to one: they are tried in halves. */

/* Those of an outcome that are still to be asked about, in the document of the list, but for the list itself. */
static oak_finding_list find_others(struct oak_asking *a, const oak_finding_list *list, enum oak_outcome outcome)
{
    oak_finding_list others = { 0 };
    for (size_t i = 0; i < a->world.findings.count; i++) {
        const struct oak_finding *const f = &a->world.findings.items[i];
        if (f->outcome == outcome && f->document == list->items[0]->document && is_open_to_question(a, f) && !is_in(list, f))
            *oak_push(&a->world_arena, &others) = f;
    }
    return others;
}

static void split(const oak_finding_list *whole, oak_finding_list halves[2])
{
    const size_t middle = whole->count / 2;
    halves[0] = (oak_finding_list){ whole->items, middle, middle };
    halves[1] = (oak_finding_list){ whole->items + middle, whole->count - middle, whole->count - middle };
}

/* Is the list fixed if yes is said to it, this is said to the others, and everything else is done? */
static bool are_possible(struct oak_asking *a, const oak_finding_list *list, const oak_finding_list *others, bool is_yes_to_others)
{
    struct oak_result r;
    const size_t count = a->answers.items.count;
    suppose_all(a, list);
    for (size_t i = 0; i < others->count; i++)
        suppose(a, others->items[i], is_yes_to_others ? yes_to(others->items[i]) : OAK_REPLY_NO);
    pass(a, &a->trial_arena, REST_AS_ALWAYS, &r);
    a->answers.items.count = count;
    return are_fixed(&r, list);
}

/* Adds to `needed` those of the others without which the list would not be fixed. As deep as halves can be cut. */
static void find_needed(struct oak_asking *a, const oak_finding_list *list, const oak_finding_list *others, oak_finding_list *needed)
{
    oak_finding_list halves[2];
    if (others->count == 0 || are_possible(a, list, others, false))
        return;
    if (others->count == 1) {
        *oak_push(&a->world_arena, needed) = others->items[0];
        return;
    }
    split(others, halves);
    find_needed(a, list, &halves[0], needed);
    find_needed(a, list, &halves[1], needed);
}

/* Adds to the list, which can't stand by itself, what it needs. False if there is nothing that helps. */
static bool complete(struct oak_asking *a, oak_finding_list *list)
{
    struct oak_result r;
    while (!can_stand(a, list, &r)) {
        oak_finding_list needed = { 0 };
        const oak_finding_list others = find_others(a, list, OAK_FIXED);
        find_needed(a, list, &others, &needed);
        for (size_t i = 0; i < needed.count; i++)
            *oak_push(&a->world_arena, list) = needed.items[i];
        if (needed.count == 0)
            return false;
    }
    return true;
}

/* Something held that the list waits for: if that were done, it could be done, too. NULL if there is none. */
static const struct oak_finding *find_obstacle(struct oak_asking *a, const oak_finding_list *list, const oak_finding_list *others)
{
    oak_finding_list halves[2];
    if (others->count == 0 || !are_possible(a, list, others, true))
        return NULL;
    if (others->count == 1)
        return can_stand_alone(a, others->items[0]) ? others->items[0] : NULL;
    split(others, halves);
    const struct oak_finding *const found = find_obstacle(a, list, &halves[0]);
    return found != NULL ? found : find_obstacle(a, list, &halves[1]);
}

static void ask_one(struct oak_asking *a, const struct oak_finding *f)
{
    a->question.findings.count = 0;
    *oak_push(&a->world_arena, &a->question.findings) = f;
}

/* Of a list that stands together: something in it that stands by itself is asked first, the rest will wait. */
static void ask_first(struct oak_asking *a, const oak_finding_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->count > 1 && can_stand_alone(a, list->items[i])) {
            ask_one(a, list->items[i]);
            return;
        }
    a->question.findings = *list;
}

static void choose(struct oak_asking *a, const struct oak_finding *f)
{
    struct oak_question *const q = &a->question;
    ask_one(a, f);
    q->can_fix = can_stand_alone(a, f);
    if (!q->can_fix && f->outcome != OAK_REFUSED) {
        oak_finding_list list = { 0 };
        *oak_push(&a->world_arena, &list) = f;
        if (are_possible(a, &list, &(oak_finding_list){ 0 }, true)) {
            q->can_fix = complete(a, &list);
            if (q->can_fix)
                ask_first(a, &list);
        } else {
            const oak_finding_list held = find_others(a, &list, OAK_HELD);
            const struct oak_finding *const other = find_obstacle(a, &list, &held);
            q->can_fix = other != NULL;
            if (q->can_fix)
                ask_one(a, other);
        }
    }
    for (size_t i = 0; i < q->findings.count; i++)
        q->is_held = q->is_held || q->findings.items[i]->outcome == OAK_HELD;
    q->is_told_only = !q->can_fix && f->outcome == OAK_REFUSED;
}

/* ---- the change alone ---- */

static void take_edits(struct oak_asking *a, const oak_edit_list *edits, const oak_edit_list *without)
{
    for (size_t i = 0; i < edits->count; i++) {
        const struct oak_edit *const e = &edits->items[i];
        bool is_known = false;
        for (size_t k = 0; without != NULL && k < without->count; k++)
            is_known = is_known || (without->items[k].span.start == e->span.start &&
                                    without->items[k].span.end == e->span.end && oak_str_eq(without->items[k].text, e->text));
        if (!is_known)
            *oak_push(&a->world_arena, &a->question.edits) =
                (struct oak_edit){ .span = e->span, .text = oak_arena_str(&a->world_arena, e->text) };
    }
}

/* Takes back, in a copy of all answers, those in [from, to) that the question can do without. As deep as halves can be cut. */
static void forget(struct oak_asking *a, const struct oak_answers *all, size_t from, size_t to)
{
    struct oak_result r;
    for (size_t i = from; i < to; i++)
        a->answers.items.items[i].reply = OAK_REPLY_NONE;
    if (from == to || can_stand(a, &a->question.findings, &r))
        return;
    for (size_t i = from; i < to; i++)
        a->answers.items.items[i].reply = all->items.items[i].reply;
    if (to - from == 1)
        return;
    forget(a, all, from, from + (to - from) / 2);
    forget(a, all, from + (to - from) / 2, to);
}

static struct oak_answers copy_answers(struct oak_asking *a)
{
    struct oak_answers copy = { .is_final = true };
    for (size_t i = 0; i < a->answers.items.count; i++)
        *oak_push(&a->world_arena, &copy.items) = a->answers.items.items[i];
    return copy;
}

/* As if nothing else were done; if it can't be done so, as if nothing were but what it needs. */
static void find_edits(struct oak_asking *a)
{
    struct oak_result with, without;
    const struct oak_answers all = a->answers;
    const oak_finding_list *const list = &a->question.findings;
    a->answers = (struct oak_answers){ .is_final = true };
    if (can_stand(a, list, &with)) {
        take_edits(a, &with.edits, NULL);
    } else if (a->question.can_fix) {
        a->answers = all;
        a->answers = copy_answers(a);
        forget(a, &all, 0, all.items.count);
        pass(a, &a->spare_arena, REST_LEFT, &without);
        if (can_stand(a, list, &with))
            take_edits(a, &with.edits, &without.edits);
    }
    a->answers = all;
}

/* ---- answers for all files ---- */

/* Says yes at once to what somebody said it to in general. False if that does not go: then they are taken one by one. */
static bool accept_all(struct oak_asking *a)
{
    struct oak_result r;
    oak_finding_list list = { 0 };
    for (size_t i = 0; i < a->world.findings.count; i++) {
        const struct oak_finding *const f = &a->world.findings.items[i];
        if (f->outcome == OAK_FIXED && find_answer(a, f) == NULL && (a->takes_rest || has_stance_yes(a, f)))
            *oak_push(&a->world_arena, &list) = f;
    }
    if (list.count == 0 || !can_stand(a, &list, &r))
        return false;
    for (size_t i = 0; i < list.count; i++)
        note_answer(a, list.items[i], OAK_REPLY_YES);
    return true;
}

static bool decline_all(struct oak_asking *a)
{
    bool any = false;
    for (size_t i = 0; i < a->world.findings.count; i++) {
        const struct oak_finding *const f = &a->world.findings.items[i];
        if (!is_open_to_question(a, f) || !(has_stance_no(a, f) || (a->takes_rest && f->outcome != OAK_FIXED)))
            continue;
        note_answer(a, f, OAK_REPLY_NO);
        any = true;
    }
    return any;
}

static bool has_answer_already(const struct oak_asking *a)
{
    const struct oak_question *const q = &a->question;
    for (size_t i = 0; i < q->findings.count; i++)
        if (!a->takes_rest && !has_stance_yes(a, q->findings.items[i]))
            return false;
    return q->can_fix && !q->is_held;
}

/* ---- questions ---- */

/* The first that is to be asked; counts them all. */
static const struct oak_finding *find_next(struct oak_asking *a)
{
    const struct oak_finding *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < a->world.findings.count; i++)
        if (is_open_to_question(a, &a->world.findings.items[i])) {
            first = first != NULL ? first : &a->world.findings.items[i];
            count++;
        }
    a->question = (struct oak_question){ .number = a->asked + 1, .total = a->asked + count };
    return first;
}

void oak_asking_init(struct oak_asking *a, struct oak_arena *arena, const struct oak_run *run, struct oak_file file,
                     struct oak_stance *stance)
{
    *a = (struct oak_asking){ .arena = arena, .run = *run, .file = file, .stance = stance };
    a->run.answers = &a->answers;
    oak_arena_init(&a->world_arena);
    oak_arena_init(&a->spare_arena);
    oak_arena_init(&a->trial_arena);
}

void oak_asking_free(struct oak_asking *a)
{
    oak_arena_free(&a->world_arena);
    oak_arena_free(&a->spare_arena);
    oak_arena_free(&a->trial_arena);
}

bool oak_asking_next(struct oak_asking *a)
{
    while (!a->stance->is_over && !a->skips_rest) {
        look(a);
        const struct oak_finding *const next = a->world.failed ? NULL : find_next(a);
        if (next == NULL)
            return false;
        if (decline_all(a) || accept_all(a))
            continue;
        choose(a, next);
        if (!has_answer_already(a)) {
            find_edits(a);
            return true;
        }
        oak_asking_answer(a, 'y');
    }
    return false;
}

/* ---- answers, and what follows ---- */

static void accept(struct oak_asking *a)
{
    for (size_t i = 0; i < a->question.findings.count; i++)
        note_answer(a, a->question.findings.items[i], yes_to(a->question.findings.items[i]));
}

/* What could have been done with what is declined, and can't be done without, is declined with it. */
static void decline(struct oak_asking *a)
{
    struct oak_result with;
    const size_t count = a->answers.items.count;
    const bool could = a->question.can_fix;
    suppose_all(a, &a->question.findings);
    pass(a, &a->spare_arena, REST_AS_ALWAYS, &with);
    a->answers.items.count = count;
    for (size_t i = 0; i < a->question.findings.count; i++)
        note_answer(a, a->question.findings.items[i], OAK_REPLY_NO);
    look(a);
    for (size_t i = 0; could && i < a->world.findings.count; i++) {
        const struct oak_finding *const f = &a->world.findings.items[i];
        if (f->outcome == OAK_FIXED || f->outcome == OAK_IGNORED || find_answer(a, f) != NULL || !is_fixed(&with, f) ||
            (f->outcome == OAK_HELD && can_stand_alone(a, f)))
            continue;
        *oak_push(&a->world_arena, &a->fallen) = f;
    }
    for (size_t i = 0; i < a->fallen.count; i++)
        note_answer(a, a->fallen.items[i], OAK_REPLY_NO);
}

static void stand_by(struct oak_asking *a, bool is_yes_to_all)
{
    for (size_t i = 0; i < a->question.findings.count; i++) {
        const struct oak_patch *const patch = a->question.findings.items[i]->rule->patch;
        if (is_yes_to_all)
            *oak_push(a->stance->arena, &a->stance->yes) = patch;
        else
            *oak_push(a->stance->arena, &a->stance->no) = patch;
    }
}

void oak_asking_answer(struct oak_asking *a, char key)
{
    a->fallen = (oak_finding_list){ 0 };
    a->asked += a->question.findings.count;
    if (key == 'a' || key == 'd')
        stand_by(a, key == 'a');
    a->takes_rest = a->takes_rest || key == 'f';
    a->skips_rest = a->skips_rest || key == 's';
    a->stance->is_over = a->stance->is_over || key == 'q';
    if (a->question.is_told_only || strchr("yaf", key) == NULL)
        decline(a);
    else
        accept(a);
}

/* ---- exemptions ---- */

static size_t count_ignored(const struct oak_result *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->findings.count; i++)
        count += r->findings.items[i].outcome == OAK_IGNORED;
    return count;
}

bool oak_asking_exempt(struct oak_asking *a, oak_str reason, oak_day until, struct oak_annotated *done, size_t *also,
                       struct oak_error *err)
{
    const struct oak_finding *const f = a->question.findings.items[0];
    const oak_str before = a->file.text;
    const size_t ignored = count_ignored(&a->world);
    struct oak_run run = a->run;
    struct oak_source source;
    struct oak_result after;
    run.answers = NULL;
    oak_arena_reset(&a->spare_arena);
    oak_source_init(&a->spare_arena, before, &source);
    const struct oak_annotation what = { .id = f->rule->patch->id, .reason = oak_str_trim(reason), .until = until,
                                         .line = oak_source_position(&source, f->span.start).line };
    if (!oak_annotate(&a->spare_arena, &run, a->file, &what, done, err))
        return false;
    done->text = oak_arena_str(a->arena, done->text);
    done->comment = oak_arena_str(a->arena, done->comment);
    a->file.text = done->text;
    pass(a, &a->trial_arena, REST_AS_ALWAYS, &after);
    if (!keeps_word(a, &after)) {
        a->file.text = before;
        return oak_fail(err, OAK_SYNTAX, f->span, "an exemption here would also be about what you have accepted");
    }
    const size_t grown = count_ignored(&after) - ignored;
    *also = grown > a->question.findings.count ? grown - a->question.findings.count : 0;
    a->asked += a->question.findings.count;
    a->fallen = (oak_finding_list){ 0 };
    a->is_known = false;
    return true;
}

/* ---- the end ---- */

void oak_asking_finish(struct oak_asking *a, struct oak_result *out)
{
    a->answers.is_final = true;
    oak_pass_file(a->arena, &a->run, a->file, out);
}
