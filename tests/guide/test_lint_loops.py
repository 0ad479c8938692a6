"""Rules of lint for loops, work in the background, rounds and what is read before it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guide.test_lint_rules import Rule
from tests.guide.texts import line_of, problems_of, swapped
from wizard.problems import Severity

if TYPE_CHECKING:
    from pathlib import Path


def _step(keys: str) -> tuple[str, str]:
    step = f"- {{id: x, title: X, impact: reversible, {keys}}}"
    return ("      - id: tell-nodes\n", f"      {step}\n      - id: tell-nodes\n")


def _loop(keys: str, action: str = "say: Hello") -> tuple[str, str]:
    return _step(f"for_each: {{person: answers.people, {keys}}}, {action}")


def _inside(action: str) -> tuple[str, str]:
    return _step(f"for_each: {{person: answers.people}}, {action}")


def _phase(keys: str) -> tuple[str, str]:
    return ("    impact: irreversible\n", f"    impact: irreversible\n    {keys}\n")


PING = "{tcp: {host: '${{ person.name }}', port: 22}}"
RULES = [
    # names
    Rule(
        "text",
        _inside("edit: {file: a.env, set: {'PORT_${{ persn.name }}': '1'}}"),
        "persn",
        _inside("edit: {file: a.env, set: {'PORT_${{ person.name }}': '1'}}"),
    ),
    Rule(
        "loop-name",
        _step("for_each: {answers: answers.people}, say: a"),
        "{answers: answers.people}",
        _inside("say: '${{ person.name }}'"),
    ),
    Rule("loop-name", _step("for_each: {hop: answers.people}, say: a"), "{hop:", _inside("say: a")),
    Rule(
        "loop-name",
        _inside("steps: [{id: y, title: Y, for_each: {person: answers.people}, say: a}]"),
        "id: y",
        _inside("steps: [{id: y, title: Y, for_each: {other: answers.people}, say: a}]"),
    ),
    Rule(
        "loop-name",
        _step("manual: {list: {run: ls, as: facts}, do: See}"),
        "as: facts",
        _step("manual: {list: {run: ls, as: file}, do: 'See ${{ file }}', after_each: [echo, '${{ file }}']}"),
    ),
    Rule(
        "loop-name", ("needs: [what]", "needs: [what, hop]"), "needs: [what, hop]", ("needs: [what]", "needs: [what ]")
    ),
    Rule("text", _step("manual: {list: {run: ls, as: file}, do: 'See ${{ flie }}'}"), "flie", _step("manual: [See]")),
    Rule("text", _step("manual: {list: {run: 'ls ${{ file }}', as: file}, do: a}"), "ls $", _step("manual: [See]")),
    Rule("missing-key", _step("for_each: {batch: 2}, say: '${{ person.name }}'"), "batch: 2", _inside("say: a")),
    Rule("unknown-key", _loop("batsh: 2"), "batsh", _loop("batch: 2")),
    Rule("wrong-shape", _step("for_each: answers.people, say: a"), "for_each: answers", _inside("say: a")),
    # lists, keys, batches
    Rule("loop-list", _step("for_each: {n: answers.target_version}, say: a"), "n: answers.target", _inside("say: a")),
    Rule("loop-key", _loop("key: 'person.name == \"a\"'"), "key: 'person", _loop("key: person.name")),
    Rule("loop-key", _loop("order: answers.target_version"), "order: answers", _loop("order: person.name")),
    Rule("expression", _loop("order: batch"), "order: batch", _loop("order: size(person.name)")),
    Rule("loop-batch", _loop("batch: 0"), "batch: 0", _loop("batch: 3")),
    Rule("loop-batch", _loop("batch: 120%"), "120%", _loop("batch: 33%")),
    Rule("loop-batch", _loop("batch: by role"), "by role", _loop("batch: by name")),
    Rule("loop-batch", _loop("keep_available: some"), "some", _loop("keep_available: '${{ 1 + 1 }}'")),
    Rule(
        "available-when",
        _loop("available_when: [{tcp: {host: here, port: 22}}]"),
        "host: here",
        _loop(f"available_when: [{PING}]"),
    ),
    # once a batch
    Rule("once-in-loop", _step("once: batch, say: a"), "once: batch", _step("say: a")),
    Rule(
        "text",
        _inside("steps: [{id: y, title: Y, once: batch, say: '${{ person.name }}'}]"),
        "id: y",
        _inside("steps: [{id: y, title: Y, once: batch, say: '${{ size(batch) }}'}]"),
    ),
    Rule("text", _step("say: '${{ size(batch) }}'"), "size(batch)", _inside("say: '${{ size(batch) }}'")),
    # in the background, beforehand, in rounds
    Rule("background-until", _step("run: a, background: true"), "background: true", _step("run: a, background: false")),
    Rule(
        "background-terminal",
        _step("run: a, background: true, until: phase, terminal: true"),
        "terminal: true",
        _step("run: a, background: true, until: phase"),
    ),
    Rule(
        "background-key", _step("run: a, until: phase"), "until: phase", _step("run: a, background: true, until: run")
    ),
    Rule(
        "background-key",
        _step("run: a, ready_when: [{file: /x}]"),
        "ready_when",
        _step("run: a, background: true, until: tell-nodes, ready_when: [{file: /x}]"),
    ),
    Rule("unknown-name", _step("run: a, background: true, until: nosuch"), "nosuch", _step("run: a")),
    Rule("preview-dry-run", _step("run: a, preview: must"), "preview", _step("run: a, dry_run: a, preview: must")),
    Rule("key-of-action", _step("run: a, repeat: {until: [{file: /x}], at_most: 2}"), "repeat:", _step("run: a")),
    Rule("key-of-action", _step("run: a, hand_over: {to: a, text: b}"), "hand_over", _step("run: a, who: them")),
    Rule(
        "number",
        _step("steps: [{id: y, title: Y, say: a}], repeat: {until: [{file: /x}], at_most: 0}"),
        "at_most: 0",
        _step("steps: [{id: y, title: Y, say: a}], repeat: {until: [{ask: Are they gone}], at_most: 2}"),
    ),
    # people are not asked over and over
    Rule(
        "asks-a-person", _phase("keep_checking: [{ask: Is it well}]"), "ask: Is", _phase("keep_checking: [{file: /x}]")
    ),
    Rule(
        "asks-a-person",
        _step("monitor: {for: 1m, limits: [{ask: a}]}"),
        "ask: a",
        _step("monitor: {for: 1m, logs: [/x]}"),
    ),
    Rule(
        "asks-a-person", _step("wait: {until: [{acknowledge: a}]}"), "acknowledge", _step("wait: {until: [{file: /x}]}")
    ),
    # before it is there
    Rule(
        "captured-later",
        ("        run: cp mini.db mini.db.bak\n", "        run: cp mini.db ${{ captured.copied }}\n"),
        "run: cp mini.db $",
        ("        run: ./migrate --to", "        run: ./migrate ${{ captured.copied }} --to"),
    ),
    Rule(
        "captured-later",
        ("phases: [back-up, update]}", "phases: [update, back-up]}"),
        "title: Migrate",
        ("phases: [back-up, update]}", "phases: [back-up, update, back-up]}"),
    ),
    Rule(
        "per-hop",
        ("type: path\n", "type: path\n        per: hop\n"),
        "works_on:",
        ("{id: token, label: Token,", "{id: token, per: hop, label: Token,"),
    ),
    # connections
    Rule(
        "connection", ("{kind: sqlite, file:", "{kind: sqlite, host: a, file:"), "host: a", ("/mini.db'", "/other.db'")
    ),
    Rule(
        "connection",
        ("{kind: sqlite, file:", "{kind: mysql, host: a, file:"),
        "kind: mysql",
        ("{kind: sqlite, file: '${{ answers.install_dir }}/mini.db'}", "{kind: mysql, host: a, name: b}"),
    ),
    Rule(
        "unused",
        ("title: Migrate ${{ captured.copied }} rows", "title: Migrate"),
        "capture:",
        _step("say: a"),
        Severity.WARNING,
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.at:.16}")
def test_what_breaks_a_rule_is_told_on_its_line(tmp_path: Path, rule: Rule) -> None:
    """A guide that breaks one rule has that problem on the line where it is broken."""
    text = swapped(rule.broken)
    told = [(one.line, one.severity) for one in problems_of(tmp_path, text) if one.rule == rule.name]
    assert (line_of(text, rule.at), rule.severity) in told


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.name}-{rule.at:.16}")
def test_what_keeps_a_rule_is_left_alone(tmp_path: Path, rule: Rule) -> None:
    """The like of it that keeps the rule has no error at all."""
    problems = problems_of(tmp_path, swapped(rule.kept))
    assert [str(one) for one in problems if one.rule == rule.name or one.severity is Severity.ERROR] == []


def test_a_broken_loop_gives_one_problem(tmp_path: Path) -> None:
    """What uses the item of a loop whose name cannot be read is not told as well."""
    for broken in ("{batch: 2}", "answers.people", "{}", "{Person: answers.people}", "{person: [a]}"):
        text = swapped(_step(f"for_each: {broken}, say: '${{{{ person.name }}}}'"))
        assert len(problems_of(tmp_path, text)) == 1, broken


def test_what_is_known_is_said_as_an_author_writes_it(tmp_path: Path) -> None:
    """The keys of a loop are named, not the fields they are kept in."""
    (problem,) = problems_of(tmp_path, swapped(_loop("zzz: 2")))
    assert problem.hint == "known here: key, order, batch, keep_available, available_when"
    (problem,) = problems_of(tmp_path, swapped(_step("steps: [{id: y, title: Y, say: '${{ batch }}'}]")))
    assert "there is no name batch" in problem.message
