"""Secret answers: how they are journalled, and how a driver that does not know them comes to know them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.questions.given import given_answers, given_for
from wizard.questions.names import split_key
from wizard.questions.standing import Standings
from wizard.questions.tables import RowRules
from wizard.questions.validation import RefusedError, quoted
from wizard.run.operator import SecretRequest
from wizard.run.records import Record
from wizard.secrets import MASK, Secret, masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.expressions import Environment
    from wizard.guide.models import Question
    from wizard.questions.model import Answer, AnswersFile
    from wizard.run.context import Run


def record_answer(run: Run, answer: Answer) -> None:
    """Journal an answer: a secret only as the fact that it was given, in tables with a mask for each."""
    value, secret = answer.value, isinstance(answer.value, Secret)
    if isinstance(answer.value, Secret):
        run.secrets.put(answer.id, answer.value)
        value = None
    run.record(
        Record.ANSWER_GIVEN,
        id=answer.id,
        value=value,
        source=answer.source,
        secret=secret,
        masked=masked(value) != value,
    )


def secrets_missing(run: Run) -> list[str]:
    """The secret answers of this session that this driver does not know, by question."""
    return [name for name, data in run.state.answers.items() if _is_missing(run, name, data)]


def _is_missing(run: Run, name: str, data: Mapping[str, Any]) -> bool:
    if data.get("masked"):
        return run.secrets.kept(("answers", name)) is None
    return bool(data.get("secret")) and run.secrets.get(name) is None


def know_given(run: Run, given: AnswersFile, sets: Mapping[str, Any], env: Environment) -> None:
    """Know the secret answers that are given again; rows only where all their other cells are as they were."""
    values = given_answers(given, sets)
    for name in secrets_missing(run):
        one = given_for(values, name, given)
        if one is None:
            continue
        if isinstance(one.value, Secret):
            run.secrets.put(name, one.value)
        elif (question := _question(run, name)) is not None and question.columns is not None:
            try:
                rows = RowRules(question, env).rows(one.value)
            except RefusedError:
                continue
            if masked(rows) == run.state.answers[name]["value"]:
                _keep_rows(run, name, rows)


def ask_again(run: Run, name: str) -> None:
    """Ask for a secret answer that was never stored; of a table for each of its secrets."""
    data = run.state.answers[name]
    if not data.get("masked"):
        run.secrets.put(name, run.operator.secret(SecretRequest(name, label_of(run, name), _WHY)))
        return
    rows = []
    for number, row in enumerate(data["value"]):
        cells = {
            column: run.operator.secret(
                SecretRequest(f"{name}[{number}].{column}", _cell(run, name, row, column), _WHY)
            )
            if cell == MASK
            else cell
            for column, cell in row.items()
        }
        rows.append(cells)
    _keep_rows(run, name, rows)


_WHY = "It was never stored."


def label_of(run: Run, name: str) -> str:
    """The label of a question, with the hop an answer belongs to."""
    question, (_, hop) = _question(run, name), split_key(name)
    label = question.label if question is not None else name
    return f"{label} (-> {hop})" if hop else label


def _question(run: Run, name: str) -> Question | None:
    return Standings(run.loaded.guide).declared.get(split_key(name)[0])


def _cell(run: Run, name: str, row: Mapping[str, Any], column: str) -> str:
    """What a secret cell is called: its column, and the first thing that is no secret in its row."""
    question = _question(run, name)
    columns = question.columns or () if question is not None else ()
    label = next((one.label for one in columns if one.id == column), column)
    shown = next((f" of {quoted(cell)}" for cell in row.values() if cell != MASK), "")
    return f"{label_of(run, name)}: {label}{shown}"


def _keep_rows(run: Run, name: str, rows: list[dict[str, Any]]) -> None:
    run.secrets.keep(("answers", name), rows)
    for row in rows:
        for cell in row.values():
            if isinstance(cell, Secret):
                run.secrets.add(cell)
