/* The options of kubectl that `kubectl oakum` takes, and those that it has an answer for. */
#ifndef OAK_CLI_OPTIONS_KUBE_H
#define OAK_CLI_OPTIONS_KUBE_H

#include "output/output.h"

#include <getopt.h>

enum { OAK_OPT_KUBE = 1024, OAK_MAX_KUBE_OPTIONS = 64 }; /* ids are OAK_OPT_KUBE + the number of the row */

struct oak_kube_options {
    OAK_LIST(const char *) passed; /* to kubectl, each a word: --namespace=shop */
    const char *chooses; /* the first that chooses objects (-n, -A, -l …): words are objects then; NULL: none */
    const char *filters; /* the first that leaves objects out (-l …); NULL: none */
    void (*add_change)(struct oak_buf *out, const struct oak_report *report); /* -o patch, -o yaml; NULL: a diff */
    const char *output;  /* what -o says; NULL: nothing */
};

extern const char oak_kube_short_options[];
/* Adds to the array for getopt_long; returns the number added. */
size_t oak_kube_options_getopt(struct option *longs);
/* Is it one of the short options? Then its id. */
int oak_kube_option_id(int letter);
OAK_MUST_CHECK bool oak_kube_option_take(struct oak_arena *arena, struct oak_kube_options *out, int id, const char *value,
                                         struct oak_error *err);
bool oak_kube_option_is(oak_str word); /* --namespace, -n */
void oak_kube_option_nearest(struct oak_nearest *nearest);
struct oak_option;
/* The `i`-th that is not refused; false behind the last. */
bool oak_kube_option_at(size_t i, struct oak_option *out);
oak_str oak_kube_option_words(struct oak_arena *arena, int id);
void oak_kube_options_help(struct oak_buf *out);

#endif
