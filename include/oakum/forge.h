/* Forges: pull requests on GitHub, GitLab, and Gitea or Forgejo. GitLab's merge requests are pull requests here.
 *
 * The token goes to one host, that of the forge, and nowhere else: no redirect is followed, no page of a list is fetched
 * from another origin, and a host that only the repository's own configuration names gets none. Nothing here prints; the
 * token is in no error text.
 *
 * Errors: AGAIN is what may work later (no connection, rate limits, a lost race); FORGE is what the forge refuses. A
 * listing that fails is an error, never an empty list. What is not known to be safe to repeat is not repeated. */
#ifndef OAKUM_FORGE_H
#define OAKUM_FORGE_H

#include <oakum/base.h>

enum oak_forge_kind { OAK_FORGE_UNKNOWN, OAK_GITHUB, OAK_GITLAB, OAK_GITEA, OAK_FORGE_KINDS };

/* A repository on a forge. */
struct oak_forge_place {
    enum oak_forge_kind kind;
    oak_str origin; /* https://HOST[:PORT], lower case */
    oak_str host;   /* HOST[:PORT] */
    oak_str owner;  /* GitLab: the groups, with slashes */
    oak_str repo;
    bool is_http;   /* not encrypted: on loopback only */
};

/* Reads a remote's URL: https, ssh or git's HOST:PATH. `kind` UNKNOWN: the host's name must tell. Fails with USAGE for a
 * URL that names no repository of a forge, that holds a password, or that is http. */
OAK_MUST_CHECK bool oak_forge_place_parse(struct oak_arena *arena, oak_str url, enum oak_forge_kind kind,
                                          struct oak_forge_place *out, struct oak_error *err);
bool oak_forge_kind_parse(oak_str name, enum oak_forge_kind *out); /* github, gitlab, gitea */

/* The address of a file at a commit, up to its path: "https://github.com/o/r/blob/COMMIT/". "#L7" behind the path is a line. */
oak_str oak_forge_link(struct oak_arena *arena, const struct oak_forge_place *place, oak_str commit);

/* ---- a session ---- */

struct oak_forge; /* owns the token and one connection; of one thread at a time */

/* How fast the sessions of one run write, together: GitHub counts what one account writes. Starts as zeroes; may be shared by
 * threads. */
struct oak_forge_pace {
    _Atomic int64_t next_ms;
};

struct oak_forge_options {
    bool is_named;            /* the user said the URL himself: it is not from the repository's configuration */
    bool allow_loopback_http; /* http to 127.0.0.1, ::1 or localhost, for tests */
    const char *token_file;   /* NULL: OAKUM_TOKEN, then the variables of the forge */
    struct oak_forge_pace *pace; /* NULL: this session is alone */
    unsigned max_wait_s;      /* how long rate limits and a young repository are waited for, in all; 0: 120 */
};

/* Finds the token; makes no connection. Fails with USAGE if there is none, or if this host must not have it. */
OAK_MUST_CHECK bool oak_forge_open(const struct oak_forge_place *place, const struct oak_forge_options *options,
                                   struct oak_forge **out, struct oak_error *err);
void oak_forge_free(struct oak_forge *forge); /* wipes the token; NULL is fine */

/* What a push over https to this host needs. Both live as long as the forge. */
oak_str oak_forge_token(const struct oak_forge *forge);
const char *oak_forge_push_user(const struct oak_forge *forge);

/* Takes the token out of a text that somebody else wrote, and control bytes with it. */
oak_str oak_forge_scrub(struct oak_arena *arena, const struct oak_forge *forge, oak_str text);

/* The branch into which requests go if nobody says otherwise. */
OAK_MUST_CHECK bool oak_forge_find_default_branch(struct oak_arena *arena, struct oak_forge *forge, oak_str *out,
                                                  struct oak_error *err);

/* ---- pull requests ---- */

/* What there should be. Title and body are those of oakum; around the body stand hidden marks with a digest. */
struct oak_pull_wish {
    oak_str head, base; /* branches of this repository */
    oak_str title, body;
    const oak_str *labels, *reviewers; /* a reviewer ORG/TEAM is a team; set when the request is opened, never again */
    size_t label_count, reviewer_count;
    bool is_draft;
    bool reopen; /* a request that somebody closed is opened again */
};

enum oak_pull_outcome {
    OAK_PULL_NONE,      /* there was nothing to close */
    OAK_PULL_OPENED,
    OAK_PULL_REOPENED,
    OAK_PULL_UPDATED,
    OAK_PULL_UNCHANGED,
    OAK_PULL_FOREIGN,   /* open, but its text is a person's: left alone */
    OAK_PULL_DECLINED,  /* somebody closed it without merging: left alone */
    OAK_PULL_CLOSED,    /* nothing was left to do */
    OAK_PULL_OUTCOMES
};
const char *oak_pull_outcome_name(enum oak_pull_outcome outcome);

struct oak_pull_result {
    enum oak_pull_outcome outcome;
    uint64_t number; /* 0: none */
    oak_str url;     /* its page */
    OAK_LIST(oak_str) notes; /* what did not work and did not matter: a label that is missing … */
};

/* What is there, asked before anything is pushed: DECLINED means leave the branch alone; NONE, that one would be opened;
 * UNCHANGED, that oakum's is open; FOREIGN, that a person's is. Reads only. */
OAK_MUST_CHECK bool oak_forge_look(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                                   struct oak_pull_result *out, struct oak_error *err);

/* Opens the request of `wish->head`, or brings the one that is there up to date: its part of the body is replaced if the
 * digest differs, the title unless a person changed it. Of several that a race opened the oldest stays. */
OAK_MUST_CHECK bool oak_forge_propose(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                                      struct oak_pull_result *out, struct oak_error *err);

/* Nothing is left to do: closes oakum's open request of `wish->head`, with `wish->body` as the comment. A request that was
 * closed this way does not count as declined. */
OAK_MUST_CHECK bool oak_forge_withdraw(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                                       struct oak_pull_result *out, struct oak_error *err);

#endif
