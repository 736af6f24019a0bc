/* Names of tree entries that could hurt whoever checks the tree out. libgit2 reads them without a word and would copy them
 * into our commit; what a file system makes of a name decides, so Windows' and macOS' spellings count on every system. */
#include "git/names.h"

#include <ctype.h>
#include <string.h>

/* Code points that HFS+ leaves out of names, in UTF-8: U+200C…200F, U+202A…202E, U+206A…206F, U+FEFF. */
static size_t ignored_by_hfs(oak_str name, size_t at)
{
    const unsigned char *const b = (const unsigned char *)name.ptr + at;
    if (at + 3 > name.len)
        return 0;
    if (b[0] == 0xe2 && b[1] == 0x80 && ((b[2] >= 0x8c && b[2] <= 0x8f) || (b[2] >= 0xaa && b[2] <= 0xae)))
        return 3;
    if (b[0] == 0xe2 && b[1] == 0x81 && b[2] >= 0xaa && b[2] <= 0xaf)
        return 3;
    return b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf ? 3 : 0;
}

static bool is_git_for_hfs(oak_str name)
{
    static const char git[] = ".git";
    size_t matched = 0;
    for (size_t i = 0; i < name.len; i++) {
        const size_t ignored = ignored_by_hfs(name, i);
        if (ignored > 0)
            i += ignored - 1;
        else if (matched == 4 || tolower((unsigned char)name.ptr[i]) != git[matched++])
            return false;
    }
    return matched == 4;
}

/* NTFS drops dots and blanks at the end, calls `.git` also `git~1`, and sees a stream behind a colon. */
static bool is_git_for_ntfs(oak_str name)
{
    static const oak_str spellings[] = { { ".git", 4 }, { "git~1", 5 } };
    for (size_t s = 0; s < 2; s++) {
        const oak_str git = spellings[s];
        if (name.len < git.len || strncasecmp(name.ptr, git.ptr, git.len) != 0)
            continue;
        size_t i = git.len;
        while (i < name.len && (name.ptr[i] == '.' || name.ptr[i] == ' '))
            i++;
        if (i == name.len || name.ptr[i] == ':')
            return true;
    }
    return false;
}

static bool is_hostile_part(oak_str part)
{
    return oak_str_eq(part, OAK_STR(".")) || oak_str_eq(part, OAK_STR("..")) || is_git_for_hfs(part) ||
           is_git_for_ntfs(part);
}

bool oak_git_name_is_hostile(oak_str name)
{
    if (name.len == 0 || memchr(name.ptr, '/', name.len) != NULL)
        return true;
    /* On Windows a backslash parts folders. */
    oak_str part, rest = name;
    bool has_more = true;
    while (has_more) {
        has_more = oak_str_cut(rest, '\\', &part, &rest);
        if (is_hostile_part(part))
            return true;
    }
    return false;
}
