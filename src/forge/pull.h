/* Requests as the forge has them, and the hidden marks in their text. */
#ifndef OAK_FORGE_PULL_H
#define OAK_FORGE_PULL_H

#include "forge/session.h"

/* ---- marks ---- */

/* <!-- oakum:v1 digest=… title=… --> TEXT <!-- oakum:end -->, each on a line of its own. What stands around them is a
 * person's. Manifests cannot forge them: no line of oakum's text starts with their bytes. */
struct oak_mark {
    bool is_there, has_end;
    bool is_closed; /* oakum closed the request itself */
    oak_span span;  /* both marks and what is between */
    oak_str digest, title;
};

void oak_mark_find(oak_str body, struct oak_mark *out);
oak_str oak_mark_digest(struct oak_arena *arena, oak_str text); /* 16 hexadecimal digits */

struct oak_marked {
    oak_str title, text;
};
/* `body` with its part between the marks replaced; without marks, the part alone. */
oak_str oak_mark_replace(struct oak_arena *arena, oak_str body, const struct oak_marked *with);
oak_str oak_mark_close(struct oak_arena *arena, oak_str body); /* the mark says that oakum closed the request */

/* ---- requests ---- */

enum oak_pull_state { OAK_PULL_IS_OPEN, OAK_PULL_IS_CLOSED, OAK_PULL_IS_MERGED };

struct oak_pull {
    uint64_t number;
    oak_str url, title, body;
    enum oak_pull_state state;
    struct oak_mark mark;
};
typedef OAK_LIST(struct oak_pull) oak_pulls;

/* Those from wish->head to wish->base, both of this repository, by number. Waits for a repository that was just filled. */
OAK_MUST_CHECK bool oak_pulls_list(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                                   oak_pulls *out, struct oak_error *err);

enum oak_create_end { OAK_CREATED, OAK_CREATE_EXISTS, OAK_CREATE_UNKNOWN };
/* UNKNOWN: the answer was lost; `err` says how, and a listing says what happened. Fails where certainly nothing was created. */
OAK_MUST_CHECK bool oak_pull_create(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                                    struct oak_pull *out, enum oak_create_end *end, struct oak_error *err);

struct oak_pull_edit {
    oak_str title, body; /* ptr NULL: stays */
    const char *state;   /* NULL: stays */
};
OAK_MUST_CHECK bool oak_pull_edit(struct oak_arena *arena, struct oak_forge *forge, uint64_t number,
                                  const struct oak_pull_edit *edit, struct oak_error *err);
OAK_MUST_CHECK bool oak_pull_comment(struct oak_arena *arena, struct oak_forge *forge, uint64_t number, oak_str text,
                                     struct oak_error *err);

/* Labels and reviewers of a new request. What fails becomes a note. */
void oak_pull_decorate(struct oak_arena *arena, struct oak_forge *forge, const struct oak_pull_wish *wish,
                       struct oak_pull_result *result);

/* ---- what both need ---- */

struct json_t;
OAK_MUST_CHECK bool oak_call(struct oak_arena *arena, struct oak_forge *forge, const struct oak_http_request *request,
                             struct oak_http_answer *out, struct oak_error *err); /* fails for a status above 299, too */
bool oak_call_refused(struct oak_arena *arena, const struct oak_forge *forge, const struct oak_http_answer *answer,
                      struct oak_error *err); /* what such an answer says; always false */
oak_str oak_call_path(struct oak_arena *arena, const struct oak_forge *forge, const char *format, uint64_t number);
oak_str oak_call_list_path(struct oak_arena *arena, const struct oak_forge *forge, const struct oak_pull_wish *wish);
oak_str oak_call_body(struct oak_arena *arena, struct json_t *object); /* takes the object */
void oak_pull_note(struct oak_arena *arena, struct oak_pull_result *result, const char *what, const struct oak_error *err);

#endif
