"""A condition in the words of the questionnaire, where it is simple enough for that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.guide.models import QuestionType

if TYPE_CHECKING:
    from wizard.guide.models import Guide, Question

_NAMED: Final = re.compile(r"(?P<not>!?)(?P<space>answers|values)\.(?P<name>\w+)")
_COMPARED: Final = re.compile(r"answers\.(?P<name>\w+) *(?P<how>==|!=) *(?P<quote>[\"'])(?P<value>[^\"'\\]*)(?P=quote)")
_DEEPEST: Final = 5
"""Values that are followed to the answer behind them."""


def condition_words(when: str, guide: Guide) -> str:
    """`“How it was installed” is “From git”` for `answers.method == "git"`, also behind a value; else nothing."""
    turned, source = False, when.strip()
    for _ in range(_DEEPEST):
        if (compared := _COMPARED.fullmatch(source)) is not None:
            same = (compared["how"] == "==") is not turned
            return _is(guide, compared["name"], compared["value"], same=same)
        if (named := _NAMED.fullmatch(source)) is None:
            return ""
        turned = turned is not bool(named["not"])
        if named["space"] == "answers":
            return _yes_or_no(guide, named["name"], yes=not turned)
        behind = guide.values.get(named["name"])
        if not isinstance(behind, str):
            return ""
        source = behind.strip()
    return ""


def _is(guide: Guide, name: str, value: str, *, same: bool) -> str:
    question = _question(guide, name)
    if question is None:
        return ""
    labels = {one.value: one.label for one in question.choices or () if not isinstance(one, str)}
    label = labels.get(value) or value
    return f"“{question.label}” is {'' if same else 'not '}“{label}”" if "${{" not in label else ""


def _yes_or_no(guide: Guide, name: str, *, yes: bool) -> str:
    question = _question(guide, name)
    if question is None or question.type is not QuestionType.YES_NO:
        return ""
    return f"“{question.label}” is {'yes' if yes else 'no'}"


def _question(guide: Guide, name: str) -> Question | None:
    """The question of that id, where its label can be shown as it is."""
    questions = (one for section in guide.questions for one in section.ask)
    return next((one for one in questions if one.id == name and "${{" not in one.label), None)
