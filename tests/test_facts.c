/* Facts across files: paths, kustomizations, who meets what. Small trees written as tables. */
#include "arena_test.h"

#include "engine/engine.h"

#include <stdio.h>
#include <string.h>

TestSuite(facts, .init = setup, .fini = teardown, .timeout = 60);

/* ---- a tree ---- */

static struct oak_facts new_facts(void)
{
    return (struct oak_facts){ .arena = &arena };
}

/* A workload that keeps a finding of this level; NONE: it keeps none. */
static void add_workload(struct oak_facts *facts, const char *path, const char *namespace, enum oak_profile level)
{
    struct oak_file_facts file = { .path = { "", 0 } };
    struct oak_fact *const fact = oak_push(&arena, &file.items);
    *fact = (struct oak_fact){ .kind = OAK_FACT_WORKLOAD, .namespace = oak_str_from(namespace) };
    if (level != OAK_PROFILE_NONE)
        *oak_push(&arena, &fact->obstacles) =
            (struct oak_obstacle){ .level = level, .subject = OAK_STR("Pod 'p'"), .reason = OAK_STR("rule"), .line = 7 };
    oak_facts_add(facts, oak_str_from(path), &file);
}

static void add_namespace(struct oak_facts *facts, const char *path, const char *name)
{
    struct oak_file_facts file = { .path = { "", 0 } };
    *oak_push(&arena, &file.items) = (struct oak_fact){ .kind = OAK_FACT_NAMESPACE, .namespace = oak_str_from(name) };
    oak_facts_add(facts, oak_str_from(path), &file);
}

static void add_unseen(struct oak_facts *facts, const char *path, const char *namespace)
{
    struct oak_file_facts file = { .path = { "", 0 } };
    oak_facts_add_unseen(&arena, (struct oak_obstacle){ .reason = OAK_STR("who knows") }, oak_str_from(namespace), &file);
    oak_facts_add(facts, oak_str_from(path), &file);
}

static void add_text(struct oak_facts *facts, const char *path, const char *text)
{
    struct oak_file_facts file = { .path = { "", 0 } };
    oak_facts_of_name(&arena, oak_str_from(path), oak_str_from(text), &file);
    oak_facts_add(facts, oak_str_from(path), &file);
}

/* The verdicts in a line: "shop=restricted lax=- …". */
static const char *decided(const struct oak_facts *facts)
{
    struct oak_buf out;
    oak_buf_init(&out, &arena);
    const oak_verdicts verdicts = oak_facts_decide(&arena, facts);
    for (size_t i = 0; i < verdicts.count; i++) {
        const struct oak_verdict *const v = &verdicts.items[i];
        cr_assert_eq(v->level == OAK_PROFILE_NONE, v->reason.len > 0, "no label without a reason");
        oak_buf_addf(&out, "%s%.*s=%s", i > 0 ? " " : "", (int)v->name.len, v->name.ptr,
                     v->level != OAK_PROFILE_NONE ? oak_profile_name(v->level) : "-");
    }
    return oak_arena_cstr(&arena, oak_buf_str(&out));
}

/* ---- paths ---- */

Test(facts, joins_paths)
{
    static const struct {
        const char *folder, *path, *want;
    } cases[] = {
        { "", "web.yaml", "web.yaml" },
        { "", "./base//web.yaml", "base/web.yaml" },
        { "overlays/prod", "../../base", "base" },
        { "overlays/prod", "../..", "" },
        { "overlays/prod", ".", "overlays/prod" },
        { "a", "../../b", "../b" },
        { "a", "../../../b/c", "../../b/c" },
        { "../x", "../y", "../y" },
        { "/srv/a", "../b", "/srv/b" },
        { "/srv", "../../b", "/b" },
        { "a", "/b/./c", "/b/c" },
        { "a", "b..c/..d", "a/b..c/..d" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_str got = oak_path_join(&arena, oak_str_from(cases[i].folder), oak_str_from(cases[i].path));
        cr_assert(oak_str_eq(got, oak_str_from(cases[i].want)), "%s + %s: '%.*s'", cases[i].folder, cases[i].path,
                  (int)got.len, got.ptr);
    }
}

Test(facts, knows_names_of_namespaces)
{
    static const struct {
        const char *name;
        bool is_one;
    } cases[] = {
        { "shop", true }, { "a-1", true }, { "1a", true }, { "", false }, { "-a", false }, { "a-", false },
        { "A", false }, { "a.b", false }, { "${NS}", false }, { "{{ns}}", false },
        { "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc", true },
        { "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_assert_eq(oak_is_namespace_name(oak_str_from(cases[i].name)), cases[i].is_one, "%s", cases[i].name);
}

/* ---- kustomizations ---- */

Test(facts, reads_kustomizations)
{
    static const struct {
        const char *text, *want; /* namespace | resources | what nobody follows */
    } cases[] = {
        { "namespace: prod\nresources: [a.yaml, ../base]\n", "prod|k/a.yaml base|" },
        { "bases: [../b]\ncomponents: [c]\nnamePrefix: x-\nimages: []\n", "|b k/c|" },
        { "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\nreplicas:\n- {name: a, count: 3}\n", "||" },
        { "patches: []\nhelmCharts:\npatchesStrategicMerge: ~\n", "||" },
        { "patches:\n- path: p.yaml\nhelmCharts: [{name: a}]\n", "||patches" },
        { "helmCharts: [{name: a}]\n", "||helmCharts" },
        { "transformers: [a]\n", "||transformers" },
        { "commonAnnotations: {a: b}\n", "||commonAnnotations" },
        { "namespace: \"{{ ns }}\"\n", "||namespace" },
        { "namespace: [a]\n", "||namespace" },
        { "resources: a.yaml\n", "||resources" },
        { "resources: [{a: b}]\n", "||resources" },
        { "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n", "none" },
        { "- a\n", "none" },
        { "", "none" },
        { "a: [\n", "error" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_buf out;
        struct oak_error error = { .text = "" };
        oak_buf_init(&out, &arena);
        const struct oak_kustomization *const k = oak_kustomization_read(
            &arena, OAK_STR("k/kustomization.yaml"), oak_str_from(cases[i].text), &error);
        if (k == NULL) {
            oak_buf_add(&out, error.text[0] != '\0' ? OAK_STR("error") : OAK_STR("none"));
        } else {
            oak_buf_addf(&out, "%.*s|", (int)k->namespace.len, k->namespace.ptr);
            for (size_t r = 0; r < k->resources.count; r++)
                oak_buf_addf(&out, "%s%.*s", r > 0 ? " " : "", (int)k->resources.items[r].len, k->resources.items[r].ptr);
            oak_buf_addf(&out, "|%.*s", (int)k->unseen.len, k->unseen.ptr);
        }
        cr_assert(oak_str_eq(oak_buf_str(&out), oak_str_from(cases[i].want)), "%s: %.*s", cases[i].text, (int)out.len,
                  out.ptr);
    }
}

/* Where does web.yaml go that names no namespace? Files are "path: text", the last ends with an empty path. */
Test(facts, follows_kustomizations)
{
    static const struct {
        const char *name, *files[4][2], *want; /* namespaces, then "as it is" */
    } cases[] = {
        { "no kustomization", { { NULL, NULL } }, "" },
        { "not named", { { "kustomization.yaml", "namespace: a\n" } }, "" },
        { "named", { { "kustomization.yaml", "namespace: a\nresources: [base/web.yaml]\n" } }, "a" },
        { "base alone", { { "base/kustomization.yml", "resources: [web.yaml]\n" } }, "as it is" },
        { "overlay", { { "base/kustomization.yaml", "resources: [web.yaml]\n" },
                       { "prod/kustomization.yaml", "namespace: prod\nresources: [../base]\n" } }, "prod" },
        { "two overlays", { { "base/kustomization.yaml", "resources: [./web.yaml]\n" },
                            { "prod/Kustomization", "namespace: prod\nresources: [../base/]\n" },
                            { "test/kustomization.yaml", "namespace: test\nbases: [../base]\n" } }, "prod test" },
        { "the base may be built alone, too", { { "base/kustomization.yaml", "namespace: b\nresources: [web.yaml]\n" },
                       { "prod/kustomization.yaml", "namespace: prod\nresources: [../base]\n" } }, "b prod" },
        { "overlay without namespace", { { "base/kustomization.yaml", "resources: [web.yaml]\n" },
                       { "prod/kustomization.yaml", "resources: [../base]\n" } }, "as it is" },
        { "overlay of an overlay", { { "base/kustomization.yaml", "resources: [web.yaml]\n" },
                       { "mid/kustomization.yaml", "resources: [../base]\n" },
                       { "top/kustomization.yaml", "namespace: top\nresources: [../mid]\n" } }, "top" },
        { "a circle", { { "base/kustomization.yaml", "resources: [web.yaml, ../mid]\n" },
                       { "mid/kustomization.yaml", "resources: [../base]\n" } }, "as it is" },
        { "the folder itself", { { "base/kustomization.yaml", "namespace: a\nresources: [web.yaml, .]\n" } }, "a" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_facts facts = new_facts();
        struct oak_buf out;
        oak_buf_init(&out, &arena);
        add_workload(&facts, "./base/web.yaml", "", OAK_PROFILE_NONE);
        for (size_t k = 0; k < 4 && cases[i].files[k][0] != NULL; k++)
            add_text(&facts, cases[i].files[k][0], cases[i].files[k][1]);
        const struct oak_built built = oak_kustomize(&arena, &facts);
        const struct oak_places *const places = &built.places[0];
        for (size_t k = 0; k < places->namespaces.count; k++)
            oak_buf_addf(&out, "%s%.*s", k > 0 ? " " : "", (int)places->namespaces.items[k].len,
                         places->namespaces.items[k].ptr);
        oak_buf_addf(&out, "%s", places->is_as_is ? "as it is" : "");
        cr_assert(oak_str_eq(oak_buf_str(&out), oak_str_from(cases[i].want)), "%s: %.*s", cases[i].name, (int)out.len,
                  out.ptr);
        for (size_t k = 0; k < facts.files.count; k++)
            cr_assert_eq(built.missing[k].len, 0, "%s: %.*s", cases[i].name, (int)built.missing[k].len,
                         built.missing[k].ptr);
    }
}

/* A chain longer than any that people write is not followed, and counts as something that nobody sees. */
Test(facts, bounds_chains)
{
    struct oak_facts facts = new_facts();
    for (int i = 0; i < 150; i++)
        add_text(&facts, oak_arena_cstr(&arena, oak_arena_printf(&arena, "k%03d/kustomization.yaml", i)),
                 oak_arena_cstr(&arena, oak_arena_printf(&arena, "resources: [../k%03d]\n", i + 1)));
    add_text(&facts, "k150/kustomization.yaml", "namespace: a\n");
    add_namespace(&facts, "ns.yaml", "shop");
    add_workload(&facts, "web.yaml", "shop", OAK_PROFILE_NONE);
    cr_assert_str_eq(decided(&facts), "shop=-");
}

/* ---- decisions ---- */

Test(facts, takes_the_strictest_that_all_meet)
{
    static const struct {
        const char *name;
        struct {
            const char *namespace;
            enum oak_profile left;
        } workloads[3];
        const char *want;
    } cases[] = {
        { "none", { { NULL, OAK_PROFILE_NONE } }, "shop=-" },
        { "one, clean", { { "shop", OAK_PROFILE_NONE } }, "shop=restricted" },
        { "one of two keeps a finding", { { "shop", OAK_PROFILE_NONE }, { "shop", OAK_RESTRICTED } }, "shop=baseline" },
        { "the worst counts, whatever the order", { { "shop", OAK_BASELINE }, { "shop", OAK_PROFILE_NONE } }, "shop=-" },
        { "another namespace's do not", { { "shop", OAK_PROFILE_NONE }, { "tools", OAK_BASELINE } }, "shop=restricted" },
        { "one that names none counts for all", { { "shop", OAK_PROFILE_NONE }, { "", OAK_RESTRICTED } }, "shop=baseline" },
        { "and is not seen in any", { { "", OAK_PROFILE_NONE } }, "shop=-" },
        { "a name to be filled in may be any", { { "shop", OAK_PROFILE_NONE }, { "${NS}", OAK_BASELINE } }, "shop=-" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_facts facts = new_facts();
        add_namespace(&facts, "ns.yaml", "shop");
        for (size_t k = 0; k < 3 && cases[i].workloads[k].namespace != NULL; k++)
            add_workload(&facts, "web.yaml", cases[i].workloads[k].namespace, cases[i].workloads[k].left);
        cr_assert_str_eq(decided(&facts), cases[i].want, "%s", cases[i].name);
    }
}

Test(facts, gives_no_label_where_something_is_unseen)
{
    struct oak_facts facts = new_facts();
    add_namespace(&facts, "a.yaml", "shop");
    add_namespace(&facts, "b.yaml", "tools");
    add_workload(&facts, "web.yaml", "shop", OAK_PROFILE_NONE);
    add_workload(&facts, "hammer.yaml", "tools", OAK_PROFILE_NONE);
    cr_assert_str_eq(decided(&facts), "shop=restricted tools=restricted");
    add_unseen(&facts, "widget.yaml", "tools");
    cr_assert_str_eq(decided(&facts), "shop=restricted tools=-");
    add_unseen(&facts, "broken.yaml", "");
    cr_assert_str_eq(decided(&facts), "shop=- tools=-");
}

Test(facts, leaves_some_namespaces_alone)
{
    struct oak_facts facts = new_facts();
    static const char *const names[] = { "kube-system", "", "{{ name }}", "default" };
    for (size_t i = 0; i < COUNT(names); i++)
        add_namespace(&facts, "ns.yaml", names[i]);
    add_workload(&facts, "a.yaml", "kube-system", OAK_PROFILE_NONE);
    add_workload(&facts, "b.yaml", "", OAK_RESTRICTED);
    cr_assert_str_eq(decided(&facts), "kube-system=- =- {{ name }}=- default=baseline");
}

/* kustomize gives a Namespace the name of its own `namespace:`, and the workloads, too. */
Test(facts, follows_a_namespace_that_is_renamed)
{
    struct oak_facts facts = new_facts();
    add_namespace(&facts, "base/ns.yaml", "shop");
    add_workload(&facts, "base/web.yaml", "shop", OAK_PROFILE_NONE);
    add_workload(&facts, "other.yaml", "prod", OAK_RESTRICTED);
    add_text(&facts, "base/kustomization.yaml", "resources: [ns.yaml, web.yaml]\n");
    cr_assert_str_eq(decided(&facts), "shop=restricted");
    add_text(&facts, "prod/kustomization.yaml", "namespace: prod\nresources: [../base]\n");
    cr_assert_str_eq(decided(&facts), "shop=baseline");
    add_text(&facts, "test/kustomization.yaml", "namespace: test\nresources: [../base, nowhere.yaml]\n");
    cr_assert_str_eq(decided(&facts), "shop=-");
}

/* Twice the same Namespace, twice the same answer; nobody is named twice who may go to both names of one. */
Test(facts, names_each_obstacle_once)
{
    struct oak_facts facts = new_facts();
    add_namespace(&facts, "base/ns.yaml", "shop");
    add_namespace(&facts, "again.yaml", "shop");
    add_workload(&facts, "base/web.yaml", "shop", OAK_RESTRICTED);
    add_text(&facts, "base/kustomization.yaml", "namespace: prod\nresources: [ns.yaml, web.yaml]\n");
    const oak_verdicts verdicts = oak_facts_decide(&arena, &facts);
    cr_assert_eq(verdicts.count, 2);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(verdicts.items[i].level, OAK_BASELINE);
        cr_assert_eq(verdicts.items[i].obstacle_count, 1);
        cr_assert(oak_str_eq(verdicts.items[i].obstacles[0]->file, OAK_STR("base/web.yaml")));
    }
}

Test(facts, names_only_some_of_many_obstacles)
{
    struct oak_facts facts = new_facts();
    add_namespace(&facts, "ns.yaml", "shop");
    for (int i = 0; i < OAK_MAX_OBSTACLES; i++)
        add_workload(&facts, "web.yaml", "shop", OAK_RESTRICTED);
    for (int i = 0; i < OAK_MAX_OBSTACLES + 5; i++)
        add_workload(&facts, "loose.yaml", "", OAK_RESTRICTED);
    const oak_verdicts verdicts = oak_facts_decide(&arena, &facts);
    cr_assert_eq(verdicts.items[0].obstacle_count, OAK_MAX_OBSTACLES);
    cr_assert_eq(verdicts.items[0].more, OAK_MAX_OBSTACLES + 5);
}

/* The order of the file stays; of equal names the last is found. */
Test(facts, finds_a_verdict_by_name)
{
    static const char *const names[] = { "web", "shop", "web", "a", "zoo", "shop", "m" };
    enum { COUNT = sizeof names / sizeof *names };
    struct oak_facts facts = new_facts();
    struct oak_file_facts file = { .path = { "", 0 } };
    for (size_t i = 0; i < COUNT; i++)
        *oak_push(&arena, &file.items) = (struct oak_fact){ .kind = OAK_FACT_NAMESPACE, .namespace = oak_str_from(names[i]) };
    add_namespace(&facts, "before.yaml", "web");
    oak_facts_add(&facts, OAK_STR("all.yaml"), &file);
    const oak_verdicts verdicts = oak_facts_decide(&arena, &facts);
    cr_assert_eq(verdicts.count, COUNT + 1);
    const struct oak_verdict *const of_file = &verdicts.items[1];
    for (size_t i = 0; i < COUNT; i++) {
        size_t last = i;
        for (size_t k = i; k < COUNT; k++)
            last = strcmp(names[k], names[i]) == 0 ? k : last;
        cr_assert(oak_str_eq(of_file[i].name, oak_str_from(names[i])));
        cr_assert_eq(oak_verdict_find(of_file, COUNT, of_file[i].name), &of_file[last], "%s", names[i]);
    }
    cr_assert_null(oak_verdict_find(of_file, COUNT, OAK_STR("b")));
    cr_assert_null(oak_verdict_find(of_file, COUNT, OAK_STR("")));
    cr_assert_null(oak_verdict_find(NULL, 0, OAK_STR("web")));
}

/* ---- kinds ---- */

Test(facts, knows_which_kinds_make_pods)
{
    static const struct {
        const char *group, *kind;
        enum oak_pods want;
    } cases[] = {
        { "", "Service", OAK_PODS_NONE },
        { "", "Pod", OAK_PODS_WRITTEN },
        { "", "Template", OAK_PODS_UNKNOWN },
        { "rbac.authorization.k8s.io", "Role", OAK_PODS_NONE },
        { "kubelet.config.k8s.io", "KubeletConfiguration", OAK_PODS_NONE },
        { "config.k8s.io", "X", OAK_PODS_UNKNOWN },
        { "monitoring.coreos.com", "ServiceMonitor", OAK_PODS_NONE },
        { "monitoring.coreos.com", "Prometheus", OAK_PODS_UNKNOWN },
        { "argoproj.io", "Rollout", OAK_PODS_WRITTEN },
        { "argoproj.io", "Application", OAK_PODS_ELSEWHERE },
        { "example.com", "Widget", OAK_PODS_UNKNOWN },
    };
    struct oak_objects objects;
    cr_assert(oak_objects_load(&arena, oak_objects_builtin, &objects, &err), "%s", err.text);
    for (size_t i = 0; i < COUNT(cases); i++)
        cr_assert_eq(oak_objects_find(&objects, oak_str_from(cases[i].group), oak_str_from(cases[i].kind)), cases[i].want,
                     "%s/%s", cases[i].group, cases[i].kind);
    static const char *const bad[] = { "group,kind,pods\na.b,C,some\n", "group,kind,pods\na.b,,none\n" };
    for (size_t i = 0; i < COUNT(bad); i++)
        cr_assert_not(oak_objects_load(&arena, oak_str_from(bad[i]), &objects, &err), "%s", bad[i]);
}
