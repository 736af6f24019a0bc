/* Who writes, and when: as git finds it. Nothing is made up from the names of user and host. */
#include "git/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const oak_span nowhere = { 0, 0 };

struct role {
    const char *word;
    const char *name_env, *email_env, *date_env;
    const char *name_key, *email_key;
};

static const struct role roles[] = {
    [OAK_AUTHOR] = { "author", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "author.name", "author.email" },
    [OAK_COMMITTER] = { "committer", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE", "committer.name",
                        "committer.email" },
};

/* Without what would end the field in a commit, and without the crud that git takes off the ends. */
static oak_str cleaned(struct oak_arena *arena, const char *text)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    for (; *text != '\0'; text++)
        if (strchr("<>\n\r", *text) == NULL)
            oak_buf_add(&out, (oak_str){ text, 1 });
    oak_str clean = oak_str_trim(oak_buf_str(&out));
    while (clean.len > 0 && strchr(".,:;\"\\'", clean.ptr[clean.len - 1]) != NULL)
        clean.len--;
    return oak_arena_str(arena, clean);
}

static oak_str from_environment(struct oak_arena *arena, const char *name)
{
    const char *const value = getenv(name);
    return value != NULL ? cleaned(arena, value) : OAK_STR("");
}

static oak_str from_configuration(struct oak_arena *arena, git_config *config, const char *key)
{
    return cleaned(arena, oak_arena_cstr(arena, oak_git_setting(arena, config, key)));
}

static oak_str first_of(oak_str a, oak_str b)
{
    return a.len > 0 ? a : b;
}

/* ---- dates ---- */

static bool parse_offset(const char *text, int *minutes)
{
    int hours = 0, rest = 0, used = 0;
    if (strcmp(text, "Z") == 0 || *text == '\0')
        return true;
    if ((*text != '+' && *text != '-') || (sscanf(text + 1, "%2d:%2d%n", &hours, &rest, &used) != 2 &&
                                           sscanf(text + 1, "%2d%2d%n", &hours, &rest, &used) != 2))
        return false;
    *minutes = (hours * 60 + rest) * (*text == '-' ? -1 : 1);
    return text[1 + used] == '\0' && hours < 15 && rest < 60;
}

/* Git's own form, ISO 8601, RFC 2822. */
static bool parse_date(const char *text, struct oak_identity *out)
{
    static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%a, %d %b %Y %H:%M:%S" };
    char *end;
    const char *const digits = text[0] == '@' ? text + 1 : text;
    const long long seconds = strtoll(digits, &end, 10);
    if (end > digits && (*end == '\0' || *end == ' ') && (text[0] == '@' || seconds >= 100000000)) {
        out->time_s = seconds;
        return parse_offset(*end == ' ' ? end + 1 : end, &out->offset_minutes);
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm tm = { .tm_year = 0 };
        const char *rest = strptime(text, forms[i], &tm);
        if (rest == NULL)
            continue;
        rest += *rest == ' ';
        if (!parse_offset(rest, &out->offset_minutes))
            return false;
        out->time_s = (int64_t)timegm(&tm) - (int64_t)out->offset_minutes * 60;
        return true;
    }
    return false;
}

static bool find_date(const struct role *role, struct oak_identity *out, struct oak_error *err)
{
    const char *const given = getenv(role->date_env);
    out->is_dated = given != NULL && *given != '\0';
    if (out->is_dated)
        return parse_date(given, out) ||
               oak_fail(err, OAK_USAGE, nowhere, "%s is '%.60s'; write '1700000000 +0000' or '2023-11-14T22:13:20Z'",
                        role->date_env, given);
    const time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    out->time_s = now;
    out->offset_minutes = (int)(local.tm_gmtoff / 60);
    return true;
}

bool oak_identity_find(struct oak_arena *arena, struct oak_repository *repository, enum oak_role role,
                       struct oak_identity *out, struct oak_error *err)
{
    const struct role *const r = &roles[role];
    git_config *config = NULL;
    if (!oak_git_config_open(repository, OAK_TRUST_REPOSITORY, &config, err))
        return false;
    *out = (struct oak_identity){ .time_s = 0 };
    out->name = first_of(from_environment(arena, r->name_env),
                         first_of(from_configuration(arena, config, r->name_key),
                                  from_configuration(arena, config, "user.name")));
    out->email = first_of(from_environment(arena, r->email_env),
                          first_of(from_configuration(arena, config, r->email_key),
                                   from_configuration(arena, config, "user.email")));
    out->email = first_of(out->email, from_environment(arena, "EMAIL"));
    git_config_free(config);
    if (out->name.len == 0 || out->email.len == 0)
        return oak_fail(err, OAK_GIT, nowhere, "git does not know the %s's %s: set user.name and user.email, or %s and %s",
                        r->word, out->name.len == 0 ? "name" : "address", r->name_env, r->email_env);
    return find_date(r, out, err);
}
