"""Ways to go on, one a row; one that is dangerous, says what it will do, or wants words is asked about once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from screens.widgets.card_rows import DIGITS, Field, Row, exactly, jump_to, move_focus, needed, words
from wizard.plain.clean import clean_line
from wizard.run.operator import Chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from wizard.run.operator import Choice

_DO, _BACK = "do it", "back"


class _Once(Vertical):
    """Asks once more about one choice: its reason, its exact words, and whether it is really wanted.

    Going back stands first and has the focus, so that the key that took the choice does not also carry it out.
    """

    DEFAULT_CSS = """
    _Once { height: auto; }
    """

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice

    def compose(self) -> ComposeResult:
        choice = self.choice
        yield words(clean_line(choice.label) + ("\nThis is dangerous." if choice.danger else ""))
        if choice.typed:
            label = f"Type exactly: {clean_line(choice.typed)}"
            yield Field(label, exactly(choice.typed), key="typed", typed_only=True)
        if choice.reason:
            yield Field("Why", needed, key="reason")
        yield Row(_BACK, "Back; nothing is done", number=1)
        label = choice.label if choice.label.startswith("Yes") else f"Yes: {choice.label}"
        yield Row(_DO, label, number=2, danger=choice.danger)

    @property
    def whole(self) -> bool:
        """Whether its parts are there: not in the moment it is made, nor while it is taken away."""
        return len(self.query(Row)) == 2

    @property
    def fields(self) -> list[Field]:
        """What is to be typed."""
        return list(self.query(Field))

    @property
    def first(self) -> Widget:
        """What is to be typed first, else going back."""
        return self.fields[0].line if self.fields else self.query(Row).first()

    def row(self, *, carry_out: bool) -> Row:
        """The row that carries the choice out, or the one that goes back."""
        return self.query(Row).last() if carry_out else self.query(Row).first()


class Choices(Vertical):
    """Rows to take; takes one as `Choices.Taken`, exactly as the engine wants it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="choice.up", tooltip="To the one before"),
        Binding("down", "move(1)", "Down", show=False, id="choice.down", tooltip="To the next one"),
        Binding("escape", "back", "Back", id="choice.back", tooltip="Back to the choices"),
        *DIGITS,
    ]

    DEFAULT_CSS = """
    Choices {
        height: auto;
        &.-once > Row { display: none; }
    }
    """

    class Pondered(Message):
        """A choice is asked about once more (`choice`), or the choices are back (None)."""

        def __init__(self, choices: Choices, choice: Choice | None) -> None:
            super().__init__()
            self.choices = choices
            self.choice = choice

        @property
        def control(self) -> Choices:
            """The choices it is one of."""
            return self.choices

    class Taken(Message):
        """A choice was made, with its reason where it wants one."""

        def __init__(self, choices: Choices, chosen: Chosen) -> None:
            super().__init__()
            self.choices = choices
            self.chosen = chosen

        @property
        def control(self) -> Choices:
            """The choices it is one of."""
            return self.choices

    def __init__(self, choices: Sequence[Choice], default: str = "") -> None:
        """Offer `choices`; `default` is the one that is proposed, unless it is dangerous."""
        super().__init__()
        self._choices = {choice.key: choice for choice in choices}
        self._rows = {
            choice.key: Row(choice.key, choice.label, number=number if number <= 9 else 0, danger=choice.danger)
            for number, choice in enumerate(choices, 1)
        }
        self._default = default
        self._came_from: Row | None = None
        self._once: _Once | None = None
        """What is asked about once more; one that is being taken away is not, though it may still send something."""

    @property
    def asked_once_more(self) -> Widget | None:
        """Where the keys begin while a choice is asked about once more: the rows are out of sight then."""
        return self._once.first if self._once is not None and self._once.whole else None

    @property
    def proposed(self) -> Row | None:
        """The row that may have the focus from the start: a key pressed too much must do no harm there."""
        choice = self._choices.get(self._default)
        if choice is None or choice.danger or choice.reason or choice.typed or choice.says:
            return None
        return self._rows[choice.key]

    def row(self, key: str) -> Row:
        """The row of a choice."""
        return self._rows[key]

    def lead(self, key: str, *, yes: bool) -> None:
        """Go to the row of a choice; while one is asked about once more, to the row that says `yes` to it, or back."""
        once = self._once
        row = once.row(carry_out=yes) if once is not None and once.whole else self._rows[key]
        row.focus()

    def compose(self) -> ComposeResult:
        """A row for each."""
        yield from self._rows.values()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a way back only from a choice that is asked about once more."""
        return self.has_class("-once") if action == "back" else super().check_action(action, parameters)

    def action_move(self, by: int) -> None:
        """Go to the next row or line, or the one before; beyond the ends, to whatever is around the choices."""
        if not move_focus(self, by):
            raise SkipAction

    def action_jump(self, number: int) -> None:
        """Go to the row with that digit; enter takes it."""
        jump_to(self, number)

    def action_back(self) -> None:
        """Forget the choice that was being made."""
        self.remove_class("-once")
        once, self._once = self._once, None
        if once is not None:
            once.remove()
            self.post_message(self.Pondered(self, None))
        if self._came_from is not None:
            self._came_from.focus()

    @on(Row.Taken)
    async def _row_taken(self, event: Row.Taken) -> None:
        event.stop()
        row, once = event.row, self._once
        if row is not self._rows.get(row.key):
            if once is not None and once in row.ancestors:
                if row.key == _BACK:
                    self.action_back()
                else:
                    self._carry_out(once)
            return
        if once is not None:
            return
        choice = self._choices[row.key]
        if not (choice.danger or choice.reason or choice.typed or choice.says):
            self.post_message(self.Taken(self, Chosen(choice.key)))
            return
        self._came_from = row
        self._once = once = _Once(choice)
        self.post_message(self.Pondered(self, choice))
        await self.mount(once)
        if once.whole:  # the card may have been withdrawn in that moment
            self.add_class("-once")
            once.first.focus()

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        """Go on to what comes next: enter in a line carries nothing out."""
        event.stop()
        once = self._once
        if once is None or event.field not in once.fields or event.field.complain():
            return
        behind = once.fields[once.fields.index(event.field) + 1 :]
        following: Widget = behind[0].line if behind else once.query(Row).last()
        following.focus()

    def _carry_out(self, once: _Once) -> None:
        for field in once.fields:
            if field.complain():
                field.line.focus()
                return
        reason = next((field.value.strip() for field in once.fields if field.key == "reason"), "")
        self.post_message(self.Taken(self, Chosen(once.choice.key, reason)))
