"""How the questionnaire says values, where they came from, and how an answer is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models.questions import QuestionType
from wizard.plain.clean import clean_line
from wizard.questions.model import AnswerSource
from wizard.questions.validation import example_of
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.questions.model import Answer, Asked, Proposal

_SOURCES: Final = {
    AnswerSource.MACHINE: "found on this machine",
    AnswerSource.FILE: "answers file",
    AnswerSource.OPERATOR: "you",
    AnswerSource.DEFAULT: "default",
}

_HOW: Final = {
    QuestionType.TEXT: "One line of text.",
    QuestionType.YES_NO: "Choose with the arrows, enter takes.",
    QuestionType.CHOICE: "Choose with the arrows, enter takes.",
    QuestionType.CHOICES: "Space ticks, enter takes what is ticked.",
    QuestionType.NUMBER: "A number in digits.",
    QuestionType.VERSION: "A version, as the product writes it.",
    QuestionType.PATH: "A whole path. The entries of a folder are listed as you type; arrow right completes.",
    QuestionType.SECRET: "What you type or paste is neither shown nor stored.",
    QuestionType.HOST: "A host name or an address.",
    QuestionType.HOST_PORT: "A host and a port.",
    QuestionType.PERCENTAGE: "A percentage.",
    QuestionType.DURATION: "A duration: a number with s, m, h or d.",
    QuestionType.TIME_WINDOW: "A part of the day, from when to when.",
    QuestionType.COMMAND: "A command of your own, as you would type it in a shell.",
    QuestionType.TABLE: "Rows of cells: a adds one, enter changes a cell, t takes the table.",
}


def as_typed(value: Any) -> str:
    """A value as a person would type it, on one line; a secret is masked."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Secret():
            return str(value)
        case list() | tuple():
            return ", ".join(as_typed(one) for one in value)
        case dict():
            return ", ".join(f"{clean_line(str(name))}: {as_typed(part)}" for name, part in value.items())
        case _:
            return clean_line(str(value))


def answer_words(answer: Answer) -> str:
    """Where an answer came from."""
    source = _SOURCES[answer.source]
    return f"left empty ({source})" if answer.value is None else source


def proposal_words(proposal: Proposal) -> str:
    """Where a proposal came from, with its evidence."""
    source, evidence = _SOURCES[proposal.source], clean_line(proposal.evidence).removeprefix("facts.")
    return f"{source}: {evidence}" if evidence else source


def stands_in(kind: QuestionType, choices: Sequence[tuple[str, str]] = ()) -> str:
    """What an empty line shows: an answer of its type, where there is one that says more than that it is empty."""
    return "type here" if kind is QuestionType.TEXT else f"such as {clean_line(example_of(kind, choices))}"


def how_to_answer(asked: Asked) -> str:
    """How an answer of that type is given, with an example."""
    kind = asked.question.type
    if kind in (QuestionType.TEXT, QuestionType.SECRET, QuestionType.TABLE, QuestionType.YES_NO):
        return _HOW[kind]
    example = "" if asked.choices and not asked.question.other else example_of(kind, asked.choices)
    return f"{_HOW[kind]} For example: {clean_line(example)}" if example else _HOW[kind]
