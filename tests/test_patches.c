/* The library of patches itself: every patch in the binary has an example that shows what it does. */
#include "patch/words.h"

#include <oakum/engine.h>

#include <criterion/criterion.h>

#include <string.h>

static struct oak_arena arena;

static void start(void)
{
    oak_arena_init(&arena);
}

static void end(void)
{
    oak_arena_free(&arena);
}

TestSuite(patches, .init = start, .fini = end);

static struct oak_result pass_over(const struct oak_patches *patches, const struct oak_patch *patch, oak_str text)
{
    oak_str id = patch->id;
    struct oak_options options = { .profile = OAK_HARDENED, .fix = OAK_FIX_ALL, .select = &id, .select_count = 1,
                                   .runtime_class = OAK_STR("gvisor"), .enforce = OAK_STR("baseline"),
                                   .kube_minor = oak_patch_newest(patch) };
    struct oak_run run;
    struct oak_result result;
    struct oak_error err;
    cr_assert(oak_run_init(&arena, patches, &options, &run, &err), "%s", err.text);
    oak_pass(&arena, &run, text, &result);
    cr_assert_not(result.failed, "%.*s: %s", (int)id.len, id.ptr, result.error.text);
    return result;
}

static bool is_manual(const struct oak_patch *patch)
{
    for (size_t i = 0; i < patch->rules.count; i++)
        if (patch->rules.items[i].tier != OAK_TIER_MANUAL)
            return false;
    return true;
}

Test(patches, have_examples)
{
    struct oak_patches patches;
    oak_patches_init(&patches);
    struct oak_error err;
    cr_assert(oak_patches_add_builtin(&arena, &patches, &err), "%s", err.text);
    cr_assert_gt(patches.items.count, 10);
    for (size_t i = 0; i < patches.items.count; i++) {
        const struct oak_patch *const patch = patches.items.items[i];
        const char *const id = oak_arena_cstr(&arena, patch->id);
        cr_expect_gt(patch->example.len, 0, "%s: no example", id);
        const oak_str text = oak_arena_printf(&arena, "%.*s\n", (int)patch->example.len, patch->example.ptr);
        const struct oak_result first = pass_over(&patches, patch, text);
        cr_expect_gt(first.findings.count, 0, "%s: finds nothing in its example", id);
        cr_expect_eq(first.edits.count == 0, is_manual(patch), "%s: edits, or none", id);
        const struct oak_result second = pass_over(&patches, patch, first.text);
        cr_expect(is_manual(patch) || second.edits.count == 0, "%s: a second run goes on", id);
    }
}

Test(patches, guess_what_was_meant)
{
    static const struct {
        const char *wanted, *found;
    } cases[] = {
        { "privilegd", "privileged" }, { "ckv_k8s_61", "CKV_K8S_16" }, { "seccmop", "seccomp" }, { "bananas", "" },
        { "x", "" },
    };
    struct oak_patches patches;
    oak_patches_init(&patches);
    struct oak_error err;
    cr_assert(oak_patches_add_builtin(&arena, &patches, &err), "%s", err.text);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const oak_str found = oak_patches_nearest(&patches, oak_str_from(cases[i].wanted));
        cr_expect(oak_str_eq(found, oak_str_from(cases[i].found)), "%s: %.*s", cases[i].wanted, (int)found.len, found.ptr);
    }
}

/* A migration is read as strictly as any patch. */
Test(patches, migrations_are_strict)
{
    static const char head[] = "id: m\ntitle: t\nwhy: w\ntarget: object\nkinds: [K]\ntier: manual\nfield: spec.a\nallowed: [1]\nfinding: f\n";
    static const struct {
        const char *text, *want; /* NULL: no error */
    } cases[] = {
        { "level: baseline\ninstead: none\nchoice: it may be right\n", NULL },
        { "fills: {target: pod, field: b, set: $0}\n", NULL },
        { "fills: {field: b, append: $0, inherit: pod, unless: {c: [present]}}\n", NULL },
        { "fills: {field: b}\n", "'fills' needs 'field' and 'set' or 'append', at a pod or below" },
        { "fills: {set: 1}\n", "'fills' needs 'field' and 'set' or 'append', at a pod or below" },
        { "fills: {target: object, field: b, set: 1}\n", "'fills' needs 'field' and 'set' or 'append', at a pod or below" },
        { "fills: {field: b, set: 1, finding: x}\n", "unknown word 'finding'" },
        { "fills: {field: b, set: 1, append: 2}\n", "there is one already, so what shall be done with 'append'" },
        { "granted: {verb: use, resources: [policy/x]}\n", NULL },
        { "granted: {verb: use}\n", "'granted' needs 'verb' and 'resources'" },
        { "granted: {verbs: [use]}\n", "unknown word 'verbs'" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct oak_patches patches;
    oak_patches_init(&patches);
        struct oak_error err = { .text = "" };
        const oak_str text = oak_arena_printf(&arena, "%s%s", head, cases[i].text);
        const bool is_read = oak_patches_add(&arena, &patches, OAK_STR("m.yaml"), text, &err);
        cr_expect_eq(is_read, cases[i].want == NULL, "%s: %s", cases[i].text, err.text);
        cr_expect(is_read || strcmp(err.text, cases[i].want) == 0, "%s: %s", cases[i].text, err.text);
    }
}

Test(patches, migrations_load)
{
    struct oak_patches patches;
    oak_patches_init(&patches);
    struct oak_error err;
    cr_assert(oak_patches_add_migrations(&arena, &patches, &err), "%s", err.text);
    cr_expect_eq(patches.items.count, 3);
}

/* ---- words of a command ---- */

Test(patches, words_stand_by_themselves)
{
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {
        { "sysctl", true }, { "/sbin/sysctl", true }, { "sysctl -w a=b", true }, { "sh -c \"$(sysctl -n x); y\"", true },
        { "a && sysctl", true }, { "a;sysctl|b", true }, { "(sysctl)", true }, { "'sysctl'", true }, { "mkfs.ext4 /dev/sda", true },
        { "", false }, { "sysctlx", false }, { "xsysctl", false }, { "--with-sysctl", false }, { "sysctl=1", false },
        { "--url=https://example.org/sysctl", false }, { "curl 'http://a/sysctl' | sysctl -w a=b", true }, { "http:/sysctl", true },
        { "sysctl.conf", false }, { "SYSCTL", false }, { "/", false }, { "mkfs.xfs", false }, { "my-sysctl -w", false },
    };
    struct oak_value second = { .kind = OAK_SCALAR, .text = OAK_STR("mkfs.ext4") };
    struct oak_value first = { .kind = OAK_SCALAR, .text = OAK_STR("sysctl"), .next = &second };
    const struct oak_value list = { .kind = OAK_SEQUENCE, .child = &first };
    struct oak_match match = { .kind = OAK_MATCH_WORD, .value = &list };
    oak_match_add_word(&match, first.text);
    oak_match_add_word(&match, second.text);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(oak_words_match(&match, oak_str_from(cases[i].text)), cases[i].holds, "'%s'", cases[i].text);
    cr_expect(oak_is_command_word(OAK_STR("apt-get")) && !oak_is_command_word(OAK_STR("apt get")) &&
              !oak_is_command_word(OAK_STR("a/b")) && !oak_is_command_word(OAK_STR("")));
}
