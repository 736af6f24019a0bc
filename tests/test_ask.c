/* Which questions are asked, in which order, and what the answers lead to: no terminal, letters in and words out. */
#include "arena_test.h"

#include "engine/ask.h"

#include <string.h>

TestSuite(ask, .init = setup, .fini = teardown, .timeout = 60);

#define POD "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
#define CONTAINER "  containers:\n  - name: a\n    securityContext: "

/* What was asked, a word for each question with the letter it got: "id=y" or "id+id=y", "?" behind what is held, "-" behind
 * what has no fix; then what fell with it: "(id)". */
static void add_question(struct oak_buf *out, const struct oak_question *q, char key)
{
    oak_buf_add(out, out->len > 0 ? OAK_STR(" ") : OAK_STR(""));
    for (size_t i = 0; i < q->findings.count; i++) {
        oak_buf_add(out, i > 0 ? OAK_STR("+") : OAK_STR(""));
        oak_buf_add(out, q->findings.items[i]->rule->patch->id);
    }
    oak_buf_addf(out, "%s=%c", !q->can_fix ? "-" : q->is_held ? "?" : "", key);
}

static void prepare(struct oak_run *run, const char *select)
{
    struct oak_options *const options = oak_arena_alloc(&arena, sizeof *options);
    struct oak_patches *const patches = oak_arena_alloc(&arena, sizeof *patches);
    oak_str id, rest = oak_str_from(select);
    options->profile = OAK_RESTRICTED;
    options->select = oak_arena_alloc(&arena, 8 * sizeof *options->select);
    while (rest.len > 0) {
        oak_str_cut(rest, ',', &id, &rest);
        options->select[options->select_count++] = id;
    }
    cr_assert(oak_patches_add_builtin(&arena, patches, &err), "%s", err.text);
    cr_assert(oak_run_init(&arena, patches, options, run, &err), "%s", err.text);
}

/* The questions about a text; `keys` are the answers, q if there are no more. */
static const char *talk(const struct oak_run *run, const char *text, const char *keys, struct oak_stance *stance,
                        struct oak_result *result)
{
    struct oak_asking asking;
    struct oak_buf out;
    oak_buf_init(&out, &arena);
    oak_asking_init(&asking, &arena, run, (struct oak_file){ { "", 0 }, oak_str_from(text) }, stance);
    while (oak_asking_next(&asking)) {
        const char key = *keys != '\0' ? *keys++ : 'q';
        add_question(&out, &asking.question, key);
        oak_asking_answer(&asking, key);
        for (size_t i = 0; i < asking.fallen.count; i++)
            oak_buf_addf(&out, " (%.*s)", (int)asking.fallen.items[i]->rule->patch->id.len,
                         asking.fallen.items[i]->rule->patch->id.ptr);
    }
    oak_asking_finish(&asking, result);
    for (size_t i = 0; i < result->findings.count; i++)
        cr_assert(result->findings.items[i].outcome == OAK_FIXED || !oak_asking_accepted(&asking, &result->findings.items[i]));
    oak_asking_free(&asking);
    return oak_arena_cstr(&arena, oak_buf_str(&out));
}

static const struct {
    const char *name, *select, *text, *keys, *asked, *with, *without;
} cases[] = {
    { "one", "privileged", POD CONTAINER "{privileged: true}\n", "y", "privileged=y", "privileged: false", NULL },
    { "a no", "privileged", POD CONTAINER "{privileged: true}\n", "n", "privileged=n", "privileged: true", NULL },
    { "what something waits for comes first", "privileged,privilege-escalation", POD CONTAINER "{privileged: true}\n", "yn",
      "privileged=y privilege-escalation=n", "{privileged: false}", "allowPrivilegeEscalation" },
    { "what falls is not asked", "privileged,privilege-escalation", POD CONTAINER "{privileged: true}\n", "n",
      "privileged=n (privilege-escalation)", "{privileged: true}", "allowPrivilegeEscalation" },
    { "held", "root-user", POD CONTAINER "{runAsUser: 0}\n", "y", "root-user?=y", NULL, "runAsUser" },
    { "held, and left", "root-user", POD CONTAINER "{runAsUser: 0}\n", "n", "root-user?=n", "runAsUser: 0", NULL },
    { "what waits for something held", "privileged,privilege-escalation",
      POD "  priorityClassName: system-node-critical\n" CONTAINER "{privileged: true}\n", "yy",
      "privileged?=y privilege-escalation=y", "allowPrivilegeEscalation: false", NULL },
    { "what only a person can do", "host-path-volumes", POD "  volumes:\n  - {name: v, hostPath: {path: /x}}\n", "n",
      "host-path-volumes-=n", "hostPath", NULL },
    { "all of one patch", "proc-mount,privileged",
      POD CONTAINER "{privileged: true, procMount: Unmasked}\n  - name: b\n    securityContext: {privileged: true}\n", "an",
      "privileged=a proc-mount=n", "procMount: Unmasked", "privileged: true" },
    { "none of one patch", "proc-mount,privileged",
      POD CONTAINER "{privileged: true, procMount: Unmasked}\n  - name: b\n    securityContext: {privileged: true}\n", "dy",
      "privileged=d proc-mount=y", "privileged: true", "procMount" },
    { "the rest, but for what is held", "privileged,root-user", POD CONTAINER "{privileged: true, runAsUser: 0}\n", "f",
      "privileged=f", "runAsUser: 0", "privileged: true" },
    { "none of the rest", "privileged,proc-mount", POD CONTAINER "{privileged: true, procMount: Unmasked}\n", "s",
      "privileged=s", "{privileged: true, procMount: Unmasked}", NULL },
    { "over", "privileged,proc-mount", POD CONTAINER "{privileged: true, procMount: Unmasked}\n", "yq",
      "privileged=y proc-mount=q", "{privileged: false, procMount: Unmasked}", NULL },
    { "one item of a list, and not the next", "capabilities-add", POD CONTAINER "{capabilities: {add: [NET_RAW, BPF, NET_ADMIN]}}\n",
      "yny", "capabilities-add=y capabilities-add=n capabilities-add=y", "add: [BPF]", NULL },
    /* The value that the others get once at their pod must not reach the one that keeps its own. */
    { "once at the pod", "non-root", POD CONTAINER "{}\n  - name: b\n", "y", "non-root=y", "  securityContext:\n    runAsNonRoot: true", NULL },
    { "at each, since one is held", "non-root", POD CONTAINER "{runAsUser: 0}\n  - name: b\n  - name: c\n", "nyn",
      "non-root?=n non-root=y non-root=n", "{runAsUser: 0}", "  securityContext:\n    runAsNonRoot: true\n  containers" },
    { "at each, though that was forced", "non-root", POD CONTAINER "{runAsUser: 0}\n  - name: b\n", "yn",
      "non-root?=y non-root=n", "{runAsUser: 0, runAsNonRoot: true}\n  - name: b\n", NULL },
    { "two documents", "privileged", POD CONTAINER "{privileged: true}\n---\n" POD CONTAINER "{privileged: true}\n", "ny",
      "privileged=n privileged=y", "true}\n---", "false}\n---" },
};

Test(ask, questions)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct oak_run run;
        struct oak_result result;
        struct oak_stance stance = { .arena = &arena };
        prepare(&run, cases[i].select);
        const char *const asked = talk(&run, cases[i].text, cases[i].keys, &stance, &result);
        const char *const text = oak_arena_cstr(&arena, result.text);
        cr_expect_str_eq(asked, cases[i].asked, "%s: asked: %s", cases[i].name, asked);
        cr_expect(!result.failed, "%s: %s", cases[i].name, result.error.text);
        cr_expect(cases[i].with == NULL || strstr(text, cases[i].with) != NULL, "%s:\n%s", cases[i].name, text);
        cr_expect(cases[i].without == NULL || strstr(text, cases[i].without) == NULL, "%s:\n%s", cases[i].name, text);
    }
}

Test(ask, what_stands_for_all_files)
{
    struct oak_run run;
    struct oak_result result;
    struct oak_stance stance = { .arena = &arena };
    prepare(&run, "privileged,proc-mount");
    cr_expect_str_eq(talk(&run, POD CONTAINER "{privileged: true, procMount: Unmasked}\n", "ad", &stance, &result),
                     "privileged=a proc-mount=d");
    cr_expect_str_eq(talk(&run, POD CONTAINER "{privileged: true, procMount: Unmasked}\n", "", &stance, &result), "");
    cr_expect_not_null(strstr(oak_arena_cstr(&arena, result.text), "{privileged: false, procMount: Unmasked}"));
    stance.is_over = true;
    cr_expect_str_eq(talk(&run, POD CONTAINER "{privileged: true}\n", "", &stance, &result), "");
    cr_expect_eq(result.edits.count, 0);
}

Test(ask, exemption)
{
    struct oak_run run;
    struct oak_result result;
    struct oak_asking asking;
    struct oak_annotated done;
    struct oak_stance stance = { .arena = &arena };
    size_t also;
    prepare(&run, "privileged,privilege-escalation");
    const oak_str text = OAK_STR(POD "  containers:\n  - name: a\n    securityContext:\n      privileged: true\n");
    oak_asking_init(&asking, &arena, &run, (struct oak_file){ { "", 0 }, text }, &stance);
    cr_assert(oak_asking_next(&asking));
    cr_expect_not(oak_asking_exempt(&asking, OAK_STR(" "), 0, &done, &also, &err), "no reason");
    cr_assert(oak_asking_exempt(&asking, OAK_STR("a driver"), 20991231, &done, &also, &err), "%s", err.text);
    cr_expect_eq(done.line, 8);
    cr_expect_eq(also, 1, "privilege-escalation hangs on it: %zu", also);
    cr_expect_not(oak_asking_next(&asking));
    oak_asking_finish(&asking, &result);
    cr_expect_eq(result.edits.count, 0);
    cr_expect_not_null(strstr(oak_arena_cstr(&arena, result.text),
                              "      # oakum: ignore privileged until 2099-12-31 -- a driver\n      privileged: true\n"));
    oak_asking_free(&asking);
}
