/* A tree rewritten while it is walked. Trees are read and written as bytes: an entry that changes gets another id in its
 * place, so that modes, names and order survive whatever they are, and a folder without a change is never written. */
#include "git/names.h"
#include "git/repository.h"

#include <string.h>

enum {
    MAX_DEPTH = 256,           /* folders in folders: bounds the recursion */
    MAX_ENTRIES = 20 * 1000000 /* a tree that holds the same folder many times may be larger than the world */
};

struct walk {
    struct oak_repository *repository;
    const struct oak_rewriter *rewriter;
    git_oid commit;
    struct oak_arena paths;
    struct oak_arena file;  /* what is learnt about one file */
    struct oak_buf path;    /* of the folder, with a final slash */
    size_t entries;
    size_t depth;
    struct oak_error *err;
};

/* One entry of a tree, where it stands in the tree's bytes. */
struct entry {
    unsigned mode;
    oak_str name;
    size_t id_at; /* offset of its 20 bytes */
};

enum { MODE_TYPE = 0170000, MODE_FOLDER = 0040000, MODE_FILE = 0100000 };

static bool fail(struct walk *w, enum oak_error_kind kind, oak_str name, const char *what)
{
    oak_str path = oak_buf_str(&w->path);
    struct oak_arena scratch;
    oak_arena_init(&scratch);
    const oak_str parts[] = { path, name };
    path = oak_git_printable(&scratch, oak_arena_join(&scratch, parts, 2));
    oak_fail(w->err, kind, (oak_span){ 0, 0 }, "%s: '%.*s'", what, (int)path.len, path.ptr);
    oak_arena_free(&scratch);
    return false;
}

/* ---- reading a tree ---- */

static bool parse_entry(oak_str tree, size_t *at, struct entry *out)
{
    size_t i = *at;
    out->mode = 0;
    for (; i < tree.len && tree.ptr[i] >= '0' && tree.ptr[i] <= '7' && i - *at < 7; i++)
        out->mode = out->mode * 8 + (unsigned)(tree.ptr[i] - '0');
    if (i == *at || i >= tree.len || tree.ptr[i] != ' ')
        return false;
    const char *const name = tree.ptr + i + 1;
    const char *const end = memchr(name, '\0', tree.len - i - 1);
    if (end == NULL || (size_t)(tree.ptr + tree.len - end) < 1 + GIT_OID_RAWSZ)
        return false;
    out->name = (oak_str){ name, (size_t)(end - name) };
    out->id_at = (size_t)(end + 1 - tree.ptr);
    *at = out->id_at + GIT_OID_RAWSZ;
    return true;
}

static bool is_folder(const struct entry *e)
{
    return (e->mode & MODE_TYPE) == MODE_FOLDER;
}

/* Git sorts folders as if their names ended with a slash. */
static int compare(const struct entry *a, const struct entry *b)
{
    const size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
    const int order = memcmp(a->name.ptr, b->name.ptr, len);
    if (order != 0)
        return order;
    const int ca = a->name.len > len ? (unsigned char)a->name.ptr[len] : is_folder(a) ? '/' : 0;
    const int cb = b->name.len > len ? (unsigned char)b->name.ptr[len] : is_folder(b) ? '/' : 0;
    return ca - cb;
}

/* A file `a` and a folder `a` may stand apart (`a`, `a.b`, `a/`), so neighbours are not enough: for a file whose name some
 * later folder repeats, all that begins with the name is passed. */
static bool has_twin(oak_str tree, size_t at, const struct entry *file)
{
    struct entry later;
    while (parse_entry(tree, &at, &later) && oak_str_starts(later.name, file->name))
        if (oak_str_eq(later.name, file->name))
            return true;
    return false;
}

static bool check_entries(struct walk *w, oak_str tree)
{
    struct entry e = { .mode = 0 }, before = { .mode = 0 };
    size_t at = 0;
    while (at < tree.len) {
        if (!parse_entry(tree, &at, &e))
            return fail(w, OAK_UNSAFE, OAK_STR(""), "this repository is refused: a tree is damaged");
        if (oak_git_name_is_hostile(e.name))
            return fail(w, OAK_UNSAFE, e.name, "this repository is refused: its tree holds a name made to harm");
        if (before.name.ptr != NULL && compare(&before, &e) >= 0)
            return fail(w, OAK_UNSAFE, e.name, "this repository is refused: its tree is not sorted, or has a name twice");
        if (!is_folder(&e) && has_twin(tree, at, &e))
            return fail(w, OAK_UNSAFE, e.name, "this repository is refused: its tree has a name twice");
        if (++w->entries > MAX_ENTRIES)
            return fail(w, OAK_UNSAFE, e.name, "this repository is refused: its tree never seems to end");
        before = e;
    }
    return true;
}

static bool read_object(struct walk *w, struct oak_arena *arena, const git_oid *id, oak_str *out)
{
    git_odb_object *object = NULL;
    const int rc = git_odb_read(&object, w->repository->odb, id);
    if (rc == GIT_ENOTFOUND)
        return fail(w, OAK_GIT, OAK_STR(""), "an object is missing here (a partial clone? 'git fetch --refetch' completes it)");
    if (rc != 0)
        return oak_git_fail(w->err, OAK_GIT, "cannot read an object");
    *out = oak_arena_str(arena, (oak_str){ git_odb_object_data(object), git_odb_object_size(object) });
    git_odb_object_free(object);
    return true;
}

static bool write_object(struct walk *w, oak_str bytes, git_object_t type, git_oid *out)
{
    return git_odb_write(out, w->repository->odb, bytes.ptr, bytes.len, type) == 0 ||
           oak_git_fail(w->err, OAK_AGAIN, "cannot write to the repository");
}

/* ---- one file ---- */

/* The value of the attribute `filter`, as the base itself has it; NULL: none. Neither the index nor the configuration has a
 * say: a bare repository must give the same answer. */
static const char *find_filter(struct walk *w, const char *path)
{
    const char *value = NULL;
    git_attr_options options = { .version = GIT_ATTR_OPTIONS_VERSION,
                                 .flags = GIT_ATTR_CHECK_INDEX_ONLY | GIT_ATTR_CHECK_INCLUDE_COMMIT |
                                          GIT_ATTR_CHECK_NO_SYSTEM };
    git_oid_cpy(&options.attr_commit_id, &w->commit);
    if (w->repository->plain == NULL && git_repository_wrap_odb(&w->repository->plain, w->repository->odb) != 0)
        return NULL;
    if (git_attr_get_ext(&value, w->repository->plain, &options, path, "filter") != 0)
        return NULL;
    return git_attr_value(value) == GIT_ATTR_VALUE_STRING ? value : NULL;
}

/* Why a file that was wanted is not read; empty: it is. */
static oak_str reason_to_pass_over(struct walk *w, oak_str path, const git_oid *id, bool has_attributes)
{
    size_t size;
    git_object_t type;
    if (has_attributes) {
        const char *const filter = find_filter(w, oak_arena_cstr(&w->file, path));
        if (filter != NULL) {
            const oak_str name = oak_git_printable(&w->file, oak_str_from(filter));
            return oak_arena_printf(&w->file, "its attribute filter=%.*s says that its text is kept elsewhere or encrypted",
                                    (int)name.len, name.ptr);
        }
    }
    if (git_odb_read_header(&size, &type, w->repository->odb, id) == 0 && size > w->rewriter->max_bytes)
        return oak_arena_printf(&w->file, "it has %zu bytes; the limit is %zu", size, w->rewriter->max_bytes);
    return OAK_STR("");
}

static bool is_lfs_pointer(oak_str text)
{
    return oak_str_starts(text, OAK_STR("version https://git-lfs.github.com/spec/")) ||
           oak_str_starts(text, OAK_STR("version https://hawser.github.com/spec/"));
}

static bool rewrite_file(struct walk *w, oak_str name, bool has_attributes, git_oid *id)
{
    const struct oak_rewriter *const r = w->rewriter;
    const size_t folder_len = w->path.len;
    oak_buf_add(&w->path, name);
    const oak_str path = oak_buf_str(&w->path);
    bool ok = true;
    if (r->wants(r->context, path)) {
        oak_str text = { "", 0 }, out = { "", 0 };
        oak_str why = reason_to_pass_over(w, path, id, has_attributes);
        ok = why.len > 0 || read_object(w, &w->file, id, &text);
        if (ok && is_lfs_pointer(text))
            why = OAK_STR("it is a pointer of Git LFS");
        if (ok && why.len > 0)
            r->pass_over(r->context, path, why);
        else if (ok && r->rewrite(r->context, &w->file, path, text, &out))
            ok = write_object(w, out, GIT_OBJECT_BLOB, id);
        oak_arena_reset(&w->file);
    }
    w->path.len = folder_len;
    return ok;
}

/* ---- one folder ---- */

static bool rewrite_folder(struct walk *w, bool has_attributes, git_oid *id);

static bool has_own_attributes(oak_str tree)
{
    struct entry e;
    size_t at = 0;
    while (at < tree.len && parse_entry(tree, &at, &e))
        if (oak_str_eq(e.name, OAK_STR(".gitattributes")))
            return true;
    return false;
}

static bool rewrite_entry(struct walk *w, const struct entry *e, bool has_attributes, git_oid *id)
{
    if ((e->mode & MODE_TYPE) == MODE_FILE)
        return rewrite_file(w, e->name, has_attributes, id);
    if (!is_folder(e))
        return true;
    if (w->depth == MAX_DEPTH)
        return fail(w, OAK_UNSAFE, e->name, "this repository is refused: too many folders in folders");
    const size_t folder_len = w->path.len;
    oak_buf_add(&w->path, e->name);
    oak_buf_add(&w->path, OAK_STR("/"));
    w->depth++;
    const bool ok = rewrite_folder(w, has_attributes, id);
    w->depth--;
    w->path.len = folder_len;
    return ok;
}

static bool rewrite_entries(struct walk *w, char *bytes, size_t len, bool has_attributes)
{
    struct entry e;
    git_oid id;
    size_t at = 0;
    while (at < len && parse_entry((oak_str){ bytes, len }, &at, &e)) {
        memcpy(id.id, bytes + e.id_at, GIT_OID_RAWSZ);
        if (!rewrite_entry(w, &e, has_attributes, &id))
            return false;
        memcpy(bytes + e.id_at, id.id, GIT_OID_RAWSZ);
    }
    return true;
}

/* Each folder on the way down has its bytes in an arena of its own: memory follows the depth, not the tree. */
static bool rewrite_folder(struct walk *w, bool has_attributes, git_oid *id)
{
    struct oak_arena arena;
    oak_arena_init(&arena);
    oak_str tree;
    bool ok = read_object(w, &arena, id, &tree) && check_entries(w, tree);
    if (ok) {
        char *const bytes = oak_arena_bytes(&arena, tree.len);
        memcpy(bytes, tree.ptr, tree.len);
        ok = rewrite_entries(w, bytes, tree.len, has_attributes || has_own_attributes(tree));
        if (ok && memcmp(bytes, tree.ptr, tree.len) != 0)
            ok = write_object(w, (oak_str){ bytes, tree.len }, GIT_OBJECT_TREE, id);
    }
    oak_arena_free(&arena);
    return ok;
}

bool oak_tree_rewrite(struct oak_repository *repository, const struct oak_base *base,
                      const struct oak_rewriter *rewriter, oak_object_id *tree, struct oak_error *err)
{
    git_oid id;
    struct walk w = { .repository = repository, .rewriter = rewriter, .err = err };
    oak_object_id_parse(base->tree, &id);
    oak_object_id_parse(base->commit, &w.commit);
    oak_arena_init(&w.paths);
    oak_arena_init(&w.file);
    oak_buf_init(&w.path, &w.paths);
    const bool ok = rewrite_folder(&w, false, &id);
    if (ok)
        *tree = oak_object_id_make(&id);
    oak_arena_free(&w.file);
    oak_arena_free(&w.paths);
    return ok;
}

/* ---- one file of a base ---- */

static bool find_entry(oak_str tree, oak_str name, struct entry *out)
{
    size_t at = 0;
    while (at < tree.len && parse_entry(tree, &at, out))
        if (oak_str_eq(out->name, name))
            return true;
    return false;
}

/* Goes down the path; *is_found says whether it leads to a regular file. */
static bool find_file(struct walk *w, oak_str path, git_oid *id, bool *is_found)
{
    oak_str tree, name;
    struct entry e;
    *is_found = false;
    for (bool has_more = true; has_more;) {
        has_more = oak_str_cut(path, '/', &name, &path);
        if (!read_object(w, &w->file, id, &tree) || !check_entries(w, tree))
            return false;
        if (!find_entry(tree, name, &e) || is_folder(&e) != has_more)
            return true;
        memcpy(id->id, tree.ptr + e.id_at, GIT_OID_RAWSZ);
    }
    *is_found = (e.mode & MODE_TYPE) == MODE_FILE;
    return true;
}

bool oak_base_read(struct oak_arena *arena, struct oak_repository *repository, const char *path,
                   const struct oak_base *base, oak_str *out, struct oak_error *err)
{
    git_oid id;
    bool is_found;
    struct walk w = { .repository = repository, .err = err };
    *out = (oak_str){ NULL, 0 };
    oak_object_id_parse(base->tree, &id);
    oak_arena_init(&w.paths);
    oak_arena_init(&w.file);
    oak_buf_init(&w.path, &w.paths);
    const bool ok = find_file(&w, oak_str_from(path), &id, &is_found) && (!is_found || read_object(&w, arena, &id, out));
    oak_arena_free(&w.file);
    oak_arena_free(&w.paths);
    return ok;
}
