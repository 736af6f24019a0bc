# The bytes of a file as a literal of C, without any tool but CMake.
function(as_literal file out)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\"\n    \"" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" hex "${hex}")
  set(${out} "\"${hex}\"" PARENT_SCOPE)
endfunction()
