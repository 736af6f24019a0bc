# fish completion of oakum.   oakum completion fish | source
# What could stand here, the program itself knows.

function __oakum_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l directive 0
    # Of --name=value the candidates are values; fish wants whole words.
    set -l option (string match -r -- '^-.*?=' "$last"; or echo)
    set -l value (string replace -- "$option" '' "$last")
    set -l lines ($words[1] __complete $words[2..-1] "$last" 2>/dev/null)
    for line in $lines
        if string match -qr '^:' -- $line
            set directive (string sub -s 2 -- $line)
        else
            printf '%s\n' $option$line
        end
    end
    if test (count $lines) -le 1
        if test $directive -ge 16
            set -l found (__fish_complete_directories "$value" '')
            printf '%s\n' $option$found
        else if not contains -- $directive 4 6
            set -l found (__fish_complete_path "$value")
            # fish puts no space behind a colon.
            test $directive -eq 2
            and set found (string replace -r -- '^([^\t]*[^/\t])(\t|$)' '$1:$2' $found)
            printf '%s\n' $option$found
        end
    end
end

for program in oakum kubectl-oakum
    complete -c $program -f -a '(__oakum_complete)'
end
