"""The summary: what became of a run, what is left, and what can be done next; or what went wrong."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from screens.home_entries import offer_of
from screens.reader import ReaderScreen
from screens.requests import JobEnded
from screens.stage import LeaveWanted
from screens.summary import SummaryScreen
from screens.summary_lines import summary_lines
from tests.fakes.operators import ScriptedOperator
from tests.run.journey import step
from tests.run.test_walking import log
from tests.screens.frames import OneScreen, is_shown, text_of, wait_for_text, wait_until
from tests.screens.some_sessions import done_session, failed_session, journey, newest
from wizard.errors import AnswersError, ExitCode, StepFailedError
from wizard.looking import session_report, session_status
from wizard.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from tests.screens.conftest import Frame


def ended(code: ExitCode | None = ExitCode.DONE, error: BaseException | None = None) -> JobEnded:
    """How the engine's job ended."""
    return JobEnded(code, error)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_run_that_is_done(tmp_path: Path, frame: Frame, size: tuple[int, int]) -> None:
    """It says done, the times against the estimate, each step, and what can be done next with the commands."""
    session = done_session(tmp_path / "done")
    app = OneScreen(SummaryScreen(session.id, None, ended()))
    async with app.run_test(size=size) as pilot:
        await wait_for_text(pilot, "✓ Done")
        text = text_of(app)
        assert f"wizard report {session.id}" in text
        assert f"wizard call tidy {session.id}" in text
        assert "2 min were expected" in text
        assert "✓ 1.1 One" in text
        frame(app)
        await pilot.press("enter")
        assert [type(one) for one in app.said] == [LeaveWanted]


async def test_a_session_that_is_closed_here_says_only_that(tmp_path: Path) -> None:
    """Once it is closed with a reason, what the run ended with, and the word to resume it, are gone."""
    session = failed_session(tmp_path / "failed")
    error = StepFailedError("1.2 Two failed", hint="`wizard resume` goes on from here.")
    app = OneScreen(SummaryScreen(session.id, None, ended(None, error)))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "wizard close")
        assert "goes on from here" in text_of(app)
        await pilot.press("c", *"wrong", "enter")
        await wait_for_text(pilot, "Closed: wrong")
        await wait_until(pilot, lambda: "goes on from here" not in text_of(app))


async def test_a_run_that_failed_tells_what_the_engine_offers(tmp_path: Path, frame: Frame) -> None:
    """The error with its hint stands first, then where the session stands, each word of `next` with its meaning."""
    session = failed_session(tmp_path / "failed")
    error = StepFailedError("1.2 Two failed", hint="Look at its output.")
    app = OneScreen(SummaryScreen(session.id, None, ended(None, error)))
    async with app.run_test(size=(80, 30)) as pilot:
        await wait_for_text(pilot, "✗ Failed")
        text = text_of(app)
        assert text.index("1.2 Two failed") < text.index("Look at its output.") < text.index("What can be done next")
        for word in ("resume", "undo", "report", "close"):
            assert f"wizard {word} {session.id}" in text
            assert (offer := offer_of(word, {})) is not None
            assert offer.words.split(";")[0] in " ".join(text.split())
        frame(app)


def test_the_wait_for_a_word_stands_beside_the_time_of_the_steps(tmp_path: Path) -> None:
    """Altogether and with the step, so that nobody takes it for the step's own time."""
    session = done_session(tmp_path / "done")
    report = session_report(session.id)
    line = replace(report.phases[0].steps[0], seconds=61.0, asked=700.0)
    slow = replace(report, took=61.0, asked=700.0, phases=(replace(report.phases[0], steps=(line,)),))
    lines = [line.text for line in summary_lines(session_status(session.id), slow)]
    assert any("the steps took 1 min 1 s (2 min were expected); steps waited 11 min 40 s" in line for line in lines)
    assert "✓ 1.1 One (1 min 1 s, expected 2 min, waited 11 min 40 s for a word)" in lines


async def test_skipped_bypassed_and_by_hand_are_told(tmp_path: Path) -> None:
    """What a person overrode is counted and named with the reason."""
    walked = journey(tmp_path / "skipped", step("one", log("one")), step("two", "exit 3"))
    walked.begin(ScriptedOperator({"failed:two": ("skip", "not here")}))
    app = OneScreen(SummaryScreen(newest().id, None, ended()))
    async with app.run_test(size=(80, 40)) as pilot:
        await wait_for_text(pilot, "✓ Done")
        assert "1 done, 1 skipped" in text_of(app)
        assert "not here" in text_of(app)


async def test_all_problems_of_answers_are_listed() -> None:
    """Without a session there is only what went wrong, whole; no report is offered."""
    problems = (Problem("the key `x` is not asked", "answers.yaml", 3, 1), Problem("`y` is missing", "answers.yaml"))
    app = OneScreen(SummaryScreen("", None, ended(None, AnswersError("The answers are not complete.", problems))))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "`y` is missing")
        text = text_of(app)
        assert "answers.yaml:3:1" in text
        assert "Report" not in text
        await pilot.press("p")
        assert is_shown(app, SummaryScreen)


async def test_a_defect_shows_where_it_is_kept_and_no_values(tmp_path: Path) -> None:
    """An error that is none of ours is told in the words of the crash file, without its message."""
    session = done_session(tmp_path / "done")
    app = OneScreen(SummaryScreen(session.id, None, ended(None, ValueError("hunter2"))))
    async with app.run_test(size=(100, 40)) as pilot:
        await wait_for_text(pilot, "defect of wizard itself (ValueError)")
        text = text_of(app)
        assert "hunter2" not in text
        assert "wizard resume" in text
        assert "crashes/" in text.replace("\n", "")


async def test_the_report_is_read_and_saved_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`s` saves it in a new file for its owner alone; a file that is there is refused and not touched."""
    session = done_session(tmp_path / "done")
    monkeypatch.chdir(tmp_path)
    app = OneScreen(SummaryScreen(session.id, None, ended()))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await wait_for_text(pilot, "✓ Done")
        await pilot.press("p")
        await wait_for_text(pilot, "Report of")
        await wait_for_text(pilot, "State: done")
        file = tmp_path / f"{session.id}.md"
        await pilot.press("s", "enter")
        await wait_until(pilot, file.exists)
        await wait_for_text(pilot, "Saved in")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text().startswith("# Journey")
        file.write_text("mine")
        await pilot.press("s", "enter")
        await wait_for_text(pilot, "is there already")
        assert file.read_text() == "mine"
        await pilot.press("escape")
        await wait_until(pilot, lambda: is_shown(app, ReaderScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: is_shown(app, SummaryScreen))


async def test_evidence_can_be_read(tmp_path: Path) -> None:
    """What a session proves is shown as it would be written."""
    session = done_session(tmp_path / "done")
    app = OneScreen(SummaryScreen(session.id, None, ended()))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "✓ Done")
        await pilot.press("e")
        await wait_for_text(pilot, '"guide_sha256"')


async def test_a_rehearsal_never_reads_as_if_something_was_done(tmp_path: Path) -> None:
    """Its head says that nothing was changed."""
    session = done_session(tmp_path / "done", rehearse=True)
    app = OneScreen(SummaryScreen(session.id, None, ended()))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Rehearsed: nothing was changed")
