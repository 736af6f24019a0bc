/* What the files of this room share. */
#ifndef OAK_FORGE_SESSION_H
#define OAK_FORGE_SESSION_H

#include "forge/dialect.h"
#include "forge/http.h"

struct oak_forge {
    struct oak_arena arena; /* place, api, header texts; everything but the token */
    struct oak_forge_place place;
    const struct oak_dialect *dialect;
    struct oak_secret token;
    struct oak_http *http;
};

/* Where the API of this place is: "https://api.github.com". */
oak_str oak_forge_api(struct oak_arena *arena, const struct oak_forge_place *place);

/* The token of `options` for this place. Fails with USAGE. */
OAK_MUST_CHECK bool oak_token_find(const struct oak_forge_place *place, const struct oak_forge_options *options,
                                   struct oak_secret *out, struct oak_error *err);

/* Copies `token`, which is one line of printable ASCII, or fails with USAGE; `where` says what it was found in. */
OAK_MUST_CHECK bool oak_secret_set(struct oak_secret *secret, oak_str token, const char *where, struct oak_error *err);
void oak_secret_wipe(struct oak_secret *secret);

bool oak_forge_is_loopback(oak_str host); /* HOST[:PORT] */

#endif
