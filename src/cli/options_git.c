/* Options of commit and push: words become values; what belongs together is checked when parsing has ended. */
#include "cli/options.h"

#include "cli/words.h"

#include <stdlib.h>

static const struct oak_word modes[] = { { "create", OAK_MODE_CREATE }, { "append", OAK_MODE_APPEND },
                                         { "replace", OAK_MODE_REPLACE }, { NULL, 0 } };
static const struct oak_word splits[] = { { "none", OAK_SPLIT_NONE }, { "patch", OAK_SPLIT_PATCH },
                                          { "directory", OAK_SPLIT_DIRECTORY }, { NULL, 0 } };
static const struct oak_word forges[] = { { "github", OAK_GITHUB }, { "gitlab", OAK_GITLAB }, { "gitea", OAK_GITEA }, { NULL, 0 } };

static bool fail(struct oak_error *err, const char *what, const char *value)
{
    return oak_fail(err, OAK_USAGE, (oak_span){ 0, 0 }, "%s '%.80s'", what, value);
}

/* I/N: the I-th of N parts, counted from 0 as a Kubernetes Job counts its pods. */
static bool parse_shard(const char *value, unsigned *index, unsigned *count)
{
    char *end;
    const unsigned long i = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '/' || end[1] < '0' || end[1] > '9')
        return false;
    const unsigned long n = strtoul(end + 1, &end, 10);
    *index = (unsigned)i;
    *count = (unsigned)n;
    return *end == '\0' && n > 0 && n <= 1000000 && i < n;
}

/* Adds the comma-separated names of `value`. */
static bool add_names(struct oak_arena *arena, const char *value, oak_words *names)
{
    oak_str name, rest = oak_str_from(value);
    while (rest.len > 0) {
        oak_str_cut(rest, ',', &name, &rest);
        if (oak_str_trim(name).len > 0)
            *oak_push(arena, names) = oak_str_trim(name);
    }
    return true;
}

static bool take_of_pr(struct oak_arena *arena, struct oak_git_options *out, enum oak_git_option id, const char *value,
                       struct oak_error *err)
{
    switch (id) {
    case OAK_OPT_REMOTE:
        out->remote = value;
        return true;
    case OAK_OPT_FORGE:
        return oak_forge_kind_parse(oak_str_from(value), &out->forge) || oak_word_fail("forge", forges, value, err);
    case OAK_OPT_FORGE_URL:
        out->forge_url = value;
        return true;
    case OAK_OPT_TOKEN_FILE:
        out->token_file = value;
        return true;
    case OAK_OPT_LABEL:
        return add_names(arena, value, &out->labels);
    case OAK_OPT_REVIEWER:
        return add_names(arena, value, &out->reviewers);
    case OAK_OPT_DRAFT:
        out->is_draft = true;
        return true;
    case OAK_OPT_REOPEN:
        out->reopen = true;
        return true;
    case OAK_OPT_LOOPBACK_HTTP:
        out->loopback_http = true;
        return true;
    default:
        return fail(err, "unknown option", value);
    }
}

bool oak_git_option_take(struct oak_arena *arena, struct oak_git_options *out, enum oak_git_option id, const char *value,
                         struct oak_error *err)
{
    int word = 0;
    bool is_word;
    switch (id) {
    case OAK_OPT_REPO:
        out->repo = value;
        return true;
    case OAK_OPT_REPOS_FROM:
        out->repos_from = value;
        return true;
    case OAK_OPT_SHARD:
        return parse_shard(value, &out->shard_index, &out->shard_count) ||
               fail(err, "--shard is I/N with I from 0 to N-1, not", value);
    case OAK_OPT_BASE:
        out->base = value;
        return true;
    case OAK_OPT_BRANCH:
        out->branch = value;
        return true;
    case OAK_OPT_MODE:
        out->has_mode = oak_word_take("mode", modes, value, &word, err);
        out->mode = (enum oak_commit_mode)word;
        return out->has_mode;
    case OAK_OPT_SPLIT:
        is_word = oak_word_take("split", splits, value, &word, err);
        out->split = (enum oak_commit_split)word;
        return is_word;
    case OAK_OPT_SIGN:
        out->signing = OAK_SIGN_ALWAYS;
        return true;
    case OAK_OPT_NO_SIGN:
        out->signing = OAK_SIGN_NEVER;
        return true;
    case OAK_OPT_SIGNOFF:
        out->signoff = true;
        return true;
    default:
        return take_of_pr(arena, out, id, value, err);
    }
}

const struct oak_word *oak_git_option_words(enum oak_git_option id)
{
    return id == OAK_OPT_MODE ? modes : id == OAK_OPT_SPLIT ? splits : id == OAK_OPT_FORGE ? forges : NULL;
}
