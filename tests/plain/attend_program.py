"""A program for tests that run in a terminal of their own: attends a command and says what came of it.

Usage: attend_program.py watched|terminal COMMAND WORD…
Prints `[modes same]` or `[modes changed]`, and `[wish …]`, `[gone …]` or what else ended it.
"""

from __future__ import annotations

import os
import sys
import termios
from pathlib import Path

from tests.fakes.live import PtyLive
from tests.fakes.plans import planned_step
from wizard.errors import Gone
from wizard.plain.operator import PlainOperator
from wizard.run.operator import Watching, Wish


def main() -> None:
    kind, *argv = sys.argv[1:]
    Path(os.environ["WIZARD_TEST_PID"]).write_text(str(os.getpid()), encoding="utf-8")
    before = termios.tcgetattr(0)
    live = PtyLive(argv)
    result = ""
    with PlainOperator(os.environ, out=sys.stdout) as operator:
        watching = Watching(planned_step(), " ".join(argv), terminal=kind == "terminal", live=live)
        try:
            wish = operator.attend(watching)
            result = f"[wish {wish}]"
            if wish is Wish.STOP:
                live.stop()
                result += f" [then {operator.attend(watching)}]"
        except Gone as gone:
            result = f"[gone {gone}]"
        except RuntimeError as error:
            result = f"[error {error}]"
    try:
        same = "same" if termios.tcgetattr(0) == before else "changed"
    except termios.error:
        same = "gone with the terminal"
    report = f"{result} [modes {same}] [sizes {live.sizes}] [sent {live.sent!r}]\n"
    Path(os.environ["WIZARD_TEST_REPORT"]).write_text(report, encoding="utf-8")
    live.close()
    if not result.startswith("[gone"):
        sys.stdout.write(report)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
