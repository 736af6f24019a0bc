/* What every test uses. */
#ifndef OAK_TESTS_CHECK_H
#define OAK_TESTS_CHECK_H

#include <criterion/criterion.h>
#include <oakum/base.h>

/* Leaks that are found only at the end of the process would name no test. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#define CHECK_LEAKS() cr_assert_eq(__lsan_do_recoverable_leak_check(), 0)
#else
#define CHECK_LEAKS() ((void)0)
#endif

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Runs the case in `folder`, a path below tests/cases/<patch>, as it is, with CRLF, with a BOM and without its final
 * newline: the output is the expected one, undoing the edits gives the input, a second run changes nothing. With OAK_UPDATE
 * in the environment the expected files are written first. */
void check_case(const char *folder, const char *patch);

#endif
