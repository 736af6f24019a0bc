# The manual page's source: the template, with the tables that the program has.
#   cmake -DOAKUM=PROGRAM -DTEMPLATE=oakum.1.scd -DOUT=FILE -P manual.cmake
file(READ "${TEMPLATE}" page)
foreach(part commands options patches)
  execute_process(COMMAND "${OAKUM}" __manual ${part} OUTPUT_VARIABLE text RESULT_VARIABLE status)
  if(NOT status EQUAL 0 OR text STREQUAL "")
    message(FATAL_ERROR "oakum __manual ${part}: ${status}")
  endif()
  string(REPLACE "@${part}@\n" "${text}" page "${page}")
endforeach()
file(WRITE "${OUT}" "${page}")
