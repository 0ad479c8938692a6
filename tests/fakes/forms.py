"""A form whose questions are written down, and that remembers what was done with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.questions.form import Checked, FormQuestion, FormView, Given, Kept, Reopened
from wizard.questions.model import Answer, AnswerSource, Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.questions.form import FormAnswer


class FakeForm:
    """Takes whatever is given, but for what `refuses` gives a reason for; questions neither come nor go."""

    def __init__(self, asked: Sequence[Asked | FormQuestion], refuses: Callable[[Given], str] | None = None) -> None:
        """Ask `asked`."""
        self.questions = [one if isinstance(one, FormQuestion) else FormQuestion(one) for one in asked]
        self.taken: list[FormAnswer] = []
        self.checked: list[Given] = []
        self.refuses = refuses or (lambda _: "")
        self.looked: Callable[[FormView], object] = lambda _: None

    def begin(self, *, in_order: bool = False) -> None:
        """Read nothing."""

    def view(self) -> FormView:
        """The form as it is now."""
        return FormView(tuple(self.questions))

    def take(self, what: Given | Reopened | Kept) -> FormView:
        """Keep the answer, or the reason why not."""
        self.taken.append(what)
        self.questions = [self._with(one, what) if one.id == what.id else one for one in self.questions]
        return self.view()

    def _with(self, one: FormQuestion, what: Given | Reopened | Kept) -> FormQuestion:
        match what:
            case Given() if why := self.refuses(what):
                return replace(one, asked=replace(one.asked, problem=why, previous=what.raw), open=True)
            case Given():
                answer = Answer(what.id, what.raw or None, AnswerSource.OPERATOR)
                return replace(one, asked=replace(one.asked, problem="", previous=None), answer=answer, open=False)
            case Reopened():
                return replace(one, answer=None, open=True)
            case Kept():
                return replace(one, asked=replace(one.asked, problem=""), open=one.answer is None)

    def check(self, given: Given) -> Checked:
        """Give the reason why not."""
        self.checked.append(given)
        return Checked(given, self.refuses(given))

    def next(self) -> Asked | None:
        """The first that is open."""
        return next((one.asked for one in self.questions if one.open), None)

    def back(self) -> None:
        """Go nowhere."""

    def on_look(self, looked: Callable[[FormView], object]) -> None:
        """Remember who looks."""
        self.looked = looked
