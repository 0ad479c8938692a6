"""Answers of a session whose plan is made: they are settled, and one that is given anew is never ignored in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.errors import UsageError
from wizard.questions.names import split_key
from wizard.questions.questionnaire import Questionnaire
from wizard.questions.yaml_text import written
from wizard.run.names import environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.run.context import Run


def must_be_as_settled(run: Run, sets: Mapping[str, Any]) -> None:
    """Hold `--set` of a resume against the answers the plan was made of. UsageError where one is another."""
    if not sets:
        return
    given = {split_key(name)[0] for name in sets}
    answers = run.state.answers
    questionnaire = Questionnaire(run.loaded, None, sets)
    questionnaire.restore({name: data for name, data in answers.items() if split_key(name)[0] not in given})
    env = environment(run)
    while questionnaire.take_given(env):
        pass
    for name, answer in questionnaire.answers.items():
        kept = answers.get(name)
        if kept is None or kept.get("secret") or kept.get("masked") or kept["value"] == answer.value:
            continue
        raise UsageError(
            f"--set {name}: the plan of this session was made with {written(kept['value'])}, and it is frozen",
            hint=f"To go another way, undo and close this session (`wizard undo {run.session.id}`, "
            f"`wizard close {run.session.id}`), and begin a new one with that answer.",
        )
