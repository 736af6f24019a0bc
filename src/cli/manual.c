/* The parts of the manual page that are tables here already. The rest of it is packaging/oakum.1.scd. */
#include "cli/manual.h"

#include "cli/options.h"

/* Text in which nothing is markup. */
static void add_text(struct oak_buf *out, oak_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c == '*' || c == '_' || c == '\\' || c == '#' || c == '<')
            oak_buf_add(out, OAK_STR("\\"));
        oak_buf_add(out, (oak_str){ &text.ptr[i], 1 });
    }
}

static void add_marked(struct oak_buf *out, oak_str mark, const char *text)
{
    oak_buf_add(out, mark);
    add_text(out, oak_str_from(text));
    oak_buf_add(out, mark);
}

static void add_commands(struct oak_buf *out)
{
    for (size_t i = 0; i < oak_command_count; i++) {
        const struct command *const command = &oak_commands[i];
        if (command->help == NULL)
            continue;
        add_marked(out, OAK_STR("*"), command->name);
        if (command->arguments[0] != '\0') {
            oak_buf_add(out, OAK_STR(" "));
            add_marked(out, OAK_STR("_"), command->arguments);
        }
        oak_buf_add(out, OAK_STR("\n\t"));
        add_text(out, oak_str_from(command->help));
        oak_buf_add(out, OAK_STR("\n\n"));
    }
}

/* Which commands take it, unless all do. */
static void add_owners(struct oak_buf *out, unsigned of)
{
    const char *before = " (";
    if (of == ~0U)
        return;
    if (of == OAK_OF_PLUGIN) {
        oak_buf_add(out, OAK_STR(" (*kubectl oakum* with *check*, *diff*, *fix*)"));
        return;
    }
    for (size_t i = 0; i < oak_command_count; i++) {
        if (oak_commands[i].help == NULL || (oak_commands[i].of & of) == 0)
            continue;
        oak_buf_addf(out, "%s", before);
        add_marked(out, OAK_STR("*"), oak_commands[i].name);
        before = ", ";
    }
    oak_buf_add(out, OAK_STR(")"));
}

static void add_options(struct oak_buf *out)
{
    struct oak_option option;
    for (size_t i = 0; oak_option_at(i, &option); i++) {
        if (option.letter != '\0')
            oak_buf_addf(out, "*-%c*, ", option.letter);
        add_marked(out, OAK_STR("*"), oak_arena_printf(out->arena, "--%s", option.name).ptr);
        if (option.argument != NULL) {
            oak_buf_add(out, OAK_STR("="));
            add_marked(out, OAK_STR("_"), option.argument);
        }
        oak_buf_add(out, OAK_STR("\n\t"));
        add_text(out, oak_str_from(option.help));
        add_owners(out, option.of);
        oak_buf_add(out, OAK_STR("\n\n"));
    }
}

static void add_patches(struct oak_buf *out, const struct oak_patches *patches)
{
    for (size_t i = 0; i < patches->items.count; i++) {
        const struct oak_patch *const patch = patches->items.items[i];
        const struct oak_rule *const rule = &patch->rules.items[0];
        oak_buf_addf(out, "*%.*s* (%s, %s)\n\t", (int)patch->id.len, patch->id.ptr, oak_profile_name(rule->profile),
                     oak_tier_name(rule->tier));
        add_text(out, patch->title);
        oak_buf_add(out, OAK_STR("\n\n"));
    }
}

bool oak_manual(struct oak_buf *out, const struct oak_patches *patches, oak_str part)
{
    if (oak_str_eq(part, OAK_STR("commands")))
        add_commands(out);
    else if (oak_str_eq(part, OAK_STR("options")))
        add_options(out);
    else if (oak_str_eq(part, OAK_STR("patches")))
        add_patches(out, patches);
    else
        return false;
    return true;
}
