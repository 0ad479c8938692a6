"""The terminal pane alone in a terminal, on the wizard's driver, for the benchmarks: over a command, or over a folder.

    python benchmarks/_pane_app.py run FOLDER WORD…
    python benchmarks/_pane_app.py look FOLDER

`x` counts in the first line, so that somebody outside can see how long a key takes.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.widgets import Static

from screens.attending import Attending
from screens.driver import driver_class
from screens.keys_in_turn import KeysInTurn
from screens.output import AttendedOutput, FolderOutput
from screens.pauses import shorten_pauses
from screens.widgets.terminal_pane import TerminalPane
from wizard.run.operator import Watching
from wizard.run.output_reading import AttemptOutput

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from screens.output import Output
    from wizard.plan.model import PlannedStep


class PaneApp(KeysInTurn[None]):
    """A line that counts, and a pane."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "count", "Count")]

    def __init__(self, output: Output) -> None:
        """Show `output`."""
        super().__init__(driver_class=driver_class(os.environ))
        self._output = output
        self._keys = 0

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Static("keys:0.", markup=False)
        yield TerminalPane(self._output)

    def on_mount(self) -> None:
        """Give the pane the focus."""
        self.query_one(TerminalPane).focus()

    def action_count(self) -> None:
        """Count a key."""
        self._keys += 1
        self.query_one(Static).update(f"keys:{self._keys}.")


def run(folder: Path, words: list[str]) -> Output:
    """Start a command as the engine does, attended by a thread of its own."""
    from wizard.host.commands import LocalCommands
    from wizard.host.logout import Way, WayKind
    from wizard.host.protocols import SecretInput, Spec

    commands = LocalCommands(way=lambda: Way(WayKind.PLAIN, "a benchmark"))
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color"}
    commands.prepare(
        folder, Spec(attempt=folder.name, argv=tuple(words), folder="/", environment=environment, cap=1 << 40)
    )
    commands.start(folder, SecretInput())
    live = commands.attach(folder, 1)
    attending = Attending(Watching(step=cast("PlannedStep", None), shown="", terminal=True, live=live))
    threading.Thread(target=lambda: attending.run(lambda: None), daemon=True).start()
    return AttendedOutput(attending, AttemptOutput(folder))


def main() -> None:
    """Show it until the terminal is closed."""
    shorten_pauses()
    match sys.argv[1:]:
        case ["run", folder, *words]:
            PaneApp(run(Path(folder), words)).run()
        case ["look", folder]:
            PaneApp(FolderOutput(AttemptOutput(Path(folder)))).run()
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
