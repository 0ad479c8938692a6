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


STOPS = 'releases: ["1.0", "1.1", "2.0"]\n'


@pytest.mark.parametrize(
    ("stops", "hops", "lost"),
    [
        ('"1.1"', '{from: "<2.0", to: "2.0"}', ["1.1"]),
        ('"1.1"', '{from: ">=1.1", to: target}', []),
        ('"1.1"', "{to: target}", []),
        ('"1.1", "1.5"', '{from: "<1.1", to: "1.1"}, {from: "1.1.*", to: "2.0"}', ["1.5"]),
        ('"1.1", "3.0"', '{from: "<2.0", to: "1.1"}, {from: "1.1.*", to: "2.0"}', []),
        ('"1.1"', "{to: next_minor}", []),
        ('"1.1"', '{from: "<1.0", to: "1.0"}, {from: ">=1.1", to: "2.0"}', ["1.1"]),
    ],
    ids=["jumped", "begins-there", "target", "second", "beyond-the-end", "next", "gap"],
)
def test_a_stop_that_no_hop_leads_to_is_told(tmp_path: Path, stops: str, hops: str, lost: list[str]) -> None:
    """A guide whose hops begin below a stop and end above it, and never at it, is told of the hop it needs."""
    written = "\n".join(f"    - {one.rstrip(',')[:-1]}, phases: [back-up, update]}}" for one in hops.split(" {"))
    written = written.replace("    - from", "    - {from")
    text = swapped(
        (STOPS, f"{STOPS}  stops: [{stops}]\n"),
        ('    - {from: "<2.0", to: "2.0", phases: [back-up, update]}', written),
        ("--to ${{ answers.target_version }}", "--to ${{ hop.to }}"),
    )
    found = [one for one in problems_of(tmp_path, text) if one.rule == "stop"]
    assert [one.message for one in found] == [
        f"no hop leads to the stop {one}, so no path gets past it" for one in lost
    ]
    assert all(f'to: "{one}"' in problem.hint for one, problem in zip(lost, found, strict=True))


@pytest.mark.parametrize(
    ("command", "told_of"),
    [
        ("./migrate --to ${{ answers.target_version }}", True),
        ("[./migrate, '${{ answers.target_version }}']", True),
        ("./migrate --to ${{ hop.to }} --path-to ${{ hop.last }}", False),
    ],
    ids=["shell", "list", "hop"],
)
def test_at_a_stop_a_command_names_where_the_hop_ends(tmp_path: Path, command: str, told_of: bool) -> None:
    """With stops a command that takes the target would jump over them; without stops, or at the last hop, it may."""
    target = ("./migrate --to ${{ answers.target_version }}", command)
    stops = (STOPS, f'{STOPS}  stops: ["1.1"]\n')
    hop = ('{from: "<2.0", to: "2.0", ', "{to: target, ")
    text = swapped(target, stops, hop)
    found = [one for one in problems_of(tmp_path, text) if one.rule == "target-at-stop"]
    assert [one.line for one in found] == ([line_of(text, "./migrate")] if told_of else [])
    for other in (
        swapped(target, hop),
        swapped(target, stops, hop, ("        env: {TOKEN", "        when: hop.last\n        env: {TOKEN")),
    ):
        assert [one for one in problems_of(tmp_path, other) if one.rule == "target-at-stop"] == []


def test_a_hop_knows_its_own_ends(tmp_path: Path) -> None:
    """`title` sees the whole hop, `when` of a hop and of a closed path where it leads from and to, and no more."""
    hop = '{from: "<2.0", to: "2.0", phases: [back-up, update], '
    hops = '{from: "<2.0", to: "2.0", phases: [back-up, update]}'
    blocked = "\n  blocked: [{when: 'in_range(hop.from, \"<1.0\")', why: Too old.}]"
    known = (
        hops,
        f"{hop}title: 'To ${{{{ hop.to }}}} (${{{{ hop.number }}}})', when: 'newer(hop.to, hop.from)'}}{blocked}",
    )
    assert problems_of(tmp_path, swapped(known)) == ()
    unknown = problems_of(tmp_path, swapped((hops, f"{hop}when: hop.first}}")))
    assert [one.message for one in unknown] == ["hop has no first"]


@pytest.mark.parametrize("reads", ["hop.to", "values.old"], ids=["itself", "by-a-value"])
@pytest.mark.parametrize("placed", [True, False], ids=["in-a-phase", "nowhere"])
def test_a_called_procedure_has_a_hop_only_where_its_offer_begins_in_one(
    tmp_path: Path, reads: str, placed: bool
) -> None:
    """It works in the hop of the step its offer begins with; a step of no phase gives it none."""
    after = "copy" if placed else "lonely"
    procedures = f"""procedures:
  back: {{title: Back, offer: {{after: {after}}}, steps: [{{id: go, title: Go, run: [echo, '${{{{ {reads} }}}}']}}]}}
  other: {{title: Other, steps: [{{id: lonely, title: Lonely, run: [x]}}]}}
"""
    text = swapped(("values:\n", 'values:\n  old: string(hop.from) + ".old"\n'), ("procedures:\n", procedures))
    found = [one for one in problems_of(tmp_path, text) if one.rule in ("per-hop", "offer")]
    told_of = [] if placed else [line_of(text, "after: lonely"), line_of(text, "id: go")]
    assert [one.line for one in found] == sorted(told_of)
