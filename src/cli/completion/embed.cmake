# Writes the scripts of the shells as C.   cmake -DOUT=FILE -DSCRIPTS=DIR -P embed.cmake
include(${CMAKE_CURRENT_LIST_DIR}/../../literal.cmake)

set(code "#include \"cli/complete.h\"\n\n#define TEXT(s) { s, sizeof s - 1 }\n\n")
string(APPEND code "static const struct {\n    oak_str shell, script;\n} scripts[] = {\n")
foreach(shell bash fish zsh)
  as_literal("${SCRIPTS}/oakum.${shell}" literal)
  string(APPEND code "    { TEXT(\"${shell}\"), TEXT(\n    ${literal}) },\n")
endforeach()
string(APPEND code "};\n\noak_str oak_completion_script(oak_str shell)\n{\n"
  "    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)\n"
  "        if (oak_str_eq(scripts[i].shell, shell))\n            return scripts[i].script;\n"
  "    return (oak_str){ NULL, 0 };\n}\n")
file(WRITE "${OUT}" "${code}")
