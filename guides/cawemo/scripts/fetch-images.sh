#!/usr/bin/env bash
# Fetch every image that a compose file names, and those named besides; what is on this machine already is left alone.
#
# usage: fetch-images.sh COMPOSE_FILE [IMAGE]...
set -euo pipefail

file=$1
shift
mapfile -t named < <(sed -nE "s/^[[:space:]]*image:[[:space:]]*[\"']?([^\"'[:space:]#]+).*/\1/p" "$file")
if [ "${#named[@]}" -eq 0 ]; then
    echo "no image is named in $file" >&2
    exit 1
fi

images=$(printf '%s\n' "${named[@]}" "$@" | sort -u)
while IFS= read -r image; do
    if docker image inspect "$image" >/dev/null 2>&1; then
        echo "here already: $image"
    else
        echo "fetching: $image"
        docker pull "$image" </dev/null
    fi
done <<<"$images"
echo "all images are here"
