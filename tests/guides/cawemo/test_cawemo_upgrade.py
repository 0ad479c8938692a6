"""Cawemo goes from 1.3 over 1.4 to 1.5, and from there back: real containers, real dumps, real users."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.e2e.secrets_seen import Lookout, files_with
from tests.guides.cawemo.installation import NEW_KEYS, USERS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.guides.cawemo.installation import Cawemo

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(240)]


def test_from_1_3_over_1_4_to_1_5(cawemo: Cawemo) -> None:
    """Unattended, exit 0: two dumps that can be restored, users copied, .env completed, all of 1.5 healthy, no leak."""
    cawemo.install("1.3")
    settings = (cawemo.folder / ".env").read_text()
    given = [cawemo.db_password, cawemo.iam_password, cawemo.postgres.password]

    with Lookout(given) as seen:
        ended = cawemo.upgrade("1.3.0", timeout=200)

    assert ended.code == 0, ended.err
    assert cawemo.program.status()["state"] == "done"
    assert cawemo.answers_as("1.5.1")
    assert cawemo.release() == "1.5.1"
    assert cawemo.moved() == list(USERS)
    assert {name: words for name, words in cawemo.states().items() if name.startswith("iam-")} == {
        "iam-backend": "running, healthy",
        "iam-frontend": "running, healthy",
        "iam-router": "running, healthy",
    }
    assert "cawemo-apiserver" not in cawemo.states()
    with urllib.request.urlopen(f"http://localhost:{cawemo.ports.account}/", timeout=5) as reply:
        assert reply.status == 200

    _env_is_complete(cawemo, settings)
    first, second = _dumps(cawemo)
    assert _restored(cawemo, first) == [(email, name, f"hash of {name}") for email, name in USERS]
    assert _restored(cawemo, second) == [(email, name, f"hash of {name}", None) for email, name in USERS]

    made = cawemo.settings()
    secrets = [*given, made["CLIENT_SECRET"], made["IAM_DATABASE_ENCRYPTION_KEY"]]
    secrets += [json.loads(made["IAM_TOKEN_SIGNING_KEY"])["d"], f"websocket-{cawemo.name}", f"cookie-{cawemo.name}"]
    for left in (cawemo.program.state, cawemo.program.home, cawemo.program.temporary):
        # What an edit replaced is kept whole, for the undo; such copies never leave the machine.
        assert [file for file in files_with(left, *secrets) if "/copies/" not in file] == []
    assert not [secret for secret in secrets if secret in ended.err + ended.out]
    assert seen.supervisors, "no supervisor was ever seen, so nothing is proven"
    assert seen.words == set()
    assert [file.name for file in cawemo.backups.glob("*signing-key*")] == [], "the key is in two places"


def _env_is_complete(cawemo: Cawemo, before: str) -> None:
    """Every line from before is there as it was, and the nine new keys behind them."""
    after = (cawemo.folder / ".env").read_text()
    assert after.startswith(before)
    assert [line.split("=")[0] for line in after.removeprefix(before).splitlines()] == [
        "IAM_BASE_URL", "IAM_DB_HOST", "IAM_DB_PORT", "IAM_DB_NAME", "IAM_DB_USER", "IAM_DB_PASSWORD",
        "CLIENT_SECRET", "IAM_DATABASE_ENCRYPTION_KEY", "IAM_TOKEN_SIGNING_KEY",
    ]  # fmt: skip
    made = cawemo.settings()
    assert all(made[key] for key in NEW_KEYS)
    assert len(made["CLIENT_SECRET"]) == len(made["IAM_DATABASE_ENCRYPTION_KEY"]) == 32
    assert made["CLIENT_SECRET"] != made["IAM_DATABASE_ENCRYPTION_KEY"]
    assert json.loads(made["IAM_TOKEN_SIGNING_KEY"])["kty"] == "RSA"
    assert made["IAM_DB_PASSWORD"] == cawemo.iam_password
    assert (cawemo.folder / ".env").stat().st_mode & 0o777 == 0o600


def _dumps(cawemo: Cawemo) -> list[Path]:
    """The two dumps, labelled by the release they hold, readable by their owner only."""
    dumps = sorted(cawemo.backups.glob("*.dump"))
    assert [dump.name.split("-")[1] for dump in dumps] == ["1.3.0", "1.4"]
    assert [dump.stat().st_mode & 0o777 for dump in dumps] == [0o600, 0o600]
    return dumps


def _restored(cawemo: Cawemo, dump: Path) -> list[tuple[object, ...]]:
    """The users in a dump, read from a database that was made of it."""
    database = cawemo.postgres.make_database(f"{cawemo.name}_again")
    try:
        cawemo.postgres.run("pg_restore", "--exit-on-error", "-d", database, str(dump))
        return cawemo.postgres.rows("select * from users order by email", database=database)
    finally:
        cawemo.postgres.drop_database(database)


def test_undo_brings_1_4_back_with_its_data(cawemo: Cawemo) -> None:
    """After a whole upgrade from 1.4, `wizard undo` puts back settings, compose file, database and containers."""
    cawemo.install("1.4")
    before = cawemo.as_it_was()
    assert cawemo.upgrade("1.4.0").code == 0
    assert cawemo.release() == "1.5.1"
    assert "password_hash" not in str(cawemo.as_it_was()["columns"]), "1.5 took nothing away, so nothing is proven"

    undone = cawemo.again("undo")

    assert undone.code == 0, undone.err
    assert cawemo.program.status()["state"] == "undone"
    assert cawemo.answers_as("1.4.0")
    assert cawemo.as_it_was() == before
    assert set(cawemo.states()) == {"cawemo-restapi", "cawemo-webapp", "cawemo-garufa", "cawemo-apiserver"}
    assert len(list(cawemo.backups.glob("*.dump"))) == 1, "an undo never takes a backup away"
