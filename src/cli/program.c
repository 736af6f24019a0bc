/* The name under which the program was called, in its own messages. Rooms below do not know it: they say oakum. */
#include "cli/program.h"

#include "files/files.h"

#include <string.h>

bool oak_program_is_plugin(const char *argv0)
{
    return argv0 != NULL && strcmp(oak_path_name(argv0), "kubectl-oakum") == 0;
}

oak_str oak_program_speak(struct oak_arena *arena, const char *program, oak_str text)
{
    const oak_str hint = OAK_STR("'oakum ");
    struct oak_buf out;
    size_t done = 0, at;
    oak_buf_init(&out, arena);
    if (text.len == 0)
        return OAK_STR("");
    while (oak_str_find(text, done, hint, &at)) {
        oak_buf_add(&out, oak_str_span(text, (oak_span){ done, at + 1 }));
        oak_buf_add(&out, oak_str_from(program));
        done = at + hint.len - 1;
    }
    oak_buf_add(&out, oak_str_span(text, (oak_span){ done, text.len }));
    return oak_buf_str(&out);
}

void oak_program_say(const char *program, const char *subject, const char *text)
{
    struct oak_arena arena;
    oak_arena_init(&arena);
    const oak_str said = oak_program_speak(&arena, program, oak_str_from(text));
    fprintf(stderr, "%s: %s%s%.*s\n", program, subject, subject[0] != '\0' ? ": " : "", (int)said.len, said.ptr);
    oak_arena_free(&arena);
}
