"""The questionnaire as a form: every question that is asked now, at once, with where each stands.

A form is filled in any order. What a person does with it is said in one of the words of `FormAnswer`; whoever
holds the questionnaire carries that out and shows the form as it is then (`wizard.run.filling`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.questions.model import Answer, Asked
    from wizard.questions.tables import Mistake


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One question that is asked now. Its `asked.problem` says why what was given does not fit (any more)."""

    asked: Asked
    answer: Answer | None = None
    """What stands; a secret is masked by its type. None while it is open."""
    open: bool = True
    """Whether it still has to be answered (one that is optional counts as answered once it was passed)."""
    section_why: str = ""
    """Why the questions of its section are asked."""
    mistakes: tuple[Mistake, ...] = ()
    """What is wrong with single cells of a table that was refused."""

    @property
    def id(self) -> str:
        """Id of the answer (`disk@1.4` for that of one hop)."""
        return self.asked.question.id


@dataclass(frozen=True, slots=True)
class FormView:
    """The form as it is now; `questions` in the order they are asked.

    `changed` says in words what came, went or is open again because of the last answer. `path` is the way from
    version to version where it is known, `path_problem` why none leads to the target version. `looking` names
    what is being read from the machine just now. It is `ready` once all that was given beforehand was taken.
    """

    questions: tuple[FormQuestion, ...]
    changed: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    path_problem: str = ""
    looking: tuple[str, ...] = ()
    ready: bool = True

    @property
    def complete(self) -> bool:
        """Whether nothing is open and a path leads to the target version."""
        return self.ready and not self.path_problem and not any(one.open for one in self.questions)


@dataclass(frozen=True, slots=True)
class Given:
    """The raw value of one answer: text, bool, list, list of rows, Secret; empty text leaves it empty."""

    id: str
    raw: Any


@dataclass(frozen=True, slots=True)
class Reopened:
    """An answer is taken away again, so that its question is open; `why` is shown there."""

    id: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was refused is given up: the answer before it stands, or the question is open."""

    id: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The person is through; taken only while the form is complete."""


FormAnswer = Given | Reopened | Kept | Filled


@dataclass(frozen=True, slots=True)
class Checked:
    """What would become of a value; `problem` is why it would not be taken, empty where it would."""

    given: Given
    problem: str = ""
    mistakes: tuple[Mistake, ...] = ()
    """What is wrong with single cells of a table."""


class Form(Protocol):
    """The questionnaire of a run while it is filled in; all methods belong to the engine's thread."""

    def begin(self, *, in_order: bool = False) -> None:
        """Read what can be read now and take what was given beforehand; may take as long as the facts take.

        Until then the form leaves out the questions that something was given for and is still to be taken. With
        `in_order`, an answer given beforehand waits for the questions before its own. Does nothing when it was called
        before. AnswersError where what was given beforehand fits nothing the guide asks.
        """

    def view(self) -> FormView:
        """The form as it is now."""

    def take(self, what: Given | Reopened | Kept) -> FormView:
        """Carry out what the person did, and give the form as it is then.

        What is refused stands in the form with the reason. Nothing is done for a question that is not asked any more.
        """

    def check(self, given: Given) -> Checked:
        """Say what would become of a value; nothing is kept."""

    def next(self) -> Asked | None:
        """The first question that is open, for front ends that ask one after the other; None where none is.

        VersionPathError where no path leads to the target version.
        """

    def back(self) -> None:
        """Open the question that was answered last."""

    def on_look(self, looked: Callable[[FormView], object]) -> None:
        """Call `looked` with the form as it is whenever something was read from the machine, or begins to be."""
