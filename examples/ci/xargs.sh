#!/bin/sh
# One process per repository, four at a time; a line of JSON for each.
# usage: xargs.sh LIST [OPTION…]      LIST has a path or an address in each line
set -eu
list=$1
shift
# xargs itself ends with 123 if one of them fails: what became of which says the output.
xargs -P 4 -I REPO "${OAKUM:-oakum}" commit --repo REPO --branch oakum/harden --mode replace --format json --exit-zero "$@" \
    <"$list"
