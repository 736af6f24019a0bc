# bash completion of oakum.   eval "$(oakum completion bash)"
# Needs nothing but bash 4; what could stand here, the program itself knows.
# shellcheck shell=bash

_oakum() {
    local program=${1/#\~/$HOME} option='' line i n=0 directive=0
    local words=()
    COMPREPLY=()
    # bash cuts words at =, of which an option and its value are one.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        if [[ $n -gt 0 && ${words[n - 1]} == --* && ( ${COMP_WORDS[i]} == = || ${words[n - 1]} == *= ) ]]; then
            words[n - 1]+=${COMP_WORDS[i]}
        else
            words[n++]=${COMP_WORDS[i]}
        fi
    done
    # Without = in COMP_WORDBREAKS it does not, and wants the whole word.
    [[ ${COMP_WORDS[COMP_CWORD]} != --*=* ]] || option=${COMP_WORDS[COMP_CWORD]%%=*}=
    while IFS= read -r line; do
        case $line in
        :*) directive=${line#:} ;;
        *) COMPREPLY+=("$option${line%%$'\t'*}") ;;
        esac
    done < <("$program" __complete "${words[@]}" 2>/dev/null)
    # Without candidates readline completes files.
    if ((directive & 16)); then
        compopt +o default +o bashdefault -o dirnames
    elif ((directive & 4)); then
        compopt +o default +o bashdefault
    fi
    if ((directive & 2)); then
        compopt -o nospace
    fi
}
complete -o bashdefault -o default -F _oakum oakum kubectl-oakum
