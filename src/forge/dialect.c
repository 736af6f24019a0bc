/* The table of differences between the forges. A new forge is a new row. */
#include "forge/dialect.h"

#include <string.h>

static const struct oak_dialect dialects[OAK_FORGE_KINDS] = {
    [OAK_GITHUB] = {
        .name = "github",
        .hosts = { "github.com" },
        .host_prefixes = { "github." },
        .push_user = "x-access-token",
        .link = "{=origin}/{owner}/{repo}/blob/{commit}/",
        .max_segments = 2,
        .api = "/api/v3", /* of a server of one's own; github.com has a host for it: see place.c */
        .headers = { "Accept: application/vnd.github+json", "X-GitHub-Api-Version: 2022-11-28" },
        .auth_format = "Authorization: Bearer %s",
        .mutation_gap_ms = 1000, /* "at least one second between each" */
        .repository = "/repos/{owner}/{repo}",
        .list = "/repos/{owner}/{repo}/pulls?state=all&head={owner}:{head}&base={base}&per_page=100",
        .create = "/repos/{owner}/{repo}/pulls",
        .one = "/repos/{owner}/{repo}/pulls/{number}",
        .comments = "/repos/{owner}/{repo}/issues/{number}/comments",
        .labels = "/repos/{owner}/{repo}/issues/{number}/labels",
        .reviewers = "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers",
        .edit_method = "PATCH",
        .exists_status = 422,
        .number = "number", .page = "html_url", .text = "body", .source = "head", .target = "base",
        .source_name = "head.ref", .source_repository = "head.repo.id", .target_repository = "base.repo.id",
        .target_name = "base.ref", .merged = "merged_at", .open_state = "open",
        .close_key = "state", .close_value = "closed", .reopen_value = "open",
    },
    [OAK_GITLAB] = {
        .name = "gitlab",
        .hosts = { "gitlab.com" },
        .host_prefixes = { "gitlab." },
        .push_user = "oauth2",
        .link = "{=origin}/{=owner}/{repo}/-/blob/{commit}/",
        .max_segments = 21, /* twenty levels of groups */
        .api = "/api/v4",
        .headers = { "Accept: application/json" },
        .auth_format = "PRIVATE-TOKEN: %s",
        .repository = "/projects/{project}",
        .list = "/projects/{project}/merge_requests?state=all&source_branch={head}&target_branch={base}&per_page=100",
        .create = "/projects/{project}/merge_requests",
        .one = "/projects/{project}/merge_requests/{number}",
        .comments = "/projects/{project}/merge_requests/{number}/notes",
        .find_user = "/users?username={name}",
        .edit_method = "PUT",
        .exists_status = 409,
        .number = "iid", .page = "web_url", .text = "description", .source = "source_branch", .target = "target_branch",
        .source_name = "source_branch", .source_repository = "source_project_id", .target_repository = "target_project_id",
        .target_name = "target_branch", .open_state = "opened",
        .close_key = "state_event", .close_value = "close", .reopen_value = "reopen",
        .draft_prefix = "Draft: ",
    },
    [OAK_GITEA] = {
        .name = "gitea",
        .hosts = { "codeberg.org", "gitea.com" },
        .host_prefixes = { "gitea.", "forgejo." },
        .push_user = "oauth2",
        .link = "{=origin}/{owner}/{repo}/src/commit/{commit}/",
        .max_segments = 2,
        .api = "/api/v1",
        .headers = { "Accept: application/json" },
        .auth_format = "Authorization: token %s",
        .repository = "/repos/{owner}/{repo}",
        /* There is no filter for the head; older servers also ignore that for the base. */
        .list = "/repos/{owner}/{repo}/pulls?state=all&base_branch={base}&limit=50",
        .create = "/repos/{owner}/{repo}/pulls",
        .one = "/repos/{owner}/{repo}/pulls/{number}",
        .comments = "/repos/{owner}/{repo}/issues/{number}/comments",
        .labels = "/repos/{owner}/{repo}/issues/{number}/labels",
        .reviewers = "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers",
        .edit_method = "PATCH",
        .exists_status = 409,
        .number = "number", .page = "html_url", .text = "body", .source = "head", .target = "base",
        .source_name = "head.ref", .source_repository = "head.repo_id", .target_repository = "base.repo_id",
        .target_name = "base.ref", .merged = "merged_at", .open_state = "open",
        .close_key = "state", .close_value = "closed", .reopen_value = "open",
        .draft_prefix = "WIP: ",
    },
};

const struct oak_dialect *oak_dialect_of(enum oak_forge_kind kind)
{
    return &dialects[kind];
}

bool oak_dialect_has_host(const struct oak_dialect *dialect, oak_str host)
{
    for (size_t i = 0; i < OAK_MAX_HOSTS && dialect->hosts[i] != NULL; i++)
        if (oak_str_eq(host, oak_str_from(dialect->hosts[i])))
            return true;
    /* GitHub's clouds of single enterprises. */
    return strcmp(dialect->name, "github") == 0 && oak_str_ends(host, OAK_STR(".ghe.com"));
}

static bool names_kind(const struct oak_dialect *dialect, oak_str host)
{
    for (size_t i = 0; i < OAK_MAX_HOSTS && dialect->host_prefixes[i] != NULL; i++)
        if (oak_str_starts(host, oak_str_from(dialect->host_prefixes[i])))
            return true;
    return oak_dialect_has_host(dialect, host);
}

enum oak_forge_kind oak_dialect_guess(oak_str host)
{
    for (int kind = OAK_GITHUB; kind < OAK_FORGE_KINDS; kind++)
        if (names_kind(&dialects[kind], host))
            return (enum oak_forge_kind)kind;
    return OAK_FORGE_UNKNOWN;
}

bool oak_forge_kind_parse(oak_str name, enum oak_forge_kind *out)
{
    for (int kind = OAK_GITHUB; kind < OAK_FORGE_KINDS; kind++)
        if (oak_str_eq(name, oak_str_from(dialects[kind].name))) {
            *out = (enum oak_forge_kind)kind;
            return true;
        }
    return false;
}

void oak_percent_encode(struct oak_buf *out, oak_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c != 0 && strchr("-._~", c) != NULL))
            oak_buf_add(out, (oak_str){ text.ptr + i, 1 });
        else
            oak_buf_addf(out, "%%%02X", c);
    }
}

static void add_slot(struct oak_buf *out, oak_str name, const struct oak_slot *slots, size_t count)
{
    const bool is_raw = oak_str_starts(name, OAK_STR("="));
    const oak_str key = is_raw ? (oak_str){ name.ptr + 1, name.len - 1 } : name;
    for (size_t i = 0; i < count; i++) {
        if (!oak_str_eq(key, oak_str_from(slots[i].name)))
            continue;
        if (is_raw)
            oak_buf_add(out, slots[i].value);
        else
            oak_percent_encode(out, slots[i].value);
    }
}

oak_str oak_dialect_fill(struct oak_arena *arena, const char *format, const struct oak_slot *slots, size_t count)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    oak_str name, head, rest = oak_str_from(format);
    while (oak_str_cut(rest, '{', &head, &rest)) {
        oak_buf_add(&out, head);
        oak_str_cut(rest, '}', &name, &rest);
        add_slot(&out, name, slots, count);
    }
    oak_buf_add(&out, head);
    return oak_buf_str(&out);
}
