/* Loads libcurl. The names of its library have not changed since 2006; Debian's second is the one built with GnuTLS. */
#include "forge/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static struct oak_curl loaded;
static bool is_loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
    { "curl_global_init", offsetof(struct oak_curl, global_init) },
    { "curl_global_cleanup", offsetof(struct oak_curl, global_cleanup) },
    { "curl_easy_init", offsetof(struct oak_curl, easy_init) },
    { "curl_easy_cleanup", offsetof(struct oak_curl, easy_cleanup) },
    { "curl_easy_setopt", offsetof(struct oak_curl, easy_setopt) },
    { "curl_easy_getinfo", offsetof(struct oak_curl, easy_getinfo) },
    { "curl_easy_perform", offsetof(struct oak_curl, easy_perform) },
    { "curl_easy_strerror", offsetof(struct oak_curl, easy_strerror) },
    { "curl_slist_append", offsetof(struct oak_curl, slist_append) },
    { "curl_slist_free_all", offsetof(struct oak_curl, slist_free_all) },
};

static void load(void)
{
    static const char *const libraries[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
    void *library = NULL;
    for (size_t i = 0; library == NULL && i < sizeof libraries / sizeof *libraries; i++)
        library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
    is_loaded = library != NULL;
    for (size_t i = 0; is_loaded && i < sizeof functions / sizeof *functions; i++) {
        void *const address = dlsym(library, functions[i].name);
        is_loaded = address != NULL;
        /* POSIX: what dlsym returns is as large as a pointer to a function. */
        memcpy((char *)&loaded + functions[i].offset, &address, sizeof address);
    }
}

bool oak_curl_get(const struct oak_curl **out, struct oak_error *err)
{
    if (pthread_once(&once, load) != 0 || !is_loaded)
        return oak_fail(err, OAK_FORGE, (oak_span){ 0, 0 }, "libcurl is not installed (libcurl.so.4): pull requests need it");
    *out = &loaded;
    return true;
}
