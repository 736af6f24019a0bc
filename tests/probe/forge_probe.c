/* One conversation with a forge, for tests/forge. Prints the outcome, the number, the page and the notes, one a line.
 *
 * usage: forge-probe place|look|propose|withdraw URL [OPTION=VALUE…]     options: see `take`; the token as in oakum pr */
#include <oakum/forge.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct talk {
    struct oak_arena arena;
    const char *command;
    enum oak_forge_kind kind;
    struct oak_forge_place place;
    struct oak_forge_options options;
    struct oak_pull_wish wish;
    OAK_LIST(oak_str) labels, reviewers;
    struct oak_pull_result result;
};

static bool take(struct talk *t, const char *argument)
{
    oak_str key, value;
    oak_str_cut(oak_str_from(argument), '=', &key, &value);
    const struct {
        const char *key;
        oak_str *text;
        bool *flag;
    } table[] = {
        { "head", &t->wish.head, NULL },     { "base", &t->wish.base, NULL },
        { "title", &t->wish.title, NULL },   { "body", &t->wish.body, NULL },
        { "draft", NULL, &t->wish.is_draft }, { "reopen", NULL, &t->wish.reopen },
        { "named", NULL, &t->options.is_named }, { "loopback", NULL, &t->options.allow_loopback_http },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!oak_str_eq(key, oak_str_from(table[i].key)))
            continue;
        if (table[i].flag != NULL)
            *table[i].flag = true;
        else
            *table[i].text = value;
        return true;
    }
    if (oak_str_eq(key, OAK_STR("label")))
        *oak_push(&t->arena, &t->labels) = value;
    else if (oak_str_eq(key, OAK_STR("reviewer")))
        *oak_push(&t->arena, &t->reviewers) = value;
    else if (oak_str_eq(key, OAK_STR("token-file")))
        t->options.token_file = value.ptr;
    else if (oak_str_eq(key, OAK_STR("max-wait")))
        t->options.max_wait_s = (unsigned)strtoul(value.ptr, NULL, 10);
    else
        return oak_str_eq(key, OAK_STR("forge")) && oak_forge_kind_parse(value, &t->kind);
    return true;
}

static bool talk(struct talk *t, struct oak_forge *forge, struct oak_error *err)
{
    if (strcmp(t->command, "look") == 0)
        return oak_forge_look(&t->arena, forge, &t->wish, &t->result, err);
    if (strcmp(t->command, "withdraw") == 0)
        return oak_forge_withdraw(&t->arena, forge, &t->wish, &t->result, err);
    return oak_forge_propose(&t->arena, forge, &t->wish, &t->result, err);
}

static int print(const struct talk *t)
{
    printf("%s\n%" PRIu64 "\n%.*s\n", oak_pull_outcome_name(t->result.outcome), t->result.number, (int)t->result.url.len,
           t->result.url.len > 0 ? t->result.url.ptr : "");
    for (size_t i = 0; i < t->result.notes.count; i++)
        printf("note: %.*s\n", (int)t->result.notes.items[i].len, t->result.notes.items[i].ptr);
    return 0;
}

static int print_error(const struct oak_error *err)
{
    fprintf(stderr, "%s\n", err->text);
    return err->kind == OAK_AGAIN ? 75 : err->kind == OAK_USAGE ? 2 : 1;
}

static int run(struct talk *t, const char *url)
{
    struct oak_error err;
    struct oak_forge *forge = NULL;
    if (!oak_forge_place_parse(&t->arena, oak_str_from(url), t->kind, &t->place, &err))
        return print_error(&err);
    if (strcmp(t->command, "place") == 0) {
        const oak_str link = oak_forge_link(&t->arena, &t->place, OAK_STR("c0ffee"));
        printf("%.*s\n", (int)link.len, link.ptr);
        return 0;
    }
    const bool ok = oak_forge_open(&t->place, &t->options, &forge, &err) && talk(t, forge, &err);
    oak_forge_free(forge);
    return ok ? print(t) : print_error(&err);
}

int main(int argc, char **argv)
{
    struct talk t = { .command = argc > 2 ? argv[1] : "" };
    oak_arena_init(&t.arena);
    bool ok = argc > 2;
    for (int i = 3; ok && i < argc; i++)
        ok = take(&t, argv[i]);
    t.wish.labels = t.labels.items;
    t.wish.label_count = t.labels.count;
    t.wish.reviewers = t.reviewers.items;
    t.wish.reviewer_count = t.reviewers.count;
    const int status = ok ? run(&t, argv[2]) : (fprintf(stderr, "usage: forge-probe COMMAND URL [OPTION=VALUE…]\n"), 2);
    oak_arena_free(&t.arena);
    return status;
}
