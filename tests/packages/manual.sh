#!/bin/sh
# The manual page: formatted without a warning, and complete.   usage: manual.sh SOURCE BUILD
set -eu
prefix=$2/prefix
page=$prefix/share/man/man1/oakum.1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "manual: $*" >&2
    exit 1
}

if ! command -v scdoc >/dev/null 2>&1 || ! command -v groff >/dev/null 2>&1; then
    echo "skipped: no scdoc or groff" >&2
    [ -z "${OAK_CI-}" ] || exit 1
    exit 77
fi
[ -s "$page" ] || fail "not installed"
groff -man -Tutf8 -Kutf8 -rLL=100n -ww -P-c "$page" >"$scratch/text" 2>"$scratch/said" || fail "groff: $(cat "$scratch/said")"
[ ! -s "$scratch/said" ] || fail "groff: $(cat "$scratch/said")"
! grep -n '@[a-z]*@' "$page" || fail "a part is missing"

# Every command, option and patch is in it, as a person reads it.
sed 's/.\x08//g' "$scratch/text" | tr -s ' \n' '  ' >"$scratch/line"
{
    "$prefix/bin/oakum" __complete '' | cut -f 1
    "$prefix/bin/oakum" patches | cut -d ' ' -f 1
    for command in $("$prefix/bin/oakum" __complete '' | cut -f 1 | grep -v '^:'); do
        "$prefix/bin/oakum" __complete "$command" - | cut -f 1
    done
} | grep -v '^:' | sort -u >"$scratch/words"
[ "$(wc -l <"$scratch/words")" -gt 80 ] || fail "only $(wc -l <"$scratch/words") words to look for"
while read -r word; do
    grep -qF -- " $word" "$scratch/line" || fail "it does not name $word"
done <"$scratch/words"
echo "manual: $(wc -l <"$scratch/words") words"
