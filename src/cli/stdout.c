/* Standard output: the answer, and whether it arrived. */
#include "cli/stdout.h"

#include "cli/program.h"

#include <errno.h>
#include <unistd.h>

void oak_stdout_open(void)
{
    static char pieces[64 * 1024];
    if (!isatty(STDOUT_FILENO))
        setvbuf(stdout, pieces, _IOFBF, sizeof pieces);
}

static void note(struct oak_stdout *answer, bool is_written)
{
    if (is_written || answer->is_lost)
        return;
    answer->is_lost = true;
    answer->reason = errno;
}

void oak_stdout_print(struct oak_stdout *answer, oak_str text)
{
    note(answer, text.len == 0 || fwrite(text.ptr, 1, text.len, stdout) == text.len);
}

void oak_stdout_flush(struct oak_stdout *answer)
{
    note(answer, fflush(stdout) == 0);
}

bool oak_stdout_close(const struct oak_stdout *answer, const char *program)
{
    if (answer->is_lost && answer->reason != EPIPE)
        oak_program_say(program, "", "cannot write the output");
    return !answer->is_lost;
}
