#compdef evidencekit
# Completion of evidencekit for zsh.
_evidencekit() {
    local line="${(j: :)words[1,CURRENT-1]} $PREFIX" answer
    local -a part plain told files
    for answer in "${(@f)$(_EVIDENCEKIT_COMPLETE=line_complete COMP_LINE=$line $words[1] 2>/dev/null)}"; do
        part=("${(@ps:\t:)answer}")
        case $part[1] in
            plain)
                if [[ -n $part[3] ]]; then
                    told+=("${part[2]//:/\\:}:$part[3]")
                else
                    plain+=("$part[2]")
                fi ;;
            path) files+=("${part[2]%/}") ;;
            file) _files ;;
            dir) _files -/ ;;
        esac
    done
    [[ $PREFIX == --*=* ]] && compset -P '*='
    (( $#told )) && _describe -V evidencekit told
    local -a open=(${(M)plain:#*[:/]}) closed=(${plain:#*[:/]})
    (( $#closed )) && compadd -V words -a closed
    (( $#open )) && compadd -V schemes -S '' -a open
    (( $#files )) && compadd -V files -f -a files
    return 0
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _evidencekit "$@"
else
    compdef _evidencekit evidencekit
fi
