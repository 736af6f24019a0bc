/* libcurl, loaded when a forge is spoken to: it and what it brings along would be half of every start of the program. */
#ifndef OAK_FORGE_CURL_H
#define OAK_FORGE_CURL_H

#include <oakum/base.h>

#include <curl/curl.h>

/* libcurl's functions of these names. */
struct oak_curl {
    CURLcode (*global_init)(long flags);
    void (*global_cleanup)(void);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *handle);
    CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...); /* nothing checks the third: a number is a long */
    CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
    CURLcode (*easy_perform)(CURL *handle);
    const char *(*easy_strerror)(CURLcode code);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
    void (*slist_free_all)(struct curl_slist *list);
};

/* Stays loaded until the program ends; from any thread. Fails with FORGE where there is no libcurl. */
OAK_MUST_CHECK bool oak_curl_get(const struct oak_curl **out, struct oak_error *err);

#endif
