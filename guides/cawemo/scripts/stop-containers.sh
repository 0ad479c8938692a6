#!/usr/bin/env bash
# Stop the containers that were started from an image: ending the docker client alone would leave them running.
#
# usage: stop-containers.sh IMAGE
set -euo pipefail

mapfile -t running < <(docker ps -q --filter "ancestor=$1")
if [ "${#running[@]}" -gt 0 ]; then
    docker stop "${running[@]}"
fi
