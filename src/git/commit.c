/* One commit: its bytes, its signature, its trailers. */
#include "git/repository.h"
#include "git/sign.h"

#include <string.h>

static bool make_signature(struct oak_arena *arena, const struct oak_identity *who, git_signature **out)
{
    return git_signature_new(out, oak_arena_cstr(arena, who->name), oak_arena_cstr(arena, who->email), who->time_s,
                             who->offset_minutes) == 0;
}

/* The commit as it will be signed and written. */
static bool make_bytes(struct oak_arena *arena, git_repository *git, const struct oak_new_commit *new, git_buf *out)
{
    git_oid tree_id, parent_id;
    git_tree *tree = NULL;
    git_commit *parent = NULL;
    git_signature *author = NULL, *committer = NULL;
    oak_object_id_parse(new->tree, &tree_id);
    oak_object_id_parse(new->parent, &parent_id);
    const bool ok = git_tree_lookup(&tree, git, &tree_id) == 0 && git_commit_lookup(&parent, git, &parent_id) == 0 &&
                    make_signature(arena, &new->author, &author) && make_signature(arena, &new->committer, &committer) &&
                    git_commit_create_buffer(out, git, author, committer, NULL, oak_arena_cstr(arena, new->message), tree,
                                             1, (const git_commit *[]){ parent }) == 0;
    git_signature_free(committer);
    git_signature_free(author);
    git_commit_free(parent);
    git_tree_free(tree);
    return ok;
}

bool oak_commit_write(struct oak_arena *arena, struct oak_repository *repository, const struct oak_new_commit *commit,
                      oak_object_id *out, struct oak_error *err)
{
    git_buf bytes = GIT_BUF_INIT;
    git_oid id;
    oak_str signature;
    if (!make_bytes(arena, repository->git, commit, &bytes)) {
        git_buf_dispose(&bytes);
        return oak_git_fail(err, OAK_GIT, "cannot make the commit");
    }
    bool ok = oak_sign(arena, repository, commit, (oak_str){ bytes.ptr, bytes.size }, &signature, err);
    if (ok) {
        const int rc = signature.len > 0
                           ? git_commit_create_with_signature(&id, repository->git, bytes.ptr,
                                                              oak_arena_cstr(arena, signature), NULL)
                           : git_odb_write(&id, repository->odb, bytes.ptr, bytes.size, GIT_OBJECT_COMMIT);
        ok = rc == 0 || oak_git_fail(err, OAK_AGAIN, "cannot write the commit");
    }
    if (ok)
        *out = oak_object_id_make(&id);
    git_buf_dispose(&bytes);
    return ok;
}

/* ---- what commits of ours say ---- */

static void read_trailers(const char *message, struct oak_commit_mark *out)
{
    git_message_trailer_array trailers;
    if (git_message_trailers(&trailers, message) != 0)
        return;
    for (size_t i = 0; i < trailers.count; i++) {
        const git_message_trailer *const t = &trailers.trailers[i];
        oak_object_id *const to = strcmp(t->key, "Oakum-Base") == 0     ? &out->base_tree
                                  : strcmp(t->key, "Oakum-Digest") == 0 ? &out->digest
                                                                        : NULL;
        git_oid id;
        if (to != NULL && git_oid_fromstr(&id, t->value) == 0)
            *to = oak_object_id_make(&id);
    }
    git_message_trailer_array_free(&trailers);
}

bool oak_commit_mark_read(struct oak_repository *repository, oak_object_id commit, struct oak_commit_mark *out,
                          struct oak_error *err)
{
    git_oid id;
    git_commit *found = NULL;
    *out = (struct oak_commit_mark){ .tree = { "" } };
    if (!oak_object_id_parse(commit, &id) || git_commit_lookup(&found, repository->git, &id) != 0)
        return oak_git_fail(err, OAK_GIT, "cannot read a commit");
    read_trailers(git_commit_message(found), out);
    if (oak_object_id_is_none(out->base_tree) || oak_object_id_is_none(out->digest))
        *out = (struct oak_commit_mark){ .tree = { "" } };
    out->tree = oak_object_id_make(git_commit_tree_id(found));
    git_commit_free(found);
    return true;
}

/* An amended commit keeps our trailers and the author's date; the committer's date is that of the amendment. */
static bool is_ours(git_commit *commit, oak_str email, struct oak_commit_mark *mark)
{
    const git_signature *const author = git_commit_author(commit), *const committer = git_commit_committer(commit);
    *mark = (struct oak_commit_mark){ .tree = { "" } };
    read_trailers(git_commit_message(commit), mark);
    return !oak_object_id_is_none(mark->base_tree) && !oak_object_id_is_none(mark->digest) &&
           git_commit_parentcount(commit) == 1 && oak_str_eq(oak_str_from(committer->email), email) &&
           author->when.time == committer->when.time;
}

/* Does the base know this commit, which is not ours? Where history is cut off, that cannot be asked: then the commit on top
 * of it must have been made from its tree. */
static bool is_of_base(git_repository *git, const git_oid *base, git_commit *commit, const struct oak_commit_mark *above)
{
    const int is_ancestor = git_graph_descendant_of(git, base, git_commit_id(commit));
    if (is_ancestor >= 0 && !git_repository_is_shallow(git))
        return is_ancestor == 1;
    return is_ancestor == 1 ||
           oak_object_id_eq(above->base_tree, oak_object_id_make(git_commit_tree_id(commit)));
}

bool oak_branch_find_foreign(struct oak_repository *repository, oak_object_id base, oak_object_id tip, oak_str email,
                             oak_object_id *foreign, struct oak_error *err)
{
    git_oid id, base_id;
    struct oak_commit_mark mark = { .tree = { "" } };
    *foreign = (oak_object_id){ "" };
    oak_object_id_parse(base, &base_id);
    for (bool has_id = oak_object_id_parse(tip, &id); has_id && !git_oid_equal(&id, &base_id);) {
        git_commit *commit = NULL;
        const struct oak_commit_mark above = mark;
        const int rc = git_commit_lookup(&commit, repository->git, &id);
        if (rc == GIT_ENOTFOUND && git_repository_is_shallow(repository->git) && !oak_object_id_is_none(above.digest))
            return true;
        if (rc != 0)
            return oak_git_fail(err, OAK_GIT, "cannot read the branch");
        has_id = is_ours(commit, email, &mark);
        if (has_id)
            git_oid_cpy(&id, git_commit_parent_id(commit, 0));
        else if (!is_of_base(repository->git, &base_id, commit, &above))
            *foreign = oak_object_id_make(&id);
        git_commit_free(commit);
    }
    return true;
}
