/* Loading the library that the binary carries. */
#include <oakum/patch.h>

#include "patch/builtin.h"

bool oak_patches_add_builtin(struct oak_arena *arena, struct oak_patches *patches, struct oak_error *err)
{
    for (size_t i = 0; i < oak_builtin_patch_count; i++)
        if (!oak_patches_add(arena, patches, oak_builtin_patches[i].name, oak_builtin_patches[i].text, err))
            return false;
    return true;
}
