/* Objects as kubectl prints them, and the patches that change them: what the tests with a real kubectl cannot bring about. */
#include "arena_test.h"

#include "engine/amend.h"
#include "engine/served.h"

#include <criterion/criterion.h>

static const char list[] = "apiVersion: v1\n"
                           "items:\n"
                           "- apiVersion: apps/v1\n"
                           "  kind: Deployment\n"
                           "  metadata:\n"
                           "    name: web\n"
                           "    namespace: shop\n"
                           "    uid: 1\n"
                           "  spec:\n"
                           "    text: |2-\n"
                           "        - a\n"
                           "\n"
                           "      kind: List\n"
                           "- apiVersion: v1\n"
                           "  kind: Pod\n"
                           "  metadata:\n"
                           "    name: web-1\n"
                           "    ownerReferences:\n"
                           "    - {kind: Node, name: other}\n"
                           "    - {controller: true, kind: ReplicaSet, name: web}\n"
                           "    uid: 2\n"
                           "  status: {}\n"
                           "kind: List\n"
                           "metadata:\n"
                           "  resourceVersion: \"\"\n";

Test(served, a_list_is_cut_into_documents, .init = setup, .fini = teardown)
{
    oak_served_list found;
    cr_assert(oak_served_read(&arena, oak_str_from(list), &found, &err), "%s", err.text);
    cr_assert_eq(found.count, 2);
    cr_assert(oak_str_eq(found.items[0].text, OAK_STR("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n"
                                                      "  uid: 1\nspec:\n  text: |2-\n      - a\n\n    kind: List\n")));
    cr_assert(oak_str_eq(found.items[0].namespace, OAK_STR("shop")));
    cr_assert(oak_str_eq(found.items[0].group, OAK_STR("apps")));
    cr_assert_eq(found.items[0].owner_kind.len, 0);
    cr_assert(oak_str_eq(found.items[1].owner_name, OAK_STR("web")));
}

Test(served, what_only_the_server_writes_goes, .init = setup, .fini = teardown)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        { "kind: A\nmetadata:\n  name: a\n  uid: 1\nstatus:\n  x: 1\n", "kind: A\nmetadata:\n  name: a\n" },
        { "kind: A\nmetadata:\n  annotations:\n    deployment.kubernetes.io/revision: \"1\"\n  name: a\n", "kind: A\nmetadata:\n  name: a\n" },
        { "kind: A\nmetadata:\n  annotations:\n    mine: b\n  name: a\nspec:\n  status: x\n",
          "kind: A\nmetadata:\n  annotations:\n    mine: b\n  name: a\nspec:\n  status: x\n" },
        { "kind: A\nmetadata: null\n", "kind: A\nmetadata: null\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oak_str out;
            cr_assert(oak_served_clean(&arena, oak_str_from(cases[i].in), &out, &err), "%s", err.text);
        cr_expect(oak_str_eq(out, oak_str_from(cases[i].want)), "%zu: %.*s", i, (int)out.len, out.ptr);
    }
}

Test(served, another_layout_is_refused, .init = setup, .fini = teardown)
{
    static const char *const texts[] = {
        "apiVersion: v1\nitems:\n  - kind: A\nkind: List\n",           /* indented further */
        "apiVersion: v1\nitems:\n- kind: A\nmore: 1\nkind: List\n",
        "apiVersion: v1\nitems:\n- &a kind: A\n  b: *a\nkind: List\n", /* what an alias means may be elsewhere */
        "- a\n", "text\n", "a: [\n", "a: \001\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        oak_served_list found;
        err.text[0] = '\0';
        cr_expect(!oak_served_read(&arena, oak_str_from(texts[i]), &found, &err), "%zu: %s", i, texts[i]);
        cr_expect(err.text[0] != '\0');
    }
}

/* ---- patches ---- */

static oak_str amend(const char *before, const char *after, enum oak_amend_type *type)
{
    oak_amendments out;
    cr_assert(oak_amend(&arena, oak_str_from(before), oak_str_from(after), &out, &err), "%s", err.text);
    cr_assert_eq(out.count, 1);
    *type = out.items[0].type;
    return out.items[0].obstacle != NULL ? oak_str_from(out.items[0].obstacle) : oak_value_print(&arena, out.items[0].patch);
}

Test(amend, patches, .init = setup, .fini = teardown)
{
#define D "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
#define C "apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: a}\n"
    static const struct {
        const char *before, *after, *want;
        enum oak_amend_type type;
    } cases[] = {
        { D "spec: {a: 1, b: {x: 1}}\n", D "spec: {b: {}, c: 2}\n", "{spec: {a: null, b: {x: null}, c: 2}}", OAK_AMEND_STRATEGIC },
        { D "spec: {containers: [{name: a, x: 1}, {name: b}]}\n", D "spec: {containers: [{name: a, x: 2}, {name: b}]}\n",
          "{spec: {containers: [{name: a, x: 2}]}}", OAK_AMEND_STRATEGIC },
        /* Two of one name: the merge would take the first. */
        { D "spec: {containers: [{name: a}, {name: a}]}\n", D "spec: {containers: [{name: a}, {name: a, x: 2}]}\n",
          "[{op: test, path: /spec/containers/1/name, value: a}, {op: add, path: /spec/containers/1/x, value: 2}]", OAK_AMEND_JSON },
        /* Nobody knows how this list merges. */
        { D "spec: {odd: [1]}\n", D "spec: {odd: [2]}\n",
          "[{op: test, path: /spec/odd/0, value: 1}, {op: replace, path: /spec/odd/0, value: 2}]", OAK_AMEND_JSON },
        { C "spec: {drop: [A, B], \"a~b/c\": 1}\n", C "spec: {drop: [A]}\n",
          "[{op: test, path: /spec/drop, value: [A, B]}, {op: replace, path: /spec/drop, value: [A]}, "
          "{op: test, path: /spec/a~0b~1c, value: 1}, {op: remove, path: /spec/a~0b~1c}]", OAK_AMEND_JSON },
        /* What a merge key brings is part of the data. */
        { D "x: &x {a: 1}\nspec: {<<: *x, b: 1}\n", D "x: &x {a: 2}\nspec: {<<: *x, b: 1}\n", "{x: {a: 2}, spec: {a: 2}}",
          OAK_AMEND_STRATEGIC },
        { "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {a: 1}\n", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {a: 2}\n",
          "a Pod that exists cannot be changed: make it anew from the fixed object", OAK_AMEND_STRATEGIC },
        { "kind: Deployment\napiVersion: apps/v1\nspec: 1\n", "kind: Deployment\napiVersion: apps/v1\nspec: 2\n", "it has no name",
          OAK_AMEND_STRATEGIC },
        { "kind: PodList\nitems:\n- {kind: A, metadata: {name: a}}\n- {kind: B, metadata: {name: b}, c: 1}\n",
          "kind: PodList\nitems:\n- {kind: A, metadata: {name: a}}\n- {kind: B, metadata: {name: b}, c: 2}\n",
          "[{op: test, path: /c, value: 1}, {op: replace, path: /c, value: 2}]", OAK_AMEND_JSON },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum oak_amend_type type;
        const oak_str got = amend(cases[i].before, cases[i].after, &type);
        cr_expect(oak_str_eq(got, oak_str_from(cases[i].want)), "%zu: %.*s", i, (int)got.len, got.ptr);
        cr_expect_eq(type, cases[i].type, "%zu", i);
    }
}

Test(amend, aliases_upon_aliases_end, .init = setup, .fini = teardown)
{
    struct oak_buf text;
    oak_amendments out;
    oak_buf_init(&text, &arena);
    oak_buf_addf(&text, "kind: A\na0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
    for (int i = 1; i < 9; i++)
        oak_buf_addf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1, i - 1,
                     i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    const oak_str before = oak_arena_str(&arena, oak_buf_str(&text));
    oak_buf_addf(&text, "b: 1\n");
    cr_expect(!oak_amend(&arena, before, oak_buf_str(&text), &out, &err));
}
