/* The one way to fail. */
#include <oakum/base.h>

#include <stdarg.h>
#include <stdio.h>

bool oak_fail(struct oak_error *err, enum oak_error_kind kind, oak_span where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->kind = kind;
    err->span = where;
    return false;
}
