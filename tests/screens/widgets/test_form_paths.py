"""Paths that complete from the disk, without waiting for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from screens.widgets import form_paths
from screens.widgets.form_paths import FormPath, Lister, entries
from tests.fakes.forms import FakeForm
from tests.screens.form_app import FormApp, asked, focused
from tests.screens.frames import wait_for_text, wait_until
from wizard.questions.form import Given

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with folders, files and hidden ones."""
    for name in ("stock", "stockroom/data", ".hidden"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "stock.env").touch()
    (tmp_path / "odd\x1b[31m").touch()
    return tmp_path


def test_entries_begin_with_what_is_typed(place: Path) -> None:
    """Folders end in a slash, hidden ones show once their dot is typed, nothing unprintable does."""
    names = [one.removeprefix(f"{place}/") for one in entries(f"{place}/sto")]
    assert names == ["stock.env", "stock/", "stockroom/"]
    assert entries(f"{place}/") == tuple(f"{place}/{name}" for name in ("stock.env", "stock/", "stockroom/"))
    assert entries(f"{place}/.") == (f"{place}/.hidden/",)


def test_the_home_folder_is_written_out(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` becomes the path that the engine takes."""
    monkeypatch.setenv("HOME", str(place))
    assert f"{place}/stock/" in entries("~/sto")
    assert entries("~") == entries(f"{place}/")


@pytest.mark.parametrize("text", ["", "opt", "~nobody-of-that-name/x", "/nowhere/at/all/x", "/\0"])
def test_what_cannot_be_looked_at_has_no_entries(text: str) -> None:
    """No error reaches the field."""
    assert entries(text) == ()


def test_a_huge_folder_is_looked_at_in_part(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is bounded, whatever the folder holds."""
    monkeypatch.setattr(form_paths, "LISTED", 2)
    assert len(entries(f"{place}/")) == 2


def test_a_dead_disk_holds_one_look_and_the_newest_text_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a look hangs no other begins; then only the newest text is looked for."""
    hold, looked, found = threading.Event(), threading.Semaphore(0), []

    def slow(text: str) -> tuple[str, ...]:
        looked.release()
        hold.wait(60)
        return (text,)

    monkeypatch.setattr(form_paths, "entries", slow)
    done = threading.Semaphore(0)

    def tell(text: str, _: tuple[str, ...]) -> None:
        found.append(text)
        done.release()

    lister = Lister(tell)
    lister.want("/a")
    assert looked.acquire(timeout=60)
    for text in ("/ab", "/abc"):
        lister.want(text)
    hold.set()
    assert done.acquire(timeout=60)
    assert done.acquire(timeout=60)
    assert found == ["/a", "/abc"]


def line(app: FormApp) -> FormPath:
    """The line for the path."""
    return app.screen.query_one(FormPath)


async def test_a_path_is_completed_by_keys(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries stand below the line; arrow right completes as far as it is clear, enter on an entry goes into it."""
    monkeypatch.setenv("HOME", str(place))
    app = FormApp(form := FakeForm([asked("folder", "path"), asked("other")]))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: focused(app))
        await pilot.press(*"~/stockr")
        await wait_for_text(pilot, "• ")
        await wait_until(pilot, lambda: line(app).listed)
        await pilot.press("right")
        await wait_until(pilot, lambda: line(app).value == f"{place}/stockroom/" and line(app).listed)
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: line(app).value == f"{place}/stockroom/data/")
        await pilot.press("enter")
        await wait_until(pilot, lambda: form.taken)
        assert form.taken == [Given("folder", f"{place}/stockroom/data/")]
