/* The table of kinds, and the guesses that are made from bytes alone. */
#include "arena_test.h"

#include <oakum/kube.h>

TestSuite(kube, .init = setup, .fini = teardown, .timeout = 60);

/* ---- the table ---- */

#define HEADING "group,kind,what,path,template,context,outer,fields\n"

Test(kube, reads_the_table)
{
    struct oak_kinds kinds;
    const oak_str csv = OAK_STR(HEADING "b,Two,pod,spec,parent,,,\n,One,pod,a.b[].[*],,x.y?,c d.e,+volumes +os\n"
                                        ",One,container,a.b[].[*].c[],,-,,-ports -volumeMounts?\n");
    cr_assert(oak_kinds_load(&arena, csv, &kinds, &err), "%s", err.text);
    const struct oak_kind *const one = oak_kind_find(&kinds, OAK_STR(""), OAK_STR("One"));
    cr_assert_not_null(one);
    cr_assert_eq(one->rows.count, 2);
    const struct oak_row *const pod = &one->rows.items[0], *const container = &one->rows.items[1];
    cr_expect(pod->what == OAK_ROW_POD && pod->path.count == 4 && pod->is_context_given && pod->context.count == 2);
    cr_expect_eq(pod->outer.count, 2);
    cr_expect(oak_row_has(pod, OAK_STR("volumes")) && !oak_row_has(pod, OAK_STR("hostPID")));
    cr_expect(container->what == OAK_ROW_CONTAINER && container->context.count == 0);
    cr_expect(!oak_row_has(container, OAK_STR("ports")) && oak_row_has(container, OAK_STR("volumeMounts")));
    cr_expect(oak_row_adds(container, OAK_STR("env")) && !oak_row_adds(container, OAK_STR("volumeMounts")));
    const struct oak_kind *const two = oak_kind_find(&kinds, OAK_STR("b"), OAK_STR("Two"));
    cr_assert(two != NULL && two->rows.items[0].has_template && oak_row_has(&two->rows.items[0], OAK_STR("hostPID")));
    cr_expect_null(oak_kind_find(&kinds, OAK_STR(""), OAK_STR("Two")));
    cr_expect_null(oak_kind_find(&kinds, OAK_STR("b"), OAK_STR("two")));
}

Test(kube, refuses_a_wrong_table)
{
    static const struct {
        const char *row, *error;
    } cases[] = {
        { "a,Kind,pot,spec,,,,\n", "what is pod, container, objects, text or none" },
        { "a,,pod,spec,,,,\n", "not a row of eight cells" },
        { "a,Kind,pod,spec,,,,,\n", "not a row of eight cells" },
        { "a,Kind,pod,spec\n", "not a row of eight cells" },
        { "a,Kind,pod,,,,,\n", "a path is missing, or too many" },
        { "a,Kind,none,spec,,,,\n", "a path is missing, or too many" },
        { "a,Kind,pod,spec[],parent,,,\n", "an item of a list is in no template" },
        { "a,Kind,pod,spec[,,,,\n", "is not a path" },
        { "a,Kind,pod,spec,,pod.securityContext,,\n", "a context further down ends with '?'" },
        { "a,Kind,pod,spec,,,,+a -b\n", "fields are" },
        { "a,Kind,container,spec.c[],,,,\n", "a container needs a pod above it" },
        { "a,Kind,pod,spec.x,,,,\na,Kind,container,spec.c[],,,,\n", "the row above is not that of its pod" },
        { "a,Kind,objects,spec[],,,,\na,Kind,container,spec[],,,,\n", "the row above is not that of its pod" },
        { "a,Kind,pod,spec,,,,\na,Other,pod,spec,,,,\na,Kind,pod,x,,,,\n", "its rows do not stand together" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oak_kinds kinds;
        size_t at;
        const oak_str csv = oak_arena_printf(&arena, HEADING "%s", cases[i].row);
        cr_expect_not(oak_kinds_load(&arena, csv, &kinds, &err), "%s", cases[i].row);
        cr_expect(oak_str_find(oak_str_from(err.text), 0, oak_str_from(cases[i].error), &at), "%s: %s", cases[i].row,
                  err.text);
    }
}

/* ---- documents that matter ---- */

/* A kind of many groups matters only if its group can be in the document. */
Test(kube, asks_for_the_group)
{
    static const struct {
        const char *text;
        bool matters;
    } cases[] = {
        { "apiVersion: v1\nkind: Service\n", false },
        { "apiVersion: serving.knative.dev/v1\nkind: Service\n", true },
        { "apiVersion: \"serving\\x2eknative.dev/v1\"\nkind: Service\n", true },
        { "apiVersion: \"serving.knative\\u002edev/v1\"\nkind: Service\n", true },
        { "apiVersion: \"serving.knative.de\\u0076/v1\"\nkind: Service\n", true },
        { "apiVersion: \"serving.kna\\\n  tive.dev/v1\"\nkind: Service\n", true },
        { "a: &g serving.knative.dev/v1\napiVersion: *g\nkind: Service\n", true },
        { "apiVersion: serving.knative.dev/v1\nkind: ServiceList\nitems: []\n", true },
        { "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: serving.knative.dev\n"
          "  names:\n    kind: Service\n    pattern: ^\\d+$\n", false },
        { "apiVersion: v1\nkind: Namespace\n", true },
    };
    struct oak_name items[] = { { OAK_STR("Namespace"), OAK_STR("") },
                                { OAK_STR("Service"), OAK_STR("serving.knative.dev") } };
    struct oak_names names = { items, 2, 2 };
    oak_names_sort(&names);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_str text = oak_str_from(cases[i].text);
        cr_expect_eq(oak_document_matters(text, (oak_span){ 0, text.len }, &names), cases[i].matters, "%s",
                     cases[i].text);
    }
}

Test(kube, sees_lists_of_containers)
{
    static const struct {
        const char *text;
        bool has;
    } cases[] = {
        { "spec:\n  containers:\n  - name: a\n", true },
        { "spec:\n  containers: # c\n\n    # d\n    - name: a\n", true },
        { "spec: {containers: [{name: a}]}\n", true },
        { "{\"spec\":{\"containers\" : [{}]}}\n", true },
        { "x: &c []\n'containers': *c\n", true },
        { "containers: &c\n- name: a\n", true },
        { "containers: !!seq\n- name: a\n", true },
        { "? containers\n:\n- name: a\n", true },
        { "containers:\n  description: a list\n", false },
        { "required:\n- containers\n- volumes\n", false },
        { "initContainers:\n- name: a\n", false },
        { "containers: 3\n", false },
        { "containers", false },
        { "", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const oak_str text = oak_str_from(cases[i].text);
        cr_expect_eq(oak_document_has_containers(text, (oak_span){ 0, text.len }), cases[i].has, "%s", cases[i].text);
    }
}
