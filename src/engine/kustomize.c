/* Which namespaces do kustomizations put a file into? Knows how they name files and each other, and which of their words leave
 * pods alone; any other word counts as a change that nobody follows. Reads no file. */
#include "engine/engine.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHAIN = 100 }; /* overlays upon overlays */

/* ---- paths ---- */

oak_str oak_path_join(struct oak_arena *arena, oak_str folder, oak_str path)
{
    struct oak_buf out;
    oak_buf_init(&out, arena);
    const bool is_absolute = oak_str_starts(path, OAK_STR("/"));
    const oak_str parts[] = { is_absolute ? OAK_STR("") : folder, OAK_STR("/"), path };
    oak_str step, rest = oak_arena_join(arena, parts, 3);
    if (is_absolute || oak_str_starts(folder, OAK_STR("/")))
        oak_buf_add(&out, OAK_STR("/"));
    const size_t root = out.len;
    size_t depth = 0; /* steps that `..` can take back */
    while (rest.len > 0) {
        oak_str_cut(rest, '/', &step, &rest);
        if (step.len == 0 || oak_str_eq(step, OAK_STR(".")))
            continue;
        if (oak_str_eq(step, OAK_STR("..")) && (depth > 0 || root > 0)) {
            while (out.len > root && out.ptr[--out.len] != '/') {
            }
            depth -= depth > 0;
            continue;
        }
        oak_buf_add(&out, out.len > root ? OAK_STR("/") : OAK_STR(""));
        oak_buf_add(&out, step);
        depth += !oak_str_eq(step, OAK_STR(".."));
    }
    return oak_buf_str(&out);
}

static oak_str folder_of(struct oak_arena *arena, oak_str path)
{
    return oak_path_join(arena, path, OAK_STR(".."));
}

/* ---- one kustomization ---- */

enum role { ROLE_NONE, ROLE_NAMESPACE, ROLE_RESOURCES, ROLE_PATCHES, ROLE_MAKER };

static const struct {
    const char *word;
    enum role role;
} words[] = {
    { "namespace", ROLE_NAMESPACE }, { "resources", ROLE_RESOURCES }, { "bases", ROLE_RESOURCES },
    { "components", ROLE_RESOURCES },
    /* These leave alone what a pod may do. */
    { "apiVersion", ROLE_NONE }, { "kind", ROLE_NONE }, { "metadata", ROLE_NONE }, { "namePrefix", ROLE_NONE },
    { "nameSuffix", ROLE_NONE }, { "commonLabels", ROLE_NONE }, { "labels", ROLE_NONE }, { "images", ROLE_NONE },
    { "imageTags", ROLE_NONE }, { "replicas", ROLE_NONE }, { "configMapGenerator", ROLE_NONE },
    { "secretGenerator", ROLE_NONE }, { "generatorOptions", ROLE_NONE }, { "buildMetadata", ROLE_NONE },
    { "sortOptions", ROLE_NONE }, { "validators", ROLE_NONE },
    /* These do not; the files of the first two are manifests. */
    { "patches", ROLE_PATCHES }, { "patchesStrategicMerge", ROLE_PATCHES }, { "patchesJson6902", ROLE_MAKER },
    { "replacements", ROLE_MAKER }, { "helmCharts", ROLE_MAKER }, { "helmChartInflationGenerator", ROLE_MAKER },
    { "generators", ROLE_MAKER }, { "transformers", ROLE_MAKER },
};

struct reader {
    struct oak_arena *arena;
    const struct oak_index *index;
    oak_str folder;
    struct oak_source source;
    struct oak_kustomization *out;
};

static void add_unseen_word(struct reader *r, uint32_t node)
{
    if (r->out->unseen.len > 0)
        return;
    r->out->unseen = r->index->nodes[node].name;
    r->out->line = oak_line_of(r->arena, &r->source, r->index->nodes[node].entry);
}

static void add_named(struct reader *r, enum oak_named_kind kind, oak_str word)
{
    const oak_str path = kind != OAK_NAMED_UNREAD ? oak_path_join(r->arena, r->folder, word) : OAK_STR("");
    *oak_push(r->arena, &r->out->named) = (struct oak_named){ kind, word, path };
}

/* A patch is a path, a mapping that has one, or text. */
static void read_patches(struct reader *r, uint32_t node)
{
    const uint32_t list = oak_node_real(r->index, node);
    if (r->index->nodes[list].kind != OAK_SEQUENCE)
        return;
    for (uint32_t i = r->index->nodes[list].child; i != 0; i = r->index->nodes[i].next) {
        const uint32_t item = oak_node_real(r->index, i);
        const bool is_mapping = r->index->nodes[item].kind == OAK_MAPPING;
        const uint32_t path = is_mapping ? oak_node_get(r->index, item, OAK_STR("path")) : item;
        oak_str word;
        if (path != 0 && oak_node_scalar(r->index, path, &word) && memchr(word.ptr, '\n', word.len) == NULL)
            add_named(r, OAK_NAMED_PATCH, word);
        else
            add_named(r, OAK_NAMED_UNREAD, OAK_STR("a patch that is written in the kustomization"));
    }
}

static void read_resources(struct reader *r, uint32_t node)
{
    const uint32_t list = oak_node_real(r->index, node);
    if (r->index->nodes[list].kind != OAK_SEQUENCE) {
        add_unseen_word(r, node);
        return;
    }
    for (uint32_t i = r->index->nodes[list].child; i != 0; i = r->index->nodes[i].next) {
        oak_str path;
        if (!oak_node_scalar(r->index, i, &path)) {
            add_unseen_word(r, node);
            continue;
        }
        *oak_push(r->arena, &r->out->resources) = oak_path_join(r->arena, r->folder, path);
        add_named(r, OAK_NAMED_RESOURCE, path);
    }
}

static bool read_namespace(struct reader *r, uint32_t node)
{
    oak_str name;
    if (!oak_node_scalar(r->index, node, &name) || !oak_is_namespace_name(name))
        return false;
    r->out->namespace = name;
    return true;
}

static void read_word(struct reader *r, uint32_t node)
{
    const struct oak_node *const n = &r->index->nodes[node];
    if (oak_node_is_null(r->index, node) || ((n->kind == OAK_SEQUENCE || n->kind == OAK_MAPPING) && n->count == 0))
        return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!oak_str_eq(n->name, oak_str_from(words[i].word)))
            continue;
        if (words[i].role == ROLE_RESOURCES)
            read_resources(r, node);
        if (words[i].role == ROLE_PATCHES)
            read_patches(r, node);
        if (words[i].role == ROLE_MAKER)
            add_named(r, OAK_NAMED_UNREAD, n->name);
        if (words[i].role >= ROLE_PATCHES || (words[i].role == ROLE_NAMESPACE && !read_namespace(r, node)))
            break;
        return;
    }
    add_unseen_word(r, node);
}

/* Flux has a kind of the same name: an object, and no file that kustomize builds from. */
static bool is_for_kustomize(const struct oak_index *index)
{
    oak_str version;
    const uint32_t node = index->root != 0 ? oak_node_get(index, index->root, OAK_STR("apiVersion")) : 0;
    return node == 0 || !oak_node_scalar(index, node, &version) ||
           oak_str_starts(version, OAK_STR("kustomize.config.k8s.io/"));
}

const struct oak_kustomization *oak_kustomization_read(struct oak_arena *arena, oak_str path, oak_str text,
                                                       struct oak_error *err)
{
    struct oak_kustomization *const out = oak_arena_alloc(arena, sizeof *out);
    struct reader r = { .arena = arena, .folder = folder_of(arena, path), .source = { .text = text }, .out = out };
    bool is_one = false;
    if (!oak_text_check(text, err))
        return NULL;
    const oak_documents documents = oak_split(arena, text);
    for (size_t i = 0; i < documents.count; i++) {
        struct oak_index *const index = oak_arena_alloc(arena, sizeof *index);
        if (documents.items[i].is_empty)
            continue;
        if (!oak_index_parse(arena, text, documents.items[i].span, index, err))
            return NULL;
        r.index = index;
        if (index->root == 0 || index->nodes[index->root].kind != OAK_MAPPING || !is_for_kustomize(index))
            continue;
        is_one = true;
        for (uint32_t node = index->nodes[index->root].child; node != 0; node = index->nodes[node].next)
            read_word(&r, node);
    }
    return is_one ? out : NULL;
}

/* ---- all of them ---- */

struct entry {
    oak_str path; /* of a file, or of the folder of a kustomization */
    size_t file;
};
typedef OAK_LIST(struct entry) entries;

struct visit {
    size_t file;
    oak_str namespace;
};

struct builder {
    struct oak_arena *arena;
    const struct oak_facts *facts;
    entries files, folders; /* sorted by path */
    bool *is_built_upon;    /* by number of the file: another kustomization names it */
    bool from_root;         /* the build in progress starts at one that no other builds upon */
    OAK_LIST(struct visit) visits; /* of the build in progress */
    struct oak_built out;
};

static int by_path(const void *a, const void *b)
{
    const struct entry *const x = a, *const y = b;
    const int order = oak_str_cmp(x->path, y->path);
    return order != 0 ? order : (x->file > y->file) - (x->file < y->file);
}

static const struct entry *find(const entries *list, oak_str path)
{
    const size_t low = oak_str_lower_bound(list->items, list->count, sizeof *list->items, offsetof(struct entry, path), path);
    return low < list->count && oak_str_eq(list->items[low].path, path) ? &list->items[low] : NULL;
}

static void sort(entries *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, by_path);
}

static void put(struct builder *b, size_t file, oak_str namespace)
{
    struct oak_places *const places = &b->out.places[file];
    places->is_reached = true;
    if (namespace.len == 0) {
        places->is_as_is = places->is_as_is || b->from_root;
        return;
    }
    for (size_t i = 0; i < places->namespaces.count; i++)
        if (oak_str_eq(places->namespaces.items[i], namespace))
            return;
    *oak_push(b->arena, &places->namespaces) = namespace;
}

static bool is_visited(const struct builder *b, size_t file, oak_str namespace)
{
    for (size_t i = 0; i < b->visits.count; i++)
        if (b->visits.items[i].file == file && oak_str_eq(b->visits.items[i].namespace, namespace))
            return true;
    return false;
}

/* The outermost namespace wins: an overlay's replaces that of its base. */
static void build(struct builder *b, size_t file, oak_str namespace, int depth)
{
    const struct oak_kustomization *const k = b->facts->files.items[file].kustomization;
    if (namespace.len == 0)
        namespace = k->namespace;
    if (is_visited(b, file, namespace))
        return;
    *oak_push(b->arena, &b->visits) = (struct visit){ file, namespace };
    put(b, file, namespace);
    for (size_t i = 0; i < k->resources.count; i++) {
        const struct entry *const named = find(&b->files, k->resources.items[i]);
        const struct entry *const folder = find(&b->folders, k->resources.items[i]);
        if (named != NULL)
            put(b, named->file, namespace);
        if (folder != NULL && depth < MAX_CHAIN)
            build(b, folder->file, namespace, depth + 1);
        if (named == NULL && (folder == NULL || depth == MAX_CHAIN))
            b->out.missing[file] = k->resources.items[i];
    }
}

static void list_files(struct builder *b)
{
    for (size_t i = 0; i < b->facts->files.count; i++) {
        const struct oak_file_facts *const file = &b->facts->files.items[i];
        *oak_push(b->arena, &b->files) = (struct entry){ oak_path_join(b->arena, OAK_STR(""), file->path), i };
        if (file->kustomization != NULL)
            *oak_push(b->arena, &b->folders) = (struct entry){ folder_of(b->arena, file->path), i };
    }
    sort(&b->files);
    sort(&b->folders);
    for (size_t i = 0; i < b->folders.count; i++) {
        const struct oak_kustomization *const k = b->facts->files.items[b->folders.items[i].file].kustomization;
        for (size_t r = 0; r < k->resources.count; r++) {
            const struct entry *const folder = find(&b->folders, k->resources.items[r]);
            if (folder != NULL)
                b->is_built_upon[folder->file] = true;
        }
    }
}

struct oak_built oak_kustomize(struct oak_arena *arena, const struct oak_facts *facts)
{
    const size_t count = facts->files.count;
    struct builder b = { .arena = arena, .facts = facts };
    b.is_built_upon = oak_arena_alloc(arena, (count + 1) * sizeof *b.is_built_upon);
    b.out.places = oak_arena_alloc(arena, (count + 1) * sizeof *b.out.places);
    b.out.missing = oak_arena_alloc(arena, (count + 1) * sizeof *b.out.missing);
    list_files(&b);
    for (size_t i = 0; i < b.folders.count; i++) {
        const size_t file = b.folders.items[i].file;
        b.from_root = !b.is_built_upon[file];
        b.visits.count = 0;
        build(&b, file, OAK_STR(""), 0);
    }
    /* Kustomizations in a circle build upon each other, and none is the first: then nothing is known. */
    for (size_t i = 0; i < count; i++)
        if (b.out.places[i].is_reached && b.out.places[i].namespaces.count == 0)
            b.out.places[i].is_as_is = true;
    return b.out;
}
