"""Whole runs in this process: a guide on disk, the real machine, real commands, a scripted operator."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from tests.fakes.operators import ScriptedOperator
from wizard.assemble import Begin, Resume, begin, go_on, store, undo_session
from wizard.run.folding import fold
from wizard.run.journal import read_journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.errors import ExitCode
    from wizard.questions.model import AnswersFile
    from wizard.run.chain import Entry
    from wizard.run.operator import Operator
    from wizard.run.state import State

VERSIONS = {
    "section": "Versions",
    "ask": [
        {"id": "current_version", "label": "Now", "type": "version"},
        {"id": "target_version", "label": "Then", "type": "version"},
    ],
}
SETS = ("current_version=1.0", "target_version=2.0")


def guide(*phases: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A guide of one hop with these phases."""
    return {
        "guide": 1,
        "id": "journey",
        "product": "Journey",
        "title": "Journey",
        "summary": "A way to walk.",
        "versions": {"releases": ["1.0", "2.0"], "hops": [{"phases": [phase["id"] for phase in phases]}]},
        "phases": list(phases),
        "questions": [VERSIONS],
        **parts,
    }


def phase(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A phase called `work`."""
    return {"id": "work", "title": "Work", "steps": list(steps), **more}


def step(name: str, run: Any = None, **more: Any) -> dict[str, Any]:
    """A step; with `run`, a command."""
    return {"id": name, "title": name.replace("-", " ").capitalize(), **({"run": run} if run else {}), **more}


@dataclass
class Journey:
    """One guide walked on this machine; what commands do is seen in `place`."""

    place: Path
    parts: dict[str, Any]
    sets: tuple[str, ...] = SETS
    operators: list[ScriptedOperator] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The guide."""
        path = self.place / "guide" / "guide.yaml"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml.safe_dump(self.parts, sort_keys=False), encoding="utf-8")
        return path

    def front_end(self, operator: Operator) -> Any:
        @contextmanager
        def entered(_: AnswersFile) -> Iterator[Operator]:
            yield operator

        return entered

    def begin(self, operator: ScriptedOperator | None = None, **more: Any) -> ExitCode:
        """Begin a session and walk it."""
        operator = operator or ScriptedOperator()
        self.operators.append(operator)
        return begin(Begin(str(self.file), sets=self.sets, **more), self.front_end(operator))

    def resume(self, operator: ScriptedOperator | None = None, **more: Any) -> ExitCode:
        """Go on with the newest session."""
        operator = operator or ScriptedOperator()
        self.operators.append(operator)
        return go_on(Resume(None, **more), self.front_end(operator))

    def undo(self, operator: ScriptedOperator | None = None, **scope: Any) -> ExitCode:
        """Undo in the newest session."""
        operator = operator or ScriptedOperator()
        self.operators.append(operator)
        named = {"step": None, "phase": None, **scope}
        return undo_session(Resume(None), self.front_end(operator), **named)

    @property
    def folder(self) -> Path:
        """The newest session's folder."""
        return store().open().folder

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its journal."""
        reading = read_journal(self.folder)
        assert not reading.broken
        return reading.entries

    @property
    def state(self) -> State:
        """Its state."""
        return fold(self.entries)

    def status(self, name: str) -> str:
        """Status word of a step, by its id."""
        found = [state.status.value for key, state in self.state.steps.items() if key.rsplit("/", 1)[-1] == name]
        return found[-1] if found else "waiting"

    def lines(self, name: str = "effects") -> list[str]:
        """Lines of a file commands wrote into."""
        path = self.place / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def shell(self, words: str) -> str:
        """A command text that works in `place`."""
        return f"cd '{self.place}'\n{words}"
