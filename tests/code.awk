# Prints C as FILE:LINE:TEXT without comments, string contents and characters: what is left is code.
FNR == 1 { inside = 0 }
{
    line = $0
    gsub(/\\./, "", line)
    gsub(/'[^']'/, "0", line)
    if (line !~ /^[ \t]*#[ \t]*include/) gsub(/"[^"]*"/, "\"\"", line)
    out = ""
    while (line != "") {
        mark = inside ? "*/" : "/*"
        at = index(line, mark)
        if (!inside) out = out (at ? substr(line, 1, at - 1) " " : line)
        if (!at) break
        line = substr(line, at + 2)
        inside = !inside
    }
    sub(/\/\/.*/, "", out)
    print FILENAME ":" FNR ":" out
}
