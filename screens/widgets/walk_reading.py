"""All that is to be read on the walk about the step or the phase that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.widgets.loop_table import loop_words
from screens.widgets.monitor_view import monitor_lines
from screens.widgets.reading import Line
from screens.widgets.step_course import phase_lines
from screens.widgets.step_reading import text_lines
from screens.widgets.told_lines import told_lines

if TYPE_CHECKING:
    from screens.widgets.step_course import Course
    from screens.widgets.walk_follow import Followed


def lines_about(key: str, found: Followed, course: Course, *, graphs: int | None) -> list[Line] | None:
    """The lines about what stands at `key`; None while its words are not read yet.

    `graphs` is the width of what a monitor saw, in columns; with None that is left out, as it is shown elsewhere.
    """
    lines: list[Line]
    if (phase := course.phases.get(key)) is not None:
        lines = phase_lines(phase, found.view)
    elif found.key != key:
        return None
    elif found.text is None:
        lines = [Line("There is nothing to read about this.", "quiet")]
    else:
        lines = text_lines(found.text, found.view)
        if found.loop is not None:
            lines.insert(1, Line(f"{loop_words(found.loop)} (i: items)", "quiet", 4))
    if found.looks and found.key == key and graphs is not None:
        lines += [Line(""), Line("What the monitor saw", "heading"), *monitor_lines(found.looks, graphs)]
    told = (one for one in found.view.told if (one.key or found.view.now) == key)
    said = [line for one in told for line in told_lines(one.event)]
    return [*lines, Line(""), *said] if said else lines
