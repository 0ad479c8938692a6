#!/usr/bin/env bash
# Make a database anew from a dump of it. The dump is read first, so that nothing is dropped for one that is no use.
# Host, port, user and password of the administrator are in the environment (PGHOST, PGPORT, PGUSER, PGPASSWORD).
#
# usage: restore-database.sh DUMP
set -euo pipefail

dump=$1
listed=$(pg_restore -l "$dump")
if ! grep -q 'TABLE DATA' <<<"$listed"; then
    echo "there is no data in $dump: nothing was dropped" >&2
    exit 1
fi
pg_restore --clean --if-exists --create --exit-on-error --dbname postgres "$dump"
echo "restored from $dump"
