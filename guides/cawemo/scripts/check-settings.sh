#!/usr/bin/env bash
# Look whether a .env has what Cawemo 1.5 needs. Only names are printed, never values.
#
# usage: check-settings.sh SETTINGS
set -euo pipefail

declare -A value=() times=()
while IFS= read -r line || [[ -n $line ]]; do
    if [[ ${line%$'\r'} =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]]; then
        key=${BASH_REMATCH[2]}
        value[$key]=${BASH_REMATCH[3]}
        times[$key]=$((${times[$key]:-0} + 1))
    fi
done <"$1"

wrong=()
for key in IAM_BASE_URL CLIENT_SECRET IAM_DATABASE_ENCRYPTION_KEY IAM_TOKEN_SIGNING_KEY \
    IAM_DB_HOST IAM_DB_PORT IAM_DB_NAME IAM_DB_USER IAM_DB_PASSWORD; do
    text=${value[$key]:-}
    if [[ -z ${times[$key]:-} ]]; then
        wrong+=("$key is missing")
    elif [[ ${times[$key]} -gt 1 ]]; then
        wrong+=("$key is there ${times[$key]} times")
    elif [[ -z $text ]]; then
        wrong+=("$key is empty")
    elif [[ $text == [\'\"]* ]]; then
        wrong+=("$key is in quotes, which docker run would take for a part of it")
    elif [[ $key == CLIENT_SECRET && ${#text} -lt 32 ]]; then
        wrong+=("$key is shorter than 32 characters")
    elif [[ $key == IAM_DATABASE_ENCRYPTION_KEY && ${#text} -ne 32 ]]; then
        wrong+=("$key is not 32 characters long")
    elif [[ $key == IAM_TOKEN_SIGNING_KEY && ! $text =~ ^\{.*\"kty\":[[:space:]]*\"RSA\".*\}$ ]]; then
        wrong+=("$key is no RSA key in JWK form")
    fi
done
if [ "${#wrong[@]}" -gt 0 ]; then
    printf '%s; ' "${wrong[@]}" | sed 's/; $/\n/'
    exit 1
fi
echo "all nine settings are there"
