# What krew, kubectl's manager of plugins, installs: an archive and a manifest.   cmake --build build/release --target krew
#
# The archive is complete but for the C library: the other libraries stand beside the program, which looks for them there. Build
# it where that library is the oldest that users have. Of libcurl, which only `pr` needs, the system's own is taken.
set(OAK_HOMEPAGE "https://oakum.invalid" CACHE STRING "The page that the manifest for krew names")
set(OAK_RELEASES_URL "${OAK_HOMEPAGE}/releases" CACHE STRING "Where the archives of releases are: URL/vVERSION/ARCHIVE")

if(CMAKE_SCRIPT_MODE_FILE)
  # ---- making both: STAGE is an empty folder, PROGRAM what was built ----
  file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${PROGRAM} RESOLVED_DEPENDENCIES_VAR libraries
    PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|dl|rt|pthread|resolv|util)[.]so")
  file(REMOVE_RECURSE ${STAGE})
  file(COPY ${PROGRAM} ${SOURCE}/LICENSE ${SOURCE}/packaging/kubectl_complete-oakum DESTINATION ${STAGE})
  file(MAKE_DIRECTORY ${STAGE}/lib)
  foreach(library IN LISTS libraries)
    # Under the name by which it is looked for: krew unpacks no links.
    file(REAL_PATH ${library} real)
    cmake_path(GET library FILENAME name)
    file(COPY_FILE ${real} ${STAGE}/lib/${name})
    # Whose it is, and under which terms it is passed on.
    foreach(name IN ITEMS ${real} ${library})
      execute_process(COMMAND dpkg-query -S ${name} OUTPUT_VARIABLE owner ERROR_QUIET RESULT_VARIABLE status)
      if(status)
        string(REGEX REPLACE "^/usr" "" name ${name})
        execute_process(COMMAND dpkg-query -S ${name} OUTPUT_VARIABLE owner ERROR_QUIET RESULT_VARIABLE status)
      endif()
      if(NOT status)
        break()
      endif()
    endforeach()
    string(REGEX REPLACE ":.*" "" owner "${owner}")
    if(status OR NOT EXISTS /usr/share/doc/${owner}/copyright)
      message(FATAL_ERROR "${library}: its licence is not known, so it cannot be passed on")
    endif()
    file(COPY_FILE /usr/share/doc/${owner}/copyright ${STAGE}/lib/LICENSE.${owner})
  endforeach()
  file(REMOVE ${ARCHIVE})
  # The same files give the same bytes.
  execute_process(COMMAND tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=go-w -cf - .
    COMMAND gzip -9n WORKING_DIRECTORY ${STAGE} OUTPUT_FILE ${ARCHIVE} COMMAND_ERROR_IS_FATAL ANY)
  file(SHA256 ${ARCHIVE} SHA256)
  cmake_path(GET ARCHIVE FILENAME ARCHIVE_NAME)
  configure_file(${SOURCE}/packaging/krew.yaml.in ${MANIFEST} @ONLY)
  message(STATUS "${ARCHIVE}")
  message(STATUS "${MANIFEST}")
  return()
endif()

set(arch ${CMAKE_SYSTEM_PROCESSOR})
if(arch STREQUAL "x86_64")
  set(arch amd64)
elseif(arch STREQUAL "aarch64")
  set(arch arm64)
endif()

# The same objects once more, for a program that finds its libraries beside itself.
add_executable(oak_krew EXCLUDE_FROM_ALL $<TARGET_OBJECTS:oak_cli>)
target_link_libraries(oak_krew PRIVATE oak_build oak_world Threads::Threads)
# Not RUNPATH: that would not hold for the libraries of the libraries.
target_link_options(oak_krew PRIVATE -Wl,--disable-new-dtags $<$<CONFIG:Release>:-s>)
set_target_properties(oak_krew PROPERTIES OUTPUT_NAME kubectl-oakum RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/krew
  LINKER_LANGUAGE C BUILD_WITH_INSTALL_RPATH TRUE INSTALL_RPATH "$ORIGIN/lib")

set(archive ${CMAKE_CURRENT_BINARY_DIR}/krew/kubectl-oakum-v${PROJECT_VERSION}-linux-${arch}.tar.gz)
add_custom_target(krew
  COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:oak_krew> -DSOURCE=${CMAKE_CURRENT_SOURCE_DIR} -DARCHIVE=${archive}
          -DSTAGE=${CMAKE_CURRENT_BINARY_DIR}/krew/archive -DMANIFEST=${CMAKE_CURRENT_BINARY_DIR}/krew/oakum.yaml
          -DVERSION=${PROJECT_VERSION} -DARCH=${arch} "-DOAK_HOMEPAGE=${OAK_HOMEPAGE}" "-DOAK_RELEASES_URL=${OAK_RELEASES_URL}"
          -P ${CMAKE_CURRENT_SOURCE_DIR}/packaging/krew.cmake
  DEPENDS oak_krew VERBATIM)
