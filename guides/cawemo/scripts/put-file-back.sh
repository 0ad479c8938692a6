#!/usr/bin/env bash
# Put a file back from its copy, whole or not at all, with the copy's owner and mode.
#
# usage: put-file-back.sh COPY FILE
set -euo pipefail

copy=$1 file=$(readlink -f -- "$2")
if [ ! -e "$copy" ]; then
    echo "there is no $copy, so $file was never changed"
    exit 0
fi
new=$(mktemp -- "$file.XXXXXX")
trap 'rm -f -- "$new"' EXIT
cp --preserve=all -- "$copy" "$new"
sync -- "$new"
mv -f -- "$new" "$file"
echo "$file is as it was"
