/* The patches that the binary carries, made from patches/ by embed.cmake. */
#ifndef OAK_PATCH_BUILTIN_H
#define OAK_PATCH_BUILTIN_H

#include <oakum/base.h>

struct oak_builtin {
    oak_str name; /* of the file */
    oak_str text;
};
extern const struct oak_builtin oak_builtin_patches[];
extern const size_t oak_builtin_patch_count;
extern const struct oak_builtin oak_builtin_migrations[]; /* patches/migrate/ */
extern const size_t oak_builtin_migration_count;

#endif
