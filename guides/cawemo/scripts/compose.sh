#!/usr/bin/env bash
# Docker Compose by whichever name it has here: docker-compose (version 1, or a link), or the plugin of Docker.
#
# usage: compose.sh WORD...
#        compose.sh --which     prints the name it has, or nothing where it is not there
set -euo pipefail

if command -v docker-compose >/dev/null; then
    name=(docker-compose)
elif [ "$1" != --which ] || docker compose version >/dev/null 2>&1; then
    name=(docker compose)
else
    exit 0
fi
if [ "$1" = --which ]; then
    echo "${name[*]}"
else
    exec "${name[@]}" "$@"
fi
