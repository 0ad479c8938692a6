"""What can be done with a session or a guide, where it is offered: by its key, or from the list of all of it."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import work

from screens.home_entries import Deed, job_of
from screens.stage import WizardScreen
from wizard.errors import WizardError
from wizard.plain.clean import clean, clean_line

if TYPE_CHECKING:
    from screens.engine import Job
    from screens.home_entries import Entry, Offer, Watch
    from screens.widgets.reading import Line

T = TypeVar("T")


class Offering(WizardScreen[T], Generic[T]):
    """A screen that does what is offered with an entry; keys of its own are bound to `do('…')`, a word of `Deed`."""

    @property
    @abstractmethod
    def marked(self) -> Entry | None:
        """The entry that keys act on."""

    @abstractmethod
    def chosen(self, chosen: Job | Watch) -> None:
        """Give the engine what it is to do, or look on."""

    @abstractmethod
    def closed(self) -> None:
        """See that a session was closed."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done with the marked entry, and nothing else."""
        match action:
            case "do":
                return (marked := self.marked) is not None and marked.offer(Deed(str(parameters[0]))) is not None
            case "choose":
                return self.marked is not None
            case _:
                return True

    def action_choose(self) -> None:
        """Show all that can be done with the marked entry."""
        if (entry := self.marked) is not None:
            self.offer_all(entry)

    def action_do(self, deed: str) -> None:
        """Do one thing with the marked entry."""
        if (entry := self.marked) is not None and (offer := entry.offer(Deed(deed))) is not None:
            self.do(entry, offer)

    def offer_all(self, entry: Entry) -> None:
        """Let one of the things be chosen that can be done with an entry."""
        from screens.home_menu import OffersDialog

        if not entry.offers:
            words = "\n".join(map(clean, (entry.title, *entry.lines)))
            self.notify(words, title="Nothing can be done here", markup=False)
            return
        self.app.push_screen(OffersDialog(entry), partial(self.do, entry))

    def do(self, entry: Entry, offer: Offer | None) -> None:
        """Do one thing with an entry, once that is sure and has its reason where it takes them; None does nothing."""
        if offer is None:
            return
        if not offer.sure:
            self._ask_why(entry, offer, sure=True)
            return
        from screens.dialogs.sure import SureDialog
        from screens.widgets.reading import Line

        dialog = SureDialog(
            clean_line(f"{offer.label} {entry.title}?"),
            [Line(offer.sure)],
            f"Yes: {offer.label}",
            no="No, nothing is done",
            danger=True,
        )
        self.app.push_screen(dialog, lambda sure: self._ask_why(entry, offer, sure=bool(sure)))

    def _ask_why(self, entry: Entry, offer: Offer, *, sure: bool) -> None:
        if not sure:
            return
        if not offer.asks:
            self._do_so(entry, offer, "")
            return
        from screens.dialogs.line import LineDialog

        dialog = LineDialog(
            clean_line(f"{offer.label} {entry.subject}"),
            [clean(offer.words), "Enter goes on, esc does nothing."],
            placeholder=offer.asks,
            refuse=lambda line: "" if line else "It takes a reason.",
        )
        self.app.push_screen(dialog, partial(self._do_so, entry, offer))

    def _do_so(self, entry: Entry, offer: Offer, reason: str | None) -> None:
        if reason is None:
            return
        if (chosen := job_of(offer, entry.subject, reason)) is not None:
            self.chosen(chosen)
        elif offer.deed is Deed.CLOSE:
            self._close(entry.subject, reason)
        else:
            self._read_about(entry, offer)

    @work(thread=True, group="close", exclusive=True, description="close a session")
    def _close(self, session: str, reason: str) -> None:
        from wizard.assemble import close_session

        try:
            words, done = close_session(session, reason), True
        except WizardError as error:
            words, done = str(error), False
        self.give(self._say_closed, words, done=done)

    def _say_closed(self, words: str, *, done: bool) -> None:
        self.notify(clean(words), severity="information" if done else "error", markup=False)
        self.closed()

    def _read_about(self, entry: Entry, offer: Offer) -> None:
        from screens.dialogs.bundle import BundleDialog
        from screens.reader import ReaderScreen, report_screen

        if offer.deed is Deed.REPORT:
            self.app.push_screen(report_screen(entry.subject))
        elif offer.deed is Deed.BUNDLE:
            self.app.push_screen(BundleDialog(entry.subject))
        else:
            title = clean_line(f"{offer.label}: {entry.title}")
            self.app.push_screen(ReaderScreen(title, partial(_about, offer.deed, entry)))


def _about(deed: Deed, entry: Entry) -> list[Line]:
    """What can be read of a guide without running anything."""
    from pathlib import Path

    from screens.widgets.reading import plain_lines
    from wizard.overview import lint_guides, show_guide

    if deed is Deed.PROBLEMS:
        return plain_lines(lint_guides([Path(entry.subject)])[0])
    return plain_lines(show_guide(entry.subject, commands=deed is Deed.COMMANDS))
