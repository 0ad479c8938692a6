"""Stand-ins for Cawemo: images under the vendor's names that do in small what the real ones do, and fail as they do.

None of the vendor's software or text is in them. They run on the engine of the tests, work on a real PostgreSQL
through psql, and have health checks of a second. A setting `STANDIN` in .env makes them fail on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.services.engine import programs_with_libraries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.services.engine import Engine

REGISTRY: Final = "registry.camunda.cloud"
CAWEMO: Final = f"{REGISTRY}/cawemo-ee/cawemo"
IAM: Final = f"{REGISTRY}/iam-ee/iam"
MIGRATION: Final = f"{CAWEMO}-iam-user-migration:1.5.0"
UTILITY: Final = f"{IAM}-utility:v1.0.2"
BASE: Final = "stand-in/cawemo:1"

SUCCESS: Final = "data migration completed successfully"

_RESTAPI: Final = """#!/bin/sh
# Stand-in for Cawemo's REST API: brings the schema to its own release at the start, as the real one does.
set -eu
export PGHOST=$CAWEMO_DB_HOST PGPORT=$CAWEMO_DB_PORT PGDATABASE=$CAWEMO_DB_NAME
export PGUSER=$CAWEMO_DB_USER PGPASSWORD=$CAWEMO_DB_PASSWORD
if [ "$CAWEMO_MIGRATION_MIGRATE" = true ]; then
    case $RELEASE in
        1.4.*) psql -qv ON_ERROR_STOP=1 -c 'alter table users add column if not exists theme text' ;;
        1.5.*) psql -qv ON_ERROR_STOP=1 -c 'alter table users drop column if exists theme, drop column password_hash' ;;
    esac
    psql -qv ON_ERROR_STOP=1 -c "update release set name = '$RELEASE'"
fi
echo "Cawemo $RELEASE started"
exec sleep 100000
"""

_WEBAPP: Final = """#!/bin/sh
# Stand-in for Cawemo's web application: one page that names the release.
mkdir -p /run/www && echo "Cawemo $RELEASE" >/run/www/index.html
exec httpd -f -p 8070 -h /run/www
"""

_BACKEND: Final = """#!/bin/sh
# Stand-in for IAM's backend: makes its table, then is healthy after a while (or never).
set -eu
address=${DB_URL#jdbc:postgresql://}
export PGHOST=${address%%:*} PGDATABASE=${address##*/} PGUSER=$DB_USER PGPASSWORD=$DB_PASSWORD
port=${address#*:} && export PGPORT=${port%%/*}
psql -qv ON_ERROR_STOP=1 -c 'create table if not exists iam_user (email text primary key, name text)'
mkdir -p /run/www/actuator
sleep 2
[ "${STANDIN:-}" = sick ] || echo '{"status":"UP"}' >/run/www/actuator/health
httpd -p 8081 -h /run/www
touch /run/started
exec sleep 100000
"""

_IAM_WEB: Final = """#!/bin/sh
# Stand-in for IAM's frontend and router: a page on port 80 and a health page on 81.
mkdir -p /run/www && echo "Camunda Account" >/run/www/index.html
httpd -p 80 -h /run/www
httpd -p 81 -h /run/www
touch /run/started
exec sleep 100000
"""

_MIGRATE: Final = f"""#!/bin/sh
# Stand-in for the user migration: copies the users, and says so as the real one does. Settings come from --env-file.
set -eu
echo "Reading users of Cawemo"
export PGHOST=$DB_HOST PGPORT=$DB_PORT PGDATABASE=$DB_NAME PGUSER=$DB_USER PGPASSWORD=$DB_PASSWORD
psql -qAtv ON_ERROR_STOP=1 -c 'copy (select email, name from users order by email) to stdout' >/tmp/users
export PGHOST=$IAM_DB_HOST PGPORT=$IAM_DB_PORT PGDATABASE=$IAM_DB_NAME PGUSER=$IAM_DB_USER PGPASSWORD=$IAM_DB_PASSWORD
while read -r email name; do
    echo "insert into iam_user values (:'email', :'name') on conflict do nothing" |
        psql -qv ON_ERROR_STOP=1 -v "email=$email" -v "name=$name"
    echo "migrated a user"
    # Held in its middle until a test makes this table.
    if [ "${{STANDIN:-}}" = slow ]; then
        until [ "$(psql -qAtc "select to_regclass('go_on')")" ]; do sleep 0.2; done
    fi
done </tmp/users
[ "${{STANDIN:-}}" = silent ] && exit 0
echo "{SUCCESS}"
"""

_YARN: Final = """#!/bin/sh
# Stand-in for IAM's tool: prints a key that is none, in the form of a JWK, with the words of yarn around it.
[ "$*" = "run generate-jwk" ] || { echo "unknown: $*" >&2; exit 1; }
part() { head -c "$1" /dev/urandom | base64 | tr -d '=\\n' | tr '+/' '-_'; }
echo "yarn run v1.22.4"
echo '$ node generate-jwk.js'
printf '{"kty":"RSA","alg":"RS256","use":"sig","n":"%s","e":"AQAB","d":"%s"}\\n' "$(part 512)" "$(part 512)"
echo "Done in 0.42s."
"""

_WAIT: Final = """#!/bin/sh
# Stand-in for a part that does nothing anybody here looks at.
exec sleep 100000
"""

_PROGRAMS: Final = {
    "restapi": _RESTAPI, "webapp": _WEBAPP, "backend": _BACKEND, "iam-web": _IAM_WEB, "migrate": _MIGRATE,
    "yarn": _YARN, "wait": _WAIT,
}  # fmt: skip


def make_images(engine: Engine, psql: Path) -> None:
    """Make all images of 1.3, 1.4 and 1.5, and the two tools."""
    files: dict[str, bytes | str] = {**programs_with_libraries(psql)}
    files |= {f"usr/local/bin/{name}": text for name, text in _PROGRAMS.items()}
    engine.import_image(BASE, files, ["ENV PATH=/usr/local/bin:/usr/bin:/bin"])
    for release in ("1.3.0", "1.4.0", "1.5.1"):
        for part in ("restapi", "webapp"):
            engine.derive_image(f"{CAWEMO}-{part}:{release}", BASE, [f'CMD ["{part}"]', f"ENV RELEASE={release}"])
    for image in (*(f"{CAWEMO}-{part}:{release}" for part in ("apiserver", "garufa") for release in ("1.3.0", "1.4.0")),
                  f"{CAWEMO}-garufa:1.5.0"):  # fmt: skip
        engine.derive_image(image, BASE, ['CMD ["wait"]'])
    engine.derive_image(f"{IAM}-backend:v1.0.2", BASE, ['CMD ["backend"]'])
    for part in ("frontend", "router"):
        engine.derive_image(f"{IAM}-{part}:v1.0.2", BASE, ['CMD ["iam-web"]'])
    engine.derive_image(MIGRATION, BASE, ['CMD ["migrate"]'])
    engine.derive_image(UTILITY, BASE)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the stand-ins can be reached on this machine."""

    cawemo: int
    websockets: int
    account: int


def compose_file(release: str, ports: Ports) -> str:
    """A compose file with the services, names and settings of a release; written for the tests."""
    tag = {"1.3": "1.3.0", "1.4": "1.4.0", "1.5": "1.5.1"}[release]
    services = {
        "restapi": _service(
            f"{CAWEMO}-restapi:{tag}",
            "cawemo-restapi",
            environment={
                "CAWEMO_DB_HOST": "$DB_HOST", "CAWEMO_DB_PORT": "$DB_PORT", "CAWEMO_DB_NAME": "$DB_NAME",
                "CAWEMO_DB_USER": "$DB_USER", "CAWEMO_DB_PASSWORD": "$DB_PASSWORD",
                "CAWEMO_MIGRATION_MIGRATE": "'true'", "CAWEMO_SERVER_URL": "$SERVER_URL",
                "CAWEMO_MAIL_HOST": "$SMTP_HOST", "CAWEMO_MAIL_PORT": "$SMTP_PORT",
                "CAWEMO_PUSHER_SECRET": "$WEBSOCKET_SECRET",
            },
        ),
        "webapp": _service(
            f"{CAWEMO}-webapp:{tag}",
            "cawemo-webapp",
            environment={"NODE_SESSION_COOKIE_SECRET": "$SERVER_SESSION_COOKIE_SECRET", "SERVER_HOST": "$SERVER_HOST"},
            ports=f"{ports.cawemo}:8070",
        ),
        "garufa": _service(
            f"{CAWEMO}-garufa:{'1.5.0' if release == '1.5' else tag}",
            "cawemo-garufa",
            environment={"PUSHER_APP_SECRET": "$WEBSOCKET_SECRET"},
            ports=f"{ports.websockets}:8060",
        ),
    }  # fmt: skip
    if release != "1.5":
        services["apiserver"] = _service(f"{CAWEMO}-apiserver:{tag}", "cawemo-apiserver")
    else:
        services |= _iam(ports)
    return "version: '3.6'\nservices:\n" + "".join(f"  {name}:\n{text}" for name, text in services.items())


def _iam(ports: Ports) -> dict[str, str]:
    return {
        "backend": _service(
            f"{IAM}-backend:v1.0.2",
            "iam-backend",
            environment={
                "DB_URL": "'jdbc:postgresql://${IAM_DB_HOST}:${IAM_DB_PORT}/${IAM_DB_NAME}'",
                "DB_USER": "$IAM_DB_USER", "DB_PASSWORD": "$IAM_DB_PASSWORD", "TOKEN_ISSUER": "$IAM_BASE_URL",
                "DATABASE_ENCRYPTION_KEY": "$IAM_DATABASE_ENCRYPTION_KEY", "DEFAULT_CLIENT_SECRET": "$CLIENT_SECRET",
                "TOKEN_SIGNING_KEY": "$IAM_TOKEN_SIGNING_KEY", "STANDIN": "${STANDIN:-}",
            },
            health="wget http://localhost:8081/actuator/health -q -O - > /dev/null 2>&1",
            label=False,
        ),
        "frontend": _service(
            f"{IAM}-frontend:v1.0.2", "iam-frontend", health="wget http://localhost:80 -q -O - > /dev/null 2>&1",
            label=False,
        ),
        "router": _service(
            f"{IAM}-router:v1.0.2", "iam-router", ports=f"{ports.account}:80",
            health="wget http://localhost:81 -q -O - > /dev/null 2>&1", label=False,
        ),
    }  # fmt: skip


def _service(
    image: str,
    name: str,
    *,
    environment: Mapping[str, str] | None = None,
    ports: str = "",
    health: str = "",
    label: bool = True,
) -> str:
    lines = [f"image: {image}", f"container_name: {name}", "stop_signal: SIGKILL"]
    if label:
        lines += ["labels:", "  - 'cawemo'"]
    if environment:
        lines += ["environment:", *(f"  {key}: {value}" for key, value in environment.items())]
    if ports:
        lines += ["ports:", f"  - '{ports}'"]
    if health:
        # One that takes its time to start is not sick, however slow the machine is.
        started = "until test -e /run/started; do sleep 0.1; done"
        test = f"  test: {started}; {health}"
        lines += ["healthcheck:", test, "  interval: 1s", "  timeout: 100s", "  retries: 3"]
    return "".join(f"    {line}\n" for line in lines)
