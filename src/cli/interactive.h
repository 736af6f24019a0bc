/* `fix --interactive`: a person says of each finding what becomes of it. */
#ifndef OAK_CLI_INTERACTIVE_H
#define OAK_CLI_INTERACTIVE_H

#include "cli/terminal.h"
#include "engine/ask.h"
#include "output/output.h"

struct oak_dialogue {
    struct oak_stance stance;
    const struct oak_look *look; /* of standard output */
    bool is_echoed; /* answers come from a pipe: they are printed, so that the page can be read */
    bool has_ended; /* there are no more answers */
};

/* Why nobody can be asked; NULL: somebody can. */
const char *oak_dialogue_obstacle(const struct oak_command_line *line, const struct oak_run *run);
void oak_dialogue_init(struct oak_dialogue *dialogue, struct oak_arena *arena, const struct oak_terminal *terminal);

/* Asks about a file that was passed with `run` already, if there is anything to ask. `text` and `result` become those after the
 * answers: the text may have got exemptions. False if nothing was to be asked. */
bool oak_dialogue_file(struct oak_dialogue *dialogue, struct oak_arena *arena, const struct oak_run *run, oak_str path,
                       struct oak_file *file, struct oak_result *result);
/* The closing words: what may break was said with each question. */
void oak_dialogue_close(const struct oak_dialogue *dialogue, const struct oak_totals *totals, struct oak_buf *out);

#endif
