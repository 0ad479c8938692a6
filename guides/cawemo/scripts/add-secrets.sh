#!/usr/bin/env bash
# Give a .env the secrets it lacks: two random ones and the signing key. What has a value already keeps it.
# Values are passed inside this shell only, so that they are on no command line and in no output.
#
# usage: add-secrets.sh SETTINGS KEY_FILE COPY
#   COPY is where SETTINGS is kept as it was before the first run.
set -euo pipefail
umask 077

settings=$(readlink -f -- "$1") key_file=$2 copy=$3
empty="[[:space:]]*(\"\"|'')?[[:space:]]*"

# Whether the last line that sets a key gives it a value.
has_value() {
    local line value=
    while IFS= read -r line || [[ -n $line ]]; do
        line=${line%$'\r'}
        [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?$1=(.*)$ ]] && value=${BASH_REMATCH[2]}
    done <"$settings"
    [[ ! $value =~ ^$empty$ ]]
}

declare -A wanted=()
for key in CLIENT_SECRET IAM_DATABASE_ENCRYPTION_KEY; do
    has_value "$key" || wanted[$key]=$(openssl rand -hex 16)
done
has_value IAM_TOKEN_SIGNING_KEY || wanted[IAM_TOKEN_SIGNING_KEY]=$(<"$key_file")

if [ "${#wanted[@]}" -gt 0 ]; then
    # An existing copy is from an earlier try and holds the true beginning.
    [ -e "$copy" ] || cp --preserve=all -- "$settings" "$copy"
    new=$(mktemp -- "$settings.XXXXXX")
    trap 'rm -f -- "$new"' EXIT
    cp --preserve=all -- "$settings" "$new"
    {
        declare -A written=()
        while IFS= read -r line || [[ -n $line ]]; do
            if [[ ${line%$'\r'} =~ ^[[:space:]]*(export[[:space:]]+)?([A-Z_]+)=$empty$ ]]; then
                key=${BASH_REMATCH[2]}
                if [[ -n ${wanted[$key]:-} && -z ${written[$key]:-} ]]; then
                    line="$key=${wanted[$key]}"
                    written[$key]=yes
                fi
            fi
            printf '%s\n' "$line"
        done <"$settings"
        for key in CLIENT_SECRET IAM_DATABASE_ENCRYPTION_KEY IAM_TOKEN_SIGNING_KEY; do
            [[ -z ${wanted[$key]:-} || -n ${written[$key]:-} ]] || printf '%s=%s\n' "$key" "${wanted[$key]}"
        done
    } >"$new"
    sync -- "$new"
    mv -f -- "$new" "$settings"
fi
rm -f -- "$key_file"
echo "all secrets are in $settings"
