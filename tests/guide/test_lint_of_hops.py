"""What is asked or read for each hop: lint says where it has no value, and which questions cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guide.texts import line_of, problems_of, swapped

if TYPE_CHECKING:
    from pathlib import Path

PER_HOP = ("label: Nodes, type: number, when: answers.cluster}", "label: Nodes, type: number, per: hop}")


def told(tmp_path: Path, *swaps: tuple[str, str]) -> tuple[str, list[tuple[int, str]]]:
    """The guide, and line and message of each problem of this rule."""
    text = swapped(*swaps)
    found = [(one.line, one.message) for one in problems_of(tmp_path, text) if one.rule == "per-hop"]
    return text, found


def test_inside_hops_there_is_a_value(tmp_path: Path) -> None:
    """Steps, values and what is itself `per: hop` may use it."""
    check = ("    title: Room\n", "    title: Room\n    per: hop\n    say: '${{ string(answers.nodes) }} nodes'\n")
    assert told(tmp_path, PER_HOP, check)[1] == []


@pytest.mark.parametrize(
    ("swap", "line"),
    [
        (("    title: Room\n", "    title: Room\n    when: answers.nodes > 1\n"), "when: answers.nodes > 1"),
        (("type: secret}", "type: secret, when: answers.nodes > 1}"), "when: answers.nodes > 1"),
        (("facts:\n", "facts:\n  made: {command: 'look ${{ answers.nodes }}'}\n"), "look ${{ answers.nodes }}"),
    ],
    ids=["check", "question", "fact"],
)
def test_outside_of_hops_there_is_none(tmp_path: Path, swap: tuple[str, str], line: str) -> None:
    """A check, question or fact of the whole run never sees it; the line and the way out are named."""
    text, found = told(tmp_path, PER_HOP, swap)
    assert found == [
        (line_of(text, line), "answers.nodes is asked for each hop, and there is no hop here, so it has no value")
    ]


def test_a_fact_of_hops_is_only_there_in_them(tmp_path: Path) -> None:
    """The same holds for facts."""
    text, found = told(
        tmp_path,
        ("facts:\n", "facts:\n  made: {file: '/x/${{ hop.to }}', per: hop}\n"),
        ("    title: Room\n", "    title: Room\n    when: facts.made.exists\n"),
    )
    assert [line for line, _ in found] == [line_of(text, "when: facts.made.exists")]
    assert "is read for each hop" in found[0][1]


def test_the_version_questions_are_asked_once(tmp_path: Path) -> None:
    """They decide which hops there are; and the engine's own question for stops keeps its id."""
    text, found = told(tmp_path, ("label: Version now,", "label: Version now, per: hop,"))
    assert found == [
        (line_of(text, "label: Version now"), "`current_version` decides which hops there are, so it is asked once")
    ]
    ask = ("  releases: [", "  stop_release: ask\n  releases: [")
    text, found = told(tmp_path, ask, ("{id: token,", "{id: stop_release,"), ("answers.token", "answers.stop_release"))
    assert [line for line, _ in found] == [line_of(text, "id: stop_release")]
