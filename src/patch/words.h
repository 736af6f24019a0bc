/* Words of a command: what stands by itself in an argument, or anywhere in a script. */
#ifndef OAK_PATCH_WORDS_H
#define OAK_PATCH_WORDS_H

#include <oakum/patch.h>

/* Is it one word, of the bytes that words have? */
bool oak_is_command_word(oak_str text);

/* Tells a match of kind WORD what its words look like from afar. */
void oak_match_add_word(struct oak_match *match, oak_str word);

/* Does one of the words of `match` stand in `text`? */
bool oak_words_match(const struct oak_match *match, oak_str text);

#endif
