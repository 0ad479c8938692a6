"""The card that takes the operator's word: a yes, ticks, exact words, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.card_base import Card
from screens.widgets.card_choices import Choices
from screens.widgets.card_rows import Field, SelfTick, Tick, exactly, needed, words
from screens.widgets.diff_view import DiffView
from wizard.plain.clean import clean, clean_command, clean_line
from wizard.run.operator import Choice, Confirmed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from screens.requests import Requested
    from wizard.run.operator import ConfirmRequest, Looked

YES, NO, LATER = "yes", "no", "later"


class _Seen(Message):
    """The engine looked whether what is asked for holds by now."""

    def __init__(self, looked: Looked) -> None:
        super().__init__()
        self.looked = looked


class ConfirmCard(Card):
    """Shows what is about to happen, or was done, and takes a word; yes only with everything that belongs to it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "lead('yes')", "Yes", show=False, id="confirm.yes", tooltip="Go to yes; enter takes it"),
        Binding("n", "lead('no')", "No", show=False, id="confirm.no", tooltip="Go to no; enter takes it"),
        Binding("c", "copy", "Copy", show=False, id="confirm.copy", tooltip="Copy the address that belongs to it"),
    ]

    def __init__(self, requested: Requested, request: ConfirmRequest) -> None:
        """Put `request`."""
        super().__init__(
            requested,
            request.title,
            sign="!" if request.danger else "?",
            classes="-danger" if request.danger else "",
        )
        self._request = request
        self._ticks = [Tick(tick.say) for tick in request.ticks]
        self._typed = (
            Field(f"Type exactly: {clean_line(request.typed)}", exactly(request.typed), typed_only=True)
            if request.typed
            else None
        )
        self._records = [
            Field(f"{clean_line(one.label)} (may be empty)", lambda _: "", key=one.id)
            if one.optional
            else Field(clean_line(one.label), needed, key=one.id)
            for one in request.records
        ]
        self._self_tick = SelfTick() if request.look is not None else None
        self._choices = Choices(tuple(_ways(request)))

    def text(self) -> Iterator[Widget]:
        """Everything the request says."""
        request = self._request
        if request.danger:
            yield words("DANGER", "-danger")
        if request.say:
            yield words(request.say)
        if request.lines:
            quoted = "\n".join(f"| {line}" for text in request.lines for line in clean(text).split("\n"))
            yield words(quoted, "-quoted")
        if request.opens:
            copies = "c copies it, once you are at the replies" if self._fields else "c copies it"
            yield words(f"{clean_line(request.opens)}\n({copies})", "-command -gap")
        if request.shown:
            where = f", {clean_line(request.where)}" if request.where else ""
            yield words(f"This will happen{where}:", "-strong -gap")
            yield words("\n".join(_command(command) for command in request.shown), "-command")
        if request.difference:
            yield words("This will change:", "-strong -gap")
            yield DiffView(request.difference)
        if request.defer:
            yield words(f"It may be left for after the run: {request.defer}", "-gap")

    def controls(self) -> Iterator[Widget]:
        """Boxes, lines, and then the word itself."""
        if self._self_tick is not None:
            yield self._self_tick
        yield from self._ticks
        if self._typed is not None:
            yield self._typed
        yield from self._records
        yield self._choices

    def first(self) -> Widget | None:
        """A box or line that has to be filled anyway; a plain yes or no is proposed to nobody."""
        if (asked := self._choices.asked_once_more) is not None:
            return asked
        if self._ticks:
            return self._ticks[0]
        return self._fields[0].line if self._fields else None

    @property
    def _fields(self) -> list[Field]:
        return [*([self._typed] if self._typed is not None else []), *self._records]

    def on_mount(self) -> None:
        """Say from the start what a yes still needs, and what is seen meanwhile."""
        self._say_missing()
        # The engine's thread calls this; a message is what may come from there.
        self.requested.on_look(lambda looked: self.post_message(_Seen(looked)))

    def on_unmount(self) -> None:
        """Hear no more of what is seen."""
        self.requested.on_look(lambda _: None)

    def action_lead(self, key: str) -> None:
        """Go to a reply by its letter."""
        self._choices.lead(key, yes=key == YES)

    def action_copy(self) -> None:
        """Copy the address or path that belongs to it."""
        if self._request.opens:
            self.app.copy_to_clipboard(clean_line(self._request.opens))
            self.app.notify("Copied, where the terminal allows it.")

    @on(_Seen)
    def _seen(self, event: _Seen) -> None:
        event.stop()
        if self._self_tick is not None:
            self._self_tick.show(event.looked)

    @on(Tick.Changed)
    @on(Field.Edited)
    def _filled(self, event: Tick.Changed | Field.Edited) -> None:
        event.stop()
        self._say_missing()

    @on(Tick.Passed)
    def _passed_tick(self, event: Tick.Passed) -> None:
        event.stop()
        self.action_move(1)

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        """Go on to the next: enter in a line says no yes."""
        event.stop()
        if not event.field.complain():
            self.action_move(1)

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        chosen = event.chosen
        if chosen.key == NO:
            self.reply(Confirmed(yes=False))
        elif chosen.key == LATER:
            self.reply(Confirmed(yes=False, deferred=chosen.reason))
        elif not self._lacks_something():
            noted = {field.key: field.value.strip() for field in self._records if field.value.strip()}
            self.reply(Confirmed(yes=True, records=noted))

    def _lacks_something(self) -> bool:
        """Lead to the first thing that is missing, and mark all that are."""
        for tick in self._ticks:
            tick.set_class(not tick.ticked, "-missing")
        wrong = [field for field in self._fields if field.complain()]
        missing: list[Widget] = [tick for tick in self._ticks if not tick.ticked]
        missing += [field.line for field in wrong]
        if missing:
            missing[0].focus()
        return bool(missing)

    def _say_missing(self) -> None:
        unticked = sum(not tick.ticked for tick in self._ticks)
        needs = [f"{unticked} not ticked"] if unticked else []
        if self._typed is not None and self._typed.problem:
            needs.append("words not typed")
        if empty := sum(bool(field.problem) for field in self._records):
            needs.append(f"{empty} to fill in")
        self._choices.row(YES).note = f"not yet: {', '.join(needs)}" if needs else ""


def _command(command: str) -> str:
    first, *more = clean_command(command).split("\n")
    return "\n".join([f"$ {first}", *(f"  {line}" for line in more)])


def _ways(request: ConfirmRequest) -> Iterator[Choice]:
    """The words that can be given; a danger that asks for no exact words is asked about once more."""
    label = "Yes, it is done" if request.item else "Yes, do it" if request.shown or request.difference else "Yes"
    yield Choice(YES, label, danger=request.danger and not request.typed)
    yield Choice(NO, "No")
    if request.defer:
        yield Choice(LATER, "Leave it for after the run", reason=True)
