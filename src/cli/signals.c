/* What the program that started us left us: open streams, and what becomes of signals. */
#include "cli/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* A file that we open must not become one of the standard streams, and be written to as such. What is closed stays good for nothing:
 * an answer that nobody can get is an error. */
static bool open_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

/* The first that asked; 0: none did. */
static volatile sig_atomic_t asked;

/* With SA_RESETHAND the same signal kills when it comes again; another one is sent again to do so. With SA_RESTART no call of the system
 * that other rooms make fails for it. */
static void note(int number)
{
    if (asked != 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
    asked = number;
}

void oak_signals_put_off(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction old, action = { .sa_handler = note, .sa_flags = (int)(SA_RESTART | SA_RESETHAND) };
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
}

bool oak_signals_want_end(void)
{
    return asked != 0;
}

void oak_signals_end(void)
{
    if (asked == 0)
        return;
    fflush(NULL);
    signal(asked, SIG_DFL);
    raise(asked);
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
