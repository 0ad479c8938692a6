"""What the people who help are told first: whom to ask, and the answers they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.expressions import Environment
from wizard.questions.names import split_key
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.guide.models import Guide

_NOTHING: Final = Environment()


@dataclass(frozen=True, slots=True)
class FormLine:
    """One answer of the form; `hop` is the version its hop leads to, empty where it was asked once."""

    section: str
    question: str
    hop: str
    answer: str


@dataclass(frozen=True, slots=True)
class SupportLines:
    """Who helps, how to reach them, and the form with the answers they ask for."""

    text: str
    contact: str
    form: tuple[FormLine, ...]


def support_of(guide: Guide, answers: Mapping[str, str]) -> SupportLines | None:
    """The support a guide names; None where it names none. `answers` are the words for each answer, by its key."""
    if guide.support is None:
        return None
    form = tuple(
        FormLine(readable(section.section, _NOTHING), readable(question.label, _NOTHING), split_key(key)[1], answer)
        for name in guide.support.form
        for section in guide.questions
        if section.section == name
        for question in section.ask
        for key, answer in answers.items()
        if split_key(key)[0] == question.id
    )
    contact = readable(guide.support.contact, _NOTHING) if guide.support.contact else ""
    return SupportLines(readable(guide.support.text, _NOTHING), contact, form)
