"""Answers as expressions see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.expressions import resolve_values
from wizard.guide.models.questions import QuestionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.expressions import Environment
    from wizard.guide.models import Guide


def with_answers(guide: Guide, env: Environment, answers: Mapping[str, Any]) -> Environment:
    """Give `env` with these answers and with the guide's values made of them; one that is None is absent.

    ExpressionError where a value of the guide fails.
    """
    commands = {
        f"answers.{question.id}"
        for section in guide.questions
        for question in section.ask
        if question.type is QuestionType.COMMAND
    }
    known = {name: value for name, value in answers.items() if value is not None}
    env = replace(env.with_names(answers=known), commands=frozenset(commands))
    return env.with_names(values=resolve_values(guide.values, env)) if guide.values else env
