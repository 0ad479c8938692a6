"""Filling a form in one question after the other, for front ends that speak in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.errors import VersionPathError
from wizard.questions.form import Given, Reopened
from wizard.questions.names import STOP_RELEASE, split_key
from wizard.questions.releases import CURRENT, TARGET
from wizard.questions.yaml_text import written
from wizard.run.operator import Back, Choice, ChoiceRequest
from wizard.secrets import masked

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.questions.form import Form, FormQuestion
    from wizard.questions.model import Asked
    from wizard.run.operator import Chosen

_LONGEST = 60


def one_by_one(
    form: Form,
    answer: Callable[[Asked], Any],
    choose: Callable[[ChoiceRequest], Chosen],
    *,
    again: bool = False,
) -> None:
    """Put the first open question until none is left and a path leads to the target version.

    `answer` gives the raw value of a question, or `Back()`. `choose` decides which version is answered again where
    no path leads between them (VersionPathError where none), and, with `again`, which answer is to be changed.
    """
    if again:
        if (name := _to_change(form, choose)) is None:
            return
        form.take(Reopened(name))
    else:
        form.begin(in_order=True)
    while True:
        try:
            asked = form.next()
        except VersionPathError as error:
            form.take(Reopened(_other_version(form, choose, error), error.message))
            continue
        if asked is None:
            return
        raw = answer(asked)
        if isinstance(raw, Back):
            form.back()
        else:
            form.take(Given(asked.question.id, raw))


def _other_version(form: Form, choose: Callable[[ChoiceRequest], Chosen], error: VersionPathError) -> str:
    """Which of the versions no path leads between is answered again; `error` is raised where none is to be."""
    made_of = [one for one in _answered(form) if split_key(one.id)[0] in (TARGET, CURRENT, STOP_RELEASE)]
    ways = [Choice(one.id, f"Answer again: {_words(one)}") for one in reversed(made_of)]
    chosen = choose(
        ChoiceRequest(
            id="version-path",
            title="There is no way to that version",
            text="\n".join(text for text in (error.message, error.hint) if text),
            choices=(*ways, Choice("stop", "Stop here, before the first step")),
        )
    )
    if chosen.key not in [one.id for one in made_of]:
        raise error
    return chosen.key


def _to_change(form: Form, choose: Callable[[ChoiceRequest], Chosen]) -> str | None:
    """Which answer is to be changed; None where none is."""
    answered = _answered(form)
    ways = tuple(Choice(f"answer:{one.id}", _words(one)) for one in answered)
    request = ChoiceRequest(
        id="answers",
        title="Which answer is to be changed",
        text="What hangs on it is looked at again.",
        choices=(*ways, Choice("none", "None of them")),
    )
    name = choose(request).key.removeprefix("answer:")
    return name if name in [one.id for one in answered] else None


def _answered(form: Form) -> list[FormQuestion]:
    return [one for one in form.view().questions if one.answer is not None]


def _words(one: FormQuestion) -> str:
    """A question and its answer in one line."""
    if one.answer is None:
        return one.asked.label
    plain = masked(one.answer.value)
    value = "left empty" if plain is None else plain if isinstance(plain, str) else written(plain)
    shown = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    return f"{one.asked.label}: {shown} ({one.answer.source})"
