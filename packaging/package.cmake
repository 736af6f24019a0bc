# Debian packages, by CPack: `oakum`, the program, and `liboakum-dev`, the libraries. packaging/deb.sh makes them.
set(OAK_MAINTAINER "the oakum authors <oakum@oakum.invalid>" CACHE STRING "Whom a package names as its maintainer")
file(READ LICENSE license)
string(REGEX REPLACE "^[^\n]*\n+(Copyright[^\n]*)\n+" "" license "${license}")
set(copyright "${CMAKE_MATCH_1}")
string(REGEX REPLACE "\n+$" "" license "${license}")
string(REPLACE "\n\n" "\n.\n" license "${license}")
string(REPLACE "\n" "\n " license "${license}")
string(REGEX REPLACE "^Copyright \\(c\\) " "" copyright "${copyright}")
configure_file(packaging/copyright.in copyright @ONLY)
set(CPACK_OAK_COPYRIGHT ${CMAKE_CURRENT_BINARY_DIR}/copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME oakum)
set(CPACK_PACKAGE_CONTACT "${OAK_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/packaging/debian.cmake)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME oakum)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
# Loaded when a forge is spoken to (src/forge/curl.c), so dpkg-shlibdeps does not see it. Its newer name provides this one.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS libcurl4)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "ca-certificates, git")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "hardens Kubernetes manifests in place
oakum finds what lets a container that has been taken over take over its
host, and changes only the bytes that the fix needs: comments, quotes and
order stay, and each result is proven before it is written. It knows all
controls of the Pod Security Standards. It can commit to a branch without a
checkout, and open pull requests on GitHub, GitLab, Gitea and Forgejo.

kubectl runs it as 'kubectl oakum'.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME liboakum-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "libfyaml-dev, libgit2-dev, libjansson-dev, libpcre2-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "pkg-config")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "hardens Kubernetes manifests in place (static libraries)
oakum as libraries: manifests in, proven manifests out, without files,
terminal, environment or clock; and beside it commits without a checkout, and
pull requests.")
include(CPack)
