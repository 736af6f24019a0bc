/* Which objects an entry of the configuration is about. */
#include <oakum/config.h>

bool oak_where_has_path(const struct oak_where *where, oak_str path)
{
    return where->paths.count == 0 || (path.len > 0 && oak_globs_match(&where->paths, path));
}

/* A name that is not there is no name: only the absence of patterns fits it. */
static bool fits(const oak_globs *globs, oak_str name)
{
    return globs->count == 0 || (name.len > 0 && oak_globs_match(globs, name));
}

bool oak_where_has_target(const struct oak_where *where, const struct oak_target *target)
{
    const bool is_namespace = oak_target_is(target, OAK_STR("Namespace"));
    return fits(&where->kinds, target->object_kind) &&
           fits(&where->namespaces, is_namespace ? target->object_name : target->namespace) &&
           fits(&where->names, target->object_name) && fits(&where->containers, target->container_name);
}
