/* What the program is called, and how it speaks of itself. */
#ifndef OAK_CLI_PROGRAM_H
#define OAK_CLI_PROGRAM_H

#include <oakum/base.h>

#include <stdio.h>

/* `kubectl oakum` if kubectl called it as its plugin, by the name kubectl-oakum. */
bool oak_program_is_plugin(const char *argv0);

/* Hints are written for 'oakum check'; a plugin is 'kubectl oakum check'. */
oak_str oak_program_speak(struct oak_arena *arena, const char *program, oak_str text);

/* "PROGRAM: SUBJECT: TEXT"; the subject may be empty. */
void oak_program_say(const char *program, const char *subject, const char *text);

#endif
