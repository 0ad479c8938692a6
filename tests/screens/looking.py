"""A screen of checks that is told what an engine would tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from screens.checks import ChecksScreen, Looks
from screens.dialogs.sure import SureDialog
from screens.requests import Requested
from tests.fakes.plans import finding, small_plan
from tests.screens.one_screen import OneScreen
from wizard.checks.model import Evidence, Finding, Status
from wizard.checks.words import blockers
from wizard.guide.models.checks import Blocks
from wizard.run.changes import Changes
from wizard.run.events import CheckBegan, ChecksBegan, ChecksEnded, FindingCame, PlanMade
from wizard.run.operator import ProceedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

    from wizard.plan.model import Plan

EVIL: Final = "[/bar] [red]x[/red] \x1b]0;owned\x07\x1b[2J\u202eend"
CLEAN: Final = "[/bar] [red]x[/red] end"


def found(key: str, status: Status, title: str, **more: Any) -> Finding:
    """A finding as a machine would give it."""
    evidence = (Evidence(f"what was seen of {key}", "a look", "2026-01-02T03:04:05Z"),)
    passed = status in (Status.OK, Status.NOTE, Status.SKIPPED)
    words = {"say": "", "remedy": ""} if passed else {}
    return finding(key, status, title=title, **{"evidence": evidence, **words, **more})


ROOM: Final = found(
    "room",
    Status.FAIL,
    "Room for images and backup",
    fix="Remove unused images",
    links=("https://example.org/room", "https://example.org/prune"),
)
ENGINE: Final = found("engine", Status.UNKNOWN, "Docker engine", blocks=Blocks.ALWAYS)
MEMORY: Final = found("memory", Status.RISK, "Memory for two databases", blocks=Blocks.NEVER)
PORT: Final = found("port", Status.OK, "Port 8080 is free")
IAM: Final = found("iam", Status.SKIPPED, "IAM database")
FINDINGS: Final = (PORT, MEMORY, ENGINE, IAM, ROOM)
MENDED: Final = (
    PORT,
    MEMORY,
    found("engine", Status.OK, "Docker engine", blocks=Blocks.ALWAYS),
    IAM,
    found("room", Status.OK, "Room for images and backup"),
)
BOXES: Final = (("danger", "", "Nobody may write meanwhile."), ("note", "Names", "Hosts are named by their codes."))


def may_be_answered(app: App[Any]) -> bool:
    """Whether a question whether one is sure is open, and the keyboard was quiet for long enough."""
    return isinstance(app.screen, SureDialog) and app.screen.open


class Looking:
    """Tells a ChecksScreen what it is to show, and keeps what was asked of the person."""

    def __init__(self, *, rehearsal: bool = False, looks: Looks | None = None) -> None:
        """Make the screen; `looks` are those that were made before."""
        self.screen = ChecksScreen("demo-20250102-0304-mav", rehearsal=rehearsal, looks=looks)
        self.app = OneScreen(self.screen)
        self._rehearsal = rehearsal
        last = looks.last if looks is not None else None
        self._before = (last.plan, last.findings) if last is not None else None
        self.asked = Requested(ProceedRequest(small_plan(), (), Changes(), may_start=True))

    def begin(self, findings: Sequence[Finding], running: int | None = None) -> None:
        """Name the checks, and begin the first `running` (all where None)."""
        self.screen.told(ChecksBegan(tuple((one.key, one.title) for one in findings)))
        for one in findings[:running]:
            self.screen.told(CheckBegan(one.key))

    def came(self, *findings: Finding) -> None:
        """Give findings, one by one."""
        for one in findings:
            self.screen.told(FindingCame(one))

    def settle(
        self, findings: Sequence[Finding], plan: Plan | None = None, bypassed: Mapping[str, str] | None = None
    ) -> None:
        """End the look and ask what to do."""
        plan = plan or small_plan()
        self.screen.told(ChecksEnded(tuple(findings), tuple((bypassed or {}).items())))
        self.screen.told(PlanMade(plan, BOXES))
        before, self._before = self._before, (plan, tuple(findings))
        changes = Changes.between(before, self._before)
        may_start = self._rehearsal or not blockers(findings, bypassed or {})
        self.asked = Requested(ProceedRequest(plan, tuple(findings), changes, may_start=may_start))
        self.screen.asked(self.asked)

    def look(self, findings: Sequence[Finding], plan: Plan | None = None) -> None:
        """A whole look."""
        self.begin(findings)
        self.came(*findings)
        self.settle(findings, plan)

    @property
    def reply(self) -> Any:
        """What was replied."""
        assert self.asked.answered, "nothing was replied"
        return self.asked.wait()
