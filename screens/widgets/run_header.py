"""The head of a run: product and hop, phase and what it does, whether one can still go back, outage, who drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from screens.widgets.fitted import Fitted
from wizard.plain.clean import clean_line
from wizard.plan.words import phase_impact
from wizard.run.session_view import OutageSeen
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.timer import Timer

    from wizard.plan.model import PlannedPhase
    from wizard.run.session_view import SessionView


WAY_BACK_LINES: Final = 2
"""Lines the way back has, unless somebody asks for all of it."""
MORE: Final = "… (m: more of this)"
"""Behind what is left of it: there is more, and which key shows it."""


def what_words(view: SessionView) -> tuple[str, str]:
    """Product, and hop."""
    plan = view.plan
    if plan is None:
        return view.guide or "The session is read …", ""
    product = clean_line(plan.product)
    if view.hop is None or view.hops < 2:
        return product, f" {plan.current_version} → {plan.target_version}"
    return product, f" · hop {view.hop.number} of {view.hops}: {view.hop.from_version} → {view.hop.to_version}"


def kind_words(view: SessionView) -> str:
    """What makes this another kind of run than one that is walked for real; empty where it is that."""
    if view.undoing:
        return f"UNDOING {clean_line(view.undoing)}"
    if view.rehearsal:
        return "REHEARSAL, nothing is changed"
    if view.procedure:
        return f"PROCEDURE {clean_line(view.procedure)}"
    return ""


def phase_words(view: SessionView, impact: Callable[[PlannedPhase], str] = phase_impact) -> tuple[str, str]:
    """The phase, and what it does to the way back, in the words that `impact` has for that."""
    phase = view.phase
    if phase is None:
        return ("" if view.plan is None else f"{view.words[:1].upper()}{view.words[1:]}"), ""
    return f"Phase {phase.code} {clean_line(phase.title)}", f": {impact(phase)}"


def way_back_words(view: SessionView) -> str:
    """Whether and until when one can go back."""
    return _sentence(clean_line(view.way_back))


def fitting_way_back(words: str, short: str, width: int, lines: int = WAY_BACK_LINES) -> str:
    """As much of the way back as so many lines and columns hold, and never a part that says something else.

    All of it, else with the codes of steps alone, else as many of its clauses as there is room for: the first one
    says whether and until when, and that more is to be known is said too.
    """
    clauses = short.split("; ")
    kept = ("; ".join(clauses[:count]) for count in range(len(clauses) - 1, 0, -1))
    wanted = [_sentence(words), _sentence(short), *(f"{_sentence(one)} {MORE}" for one in kept)]
    return next((one for one in wanted if _lines(one, width) <= lines), f"{_sentence(clauses[0])} {MORE}")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _lines(words: str, width: int) -> int:
    return Content(words).get_height({}, max(1, width))


def driver_words(view: SessionView, *, here: bool) -> str:
    """Who drives; `here` where that is this wizard."""
    if here:
        return "you drive"
    return f"{clean_line(view.driver.words)} drives" if view.driver is not None else "nobody drives"


def clock(seconds: float) -> str:
    """Write seconds as a clock that does not jump in width each second: `0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Ticking(Static):
    """A line with a clock in it: drawn anew each second while that runs, and never else. Empty it takes no room."""

    DEFAULT_CSS = """
    Ticking.-silent { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin empty."""
        super().__init__("", id=id, classes="-silent", markup=False)
        self._words: Callable[[], str] = str
        self.said = ""
        """What it shows."""
        self.ticking = False
        """Whether the clock runs."""
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Prepare the clock, which stands still."""
        self._timer = self.set_interval(1.0, self._tick, pause=True)

    def tell(self, words: Callable[[], str], *, ticking: bool) -> None:
        """Show what `words` gives; each second again where it is `ticking`."""
        self._words = words
        self._tick()
        if self._timer is not None and ticking != self.ticking:
            (self._timer.resume if ticking else self._timer.pause)()
            self.ticking = ticking

    def again(self) -> None:
        """Show what the words give by now."""
        self._tick()

    def _tick(self) -> None:
        said = self._words()
        if said != self.said:
            self.said = said
            self.set_class(not said, "-silent")
            self.update(Content(said))


class WayBack(Static):
    """The way back in full where there is room, else what matters most of it; a key shows all."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin with nothing known."""
        super().__init__("", id=id, markup=False)
        self._words = self._short = ""
        self._most = WAY_BACK_LINES
        self.add_class("-empty")

    def tell(self, words: str, short: str) -> None:
        """Say it in full (`words`), and with the codes of steps alone (`short`)."""
        if (words, short) != (self._words, self._short):
            self._words, self._short = clean_line(words), clean_line(short)
            self.set_class(not words, "-empty")
            self._fit()

    def give_way(self, *, on: bool) -> None:
        """Take one line only, whatever there is to say: the room of what stands below does not change then."""
        self._most = 1 if on else WAY_BACK_LINES
        self._fit()

    def toggle_whole(self) -> None:
        """Show all of it, or what there is room for again."""
        self.toggle_class("-whole")
        self._fit()

    @property
    def has_more(self) -> bool:
        """Whether something of it is left out where there is only the usual room, or none as in the shared layout."""
        left_out = not self.display or self._fitting() != _sentence(self._words)
        return bool(self._words) and (left_out or self.has_class("-whole"))

    def on_resize(self) -> None:
        """Fit it into the width there is now."""
        self._fit()

    def _fit(self) -> None:
        said = _sentence(self._words) if self.has_class("-whole") else self._fitting()
        if str(self.content) != said:
            self.update(Content(said))

    def _fitting(self) -> str:
        return fitting_way_back(self._words, self._short, self.size.width or self.screen.size.width - 2, self._most)


class RunHeader(Vertical):
    """Always shown; say by `show` what there is."""

    DEFAULT_CSS = """
    RunHeader {
        height: auto;
        background: $panel;
        padding: 0 1;
    }
    RunHeader > Horizontal { height: 1; }
    RunHeader Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    RunHeader #run-kind { width: auto; display: none; padding: 0 1; margin: 0 1 0 0; text-style: bold; }
    RunHeader.-undoing #run-kind { display: block; background: $warning; color: $background; }
    RunHeader.-other #run-kind { display: block; background: $secondary; color: $background; }
    RunHeader #run-what { width: 1fr; text-style: bold; }
    RunHeader #run-driver { width: auto; max-width: 45%; padding: 0 0 0 1; }
    RunHeader #run-phase { width: 1fr; }
    RunHeader #run-outage { width: auto; padding: 0 1; margin: 0 0 0 1; }
    RunHeader.-outage #run-outage { background: $error; color: $background; text-style: bold; }
    RunHeader WayBack { height: auto; max-height: 2; text-wrap: wrap; color: $text-muted; }
    RunHeader WayBack.-whole { max-height: 8; }
    RunHeader.-no-way-back WayBack { color: $text-error; text-style: bold; }
    RunHeader WayBack.-empty { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget calls it
        """Begin with nothing known."""
        super().__init__(id=id)
        self.said: tuple[str, ...] = ()
        """Its parts, line by line; the outage stands apart."""
        self._impact: tuple[PlannedPhase | None, str] = (None, "")

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Horizontal():
            yield Static("", id="run-kind", markup=False)
            yield Fitted(id="run-what")
            yield Static("", id="run-driver", markup=False)
        with Horizontal():
            yield Fitted(id="run-phase")
            yield Ticking(id="run-outage")
        yield WayBack(id="run-way-back")

    def show(self, view: SessionView, now: Callable[[], float], *, here: bool) -> None:
        """Show the head of `view`; `now` is the clock its times are told by, `here` whether this wizard drives."""
        what, phase = what_words(view), phase_words(view, self._impact_of)
        self.query_one("#run-what", Fitted).tell(*what)
        self.query_one("#run-phase", Fitted).tell(*phase)
        said = (
            kind_words(view),
            "".join(what),
            driver_words(view, here=here),
            "".join(phase),
            way_back_words(view),
        )
        for name, was, words in zip(_PARTS, self.said or ("",) * len(said), said, strict=True):
            if name and words != was:
                self.query_one(name, Static).update(Content(words))
        self.said = said
        self.set_class(bool(view.undoing), "-undoing")
        self.set_class(bool(said[0]) and not view.undoing, "-other")
        self.set_class(view.way_back.startswith("the point of no return"), "-no-way-back")
        # What a rehearsal does to the way back is said in its first line.
        self.query_one(WayBack).tell(*(("", "") if view.rehearsal else (view.way_back, view.way_back_in_short)))
        # In a rehearsal nothing goes away.
        outage = OutageSeen() if view.rehearsal else view.outage
        running = outage.began is not None
        self.set_class(running, "-outage")
        self.query_one(Ticking).tell(lambda: outage_words(outage, now()), ticking=running)

    def _impact_of(self, phase: PlannedPhase) -> str:
        """What a phase does to the way back; all its steps are gone through once."""
        if phase is not self._impact[0]:
            self._impact = phase, phase_impact(phase)
        return self._impact[1]


_PARTS = ("#run-kind", "", "#run-driver", "", "")
"""Where each part stands; empty for those that fit themselves into their line."""


def outage_words(outage: OutageSeen, boottime: float) -> str:
    """How long the service is away, or was; empty where it never was."""
    seconds = outage.seconds(boottime)
    if outage.began is not None:
        return f"OUTAGE {clock(seconds)}"
    return f"outage was {show_duration(seconds)}" if seconds else ""
