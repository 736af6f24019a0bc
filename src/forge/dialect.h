/* What GitHub, GitLab and Gitea call the same things. In addresses {owner}, {repo}, {project}, {head}, {base}, {number} and
 * {name} are filled in, percent-encoded. */
#ifndef OAK_FORGE_DIALECT_H
#define OAK_FORGE_DIALECT_H

#include <oakum/forge.h>

enum { OAK_MAX_HOSTS = 4 };

struct oak_dialect {
    const char *name;
    const char *hosts[OAK_MAX_HOSTS]; /* which need no option to be known */
    const char *host_prefixes[OAK_MAX_HOSTS];
    const char *push_user; /* of https, beside the token */
    const char *link;      /* of a file: {origin}, {commit} */
    size_t max_segments;   /* of owner and repository */

    const char *api;         /* behind the origin */
    const char *headers[2];  /* of each request */
    const char *auth_format; /* with the token */
    unsigned mutation_gap_ms; /* between two that write */

    /* addresses, behind `api` */
    const char *repository, *list, *create, *one, *comments, *labels, *reviewers, *find_user;
    const char *edit_method;
    int exists_status; /* of creation, if there is one already */

    /* keys */
    const char *number, *page, *text, *source, *target;
    const char *source_name, *source_repository, *target_repository; /* paths in what the forge sends */
    const char *target_name, *merged; /* `merged`: a key that is set, or nothing and state "merged" */
    const char *open_state;
    const char *close_key, *close_value, *reopen_value;
    const char *draft_prefix; /* of the title; NULL: the key `draft` */
};

const struct oak_dialect *oak_dialect_of(enum oak_forge_kind kind);
enum oak_forge_kind oak_dialect_guess(oak_str host); /* UNKNOWN: the name does not tell */

/* Does a well-known forge of this kind live there? */
bool oak_dialect_has_host(const struct oak_dialect *dialect, oak_str host);

/* Appends `text`, everything but letters, digits and -._~ percent-encoded. */
void oak_percent_encode(struct oak_buf *out, oak_str text);

struct oak_slot {
    const char *name;
    oak_str value;
};
/* Fills the {name}s of `format`; a value of {=name} goes in as it is. */
oak_str oak_dialect_fill(struct oak_arena *arena, const char *format, const struct oak_slot *slots, size_t count);

#endif
