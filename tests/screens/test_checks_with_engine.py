"""The checks on the screen with the real engine behind: mended, bypassed, changed and started by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on

from screens.checks import ChecksScreen
from screens.dialogs.asking import AskingDialog
from screens.dialogs.line import LineDialog
from screens.engine import EngineThread
from screens.requests import Attended, FillRequest, JobEnded, Requested, Told
from screens.widgets.card_confirm import ConfirmCard
from screens.widgets.finding_list import FindingList
from tests.run.journey import SETS, Journey, guide, phase, step
from tests.screens.frames import text_of, wait_for_text, wait_until
from tests.screens.looking import may_be_answered
from tests.screens.one_screen import OneScreen
from wizard.assemble import Begin, begin
from wizard.errors import ExitCode
from wizard.questions.form import Filled

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from screens.engine import Job


class Theatre(OneScreen):
    """Lets the engine do a job, with the checks as its only stage; the form is complete as it comes."""

    def __init__(self, job: Job) -> None:
        """Prepare for `job`."""
        self.stage = ChecksScreen("the-session", rehearsal=False)
        super().__init__(self.stage)
        self.engine = EngineThread(job, self.post_message)
        self.ended: JobEnded | None = None

    def on_mount(self) -> None:
        """Let the engine begin."""
        super().on_mount()
        self.engine.start()

    def on_unmount(self) -> None:
        """End the engine."""
        self.engine.lose("the test is over")

    @on(Told)
    def _told(self, message: Told) -> None:
        self.stage.told(message.event)

    @on(Requested)
    def _asked(self, message: Requested) -> None:
        if isinstance(message.request, FillRequest):
            message.reply(Filled())
        else:
            self.stage.asked(message)

    @on(Attended)
    def _attended(self, message: Attended) -> None:
        self.stage.attended(message.attending)

    @on(JobEnded)
    def _job_ended(self, message: JobEnded) -> None:
        self.ended = message


def journey(place: Path) -> Journey:
    """A guide with a check that its fix mends, one that is only bypassed, and one that holds."""
    checks = [
        {
            "id": "there",
            "title": "The folder is prepared",
            "file": str(place / "there"),
            "remedy": "Prepare it.",
            "links": ["https://example.org/prepare"],
            "fix": {"title": "Prepare it now", "why": "Makes one file.", "run": ["touch", str(place / "there")]},
        },
        {"id": "never", "title": "Somebody watches", "expr": "false", "blocks": "bypassable"},
        {"id": "root", "title": "There is room", "disk": {"path": "/", "free": 1}},
    ]
    notes = [{"kind": "warning", "text": "Read the release notes."}]
    return Journey(place, guide(phase(step("go", f"touch {place}/walked")), checks=checks, notes=notes))


async def card_opened(pilot: Pilot[Any]) -> None:
    """Wait until the card above can be answered."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, AskingDialog), 30)
    await wait_until(pilot, lambda: pilot.app.screen.query_one(ConfirmCard).open, 30)


async def press_when(pilot: Pilot[Any], kind: type[Any], *keys: str) -> None:
    """Press keys once such a screen is above."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, kind), 30)
    await pilot.press(*keys)


async def test_from_blocked_to_started_by_keys(tmp_path: Path) -> None:
    """A fix with its command shown first, a bypass with its reason, then it starts; the journal has it all."""
    made = journey(tmp_path)
    app = Theatre(lambda front_end: begin(Begin(str(made.file), sets=SETS), front_end))
    async with app.run_test(size=(120, 40)) as pilot:
        rows = app.stage.query_one
        await wait_for_text(pilot, "Cannot start: 2 findings block", 30)
        assert "WARNING" in text_of(app)
        rows(FindingList).go_to("there")
        await wait_for_text(pilot, "https://example.org/prepare")
        # Nothing starts while something blocks: the key leads from one blocker to the next.
        await pilot.press("s")
        await wait_until(pilot, lambda: rows(FindingList).selected == "never")
        await pilot.press("s")
        await wait_until(pilot, lambda: rows(FindingList).selected == "there")
        await pilot.press("f")
        await card_opened(pilot)
        await wait_for_text(pilot, f"touch {tmp_path}/there"[:60])
        await wait_for_text(pilot, "Makes one file.")
        assert not (tmp_path / "there").exists(), "it is shown before it is done"
        await pilot.press("y", "enter")
        await wait_until(pilot, (tmp_path / "there").exists, 30)
        await wait_until(pilot, lambda: not app.stage.query_one(FindingList).progress[1] and app.stage._open, 30)
        while not isinstance(app.screen, ChecksScreen):
            await pilot.press("q")
            await pilot.pause()
        await wait_for_text(pilot, "Cannot start: 1 finding blocks: Somebody watches.", 30)
        assert rows(FindingList).selected == "there"
        await wait_for_text(pilot, "It was fail at the last look.")

        rows(FindingList).go_to("never")
        await pilot.pause()
        await pilot.press("b")
        await press_when(pilot, LineDialog, *"two of us are here", "enter")
        await wait_for_text(pilot, "Nothing blocks. s starts", 30)
        await wait_for_text(pilot, "Bypassed because: two of us are here")
        await pilot.press("enter")
        await wait_until(pilot, lambda: may_be_answered(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.ended is not None, 30)
        assert app.ended is not None
        assert (app.ended.code, app.ended.error) == (ExitCode.DONE, None)
    assert made.state.bypassed == {"never": "two of us are here"}
    assert (tmp_path / "walked").exists()


async def test_a_plan_that_is_blocked_is_never_walked(tmp_path: Path) -> None:
    """Whatever is pressed while something blocks, the engine is asked nothing but to stop."""
    made = journey(tmp_path)
    app = Theatre(lambda front_end: begin(Begin(str(made.file), sets=SETS), front_end))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for_text(pilot, "Cannot start: 2 findings block", 30)
        await pilot.press("s", "enter", "p")
        await pilot.pause()
        await pilot.press("s", "enter", "escape", "enter")
        await pilot.press("x")
        await wait_until(pilot, lambda: may_be_answered(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.ended is not None, 30)
        assert app.ended is not None
        assert type(app.ended.error).__name__ == "StoppedError"
    assert not (tmp_path / "walked").exists()
    assert not made.state.steps
