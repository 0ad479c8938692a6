"""The questionnaires of the bundled guides on the screen, with the real engine behind it, and as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.screens.form_app import GuideApp, focused
from tests.screens.frames import text_of, wait_for_text, wait_until
from wizard.assemble import Begin, store
from wizard.run.folding import fold
from wizard.run.journal import read_journal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.screens.conftest import Frame

SIZES = [(80, 24), (120, 40)]
PASSWORD = "hush-hush-hush"


@pytest.fixture
def stockroom(tmp_path: Path) -> Path:
    """A folder that the demo takes for its installation; nothing runs in it."""
    (tmp_path / "stockroom.env").write_text("STOCKROOM_PORT=8080\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("size", SIZES)
async def test_the_demo_is_asked_for_by_keys_alone(stockroom: Path, size: tuple[int, int], frame: Frame) -> None:
    """From the first question to findings and plan: nothing but typing, arrows and enter; the secret is nowhere."""
    app = GuideApp(Begin("demo"))
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: focused(app) == "install_dir")
        await wait_for_text(pilot, "0 of 6 answered")
        frame(app, name="first")
        await pilot.press(*str(stockroom), "enter")
        await wait_until(pilot, lambda: focused(app) == "current_version")
        await pilot.press(*"1.0", "enter")
        await wait_until(pilot, lambda: focused(app) == "target_version")
        await pilot.press("enter")
        await wait_until(pilot, lambda: focused(app) == "customised")
        await wait_for_text(pilot, "1.0 → 1.1 → 2.0")
        assert "Asked now: How will you give the new administrator's password?" in text_of(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: focused(app) == "backup_dir")
        await pilot.press("enter")
        await wait_until(pilot, lambda: focused(app) == "people")
        await pilot.press("a", *"Ada", "enter")
        await wait_for_text(pilot, "Row 1, Reached by")
        await pilot.press("enter")
        await wait_for_text(pilot, "Ada   mail")
        frame(app, name="people", replaced={str(stockroom): "/tmp/test"})
        await pilot.press("t")
        await wait_until(pilot, lambda: focused(app) == "password_by")
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: focused(app) == "admin_password")
        await pilot.press(*"short", "enter")
        await wait_for_text(pilot, "! It needs at least 8 characters.")
        frame(app, name="secret", replaced={str(stockroom): "/tmp/test"})
        await pilot.press(*PASSWORD, "enter")
        await wait_until(pilot, lambda: focused(app) == "mishap")
        await pilot.press("enter")
        await wait_for_text(pilot, "All is answered: go on to the checks")
        await wait_for_text(pilot, "enter Go on")
        frame(app, name="all-answered", replaced={str(stockroom): "/tmp/test"})
        assert PASSWORD not in text_of(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.proceeding)
    folder = store().open().folder
    answers = fold(read_journal(folder).entries).answers
    assert answers["people"]["value"] == [{"name": "Ada", "reached_by": "mail"}]
    assert (answers["target_version"]["source"], answers["current_version"]["source"]) == ("default", "operator")
    assert not [path for path in folder.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]


@pytest.mark.parametrize("size", SIZES)
async def test_cawemo_proposes_what_it_finds(tmp_path: Path, size: tuple[int, int], frame: Frame) -> None:
    """Settings of the installation arrive as proposals with their evidence, and sections follow the versions."""
    (tmp_path / ".env").write_text("IAM_BASE_URL=https://iam.example.org\nDB_HOST=db.example.org\n", encoding="utf-8")
    (tmp_path / "docker-compose.yml").write_text("services: {}\n", encoding="utf-8")
    app = GuideApp(Begin("cawemo", sets=(f"install_dir={tmp_path}", "current_version=1.4.1")))
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: focused(app) == "target_version")
        await pilot.press("enter")
        await wait_until(pilot, lambda: focused(app) == "compose_1_5")
        await wait_for_text(pilot, "1.4.1 → 1.5")
        for _ in range(3):
            await pilot.press("pagedown")
        await wait_for_text(pilot, "From 1.5 on users live in IAM")
        assert "found on this machine: settings.IAM_BASE_URL" in text_of(app)
        frame(app, name="iam", replaced={str(tmp_path): "/tmp/test"})
