"""Putting one question of the questionnaire to a person; the reply is raw, the questionnaire judges it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.errors import AnswersError
from wizard.expressions import Environment
from wizard.guide.models.questions import QuestionType
from wizard.plain.clean import clean, clean_line
from wizard.plain.dialogue import BACK, EXPLAIN, Dialogue
from wizard.plain.prompts import Option
from wizard.plain.render import show_value
from wizard.plain.style import Tone
from wizard.plain.tables import TableEditor
from wizard.questions.model import AnswerSource, Asked, Proposal
from wizard.questions.tables import RowRules
from wizard.run.operator import Back
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

EMPTY: Final = "-"
"""Typed to leave an answer empty where Enter alone would take a proposal."""

OTHER: Final = "+"
"""Key of the entry for a value that is not in the list."""

_HOW_TO_TYPE: Final = {
    QuestionType.DURATION: "A duration: 30s, 5m, 2h or 3d.",
    QuestionType.HOST_PORT: "A host and a port: db.example.org:5432.",
    QuestionType.VERSION: "A version, as the product writes it: 1.4.2.",
    QuestionType.PERCENTAGE: "A percentage: 25%.",
    QuestionType.TIME_WINDOW: "A time window: 22:00-02:00.",
    QuestionType.COMMAND: "A command of your own, as you would type it in a shell.",
}


def ask_question(asked: Asked, dialogue: Dialogue) -> Any:
    """Ask until there is a reply: text, bool, list, list of rows, Secret, or `Back()`.

    AnswersError where a secret is asked for and typing cannot be hidden.
    """
    _announce(asked, dialogue)
    question = asked.question
    while True:
        match question.type:
            case QuestionType.SECRET:
                reply = _secret(asked, dialogue)
            case QuestionType.TABLE:
                reply = _table(asked, dialogue)
            case QuestionType.YES_NO:
                reply = _one_of(asked, dialogue, (("yes", "yes"), ("no", "no")))
            case QuestionType.CHOICE if asked.choices:
                reply = _one_of(asked, dialogue, asked.choices)
            case QuestionType.CHOICES if asked.choices:
                reply = _several_of(asked, dialogue)
            case _:
                reply = _line(asked, dialogue)
        if reply != EXPLAIN:
            return Back() if reply == BACK else reply
        _explain(asked, dialogue)


def proposals_of(asked: Asked) -> list[Proposal]:
    """Give what Enter may take or a menu may show: the answer given before, then what was found, each value once.

    A value that was just refused is not proposed again.
    """
    found = list(asked.proposals)
    if asked.previous is not None:
        if asked.problem:
            found = [proposal for proposal in found if proposal.value != asked.previous]
        else:
            found.insert(0, Proposal(asked.previous, AnswerSource.OPERATOR, "answered before"))
    return [one for number, one in enumerate(found) if one.value not in [other.value for other in found[:number]]]


def _answered(asked: Asked) -> bool:
    """Whether the first of the proposals is the answer given before, which Enter may take again."""
    return asked.previous is not None and not asked.problem


def _announce(asked: Asked, dialogue: Dialogue) -> None:
    style = dialogue.style
    number = f", question {asked.number} of {asked.total}" if asked.number and asked.total else ""
    place = f"{clean_line(asked.section)}{number} (? explains, < goes back)"
    dialogue.say(["", style.paint(style.fit(place), Tone.QUIET)])
    if asked.problem:
        dialogue.words(f"Not accepted: {asked.problem}")
    dialogue.say([style.paint(line, Tone.STRONG) for line in style.wrap(clean_line(asked.label))])
    dialogue.words(asked.why)
    if asked.question.optional:
        dialogue.say(["This may be left empty."])


def _explain(asked: Asked, dialogue: Dialogue) -> None:
    how = _HOW_TO_TYPE.get(asked.question.type, "")
    lines = dialogue.explained(f"{asked.label} {asked.why} {asked.section}")
    dialogue.words(asked.why or "The guide says no more about this question.")
    dialogue.words(how)
    dialogue.say(lines)
    for proposal in proposals_of(asked):
        dialogue.words(f"Found: {_origin(proposal)}")


def _line(asked: Asked, dialogue: Dialogue) -> Any:
    """Ask for a line; two proposals that differ are chosen from."""
    proposals = proposals_of(asked)
    if len(proposals) > 1:
        answered = any(proposal.source is AnswerSource.OPERATOR for proposal in proposals)
        dialogue.words("Choose one, or give another:" if answered else "What was found differs:")
        options = [Option(str(number), _origin(proposal)) for number, proposal in enumerate(proposals, 1)]
        extra = (Option(OTHER, "Another value"), Option(BACK, "Go back"), Option(EXPLAIN, "Explain"))
        picked = dialogue.prompts.pick("Which is right", [*options, *extra], "1" if _answered(asked) else "")
        if picked.isdigit():
            return proposals[int(picked) - 1].value
        if picked != OTHER:
            return picked
        proposals = []
    proposal = proposals[0] if proposals else None
    shown = _as_text(proposal.value) if proposal else ""
    if proposal:
        empty = f" Type {EMPTY} to leave it empty." if asked.question.optional else ""
        dialogue.words(f"Proposed: {_origin(proposal)}.{empty}")
    while True:
        given = dialogue.prompts.line("Answer", shown)
        if given == EMPTY and asked.question.optional:
            return ""
        if proposal and given == shown:
            return proposal.value
        if given or asked.question.optional:
            return given
        dialogue.say(["An answer is needed."])


def _one_of(asked: Asked, dialogue: Dialogue, choices: Sequence[tuple[str, str]]) -> Any:
    """Ask for one of several; what was found is marked, and proposed where it does not differ."""
    yes_no = asked.question.type is QuestionType.YES_NO
    proposals = proposals_of(asked)
    marks: dict[str, str] = {}
    for proposal in proposals:
        marks.setdefault(_as_text(proposal.value), _source(proposal))
    options = [
        Option(value, clean_line(label) + (f" ({marks[value]})" if value in marks else "")) for value, label in choices
    ]
    values = [value for value, _ in choices]
    if asked.question.other:
        options.append(Option(OTHER, "Another value"))
    if asked.question.optional:
        options.append(Option(EMPTY, "Leave it empty"))
    options += [Option(BACK, "Go back"), Option(EXPLAIN, "Explain")]
    default = next(iter(marks)) if len(marks) == 1 or (marks and _answered(asked)) else ""
    picked = dialogue.prompts.pick("Answer", options, default if default in values else "")
    match picked:
        case "+":
            return dialogue.needed_line("Value")
        case "-":
            return ""
        case "yes" | "no" if yes_no:
            return picked == "yes"
        case _:
            return picked


def _several_of(asked: Asked, dialogue: Dialogue) -> Any:
    """Ask for any of several, first whether to take what is proposed as it is."""
    proposals = proposals_of(asked)
    options = [
        *(Option(f"take {number}", f"Take: {_origin(proposal)}") for number, proposal in enumerate(proposals, 1)),
        Option("list", "Choose from the list"),
        Option(BACK, "Go back"),
        Option(EXPLAIN, "Explain"),
    ]
    picked = dialogue.prompts.pick("Answer", options, "take 1" if len(proposals) == 1 or _answered(asked) else "")
    if picked in (BACK, EXPLAIN):
        return picked
    if picked != "list":
        return proposals[int(picked.removeprefix("take ")) - 1].value
    ticked = proposals[0].value if proposals and isinstance(proposals[0].value, list) else []
    listed = [Option(value, clean_line(label)) for value, label in asked.choices]
    found = dialogue.prompts.pick_many("Which", listed, [str(value) for value in ticked])
    if asked.question.other and (more := dialogue.prompts.line("Others, with commas (or nothing)")):
        found = [*found, *(word.strip() for word in more.split(",") if word.strip())]
    return found


def _secret(asked: Asked, dialogue: Dialogue) -> Any:
    given = ask_secret(asked.question.id, asked.label, dialogue, optional=asked.question.optional)
    if given is None:
        return ""
    return given.reveal() if given.reveal() in (BACK, EXPLAIN) else given


def ask_secret(name: str, label: str, dialogue: Dialogue, *, optional: bool = False) -> Secret | None:
    """Ask for a secret without showing it; None where it was left empty. AnswersError where typing cannot be hidden."""
    if not dialogue.prompts.can_hide:
        raise AnswersError(
            f"{clean_line(label)!r} is a secret, and what is typed here cannot be hidden",
            (),
            hint=f"Put `{name}: env:VARIABLE` or `{name}: file:PATH` under `answers:` in a file, "
            "and start again with `--answers FILE`.",
        )
    while not (given := dialogue.prompts.hidden(clean_line(label))):
        if optional:
            return None
        dialogue.say(["An answer is needed."])
    return Secret(given)


def _table(asked: Asked, dialogue: Dialogue) -> Any:
    proposals = proposals_of(asked)
    if asked.problem and asked.previous is not None:
        proposals = [Proposal(asked.previous, AnswerSource.OPERATOR, "answered before")]
    rows = []
    if proposals and proposals[0].value:
        dialogue.words(f"Filled in from: {_source(proposals[0])}. Choose “done” to take it as it is.")
        rows = [dict(row) for row in proposals[0].value]
        hidden = [one for one in asked.question.columns or () if one.type is QuestionType.SECRET and not one.optional]
        if any(one.id not in row for one in hidden for row in rows):
            dialogue.words("Its secrets are not kept: edit each row to type them again.")
    rules = asked.rules or RowRules(asked.question, Environment())
    return TableEditor(rules, rows, dialogue).edit()


def _as_text(value: Any) -> str:
    """Write a value as it would be typed."""
    return show_value(value) if isinstance(value, (bool, list, dict)) else clean(str(value))


def _origin(proposal: Proposal) -> str:
    return f"{show_value(proposal.value)} ({_source(proposal)})"


def _source(proposal: Proposal) -> str:
    evidence = clean_line(proposal.evidence)
    if proposal.source is AnswerSource.OPERATOR:
        return evidence or "your answer"
    return f"{proposal.source}: {evidence}" if evidence else str(proposal.source)
