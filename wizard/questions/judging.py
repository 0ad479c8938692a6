"""Whether what is given to a question is an answer to it now: its type, its choices, its conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models.questions import QuestionType
from wizard.questions.choices import Choices, listed_choices, rendered_choices
from wizard.questions.conditions import must_be_within, must_meet
from wizard.questions.model import Unusable
from wizard.questions.names import with_answers
from wizard.questions.releases import (
    CURRENT,
    NEWEST_WORDS,
    TARGET,
    known_releases,
    newest_known,
    target_choices,
)
from wizard.questions.standing import must_be_at_stop
from wizard.questions.tables import RowRules
from wizard.questions.validation import RefusedError, example_of, is_empty, quoted, read_value

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.models import Guide
    from wizard.guide.models.questions import Question
    from wizard.questions.standing import Standing

_OF_CHOICES: Final = frozenset({QuestionType.CHOICE, QuestionType.CHOICES, QuestionType.VERSION})
"""Types whose answers may be bound to choices."""

_WITHOUT_EXAMPLE: Final = frozenset({QuestionType.TEXT, QuestionType.SECRET})
"""Types of which an example says nothing to a person: any text, and what only stands in files in a secret's place."""


class Judge:
    """Judges what is given to the questions of one guide; `env` is always what is seen where the question stands."""

    def __init__(self, guide: Guide) -> None:
        """Judge for `guide`."""
        self._guide = guide

    def judged(self, one: Standing, raw: Any, env: Environment) -> Any:
        """The value of an answer, None where it is left empty and may be. RefusedError where it does not fit."""
        question = one.question
        if isinstance(raw, Unusable):
            raise RefusedError(raw.reason)
        if is_empty(raw):
            if question.optional:
                return None
            if question.type in _WITHOUT_EXAMPLE:
                raise RefusedError("an answer is needed")
            choices = self.choices(one, env)
            raise RefusedError(f"an answer is needed, such as {example_of(question.type, choices)}")
        value = self.typed(one, raw, env)
        self.must_fit(one, value, env)
        return value

    def typed(self, one: Standing, raw: Any, env: Environment) -> Any:
        """The value as its type has it. RefusedError where it is none of that type."""
        question = one.question
        if question.type is QuestionType.TABLE:
            return RowRules(question, env).rows(raw)
        if isinstance(raw, str) and raw.strip().lower() in NEWEST_WORDS:
            raw = self._newest(one, raw.strip(), env)
        product = question.id in (CURRENT, TARGET) or one.stop is not None
        pattern = self._guide.versions.pattern if product else None
        choices, other = self.choices(one, env), not is_closed(question)
        return read_value(question.type, raw, choices=choices, other=other, pattern=pattern)

    def _newest(self, one: Standing, word: str, env: Environment) -> str:
        """What a word such as `latest` stands for; the word itself where it is no question for a release."""
        if one.stop is not None:
            newest = next(iter(one.stop.releases), None)
        elif one.question.id == TARGET:
            newest = newest_known(self._guide.versions, env)
        else:
            return word
        if newest is None:
            raise RefusedError(f"{word!r} says nothing here, for the releases are not known: write the version")
        return newest

    def must_fit(self, one: Standing, value: Any, env: Environment) -> None:
        """Hold a value of the right type against choices and conditions. RefusedError where it does not fit."""
        question = one.question
        if question.type in _OF_CHOICES and is_closed(question):
            offered = [choice for choice, _ in self.choices(one, env)]
            for item in value if isinstance(value, list) else [value]:
                if not offered:
                    raise RefusedError(f"{quoted(item)} cannot stand: there is nothing to choose from now")
                if item not in offered:
                    raise RefusedError(f"{quoted(item)} is not among the choices any more: {', '.join(offered[:12])}")
        must_be_within(question, value, env)
        if one.stop is not None:
            must_be_at_stop(one.stop, value, self._guide, env)
        answers = {**env.names.get("answers", {}), question.id: value}
        must_meet(question.valid, with_answers(self._guide, env, answers, hop=str(one.hop.get("to", ""))))

    def choices(self, one: Standing, env: Environment) -> Choices:
        """What there is to choose from now; suggestions where the guide does not close them."""
        question = one.question
        if question.choices_from is not None:
            return listed_choices(question.choices_from, env)
        if question.choices is not None:
            return rendered_choices(question.choices, env)
        if one.stop is not None:
            return tuple((release, release) for release in one.stop.releases)
        if question.id == TARGET and question.type is QuestionType.VERSION:
            current = env.names.get("answers", {}).get(CURRENT)
            return target_choices(known_releases(self._guide.versions, env), current)
        return ()


def is_closed(question: Question) -> bool:
    """Whether only the question's choices are answers; those that the engine suggests are not all there are."""
    return not question.other and (question.choices is not None or question.choices_from is not None)
