/* Asking about the findings of one file, one question after the other: what hangs together is asked together, what something
 * else waits for is asked first, and what falls with a no is not asked. Pure: text in, questions out, answers in, a result
 * out; who asks, and how, is no business of this room.
 *
 * Nothing here knows a patch or why findings hang together. It is tried: a pass with some of the answers tells. So a question
 * costs a few passes over the file. */
#ifndef OAK_ENGINE_ASK_H
#define OAK_ENGINE_ASK_H

#include <oakum/engine.h>

/* What was said about more than one file. */
struct oak_stance {
    struct oak_arena *arena;
    OAK_LIST(const struct oak_patch *) yes, no;
    bool is_over;
};

typedef OAK_LIST(const struct oak_finding *) oak_finding_list;

struct oak_question {
    oak_finding_list findings; /* answered together */
    bool can_fix;              /* otherwise only a person can, or it is refused */
    bool is_held;              /* yes means: although the manifest speaks against it */
    bool is_told_only;         /* nothing is asked: it is refused */
    oak_edit_list edits;       /* of this change alone */
    size_t number, total;      /* of the questions of the file, as far as can be told */
};

struct oak_asking {
    struct oak_arena *arena;     /* what lasts as long as the file */
    struct oak_run run;
    struct oak_file file;        /* its text grows by exemptions */
    struct oak_stance *stance;
    struct oak_answers answers;

    struct oak_arena world_arena, spare_arena, trial_arena;
    struct oak_result world;     /* if no question was left, and all of them were answered with yes */
    struct oak_question question;
    oak_finding_list fallen;     /* left since something else was declined, by the last answer */
    size_t asked;
    bool takes_rest, skips_rest; /* of this file */
    bool is_known;               /* the world is that of the answers */
};

/* What may be answered: a letter each. I, E and ? need words, and are no answers: the question stays. */
struct oak_key {
    char key;
    const char *help;
};
extern const struct oak_key oak_keys[];
extern const size_t oak_key_count;
bool oak_key_is_for(char key, const struct oak_question *question);

/* Nothing is copied: `asking` must stay where it is, `file` and `stance` live as long. */
void oak_asking_init(struct oak_asking *asking, struct oak_arena *arena, const struct oak_run *run, struct oak_file file,
                     struct oak_stance *stance);

/* The next question is in asking->question, until it is answered; false if none is left. */
bool oak_asking_next(struct oak_asking *asking);

/* One of the letters y n a d f s q; of what is told only, any. */
void oak_asking_answer(struct oak_asking *asking, char key);

/* Writes an exemption for what is asked into the text. Fails, with words for a person, where none can stand; then the question
 * stays. `also`: how many other findings it exempts. */
OAK_MUST_CHECK bool oak_asking_exempt(struct oak_asking *asking, oak_str reason, oak_day until, struct oak_annotated *done,
                                      size_t *also, struct oak_error *err);

/* What all answers together make of the file, in the arena of the file; asking->file.text is the text that it is about. */
void oak_asking_finish(struct oak_asking *asking, struct oak_result *out);
/* Was yes said to this finding of the result? */
bool oak_asking_accepted(const struct oak_asking *asking, const struct oak_finding *f);

void oak_asking_free(struct oak_asking *asking);

#endif
