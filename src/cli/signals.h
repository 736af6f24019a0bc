/* What the program that started us left us: open streams, and what becomes of signals. */
#ifndef OAK_CLI_SIGNALS_H
#define OAK_CLI_SIGNALS_H

#include <oakum/base.h>

/* First of all. False if a stream is closed, and /dev/null cannot take its place. */
OAK_MUST_CHECK bool oak_signals_take(void);

/* From here on the first signal that asks for the end (SIGINT, SIGTERM, SIGHUP) is only noted, so that a file in the works is finished
 * and no temporary one is left. The second kills. Those that are ignored stay ignored. */
void oak_signals_put_off(void);
bool oak_signals_want_end(void);
/* Last of all: ends the program by that signal, if there was one, so that a shell sees it. */
void oak_signals_end(void);

#endif
