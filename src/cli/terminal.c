/* Environment and streams → looks. */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *variable(const char *name)
{
    const char *const value = getenv(name);
    return value != NULL ? value : "";
}

static bool is_dumb(void)
{
    const char *const term = variable("TERM");
    return *term == '\0' || strcmp(term, "dumb") == 0;
}

static bool has_colour(enum oak_colour colour, bool is_terminal)
{
    const char *const forced = variable("CLICOLOR_FORCE");
    if (colour != OAK_COLOUR_AUTO)
        return colour == OAK_COLOUR_ALWAYS;
    if (*variable("NO_COLOR") != '\0')
        return false;
    if (*forced != '\0' && strcmp(forced, "0") != 0)
        return true;
    return is_terminal && !is_dumb() && strcmp(variable("CLICOLOR"), "0") != 0;
}

unsigned oak_terminal_width(int fd)
{
    struct winsize size;
    const unsigned long columns = strtoul(variable("COLUMNS"), NULL, 10);
    if (columns > 0 && columns < 10000)
        return (unsigned)columns;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* NULL if a program reads it, and did not ask for colours. */
static const struct oak_look *look_at(struct oak_look *look, int fd, enum oak_colour colour)
{
    const bool is_terminal = isatty(fd) != 0;
    *look = (struct oak_look){ has_colour(colour, is_terminal), is_terminal ? oak_terminal_width(fd) : 0 };
    return is_terminal || look->has_colour ? look : NULL;
}

void oak_terminal_init(struct oak_terminal *terminal, enum oak_colour colour)
{
    struct stat status;
    terminal->out = look_at(&terminal->looks[0], STDOUT_FILENO, colour);
    terminal->err = look_at(&terminal->looks[1], STDERR_FILENO, colour);
    terminal->is_out_seen = isatty(STDOUT_FILENO) != 0;
    /* What reads a pipe may be a pager, or write to the same terminal. */
    const bool is_pipe = fstat(STDOUT_FILENO, &status) == 0 && S_ISFIFO(status.st_mode);
    terminal->may_progress = isatty(STDERR_FILENO) != 0 && !is_dumb() && !is_pipe;
}
