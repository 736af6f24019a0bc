# What `cmake --install` puts where. Components: `program`, what people run; `development`, what they build with.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(OAK_ZSH_COMPLETIONS ${CMAKE_INSTALL_DATAROOTDIR}/zsh/site-functions CACHE STRING
  "Where zsh looks for completions; Debian: share/zsh/vendor-completions")

# ---- the program ----

install(TARGETS oak_cli RUNTIME COMPONENT program)
# kubectl finds its plugins, and what completes their words, by their names.
install(PROGRAMS packaging/kubectl_complete-oakum DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(CODE "
  set(folder \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  file(CREATE_LINK oakum \"\${folder}/kubectl-oakum\" SYMBOLIC)
" COMPONENT program)
set(shells ${CMAKE_CURRENT_SOURCE_DIR}/src/cli/completion)
install(FILES ${shells}/oakum.bash DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions RENAME oakum
  COMPONENT program)
install(FILES ${shells}/oakum.zsh DESTINATION ${OAK_ZSH_COMPLETIONS} RENAME _oakum COMPONENT program)
install(FILES ${shells}/oakum.fish DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d COMPONENT program)
file(GLOB schemas CONFIGURE_DEPENDS schema/*.json)
install(FILES ${schemas} DESTINATION ${CMAKE_INSTALL_DATADIR}/oakum COMPONENT program)

# The manual page asks the program for its tables: it has to run here.
find_program(OAK_SCDOC scdoc)
if(OAK_MANUAL AND OAK_SCDOC AND NOT CMAKE_CROSSCOMPILING)
  set(page ${CMAKE_CURRENT_BINARY_DIR}/oakum.1)
  add_custom_command(
    OUTPUT ${page}
    COMMAND ${CMAKE_COMMAND} -DOAKUM=$<TARGET_FILE:oak_cli> -DTEMPLATE=${CMAKE_CURRENT_SOURCE_DIR}/packaging/oakum.1.scd
            -DOUT=${page}.scd -P ${CMAKE_CURRENT_SOURCE_DIR}/packaging/manual.cmake
    COMMAND ${OAK_SCDOC} <${page}.scd >${page}
    DEPENDS oak_cli packaging/oakum.1.scd packaging/manual.cmake)
  add_custom_target(manual ALL DEPENDS ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
endif()

# ---- the libraries ----

set_target_properties(oakum_git PROPERTIES OUTPUT_NAME oakum-git EXPORT_NAME git)
set_target_properties(oakum_forge PROPERTIES OUTPUT_NAME oakum-forge EXPORT_NAME forge)
install(TARGETS oakum oakum_git oakum_forge EXPORT oakum-targets ARCHIVE COMPONENT development)
install(DIRECTORY include/oakum TYPE INCLUDE COMPONENT development)

# Objects that hold only what one compiler's link-time optimizer reads are of no use to others: ours hold machine code, too,
# and what is installed holds nothing else.
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_OBJCOPY)
    foreach(library oakum oakum_git oakum_forge)
      target_compile_options(${library} PRIVATE -ffat-lto-objects)
      install(CODE "
        execute_process(COMMAND \"${CMAKE_OBJCOPY}\" -w -R .gnu.lto_* -R .gnu.debuglto_* -N __gnu_lto_v1
          \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/$<TARGET_FILE_NAME:${library}>\"
          RESULT_VARIABLE status)
        if(status)
          message(FATAL_ERROR \"objcopy: \${status}\")
        endif()
      " COMPONENT development)
    endforeach()
  else()
    set_target_properties(oakum oakum_git oakum_forge PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  endif()
endif()

set(config ${CMAKE_INSTALL_LIBDIR}/cmake/oakum)
configure_package_config_file(packaging/oakum-config.cmake.in oakum-config.cmake INSTALL_DESTINATION ${config})
write_basic_package_version_file(oakum-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/oakum-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/oakum-config-version.cmake
  DESTINATION ${config} COMPONENT development)
install(EXPORT oakum-targets NAMESPACE oakum:: DESTINATION ${config} COMPONENT development)

# The libraries are static, so what they need is not private to them.
file(RELATIVE_PATH OAK_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
function(oak_pkg_config name description requires libs)
  set(OAK_PC_NAME ${name})
  set(OAK_PC_DESCRIPTION ${description})
  set(OAK_PC_REQUIRES ${requires})
  set(OAK_PC_LIBS ${libs})
  configure_file(packaging/oakum.pc.in ${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endfunction()
oak_pkg_config(oakum "Hardens Kubernetes manifests: bytes in, bytes out" "libfyaml >= 0.7.12, libpcre2-8 >= 10.30" "")
oak_pkg_config(oakum-git "Commits and pushes without a checkout" "oakum = ${PROJECT_VERSION}, libgit2 >= 1.5" "")
oak_pkg_config(oakum-forge "Pull requests on GitHub, GitLab and Gitea" "oakum = ${PROJECT_VERSION}, jansson >= 2.13"
  "-pthread -ldl")

# ---- a Python wheel: pyproject.toml ----

if(SKBUILD)
  install(TARGETS oak_cli RUNTIME DESTINATION ${SKBUILD_SCRIPTS_DIR} COMPONENT wheel)
  # A wheel holds no links: the plugin of kubectl is a script that finds the program beside it.
  file(GLOB plugins packaging/kubectl*)
  install(PROGRAMS ${plugins} DESTINATION ${SKBUILD_SCRIPTS_DIR} COMPONENT wheel)
endif()
