/* Standard output: the answer, and whether it arrived. */
#ifndef OAK_CLI_STDOUT_H
#define OAK_CLI_STDOUT_H

#include <oakum/base.h>

struct oak_stdout {
    bool is_lost; /* some of it could not be written */
    int reason;   /* errno of then */
};

/* Before anything is printed, where much will be: what no person watches goes out in larger pieces than the C library's 4 KiB. */
void oak_stdout_open(void);

/* What stdio could not write is gone: no later look at the stream would tell, so each of these remembers. */
void oak_stdout_print(struct oak_stdout *answer, oak_str text);
void oak_stdout_flush(struct oak_stdout *answer);

/* Says that it is lost, unless nobody wanted to read on. False if it is. */
bool oak_stdout_close(const struct oak_stdout *answer, const char *program);

#endif
