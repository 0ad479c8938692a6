"""The output of the step that is shown on the walk: which command's it is, the line over it, and its terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from screens.output import AttendedOutput, FolderOutput
from screens.widgets.output_live import SMALLEST
from screens.widgets.step_course import attempt_for
from screens.widgets.terminal_pane import TerminalPane
from screens.widgets.walk_words import beside_words, output_line
from wizard.plain.clean import clean_line
from wizard.run.operator import Room
from wizard.run.output_reading import AttemptOutput

if TYPE_CHECKING:
    from textual.widget import Widget

    from screens.attending import Attending
    from screens.output import Output
    from screens.widgets.run_header import Ticking
    from screens.widgets.step_course import Course
    from screens.widgets.walk_follow import Followed
    from wizard.run.session_view import AttemptSeen


class WalkOutput(Vertical):
    """Holds the terminal once there was a command; the line that says whose output it is stands apart, over it."""

    def __init__(self, session: str, line: Ticking, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        """Show output of the session with that id, and tell `line` whose it is."""
        super().__init__(id=id)
        self._session = session
        self._line = line
        self._shown = ("", False)
        """The attempt that is shown, and whether this wizard attends it."""

    @property
    def pane(self) -> TerminalPane | None:
        """The terminal; None until there was a command."""
        return next((child for child in self.children if isinstance(child, TerminalPane)), None)

    def on_mount(self) -> None:
        """Mark who has the keyboard."""
        self.watch(self.screen, "focused", self._line.again, init=False)

    @property
    def is_driven(self) -> bool:
        """Whether this wizard attends the command that is shown."""
        return self._shown[1]

    def room(self) -> Room | None:
        """How much a command has that is shown here, whether or not there was one before; None where none is shown."""
        below = 1  # the line that says what goes on
        rows, columns = self.size.height - below, self.size.width
        return Room(max(rows, SMALLEST.height), max(columns, SMALLEST.width)) if self.size else None

    def holds(self, widget: Widget | None) -> bool:
        """Whether a widget is the terminal, or a part of it."""
        pane = self.pane
        return pane is not None and widget is not None and pane in widget.ancestors_with_self

    async def show(self, found: Followed, course: Course, key: str, *, away: bool, attending: Attending | None) -> bool:
        """Show the output of the step at `key`; False where it has none.

        A step without any shows what was printed last, unless somebody looks `away` from where the run stands.
        `attending` is the command that this wizard attends, if it does.
        """
        view, step = found.view, course.find(key)
        attempt = attempt_for(view, key, group=step is None or bool(step.steps)) if key else None
        if attempt is None and not away:
            attempt = view.newest
        if attempt is None:
            return not away and self.pane is not None
        self._tell_whose(attempt, found, course)
        driven = attending is not None and attending.attempt == attempt.id
        if self._shown == (attempt.id, driven):
            return True
        self._shown = (attempt.id, driven)
        on_disk = AttemptOutput(found.folder / "attempts" / attempt.id, announced=True)
        output: Output = FolderOutput(on_disk)
        if driven and attending is not None:
            output = AttendedOutput(attending, on_disk)
        save_as = f"{self._session}-{attempt.id}.txt"
        if (pane := self.pane) is None:
            await self.mount(TerminalPane(output, save_as=save_as))
        else:
            await pane.show(output, save_as=save_as)
        return True

    def _tell_whose(self, attempt: AttemptSeen, found: Followed, course: Course) -> None:
        from wizard.run.following_plan import step_of

        step = course.find(step_of(attempt.key))
        name = f"{step.code} {clean_line(step.title)}" if step is not None else beside_words(attempt.key)
        view, now = found.view, found.now
        running = view.running is not None and view.running.attempt == attempt.id
        self._line.tell(
            lambda: self._marked(
                output_line(attempt, name, view, now(), self._line.size.width or self.screen.size.width)
            ),
            ticking=running,
        )

    def _marked(self, words: str) -> str:
        """The line, with `>` at its begin while the output has the keyboard."""
        return f">{words[1:]}" if self.holds(self.screen.focused) else words
