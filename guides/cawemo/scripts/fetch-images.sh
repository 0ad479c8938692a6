#!/usr/bin/env bash
# Fetch images; what is on this machine already is left alone.
#
# usage: fetch-images.sh IMAGE...                those that are named
#        fetch-images.sh --of COMPOSE_FILE       those that a compose file names
set -euo pipefail

named=("$@")
if [ "$1" = --of ]; then
    mapfile -t named < <(sed -nE "s/^[[:space:]]*image:[[:space:]]*[\"']?([^\"'[:space:]#]+).*/\1/p" "$2")
fi
if [ "${#named[@]}" -eq 0 ]; then
    echo "no image is named in $2" >&2
    exit 1
fi

images=$(printf '%s\n' "${named[@]}" | sort -u)
while IFS= read -r image; do
    if docker image inspect "$image" >/dev/null 2>&1; then
        echo "here already: $image"
    else
        echo "fetching: $image"
        docker pull "$image" </dev/null
    fi
done <<<"$images"
echo "all images are here"
