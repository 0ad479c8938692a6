#!/usr/bin/env bash
# Let the vendor's tool make the key that signs access tokens, and keep it in a file that only its owner can read.
# The key goes nowhere else: not to the terminal, and on no command line.
#
# usage: signing-key.sh IMAGE FILE
set -euo pipefail
umask 077

image=$1 file=$2
mkdir -p -- "$(dirname -- "$file")"
# The tool prints words around the key; the key is the one JSON object in them. Docker's own words go to stderr.
printed=$(docker run --rm "$image" yarn run generate-jwk </dev/null | tr -d '\r\n')
[[ $printed =~ (\{.*\}) ]] || { echo "the tool printed no key" >&2; exit 1; }
key=${BASH_REMATCH[1]}
if [[ ! $key =~ \"kty\":[[:space:]]*\"RSA\" || ! $key =~ \"d\":[[:space:]]*\"[A-Za-z0-9_-]+\" ]]; then
    echo "what the tool printed is no private RSA key" >&2
    exit 1
fi
printf '%s\n' "$key" >"$file.new"
mv -f -- "$file.new" "$file"
echo "signing key kept in $file"
