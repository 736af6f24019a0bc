#!/bin/sh
# One process per repository, four at a time; a line of JSON for each.
#
# usage: xargs.sh pr LIST [OPTION…]        an address in each line of LIST: each gets its request. The token: OAKUM_TOKEN
#        xargs.sh commit LIST [OPTION…]    a path in each line: each gets its branch
set -eu
command=$1
list=$2
shift 2
# xargs itself ends with 123 if one of them fails: what became of which says the output.
xargs -P 4 -I REPO "${OAKUM:-oakum}" "$command" --repo REPO --branch oakum/harden --mode replace --format json --exit-zero "$@" \
    <"$list"
