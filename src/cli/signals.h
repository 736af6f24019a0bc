/* What the program that started us left us: open streams, and what becomes of signals. */
#ifndef OAK_CLI_SIGNALS_H
#define OAK_CLI_SIGNALS_H

#include <oakum/base.h>

/* First of all. False if not even a stream can be opened. */
OAK_MUST_CHECK bool oak_signals_take(void);

#endif
