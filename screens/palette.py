"""The command palette: everything that can be done on the screen that is shown, by name."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, runtime_checkable

from textual.command import DiscoveryHit, Hit, Provider
from textual.content import Content

from screens.stage import ThemeChosen, WizardScreen
from screens.themes import THEME_WORDS
from screens.widgets.key_bar import key_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from textual.command import Hits


MOST_PLACES: Final = 50
"""Places that are listed at a time; a few letters more lead to the others."""


@runtime_checkable
class HasPlaces(Protocol):
    """A screen with places to jump to: steps, phases, sections."""

    def places(self) -> Sequence[tuple[str, Callable[[], object]]]:
        """What each place is called (`4.2 Move the users`), and what goes there."""


class Command(NamedTuple):
    """One line of the palette."""

    name: str
    words: str
    do: Callable[[], Awaitable[object] | object]


class Commands(Provider):
    """Gives what the screen below the palette can do, the places on it, themes, and what works everywhere.

    Names are given as content: the palette would read plain ones as markup, and those of places come from guides.
    """

    async def discover(self) -> Hits:
        """Everything, while nothing is typed; places are too many for that."""
        for one in self._commands():
            yield DiscoveryHit(Content(one.name), partial(_done, one), text=one.name, help=one.words)

    async def search(self, query: str) -> Hits:
        """What fits the words typed."""
        matcher = self.matcher(query)
        for one in self._commands():
            score = max(matcher.match(one.name), matcher.match(one.words) / 2)
            if score > 0:
                yield Hit(score, Content(one.name), partial(_done, one), text=one.name, help=one.words)
        for one in islice(self._places(query), MOST_PLACES):
            yield Hit(matcher.match(one.name), Content(one.name), partial(_done, one), text=one.name, help=one.words)

    def _places(self, query: str) -> Iterator[Command]:
        """The places with just these words; a plan may have many thousands, too many to weigh each."""
        wanted = query.casefold().strip()
        if wanted and isinstance(self.screen, HasPlaces):
            for name, go in self.screen.places():
                if wanted in name.casefold():
                    yield Command(name, "Go there", go)

    def _commands(self) -> Iterator[Command]:
        screen = self.screen
        seen: set[str] = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if not active.enabled or not binding.id or not binding.tooltip:
                continue
            if binding.id in _NOT_LISTED or binding.key in _POINTING:
                continue
            if binding.id not in seen:
                seen.add(binding.id)
                run = partial(self.app.run_action, binding.action, active.node)
                yield Command(f"{binding.description} ({key_text(binding)})", binding.tooltip, run)
        if isinstance(screen, WizardScreen):
            yield Command(
                "Share the screen (w)",
                "Layout with a large status; names of machines and accounts are covered",
                screen.action_presentation,
            )
        for name, words in THEME_WORDS.items() if not self.app.no_color else ():
            yield Command(f"Theme: {words}", "Colours of the screen", partial(self.app.post_message, ThemeChosen(name)))


_NOT_LISTED: Final = frozenset({"presentation", "interrupt", "command_palette"})
_POINTING: Final = frozenset({"up", "down", *"123456789"})
"""Keys that go to what is in sight: a list of them would hide what can be done."""


async def _done(command: Command) -> None:
    result = command.do()
    if result is not None and hasattr(result, "__await__"):
        await result
