"""Answers as expressions see them: under the ids of their questions, in a hop those of that hop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wizard.expressions import resolve_values
from wizard.guide.models.questions import QuestionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.expressions import Environment
    from wizard.guide.models import Guide

STOP_RELEASE: Final = "stop_release"
"""Id of the question that the engine asks for each stop of a path (`stop_release: ask`)."""

_MARK: Final = "@"


def key_in_hop(question: str, hop: str) -> str:
    """The id under which the answer of one hop is kept: `disk@1.4`, by the version the hop leads to."""
    return f"{question}{_MARK}{hop}"


def split_key(key: str) -> tuple[str, str]:
    """Split `disk@1.4` into the id of the question and the hop; the hop is empty where there is none."""
    question, _, hop = key.partition(_MARK)
    return question, hop


def answers_in_hop(answers: Mapping[str, Any], hop: str) -> dict[str, Any]:
    """The answers (or facts) as they are seen in the hop that leads to the version `hop`.

    What was asked for each hop stands under the id of its question with the answer of this hop; outside of
    hops there is nothing under that id.
    """
    here = {split_key(key)[0]: value for key, value in answers.items() if hop and split_key(key)[1] == hop}
    return {**answers, **here}


def with_answers(guide: Guide, env: Environment, answers: Mapping[str, Any], *, hop: str = "") -> Environment:
    """Give `env` with these answers and with the guide's values made of them; one that is None is absent.

    `hop` is the version that the hop leads to in which they are seen. ExpressionError where a value of the
    guide fails.
    """
    commands = {
        f"answers.{question.id}"
        for section in guide.questions
        for question in section.ask
        if question.type is QuestionType.COMMAND
    }
    known = {name: value for name, value in answers_in_hop(answers, hop).items() if value is not None}
    env = replace(env.with_names(answers=known), commands=frozenset(commands))
    return env.with_names(values=resolve_values(guide.values, env)) if guide.values else env


def inside_hop(guide: Guide, env: Environment, hop: Mapping[str, Any]) -> Environment:
    """Give `env` as it is inside a hop (`from`, `to`, `number`, `first`, `last`).

    Its answers and facts stand under their own names, and the guide's values are made of them. ExpressionError
    where one of those fails.
    """
    to = str(hop["to"])
    facts = answers_in_hop(env.names.get("facts") or {}, to)
    return with_answers(guide, env.with_names(hop=hop, facts=facts), env.names.get("answers") or {}, hop=to)
