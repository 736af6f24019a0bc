#compdef oakum kubectl-oakum
# zsh completion of oakum: as _oakum in a folder of $fpath, or   source <(oakum completion zsh)
# What could stand here, the program itself knows.

_oakum() {
    local line directive=0 tab=$'\t'
    local -a candidates space=()
    for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $line in
            :*) directive=${line#:} ;;
            *) candidates+=("${${line//:/\\:}/$tab/:}") ;;
        esac
    done
    # Of --name=value the candidates are values.
    [[ $PREFIX != -*=* ]] || compset -P '*='
    (( !(directive & 2) )) || space=(-S '')
    if (( ${#candidates} > 0 )); then
        _describe oakum candidates "${(@)space}"
    elif (( directive & 16 )); then
        _files -/
    elif (( !(directive & 4) )); then
        _files "${(@)space}"
    fi
}

if [[ $funcstack[1] == _oakum ]]; then
    _oakum "$@"
else
    compdef _oakum oakum kubectl-oakum
fi
