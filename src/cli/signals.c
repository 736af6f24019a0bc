/* What the program that started us left us: open streams, and what becomes of signals. */
#include "cli/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* A file that we open must not become one of the standard streams, and be written to as such. */
static bool open_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    return fd >= 0 && close(fd) == 0;
}

bool oak_signals_take(void)
{
    /* A full disk and a closed pipe are errors that we report, not ends of the program. */
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    /* Ignored, it would hide how the programs end that we start. */
    signal(SIGCHLD, SIG_DFL);
    return open_standard_streams();
}
