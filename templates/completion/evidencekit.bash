# Completion of evidencekit for bash 4.4 and newer.
_evidencekit() {
    local line=${COMP_LINE:0:COMP_POINT} kind value at
    local -a plain=() paths=()
    while IFS=$'\t' read -r kind value _; do
        case $kind in
            plain) plain+=("$value") ;;
            path) paths+=("$value") ;;
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
        esac
    done < <(_EVIDENCEKIT_COMPLETE=line_complete COMP_LINE=$line "$1" 2>/dev/null)
    COMPREPLY=()
    if ((${#plain[@]} == 0 && ${#paths[@]})); then
        compopt -o filenames # quotes names, and goes on behind a folder
        COMPREPLY=("${paths[@]%/}")
    else
        for value in "${plain[@]}" "${paths[@]}"; do
            [[ $value == *[:/] ]] && compopt -o nospace
            printf -v value %q "$value"
            COMPREPLY+=("$value")
        done
    fi
    # bash takes what stands before the last colon for a word of its own.
    if [[ $COMP_WORDBREAKS == *:* && ${line##*[[:space:]]} == *:* ]]; then
        value=${line##*[[:space:]]}
        value=${value%"${value##*:}"}
        for at in "${!COMPREPLY[@]}"; do
            COMPREPLY[at]=${COMPREPLY[at]#"$value"}
        done
    fi
}
complete -o nosort -F _evidencekit evidencekit
