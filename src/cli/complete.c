/* Completion: which word is unfinished, what kind it is of, and which words of that kind start this way. All of it comes
 * from the tables of commands and options; the kind is what their help calls the argument. */
#include "cli/complete.h"

#include "cli/options.h"

#include <string.h>

struct completion {
    struct oak_buf *out;
    const struct oak_patches *patches;
    oak_str typed;      /* of the unfinished word, what candidates start with */
    int option;         /* whose value it is; 0: of none */
    unsigned plugin;
    unsigned of;        /* whose options */
    int directive;
};

static void offer(struct completion *c, oak_str word, oak_str what)
{
    if (oak_str_starts(word, c->typed))
        oak_buf_addf(c->out, "%.*s%s%.*s\n", (int)word.len, word.ptr, what.len > 0 ? "\t" : "", (int)what.len, what.ptr);
}

/* ---- kinds ---- */

static void offer_nothing(struct completion *c)
{
    c->directive = OAK_COMPLETE_NO_FILES;
}

static void offer_files(struct completion *c)
{
    c->directive = 0;
}

static void offer_folders(struct completion *c)
{
    c->directive = OAK_COMPLETE_FOLDERS;
}

/* A line follows the name. */
static void offer_places(struct completion *c)
{
    c->directive = OAK_COMPLETE_NO_SPACE;
}

static void offer_references(struct completion *c, const struct oak_patch *patch)
{
    for (size_t i = 0; i < patch->references.count; i++) {
        const oak_str id = patch->references.items[i].id;
        size_t at;
        if (!oak_str_find(id, 0, OAK_STR(" "), &at) && !oak_str_find(id, 0, OAK_STR(":"), &at))
            offer(c, id, patch->id);
    }
}

/* Ids of other tools are hundreds: only for who has started to write one. */
static void offer_ids(struct completion *c)
{
    const size_t before = c->out->len;
    c->directive = OAK_COMPLETE_NO_FILES;
    for (size_t i = 0; i < c->patches->items.count; i++)
        offer(c, c->patches->items.items[i]->id, c->patches->items.items[i]->title);
    if (c->out->len > before)
        return;
    for (size_t i = 0; i < c->patches->items.count; i++)
        offer_references(c, c->patches->items.items[i]);
}

static bool is_in_list(oak_str list, oak_str id)
{
    oak_str one;
    while (list.len > 0) {
        oak_str_cut(list, ',', &one, &list);
        if (oak_str_eq(one, id))
            return true;
    }
    return false;
}

/* `privileged,host-`: what stands before the last comma belongs to each candidate, and is not offered again. */
static void offer_id_list(struct completion *c)
{
    oak_str head = c->typed;
    while (head.len > 0 && head.ptr[head.len - 1] != ',')
        head.len--;
    struct completion part = *c;
    struct oak_buf ids;
    oak_buf_init(&ids, c->out->arena);
    part.out = &ids;
    part.typed = (oak_str){ c->typed.ptr + head.len, c->typed.len - head.len };
    offer_ids(&part);
    oak_str line, id, what, rest = oak_buf_str(&ids);
    while (rest.len > 0) {
        oak_str_cut(rest, '\n', &line, &rest);
        oak_str_cut(line, '\t', &id, &what);
        if (!is_in_list(head, id))
            offer(c, oak_arena_join(c->out->arena, (oak_str[]){ head, id }, 2), what);
    }
    c->directive = part.directive;
}

static void offer_shells(struct completion *c)
{
    offer(c, OAK_STR("bash"), OAK_STR(""));
    offer(c, OAK_STR("fish"), OAK_STR(""));
    offer(c, OAK_STR("zsh"), OAK_STR(""));
    c->directive = OAK_COMPLETE_NO_FILES;
}

static const struct {
    const char *argument; /* as help has it */
    void (*offer)(struct completion *c);
} kinds[] = {
    { "FILE", offer_files },      { "PATH", offer_files },   { "DIR", offer_folders }, { "FILE:LINE", offer_places },
    { "ID,…", offer_id_list },    { "ID", offer_ids },       { "SHELL", offer_shells },
};

static void offer_words(struct completion *c)
{
    oak_str word, rest = oak_option_words(c->out->arena, c->option, c->of);
    while (rest.len > 0) {
        oak_str_cut(rest, ' ', &word, &rest);
        offer(c, word, OAK_STR(""));
    }
    c->directive = OAK_COMPLETE_NO_FILES;
}

/* `argument` is what help calls the word: FILE, ID …, and for one of fixed words anything else. */
static void offer_argument(struct completion *c, oak_str argument)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (oak_str_eq(argument, oak_str_from(kinds[i].argument))) {
            kinds[i].offer(c);
            return;
        }
    if (c->option != 0)
        offer_words(c);
    else
        offer_nothing(c);
}

/* ---- places ---- */

static void offer_commands(struct completion *c)
{
    for (size_t i = 0; i < oak_command_count; i++)
        if (oak_commands[i].help != NULL)
            offer(c, oak_str_from(oak_commands[i].name), oak_str_from(oak_commands[i].help));
    c->directive = OAK_COMPLETE_NO_FILES;
}

static void offer_options(struct completion *c, unsigned of)
{
    struct oak_option option;
    for (size_t i = 0; oak_option_at(i, &option); i++)
        if ((option.of & of) != 0)
            offer(c, oak_arena_printf(c->out->arena, "--%s", option.name), oak_str_from(option.help));
    c->directive = OAK_COMPLETE_NO_FILES;
}

/* The option of this word, `--name`, `--name=value` or `-f`; false if there is none. */
static bool find_option(oak_str word, unsigned of, struct oak_option *out)
{
    oak_str name, value;
    oak_str_cut(word, '=', &name, &value);
    for (size_t i = 0; oak_option_at(i, out); i++) {
        const bool is_long = oak_str_starts(name, OAK_STR("--")) &&
                             oak_str_eq((oak_str){ name.ptr + 2, name.len - 2 }, oak_str_from(out->name));
        const bool is_short = name.len == 2 && name.ptr[0] == '-' && out->letter == name.ptr[1];
        if ((out->of & of) != 0 && (is_long || is_short))
            return true;
    }
    return false;
}

/* The `number`-th of the words that a command takes, "[PATH…]" or "ID FILE:LINE"; the last one with a … comes again. */
static oak_str argument_at(const char *arguments, size_t number)
{
    oak_str word = { "", 0 }, rest = oak_str_from(arguments);
    bool again = false;
    for (size_t i = 0; i <= number && !again; i++) {
        oak_str_cut(rest, ' ', &word, &rest);
        if (oak_str_starts(word, OAK_STR("[")))
            word = (oak_str){ word.ptr + 1, word.len - 2 };
        again = oak_str_ends(word, OAK_STR("…"));
        if (again)
            word.len -= sizeof "…" - 1;
    }
    return word;
}

/* Where the unfinished word stands among those behind the command. */
struct position {
    size_t number;            /* so many arguments stand before it */
    bool is_behind_dashes;    /* behind `--` there are no options */
    bool is_value;            /* of `option` */
    struct oak_option option;
};

static struct position find_position(char **words, size_t count, unsigned of)
{
    struct position at = { 0 };
    for (size_t i = 0; i + 1 < count; i++) {
        const oak_str word = oak_str_from(words[i]);
        if (at.is_value)
            at.is_value = false;
        else if (at.is_behind_dashes || word.len < 2 || word.ptr[0] != '-')
            at.number++;
        else if (oak_str_eq(word, OAK_STR("--")))
            at.is_behind_dashes = true;
        else
            at.is_value = find_option(word, of, &at.option) && at.option.argument != NULL && strchr(words[i], '=') == NULL;
    }
    return at;
}

/* Whose options: a plugin also takes those of kubectl where there are files. */
static unsigned options_of(const struct completion *c, const struct command *command)
{
    return command->of | ((command->of & (OAK_OF_CHECK | OAK_OF_FIX)) != 0 ? c->plugin : 0);
}

static void complete_behind(struct completion *c, const struct command *command, char **words, size_t count)
{
    const unsigned of = options_of(c, command);
    struct position at = find_position(words, count, of);
    oak_str name, value;
    const bool has_value = oak_str_cut(c->typed, '=', &name, &value);
    if (!at.is_value && !at.is_behind_dashes && oak_str_starts(c->typed, OAK_STR("-"))) {
        if (!has_value) {
            offer_options(c, of);
            return;
        }
        at.is_value = find_option(c->typed, of, &at.option) && at.option.argument != NULL;
        c->typed = value;
        if (!at.is_value) {
            offer_nothing(c);
            return;
        }
    }
    c->of = of;
    c->option = at.is_value ? at.option.id : 0;
    offer_argument(c, at.is_value ? oak_str_from(at.option.argument) : argument_at(command->arguments, at.number));
}

void oak_complete(struct oak_buf *out, const struct oak_patches *patches, const struct oak_unfinished *line)
{
    struct completion c = { .out = out, .patches = patches, .plugin = line->plugin, .directive = OAK_COMPLETE_NO_FILES };
    const size_t count = line->count;
    if (count > 0)
        c.typed = oak_str_from(line->words[count - 1]);
    if (count <= 1 || (count == 2 && strcmp(line->words[0], "help") == 0)) {
        offer_commands(&c);
    } else {
        const struct command *const command = oak_command_find(line->words[0]);
        if (command != NULL && command->of != 0)
            complete_behind(&c, command, line->words + 1, count - 1);
    }
    oak_buf_addf(out, ":%d\n", c.directive);
}
