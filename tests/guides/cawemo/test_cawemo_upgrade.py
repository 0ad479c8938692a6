"""Cawemo goes from 1.3 over 1.4 to 1.5, and from there back: real containers, real dumps, real users."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.panes import Pane
from tests.e2e.secrets_seen import Lookout, files_with
from tests.guides.cawemo.installation import NEW_KEYS, USERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.guides.cawemo.installation import Cawemo

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(240)]


def test_from_1_3_over_1_4_to_1_5(cawemo: Cawemo) -> None:
    """Unattended, exit 0: dumps that can be restored, users copied, .env complete, 1.5 healthy, no leak, no jump."""
    cawemo.install("1.3")
    jump = cawemo.call("check", "cawemo", "--answers", cawemo.write_answers("1.4.0"))
    assert jump.code == 20, jump.err
    assert "must not go to 1.5 directly" in " ".join(jump.out.split())
    settings = (cawemo.folder / ".env").read_text()
    given = [cawemo.db_password, cawemo.iam_password, cawemo.postgres.password]

    with Lookout(given) as seen:
        ended = cawemo.upgrade("1.3.0", guide="cawemo", timeout=200)

    assert ended.code == 0, ended.err
    assert cawemo.program.status()["state"] == "done"
    cawemo.comes_up("1.5.1")
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


def test_by_hand_on_the_full_screen_and_back(cawemo: Cawemo, need_part: Callable[[str], str]) -> None:
    """By keys alone: secrets, docker login and docker run -it; nothing typed is left; then undo brings 1.4 back."""
    cawemo.install("1.4")
    before = cawemo.as_it_was()
    given = cawemo.answers("1.4.0", in_terminal=True, login_by="typed")["answers"]
    typed = {name: given.pop(name) for name in ("db_admin_password", "iam_db_password")}
    assert all(text.startswith("env:") for text in typed.values())
    typed_here = [cawemo.postgres.password, cawemo.iam_password, REGISTRY_PASSWORD]

    words = ["run", "cawemo", "--answers", _written(cawemo, given)]
    with Lookout([REGISTRY_PASSWORD]) as seen, Pane(cawemo.program, words, need_part("tmux")) as pane:
        pane.wait_for(r"○ Password of PostgreSQL's administrator[\s\S]*nothing is shown")
        pane.type(cawemo.postgres.password)
        pane.wait_for(r"○ Password of IAM's PostgreSQL user[\s\S]*nothing is shown")
        pane.type(cawemo.iam_password)
        pane.wait_for("> .*All is answered: go on to the checks")
        pane.press("Enter")
        _check_and_start(pane)
        pane.mark(r"\[ \] Everybody who works in Cawemo", 60)
        pane.press("Space")
        pane.wait_for(r"\[x\] Everybody")
        pane.mark(r"\[ \] They were asked")
        pane.press("Space")
        pane.wait_for(r"\[x\] They were asked")
        pane.mark(r"\(type here\)")
        pane.type("stop cawemo")
        pane.wait_for(r"> 1 Yes +│")
        pane.press("Enter")
        _log_in(pane)
        for asked in ASKED:
            if asked == "Start all services of 1.5":
                # It stands there as long as the next step is asked about.
                pane.wait_for(rf"{asked}[\s\S]*\d ! Yes[\s\S]*data migration completed successfully", 60)
            _agree(pane, asked)
        pane.wait_for(r"✓ Done[\s\S]*from 1\.4\.0 to 1\.5", 60)
        pane.press("Enter")
        assert pane.ended(60) == 0
        shown = "\n".join(pane.frames)

    cawemo.comes_up("1.5.1")
    assert cawemo.moved() == list(USERS)
    made = cawemo.settings()
    secrets = [*typed_here, cawemo.db_password, made["CLIENT_SECRET"]]
    assert not [secret for secret in secrets if secret in shown]
    for left in (cawemo.program.state, cawemo.program.home, cawemo.program.temporary):
        assert [file for file in files_with(left, *secrets) if "/copies/" not in file] == []
    assert seen.supervisors
    assert seen.words == seen.environments == set()
    assert cawemo.release() == "1.5.1"
    assert "password_hash" not in str(cawemo.as_it_was()["columns"]), "1.5 took nothing away, so nothing is proven"

    cawemo.write_answers("1.4.0")
    undone = cawemo.again("undo")

    assert undone.code == 0, undone.err
    assert cawemo.program.status()["state"] == "undone"
    cawemo.comes_up("1.4.0")
    assert cawemo.as_it_was() == before
    assert set(cawemo.states()) == {"cawemo-restapi", "cawemo-webapp", "cawemo-garufa", "cawemo-apiserver"}
    assert len(list(cawemo.backups.glob("*.dump"))) == 1, "an undo never takes a backup away"


ASKED = (
    "1 of 3", "2 of 3", "Stop Cawemo 1.4.0", "Add the settings of IAM to .env", "Put the compose file of 1.5 in place",
    "Copy the users to IAM, in a terminal", "Start all services of 1.5", "1 of 1",
)  # fmt: skip
"""What is on the screen when a yes is wanted, in that order."""

REGISTRY_PASSWORD = "Registry-Word/0815"


def _check_and_start(pane: Pane) -> None:
    """Mend the one check that fails, and start."""
    pane.wait_for(r">FAIL +The folder[\s\S]*Cannot start: 1 finding", 60)
    pane.press("f")
    pane.wait_for("mkdir -p -m 700")
    pane.take("Yes, do it")
    pane.wait_for("The command ended with exit 0")
    pane.press("q")
    pane.wait_for("Nothing blocks", 60)
    pane.press("s")
    pane.take("Start")


def _log_in(pane: Pane) -> None:
    """Type name and password into docker's own prompts; without a registry that fails, and the images are here."""
    pane.wait_for(r"Username:[\s\S]*t types into the command", 60)
    pane.press("t")
    pane.wait_for("typing goes to the command")
    pane.type("ada")
    pane.wait_for(r"Password:[\s\S]*typing is hidden")
    pane.type(REGISTRY_PASSWORD)
    pane.wait_for(r"Log in to the registry failed[\s\S]*This machine does not reach the registry", 60)
    pane.take("Skip it")
    pane.wait_for(r"This is dangerous[\s\S]*Why +┃\n┃ > ")
    pane.type("the images are here")
    pane.wait_for("> 2 ! Yes: Skip it")
    pane.press("Enter")


def _agree(pane: Pane, asked: str) -> None:
    """Say yes, and once more where that is dangerous."""
    pane.wait_for(rf"{re.escape(asked)}[\s\S]*\d (! )?Yes", 60)
    if re.search(r"> \d ! Yes", pane.take("Yes")):
        pane.wait_for(r"This is dangerous[\s\S]*1 Back; nothing is done[\s\S]*2 ! Yes")
        pane.take("Yes")


def _written(cawemo: Cawemo, answers: dict[str, Any]) -> str:
    file = cawemo.program.place / "answers.yaml"
    file.write_text(yaml.safe_dump({"answers": answers}))
    return str(file)
