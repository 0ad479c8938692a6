"""What questions, confirmations and decisions have in common: words, one-line asks, and ^C at any of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from wizard.errors import StoppedError
from wizard.plain.clean import clean, clean_line
from wizard.plain.prompts import Option, Over, Prompts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from wizard.plain.signals import Interrupts, Signals
    from wizard.plain.style import Style

TRIES: Final = 3
"""How often exact words are asked for before the operator is asked whether they are wanted at all."""

BACK: Final = "<"
EXPLAIN: Final = "?"

T = TypeVar("T")


class GuardedPrompts:
    """Prompts at which ^C asks whether to stop, and a hang-up raises Gone right away.

    Each ask is guarded by itself, so going on takes up exactly where it was. Stopping is StoppedError.
    """

    def __init__(self, prompts: Prompts, signals: Signals, interrupts: Interrupts) -> None:
        """Guard `prompts`."""
        self._prompts = prompts
        self._signals = signals
        self._interrupts = interrupts
        self.can_hide = prompts.can_hide

    def line(self, label: str, proposal: str = "") -> str:
        """Ask for a line."""
        return self._guard(lambda: self._prompts.line(label, proposal))

    def lines(self, label: str) -> list[str]:
        """Ask for several lines."""
        return self._guard(lambda: self._prompts.lines(label))

    def hidden(self, label: str) -> str:
        """Ask for a line that is not shown."""
        return self._guard(lambda: self._prompts.hidden(label))

    def pick(self, label: str, options: Sequence[Option], default: str = "", *, over: Over | None = None) -> str:
        """Ask for one option."""
        return self._guard(lambda: self._prompts.pick(label, options, default, over=over))

    def pick_many(self, label: str, options: Sequence[Option], ticked: Collection[str] = ()) -> list[str]:
        """Ask for any of the options."""
        return self._guard(lambda: self._prompts.pick_many(label, options, ticked))

    def _guard(self, ask: Callable[[], T]) -> T:
        while True:
            try:
                with self._signals.raising(), self._interrupts.prompting():
                    return ask()
            except KeyboardInterrupt:
                self._stop_or_go_on()

    def _stop_or_go_on(self) -> None:
        options = (Option("go on", "Go on where I was"), Option("stop", "Stop here; it can be resumed"))
        try:
            with self._signals.raising(), self._interrupts.prompting():
                chosen = self._prompts.pick("Interrupted", options)
        except KeyboardInterrupt:
            chosen = "stop"
        if chosen == "stop":
            raise StoppedError("stopped by the operator", hint="`wizard resume` goes on from here")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation: `prompts` to ask by, `say` to show lines, `style` for their making."""

    prompts: Prompts
    say: Callable[[Iterable[str]], None]
    style: Style
    glossary: Mapping[str, str] = field(default_factory=dict)

    def words(self, text: str, indent: str = "") -> None:
        """Show a text of the guide or machine."""
        if text:
            self.say(self.style.wrap(clean(text), indent=indent))

    def yes_no(self, label: str) -> bool:
        """Ask for yes or no, without a proposal."""
        return self.prompts.pick(clean_line(label), (Option("yes", "yes"), Option("no", "no"))) == "yes"

    def needed_line(self, label: str) -> str:
        """Ask for a line until there is one."""
        while not (line := self.prompts.line(clean_line(label))):
            self.say(["Something is needed here."])
        return line

    def exact_words(self, words: str) -> bool:
        """Ask for exact words; True where they were typed, False where the operator gave up."""
        while True:
            for _ in range(TRIES):
                if self.prompts.line(f"Type exactly: {clean_line(words)}\n ") == words:
                    return True
                self.say(["That is not the same."])
            options = (Option("again", "Try again"), Option("no", "No, do not do it"))
            if self.prompts.pick("What now", options) == "no":
                return False

    def explained(self, text: str) -> list[str]:
        """Give the glossary's entries for the words that `text` uses."""
        lowered = text.lower()
        return [
            line
            for word, meaning in self.glossary.items()
            if word.lower() in lowered
            for line in self.style.wrap(f"{clean_line(word)}: {clean(meaning)}", indent="    ", first="  ")
        ]
