# Completion of evidencekit for fish.
function __evidencekit_complete
    set -l token (commandline -ct)
    set -l before (string match -r -- '^--[^=]+=' $token)
    set -l line (commandline -cp)
    for answer in (env _EVIDENCEKIT_COMPLETE=line_complete COMP_LINE="$line" evidencekit 2>/dev/null)
        set -l part (string split -m 2 \t -- $answer)
        switch $part[1]
            case file
                __fish_complete_path $token
            case dir
                __fish_complete_directories $token
            case '*'
                printf '%s%s\t%s\n' "$before" $part[2] "$part[3]"
        end
    end
end
complete --command evidencekit --no-files --keep-order --arguments '(__evidencekit_complete)'
