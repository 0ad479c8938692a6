"""A screen that shows a run: what the screen of whoever drives it and that of whoever looks on have in common."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType

from screens.stage import SessionShown, WizardScreen
from screens.widgets.card_base import Card
from screens.widgets.walk_view import WalkView
from wizard.plain.clean import clean_line
from wizard.plan.steps import leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

T = TypeVar("T")

HOW_TO_READ = (
    "tab goes from part to part. [ and ] look at earlier and later steps while the run goes on; 0 comes back to where "
    "it stands. a shows all steps, i the items of a loop, l what happened so far, p the whole plan, which can be saved "
    "there. m shows all about the way back where the head has no room for it. ctrl+p and a code such as 4.2 go to that "
    "step.\n"
    "In the output: / searches, n and N go to the next hit and the one before, e and E to the next line that tells of "
    "an error and the one before, y copies.\n"
)
"""What help says of both."""


class RunScreen(WizardScreen[T], Generic[T]):
    """One view of a run, and the ways to its plan and to every step of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "plan", "Plan", id="run.plan", tooltip="Read the plan, and save it as Markdown or JSON"),
    ]

    CSS_PATH = "walk.tcss"
    AUTO_FOCUS = None

    def __init__(self, session: str, *, here: bool) -> None:
        """Show the session with that id; `here`: this wizard drives it."""
        super().__init__()
        self.session = session
        self._view = WalkView(session, here=here)
        self._put_unseen = False
        """Whether a card came while something lay above."""

    @property
    def view(self) -> WalkView:
        """All that is shown."""
        return self._view

    def compose(self) -> ComposeResult:
        """One view, the same for the driver and for whoever looks on."""
        yield self._view

    def on_mount(self) -> None:
        """Have its machines covered where names are."""
        self.post_message(SessionShown(self.session))

    def on_screen_resume(self) -> None:
        """Open a card anew that nobody could see until now: a key meant for what lay above answers nothing."""
        if self._put_unseen:
            self._put_unseen = False
            if isinstance(card := self._view.card, Card):
                card.come_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a plan once the questions are answered and the checks have passed."""
        if action == "plan":
            return self._view.session_view.plan is not None
        return super().check_action(action, parameters)

    def action_plan(self) -> None:
        """Read the plan, at the step that is shown."""
        from screens.plan import PlanScreen

        if (plan := self._view.session_view.plan) is not None:
            self.app.push_screen(PlanScreen(plan, session=self.session, at=self._view.shown))

    def places(self) -> Sequence[tuple[str, Callable[[], object]]]:
        """The phases and steps of the plan, each with its code."""
        plan = self._view.session_view.plan
        places: list[tuple[str, Callable[[], object]]] = []
        for phase in plan.phases if plan is not None else ():
            steps = leaves((*phase.steps, *phase.finally_steps))
            for code, title, key in ((phase.code, phase.title, phase.key), *((x.code, x.title, x.key) for x in steps)):
                places.append((f"{code} {clean_line(title)}", partial(self._view.look_at, key)))
        return places

    def say_unseen(self, card: Card) -> None:
        """Say that a card waits where something lies above, which hides it."""
        if not self.is_active:
            self._put_unseen = True
            title = clean_line(getattr(card.requested.request, "title", ""))
            words = f"The run waits for your word: {title}" if title else "The run waits for your word."
            self.notify(f"{words}\nGo back to it to reply.", title="A question waits", severity="warning", markup=False)
