#!/usr/bin/env bash
# Stop every service of the compose file in this folder that runs, but for one.
#
# usage: stop-others.sh SERVICE
set -euo pipefail

compose=$(dirname -- "${BASH_SOURCE[0]}")/compose.sh
running=$(bash "$compose" ps --services --filter status=running)
mapfile -t others < <(grep -vx -- "$1" <<<"$running" | grep .)
if [ "${#others[@]}" -gt 0 ]; then
    bash "$compose" stop "${others[@]}"
fi
