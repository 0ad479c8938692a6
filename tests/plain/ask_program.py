"""A program for tests that run in a terminal of their own: asks one thing and says what the reply was.

Usage: ask_program.py line|proposed|lines|hidden|pick|default|pick_many|over|over-numbered|noted|noted-numbered|
    noted-hidden|question
"""

from __future__ import annotations

import os
import sys
import termios
from pathlib import Path

from wizard.errors import Gone, StoppedError
from wizard.guide.models import Question
from wizard.plain.operator import PlainOperator
from wizard.plain.prompts import NumberedPrompts, Option, QuestionaryPrompts, Withdrawn
from wizard.plain.signals import Signals
from wizard.plain.style import Style
from wizard.questions.model import AnswerSource, Asked, Proposal
from wizard.run.events import Noted
from wizard.run.operator import Choice, ChoiceRequest, ConfirmRequest, SecretRequest

COLOURS = (Option("red", "Red"), Option("green", "Green"), Option("blue", "Blue"))


def ask(kind: str, operator: PlainOperator) -> object:
    prompts = QuestionaryPrompts(sys.stdin, sys.stdout, Signals())
    match kind:
        case "line":
            return prompts.line("Name")
        case "proposed":
            return prompts.line("Name", "found")
        case "lines":
            return prompts.lines("Rows")
        case "hidden":
            return prompts.hidden("Password")
        case "pick":
            return prompts.pick("Colour", COLOURS)
        case "default":
            return prompts.pick("Colour", COLOURS, "green")
        case "pick_many":
            return prompts.pick_many("Colours", COLOURS, ["blue"])
        case "over" | "over-numbered":
            asked = prompts if kind == "over" else NumberedPrompts(sys.stdin, sys.stdout, Style())
            try:
                return asked.pick("Stuck", COLOURS, over=Path("over").exists)
            except Withdrawn:
                return "withdrawn"
        case "noted" | "noted-numbered" | "noted-hidden":
            return noted(kind)
        case "question":
            question = Question.model_validate(
                {"id": "dir", "label": "Folder", "type": "path", "why": "It runs there."}
            )
            proposal = Proposal("/opt/x", AnswerSource.MACHINE, "facts.home")
            return operator.answer(Asked(question, "Installation", "Folder", "It runs there.", proposals=(proposal,)))
        case _:
            return operator.confirm(ConfirmRequest("go", "Go", "Go on?"))


def noted(kind: str) -> object:
    """Ask while a note comes as soon as the file `note` is there."""
    environ = {**os.environ, "NO_COLOR": "1"} if kind == "noted-numbered" else dict(os.environ)
    with PlainOperator(environ, out=sys.stdout) as operator:

        def look() -> None:
            if Path("note").exists():
                Path("note").unlink()
                operator.tell(Noted("do not press undo", "grace"))

        operator.meanwhile(look)
        if kind == "noted-hidden":
            return operator.secret(SecretRequest("password", "Password")).reveal()
        ways = (Choice("undo", "Undo"), Choice("stop", "Stop"))
        return operator.choose(ChoiceRequest("failed:one", "It failed", "Why", ways)).key


def main() -> None:
    before = termios.tcgetattr(0)
    with PlainOperator(os.environ, out=sys.stdout) as operator:
        signs: list[int] = []
        operator.on_key(lambda: signs.append(1))
        sys.stdout.write("[begin]\n")
        sys.stdout.flush()
        try:
            result = f"[reply {ask(sys.argv[1], operator)!r}]"
        except Gone as gone:
            result = f"[gone {gone}]"
        except StoppedError:
            result = "[stopped]"
        except KeyboardInterrupt:
            result = "[interrupted]"
    same = "same" if termios.tcgetattr(0) == before else "changed"
    sys.stdout.write(f"\n{result} [modes {same}] [signs {bool(signs)}]\n")


if __name__ == "__main__":
    main()
