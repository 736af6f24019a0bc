/* Reading the words of a patch, and of whatever else is written in the same words: strict, errors at their place. */
#ifndef OAK_PATCH_READER_H
#define OAK_PATCH_READER_H

#include <oakum/patch.h>

struct oak_reader {
    struct oak_arena *arena; /* of the run: what is read lives as long */
    const struct oak_index *index;
    struct oak_error *err;
    const oak_evidence_list *evidence; /* what `is` can name; NULL: nothing */
};

/* A word of a fixed set; the table ends with a NULL. */
struct oak_choice {
    const char *word;
    int value;
};
extern const struct oak_choice oak_profiles[], oak_tiers[], oak_target_kinds[];

const struct oak_node *oak_reader_at(const struct oak_reader *r, uint32_t node);

/* Fails with PATCH at the node: `what`, and 'which' in quotes if there is something to quote. */
bool oak_reader_fail(const struct oak_reader *r, uint32_t node, const char *what, oak_str which);

/* The same for a word that is none of `words`, which end with a NULL: names the one that was probably meant. */
bool oak_reader_fail_word(const struct oak_reader *r, uint32_t node, oak_str word, const char *const *words);

bool oak_is_word_of(oak_str word, const char *const *words);

OAK_MUST_CHECK bool oak_read_str(struct oak_reader *r, uint32_t node, oak_str *out);
OAK_MUST_CHECK bool oak_read_choice(struct oak_reader *r, uint32_t node, const struct oak_choice *choices, int *out);
OAK_MUST_CHECK bool oak_read_version(struct oak_reader *r, uint32_t node, unsigned *out);
OAK_MUST_CHECK bool oak_read_field(struct oak_reader *r, uint32_t node, oak_str text, struct oak_field *out);
OAK_MUST_CHECK bool oak_read_matches(struct oak_reader *r, uint32_t node, oak_matches *out);
OAK_MUST_CHECK bool oak_read_condition(struct oak_reader *r, uint32_t node, struct oak_condition *out);
OAK_MUST_CHECK bool oak_read_reason(struct oak_reader *r, uint32_t node, struct oak_reason *out);
OAK_MUST_CHECK bool oak_read_reasons(struct oak_reader *r, uint32_t node, oak_reasons *out);

#endif
