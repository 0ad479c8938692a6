"""How to leave: what each way does to what goes on just now, and none of them by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, assert_never

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from screens.dialogs.dialog import Dialog
from screens.requests import Doing, Leaving
from screens.widgets.card_choices import Choices
from screens.widgets.card_rows import words
from wizard.run.operator import Choice

if TYPE_CHECKING:
    from textual.app import ComposeResult

STAY: Final = "stay"

_GOES_ON: Final = {
    Doing.ASKING: "A question waits for you. Nothing runs in this terminal meanwhile.",
    Doing.RUNNING: "A command runs. It needs neither this terminal nor the wizard to go on.",
    Doing.WAITING: "The wizard waits for something; no command runs in this terminal.",
    Doing.BUSY: "The engine works, and comes to a place where it can be left.",
}

_AGAIN: Final = "`wizard resume` takes this session up again, here or from another terminal."


def ways_to_leave(doing: Doing) -> tuple[Choice, ...]:
    """Give what can be done instead of staying, by the words of `Leaving`."""
    match doing:
        case Doing.ASKING:
            return (Choice(Leaving.HERE, "Stop here; you are asked again on resume"), _AT_ONCE)
        case Doing.RUNNING:
            return (
                Choice(Leaving.RUNS_ON, "Leave the wizard; the command runs on"),
                Choice(Leaving.STOP, "Stop the command", danger=True),
            )
        case Doing.WAITING:
            return (
                Choice(Leaving.RUNS_ON, "Leave the wizard; `wizard resume` goes on waiting"),
                Choice(Leaving.STOP, "Stop here, and take back what was set for a while", danger=True),
            )
        case Doing.BUSY:
            return (Choice(Leaving.HERE, "Stop at the next place"), _AT_ONCE)
        case _:
            assert_never(doing)


_AT_ONCE: Final = Choice(
    Leaving.AT_ONCE, "Leave at once, as if the terminal were lost; nothing is taken back", danger=True
)


class LeavingDialog(Dialog[Leaving | None]):
    """Asks how to leave; gives that, or None for staying."""

    HELP: ClassVar[str] = (
        "Leaving never loses anything: the journal has all that was done, and what runs goes on under its own "
        "supervisor. " + _AGAIN
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Stay", id="leaving.stay", tooltip="Stay, and change nothing"),
    ]

    def __init__(self, doing: Doing) -> None:
        """Offer what fits what the engine is `doing`."""
        super().__init__()
        self._doing = doing
        self._choices = Choices((Choice(STAY, "Stay"), *ways_to_leave(doing)), STAY)

    def compose(self) -> ComposeResult:
        """What goes on, and the ways."""
        with Vertical(classes="-box"):
            yield words("Leave?", "-strong")
            yield words(f"{_GOES_ON[self._doing]}\n{_AGAIN}\n ")
            yield self._choices

    def on_mount(self) -> None:
        """Begin at staying: somebody who meant another key loses nothing."""
        if (stay := self._choices.proposed) is not None:
            stay.focus()

    def action_leave(self) -> None:
        """Do nothing: this is asked already."""

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        key = event.chosen.key
        self.dismiss(None if key == STAY else Leaving(key))
