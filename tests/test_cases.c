/* Every folder tests/cases/<patch>/<name>/ is a test. */
#include "check.h"

#include <criterion/parameterized.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_CASES = 2000 };

/* No pointers: each test runs in a process of its own. */
struct case_name {
    char patch[64], folder[4096];
};

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static size_t add_cases(struct case_name *cases, size_t count, const char *patch)
{
    char folder[2048];
    struct dirent **names;
    snprintf(folder, sizeof folder, "%s/%.64s", OAK_CASES, patch);
    const int found = scandir(folder, &names, is_visible, alphasort);
    for (int i = 0; i < found; i++) {
        if (count < MAX_CASES) {
            snprintf(cases[count].patch, sizeof cases->patch, "%.63s", patch);
            snprintf(cases[count].folder, sizeof cases->folder, "%s/%.250s", folder, names[i]->d_name);
            count++;
        }
        free(names[i]);
    }
    if (found >= 0)
        free(names);
    return count;
}

static size_t list_cases(struct case_name *cases)
{
    struct dirent **patches;
    size_t count = 0;
    const int found = scandir(OAK_CASES, &patches, is_visible, alphasort);
    for (int i = 0; i < found; i++) {
        count = add_cases(cases, count, patches[i]->d_name);
        free(patches[i]);
    }
    if (found >= 0)
        free(patches);
    return count;
}

ParameterizedTestParameters(cases, all)
{
    struct case_name *const cases = cr_malloc(MAX_CASES * sizeof *cases);
    return cr_make_param_array(struct case_name, cases, list_cases(cases));
}

ParameterizedTest(struct case_name *c, cases, all, .timeout = 60)
{
    check_case(c->folder, c->patch);
}

Test(cases, exist)
{
    struct case_name *const cases = malloc(MAX_CASES * sizeof *cases);
    const size_t count = list_cases(cases);
    free(cases);
    cr_assert_gt(count, 0, "no case in %s", OAK_CASES);
    cr_assert_lt(count, MAX_CASES);
}
