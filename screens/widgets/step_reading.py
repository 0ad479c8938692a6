"""What is to be read about one step: its words, what became of it, and what was said while it was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.widgets.reading import Line
from screens.widgets.row_list import BOX_TONES, Tone
from screens.widgets.step_list import status_words
from wizard.plain.clean import clean, clean_command, clean_line
from wizard.plan.steps import find_step
from wizard.run.state import StepStatus
from wizard.units import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wizard.run.session_view import SessionView
    from wizard.run.step_text import Box, StepText

_OUTCOMES = {
    StepStatus.DONE: "good",
    StepStatus.ALREADY_DONE: "good",
    StepStatus.FAILED: "bad",
    StepStatus.UNKNOWN: "bad",
    StepStatus.SKIPPED: "warning",
    StepStatus.UNDONE: "warning",
}


def text_lines(text: StepText, view: SessionView) -> list[Line]:
    """The lines about a step, from its title to its outcome."""
    lines = [Line(f"{_kind(text, view)}{text.code} {clean_line(text.title)}", "heading", 4)]
    lines += _standing(text, view)
    if text.rehearsed:
        lines.append(Line("Rehearsal: it is shown, and nothing of it is done.", "warning"))
    if text.why:
        lines += _words(text.why)
    for one in text.says:
        lines += _words(one)
    for box in text.boxes:
        lines += box_lines(box)
    if text.commands:
        lines += _commands(text)
    if text.way_back:
        lines.append(Line(f"Way back: {clean_line(text.way_back)}", "quiet", 4))
    if text.remarks:
        lines.append(Line(f"Also: {clean_line('; '.join(text.remarks))}", "quiet", 4))
    return lines


def box_lines(box: Box) -> Iterator[Line]:
    """A note, warning or danger; the kind is always a word."""
    kind, title, text = box
    tone = BOX_TONES.get(kind, Tone.QUIET)
    head, *rest = clean(text).split("\n")
    name = f" {clean_line(title)}:" if title else ""
    mark = "│ " if kind == "note" else "┃ "
    yield Line(f"{mark}{kind.upper()}{name if title else ':'} {head}", tone, 2)
    yield from (Line(f"{mark}{line}", tone, 2) for line in rest if line.strip())


def _kind(text: StepText, view: SessionView) -> str:
    """What kind of undo it belongs to: a temporary setting is set back on the best of days, too."""
    if not text.undoing:
        return ""
    above = text.key.removeprefix("undo/")
    while above and view.plan is not None:
        if (step := find_step(view.plan, above)) is not None and step.temporary:
            return "SET BACK " if not view.undoing else "UNDO "
        above = above.rpartition("/")[0]
    return "UNDO "


def _standing(text: StepText, view: SessionView) -> Iterator[Line]:
    """Where the step stands, why, and how long it took."""
    seen = view.statuses.get(text.key)
    if text.key == view.now and view.place:
        yield Line(f"{view.place[:1].upper()}{view.place[1:]}.", "quiet")
    if seen is None:
        return
    detail = f": {clean_line(seen.detail)}" if seen.detail else ""
    took = f", {show_duration(seen.seconds)}" if seen.seconds >= 1 else ""
    tries = f", try {seen.tries}" if seen.tries > 1 else ""
    hand = ", by hand" if seen.by_hand else ""
    word = status_words(seen.status)
    if view.rehearsal and seen.status in (StepStatus.DONE, StepStatus.ALREADY_DONE):
        word, detail = "rehearsed", ""
    words = f"{word}{took}{tries}{hand}{detail}"
    if seen.status is StepStatus.RUNNING:
        if not tries:
            return
        words = f"now{tries}"
    yield Line(f"{words[:1].upper()}{words[1:]}", _OUTCOMES.get(seen.status, ""), 4)


def _commands(text: StepText) -> Iterator[Line]:
    if text.where:
        yield Line(f"Command, {clean_line(text.where)}:", "quiet", 2)
    for command in text.commands:
        first, *rest = clean_command(command).rstrip("\n").split("\n")
        yield Line(f"  $ {first}", "command", 4)
        yield from (Line(f"    {line}", "command", 4) for line in rest)


def _words(text: str) -> Iterable[Line]:
    return [Line(line) for line in clean(text).split("\n")]
