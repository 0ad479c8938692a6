"""Each rule of lint: a guide that breaks it, told on its line, and one that keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.guide.texts import MINI, line_of, problems_of, swapped, written
from wizard.errors import GuideError
from wizard.guide.lint import open_guide
from wizard.guide.loader import read_guide
from wizard.problems import Severity

if TYPE_CHECKING:
    from pathlib import Path

RUN = "run: ./migrate --to ${{ answers.target_version }}"
DONE = """        done_when:
          - {check: room}
          - sql: {connection: db, query: select count(*) from t, at_least: 1}
"""
SAY = "say: 'Told ${{ what }}.'"


@dataclass(frozen=True, slots=True)
class Rule:
    """A swap that breaks a rule, a part of the line it is told on, and a swap like it that does not."""

    name: str
    broken: tuple[str, str]
    at: str
    kept: tuple[str, str]
    severity: Severity = Severity.ERROR


def _run(command: str) -> tuple[str, str]:
    return (RUN, f"run: {command}")


def _question(question: str) -> tuple[str, str]:
    return ("      - {id: cluster,", f"      - {question}\n      - {{id: cluster,")


def _step(step: str) -> tuple[str, str]:
    return ("      - id: tell-nodes\n", f"      - {step}\n      - id: tell-nodes\n")


def _expression(expression: str) -> tuple[str, str]:
    when = "when: values.sizes.small < values.sizes.large"
    return (when, f"{when} && {expression}")


RULES = [
    Rule(
        "reserved-id",
        _step("{id: finally, title: Tidy, say: Tidy.}"),
        "finally",
        _step("{id: last, title: Tidy, say: Tidy.}"),
    ),
    # names and types
    Rule("expression", _expression("answers.clustr"), "clustr", _expression("answers.cluster")),
    Rule(
        "expression", _expression("facts.release.versoin == '1'"), "versoin", _expression("has(facts.release.version)")
    ),
    Rule(
        "expression",
        _expression("answers.current_version < '2.0'"),
        "< '2.0'",
        _expression("in_range(answers.current_version, '<2.0')"),
    ),
    Rule(
        "text",
        _step("{id: x, title: X, say: '${{ answers.people }}'}"),
        "${{ answers.people }}",
        _step("{id: x, title: X, say: '${{ join(answers.people.map(p, p.name), \", \") }}'}"),
    ),
    Rule("expression", _expression("answers.nodes == '3'"), "== '3'", _expression("answers.nodes == 3")),
    Rule("expression", _expression("answers.nodes"), "&& answers.nodes", _expression("answers.nodes > 1")),
    Rule("expression", _expression("outcome('copy') == 'done'"), "outcome('copy')", _expression("hop.first")),
    Rule("expression", _expression("captured.copied == '1'"), "captured.copied ==", _expression("machine.cpus > 1")),
    Rule(
        "expression",
        ("outcome('migrate')", "outcome('migrat')"),
        "outcome('migrat')",
        ("outcome('migrate')", "outcome('copy')"),
    ),
    Rule(
        "expression",
        ("port: number(", "port: '${{ number(2) }}'\n  other: number("),
        "${{ number(2)",
        ("port: number(", "port: 2 + int("),
    ),
    Rule(
        "text",
        ("title: Migrate ${{ captured.copied }}", "title: Migrate ${{ captured.copid }}"),
        "copid",
        ("title: Migrate ${{ captured.copied }}", "title: Migrate ${{ captured.copied + '!' }}"),
    ),
    Rule("text", (SAY, "say: 'Told ${{ what }.'"), "what }.", (SAY, "say: 'Told ${{ what }}!'")),
    Rule(
        "text",
        (SAY, "say: 'Told ${{ what }} ${{ file(\"/x\").exists }}.'"),
        'file("/x")',
        (SAY, "say: 'Told ${{ what }}. ${{ machine.os }}'"),
    ),
    Rule(
        "literal-text",
        ("env: {TOKEN:", "pass_env: ['${{ answers.token }}']\n        env: {TOKEN:"),
        "pass_env",
        ("env: {TOKEN:", "pass_env: [LANG]\n        env: {TOKEN:"),
    ),
    Rule(
        "circle",
        ("port: number(facts.settings.PORT)", "port: values.sum\n  sum: values.port + 1"),
        "port: values.sum",
        ("port: number(facts.settings.PORT)", "port: values.sum\n  sum: 1 + 1"),
    ),
    Rule(
        "circle",
        ("type: yes_no, default: false}", "type: yes_no, when: answers.nodes > 1}"),
        "when: answers.nodes > 1}",
        ("type: yes_no, default: false}", "type: yes_no, when: answers.target_version == '2.0'}"),
    ),
    # secrets and commands
    Rule(
        "text", _run("./migrate --token ${{ answers.token }}"), "--token", _run("./migrate --nodes ${{ values.port }}")
    ),
    Rule(
        "text",
        _run("[./migrate, '${{ answers.token }}']"),
        "answers.token }}']",
        _run("[./migrate, '${{ values.port }}']"),
    ),
    Rule(
        "text",
        (SAY, "say: 'Told ${{ what }} ${{ answers.token }}.'"),
        "answers.token }}.'",
        (SAY, "say: 'Told ${{ what }} ${{ machine.os }}.'"),
    ),
    Rule(
        "secret-place",
        _question("{id: again, label: Again, type: text, found_in: answers.token}"),
        "id: again",
        _question("{id: again, label: Again, type: text, found_in: facts.settings.A}"),
    ),
    Rule("text", _run("echo '${{ answers.target_version }}'"), "echo '$", _run('echo "${{ answers.target_version }}"')),
    Rule(
        "text", _run("echo ${{ answers.people }}"), "echo $", _run("echo ${{ words(answers.people.map(p, p.name)) }}")
    ),
    Rule(
        "text",
        _run("${{ answers.target_version }}"),
        "run: ${{ answers.target",
        _run("echo ${{ answers.target_version }}"),
    ),
    Rule("sudo", _run("cd /opt && sudo ./migrate"), "sudo", _run("cd /opt && echo sudo make")),
    Rule("sudo", _run("[sudo, ./migrate]"), "sudo", _run("[echo, sudo]")),
    Rule("forbidden-command", _run("rm -rf /"), "rm -rf /\n", _run("rm -rf /tmp/mini")),
    Rule(
        "sql-in-command",
        _run("psql -c \"select '${{ answers.target_version }}'\""),
        "psql",
        _run("psql -v v=${{ answers.target_version }} -f x.sql"),
        Severity.WARNING,
    ),
    Rule(
        "sql-in-command",
        _run("[psql, -c, \"select '${{ answers.target_version }}'\"]"),
        "psql",
        _run("[psql, -v, 'v=${{ answers.target_version }}', -f, x.sql]"),
        Severity.WARNING,
    ),
    # patterns, numbers, versions
    Rule("pattern", ("copied (\\d+)", "copied (\\d+"), "copied (", ("copied (\\d+)", "copied \\d+")),
    Rule(
        "pattern",
        ("{command: 'rm -rf /$'", "{command: 'rm *['"),
        "rm *[",
        ("{command: 'rm -rf /$'", "{command: 'rm [a]'"),
    ),
    Rule(
        "pattern",
        (
            "        done_when:\n          - {check",
            "        expect: {count: {'(': 2}}\n        done_when:\n          - {check",
        ),
        "count:",
        (
            "        done_when:\n          - {check",
            "        expect: {count: {x: 2}}\n        done_when:\n          - {check",
        ),
    ),
    Rule(
        "pattern-groups",
        ("as: {version: version}", "as: {verison: version}"),
        "verison",
        ("as: {version: version}", "as: {version: text}"),
    ),
    Rule(
        "pattern-groups",
        ("settings: {dotenv:", "settings: {as: {a: number}, dotenv:"),
        "as: {a:",
        ("settings: {dotenv:", "settings: {title: The settings, dotenv:"),
    ),
    Rule("pattern-groups", ("(?P<version>\\d+\\.\\d+)", "(?P<v>\\d+)"), "pattern:", ("v?(?P", "V?(?P")),
    Rule("number", ("free: 1 GiB", "free: 1 GIG"), "free:", ("free: 1 GiB", "free: '${{ 5 }}'")),
    Rule("number", ("at_least: 1}", "at_least: one}"), "at_least: one", ("at_least: 1}", "at_least: '1.5'}")),
    Rule(
        "number",
        ("port: '${{ values.port }}'", "port: 70000"),
        "70000",
        ("port: '${{ values.port }}'", "port: 8080, by: '${{ values.port }}'"),
    ),
    Rule(
        "number",
        ("free: 1 GiB}", "free: 1 GiB}\n  - {id: v, title: V, version: {value: '1.0', in: '>>1'}}"),
        ">>1",
        ("free: 1 GiB}", "free: 1 GiB}\n  - {id: v, title: V, version: {value: '1.0', in: '>=1'}}"),
    ),
    Rule(
        "version",
        ('["1.0", "1.1", "2.0"]', '["1.0", "one", "2.0"]'),
        '"one"',
        ('["1.0", "1.1", "2.0"]', '["1.0", "v1.1", "2.0"]'),
    ),
    Rule("version-range", ('from: "<2.0"', 'from: "<<2.0"'), "<<2.0", ('from: "<2.0"', 'from: ">=1.0,<2.0"')),
    Rule("hop", ('from: "<2.0"', 'from: ">=2.0"'), ">=2.0", ('from: "<2.0"', 'from: "1.*"')),
    Rule("hop", ('to: "2.0", phases', 'to: "3.0", phases'), '"3.0"', ('to: "2.0", phases', "to: target, phases")),
    Rule(
        "hop",
        (
            "phases: [back-up, update]}",
            "phases: [back-up, update]}\n    - {from: '>5,<4', to: target, phases: [update]}",
        ),
        ">5,<4",
        (
            "phases: [back-up, update]}",
            "phases: [back-up, update]}\n    - {from: '1.1.*', to: target, phases: [back-up, update]}",
        ),
    ),
    Rule(
        "hop",
        ("phases: [back-up, update]}", "phases: [back-up, update]}\n    - {to: target, phases: []}"),
        "phases: []",
        ("phases: [back-up, update]}", "phases: [back-up, update]}\n    - {to: target, phases: [back-up]}"),
    ),
    # structure
    Rule(
        "log-since",
        ("checks:\n", "checks:\n  - {id: it-ran, title: It ran, log: {file: /a/log, match: up}}\n"),
        "/a/log",
        ("checks:\n", "checks:\n  - {id: it-ran, title: It ran, log: {file: /a/log, match: up, since: start}}\n"),
    ),
    Rule("key-of-action", (SAY, "timeout: 5m, " + SAY), "timeout: 5m", (SAY, "takes: 5m, " + SAY)),
    Rule(
        "key-of-action",
        _step("{id: x, title: X, confirm: Sure?, with: {a: b}}".replace("Sure?", "Sure")),
        "with: {a",
        _step("{id: x, title: X, confirm: Sure}"),
    ),
    Rule(
        "terminal-stdin",
        ("env: {TOKEN:", "terminal: true\n        stdin: yes please\n        env: {TOKEN:"),
        "stdin: yes",
        ("env: {TOKEN:", "terminal: true\n        env: {TOKEN:"),
    ),
    Rule(
        "temporary-undo",
        ("makes: backup", "temporary: true\n        makes: backup"),
        "temporary: true",
        ("makes: backup", "temporary: true\n        undo: [{id: b, title: B, run: 'true'}]\n        makes: backup"),
    ),
    Rule(
        "rerun-undo",
        ("makes: backup", "rerun: after_undo\n        makes: backup"),
        "rerun: after_undo",
        ("makes: backup", "rerun: safe\n        makes: backup"),
    ),
    Rule(
        "cases",
        _run("[{do: ./migrate}, {otherwise: fail}]"),
        "do: ./migrate",
        _run("[{when: answers.cluster, do: ./migrate}, {otherwise: fail}]"),
    ),
    Rule(
        "cases",
        _run("[{otherwise: fail}, {when: answers.cluster, do: ./migrate}]"),
        "otherwise",
        _run("[{when: answers.cluster, do: ./migrate}]"),
    ),
    Rule(
        "one-of",
        ("        makes: backup\n", "        makes: backup\n        offers: [{title: Look, run: ls, text: x}]\n"),
        "offers",
        ("        makes: backup\n", "        makes: backup\n        offers: [{title: Look, run: ls}]\n"),
    ),
    Rule(
        "one-of",
        ("[{file: mini.db.bak}]", "[{process: {is: absent}}]"),
        "process:",
        ("[{file: mini.db.bak}]", "[{process: {name: mini, is: absent}}]"),
    ),
    Rule(
        "needs-key",
        ("[{file: mini.db.bak}]", "[{memory: {}}]"),
        "memory:",
        ("[{file: mini.db.bak}]", "[{memory: {total: 1 GiB}}]"),
    ),
    Rule(
        "connection",
        ("{kind: sqlite, file: '${{ answers.install_dir }}/mini.db'}", "{kind: sqlite}"),
        "kind: sqlite",
        ("/mini.db'", "/other.db'"),
    ),
    Rule(
        "edit-format",
        _step("{id: e, title: E, impact: reversible, edit: {file: settings, set: {A: b}}}"),
        "edit:",
        _step("{id: e, title: E, impact: reversible, edit: {file: settings, format: dotenv, set: {A: b}}}"),
    ),
    Rule(
        "offer",
        ("    needs: [what]\n", "    needs: [what]\n    offer: {after: copy}\n"),
        "offer:",
        (
            "procedures:\n",
            "procedures:\n  back: {title: Back, offer: {after: copy}, steps: [{id: b, title: B, say: Bye}]}\n",
        ),
    ),
    Rule(
        "question-type",
        _question("{id: q, label: Q, type: text, choices: [a, b]}"),
        "choices: [a",
        _question("{id: q, label: Q, type: choice, choices: [a, b]}"),
    ),
    Rule(
        "question-type",
        _question("{id: q, label: Q, type: text, at_least: 3}"),
        "at_least: 3",
        _question("{id: q, label: Q, type: number, at_least: 3}"),
    ),
    Rule(
        "question-type",
        ("[{id: name, label: Name}]", "[{id: name, label: Name, type: choice}]"),
        "type: choice}]",
        ("[{id: name, label: Name}]", "[{id: name, label: Name, type: choice, choices: [a]}]"),
    ),
    Rule(
        "default",
        ('choices: ["1.1", "2.0"], default: "2.0"', 'choices: ["1.1", "2.0"], default: "3.0"'),
        '"3.0"',
        ('choices: ["1.1", "2.0"], default: "2.0"', 'choices: ["1.1", "2.0"], other: true, default: "3.0"'),
    ),
    Rule(
        "default",
        ("type: yes_no, default: false", "type: yes_no, default: later"),
        "later",
        ("type: yes_no, default: false", "type: yes_no, default: true"),
    ),
    Rule(
        "default",
        _question("{id: q, label: Q, type: number, default: many}"),
        "many",
        _question("{id: q, label: Q, type: number, default: 3}"),
    ),
    Rule(
        "default",
        _question("{id: q, label: Q, type: duration, default: soon}"),
        "soon",
        _question("{id: q, label: Q, type: duration, default: 5m}"),
    ),
    Rule(
        "default",
        _question("{id: q, label: Q, type: version, default: =1}"),
        "=1",
        _question("{id: q, label: Q, type: version, default: '1'}"),
    ),
    Rule(
        "not-needed",
        ("makes: backup", "not_needed: It is there.\n        makes: backup"),
        "not_needed",
        ("makes: backup", "not_needed: It is there.\n        when: answers.cluster\n        makes: backup"),
        Severity.WARNING,
    ),
    # safety
    Rule("unknown-end", (DONE, ""), "id: migrate", (DONE, "        rerun: safe\n")),
    Rule(
        "no-backup",
        ("        makes: backup\n", ""),
        "id: migrate",
        ("        makes: backup\n", "        makes: backup\n        takes: 1m\n"),
    ),
    Rule(
        "no-backup",
        ("phases: [back-up, update]", "phases: [update, back-up]"),
        "id: migrate",
        ("phases: [back-up, update]", "phases: [back-up, back-up, update]"),
    ),
    Rule(
        "danger-asks",
        ("env: {TOKEN:", "ask_first: never\n        env: {TOKEN:"),
        "ask_first: never",
        ("env: {TOKEN:", "ask_first: once\n        env: {TOKEN:"),
    ),
    Rule(
        "danger-asks",
        _step("{id: g, title: G, notes: [{kind: danger, text: Loud}], steps: [{id: x, title: X, say: X}]}"),
        "kind: danger, text: Loud",
        _step("{id: g, title: G, notes: [{kind: danger, text: L, read: must}], steps: [{id: x, title: X, say: X}]}"),
    ),
    Rule(
        "key-of-group",
        _step("{id: g, title: G, done_when: [{check: room}], steps: [{id: x, title: X, say: X}]}"),
        "done_when: [{check: room}]",
        _step("{id: g, title: G, steps: [{id: x, title: X, say: X, done_when: [{check: room}]}]}"),
    ),
    Rule(
        "key-of-group",
        _step("{id: g, title: G, rerun: safe, steps: [{id: x, title: X, say: X}]}"),
        "rerun: safe",
        _step(
            "{id: g, title: G, rerun: safe, repeat: {until: [{check: room}], at_most: 2},"
            " steps: [{id: x, title: X, say: X}]}"
        ),
    ),
    Rule(
        "key-of-action",
        _step("{id: x, title: X, ask_first: once, say: X}"),
        "ask_first: once, say",
        _step("{id: x, title: X, ask_first: once, run: [ls], rerun: safe}"),
    ),
    # used and there
    Rule(
        "unused",
        _question("{id: q, label: Q, type: text}"),
        "id: q,",
        ("form: [People]", "form: [People, Your installation]"),
        Severity.WARNING,
    ),
    Rule(
        "unused",
        ("as: {version: version}}", "as: {version: version}}\n  more: {file: /x}"),
        "more:",
        ("as: {version: version}}", "as: {version: version}}\nglossary: {more: More}"),
        Severity.WARNING,
    ),
    Rule(
        "unused",
        ("sizes: {small", "spare: 1 + 1\n  sizes: {small"),
        "spare:",
        ("port: number(facts.settings.PORT)", "port: values.base\n  base: number(facts.settings.PORT)"),
        Severity.WARNING,
    ),
    Rule(
        "unused",
        ("title: Migrate ${{ captured.copied }} rows", "title: Migrate"),
        "capture:",
        ("title: Migrate ${{ captured.copied }} rows", "title: ${{ captured.copied }}"),
        Severity.WARNING,
    ),
    Rule(
        "unused",
        ("connections:\n", "connections:\n  spare: {kind: sqlite, file: /x}\n"),
        "spare:",
        ("/mini.db'", "/x.db'"),
        Severity.WARNING,
    ),
    Rule(
        "unused",
        ("procedures:\n", "procedures:\n  spare: {title: S, steps: [{id: s, title: S, say: S}]}\n"),
        "spare:",
        (
            "procedures:\n",
            "procedures:\n  spare: {title: S, offer: {after: copy, until: migrate}, steps: []}\n",
        ),
        Severity.WARNING,
    ),
    Rule(
        "unused",
        ("phases: [back-up, update]", "phases: [update]"),
        "id: back-up",
        ("phases: [back-up, update]", "phases: [back-up, update, back-up]"),
        Severity.WARNING,
    ),
    Rule(
        "maybe-absent",
        _run("./migrate --nodes ${{ answers.nodes }}"),
        "--nodes",
        _run("./migrate --nodes ${{ default(answers.nodes, 1) }}"),
        Severity.WARNING,
    ),
    Rule(
        "maybe-absent",
        ("when: answers.cluster && outcome", "when: outcome"),
        "title: Tell ${{ answers.nodes",
        ("when: answers.cluster && outcome", "when: answers.nodes > 2 && outcome"),
        Severity.WARNING,
    ),
    Rule(
        "maybe-absent",
        ("type: secret}", "type: secret, optional: true}"),
        "env: {TOKEN",
        (
            "        env: {TOKEN: '${{ answers.token }}'}\n",
            "        env: {TOKEN: \"${{ default(answers.token, '') }}\"}\n",
        ),
        Severity.WARNING,
    ),
]


def _name(rule: Rule) -> str:
    return f"{rule.name}-{rule.at:.20}"


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_what_breaks_a_rule_is_told_on_its_line(tmp_path: Path, rule: Rule) -> None:
    """A guide that breaks one rule has that problem, of its severity, on the line where it is broken."""
    text = swapped(rule.broken)
    told = [problem for problem in problems_of(tmp_path, text) if problem.rule == rule.name]
    assert [(problem.line, problem.severity) for problem in told] == [(line_of(text, rule.at), rule.severity)]


@pytest.mark.parametrize("rule", RULES, ids=_name)
def test_what_keeps_a_rule_is_left_alone(tmp_path: Path, rule: Rule) -> None:
    """The like of it that keeps the rule is not told, and is no error of another rule."""
    problems = problems_of(tmp_path, swapped(rule.kept))
    assert [problem for problem in problems if problem.rule == rule.name or problem.severity is Severity.ERROR] == []


def test_the_guide_the_rules_are_tried_on_is_clean(tmp_path: Path) -> None:
    """Without a swap there is nothing to tell, so that what is told comes from the swap."""
    assert problems_of(tmp_path, MINI) == ()


def test_a_problem_inside_a_text_stands_at_its_column(tmp_path: Path) -> None:
    """The place is the wrong name itself, in a block of several lines too."""
    text = swapped(_run("|\n          set -x\n          ./migrate --to ${{ answers.target_versoin }}"))
    (problem,) = problems_of(tmp_path, text)
    line = text.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("target_versoin")


def test_a_reserved_word_is_told_once_for_each_place(tmp_path: Path) -> None:
    """The name is told where it is given, and neither the whole guide nor the missing reader beside it."""
    text = swapped(
        ("values:\n", "values:\n  package: '1'\n"),
        ("facts:\n", "facts:\n  namespace: {command: date}\n"),
        ("capture: {copied:", "capture: {loop: x, copied:"),
    )
    told = {problem.line: problem.message for problem in problems_of(tmp_path, text)}
    places = {"package": "  package:", "namespace": "  namespace:", "loop": "{loop: x"}
    words = "is a reserved word of expressions: choose another name"
    assert told == {line_of(text, at): f"'{name}' {words}" for name, at in places.items()}


def test_includes_are_followed_for_backups(tmp_path: Path) -> None:
    """A backup that an included procedure makes counts; one that comes later does not."""
    included = swapped(
        ("        makes: backup\n", ""),
        ("      - id: copy\n", "      - {id: safe, title: Safe, include: saving}\n      - id: copy\n"),
        (
            "procedures:\n",
            "procedures:\n  saving: {title: S, steps: [{id: s, title: S, run: cp a b, makes: backup}]}\n",
        ),
    )
    assert problems_of(tmp_path, included) == ()
    later = swapped(
        ("        makes: backup\n", ""),
        (
            "      - id: tell-nodes\n",
            "      - {id: safe, title: Safe, run: cp a b, makes: backup}\n      - id: tell-nodes\n",
        ),
    )
    assert [problem.rule for problem in problems_of(tmp_path, later)] == ["no-backup", "unknown-end"]


def test_rows_are_held_against_covers(tmp_path: Path) -> None:
    """Where every source gives its rows, a claim of a row that is not there is an error with a guess."""
    (tmp_path / "rows.jsonl").write_text('{"id": "MINI-01"}\n\n{"id": "MINI-02"}\n', encoding="utf-8")
    source = ("product: Mini\n", "product: Mini\nsources: [{id: seed, title: Notes, rows: rows.jsonl}]\n")
    good = swapped(source, ("makes: backup", "makes: backup\n        covers: [MINI-01, MINI-02]"))
    assert problems_of(tmp_path, good) == ()
    bad = swapped(source, ("makes: backup", "makes: backup\n        covers: [MINI-01, MINI-03]"))
    (problem,) = problems_of(tmp_path, bad)
    assert (problem.rule, problem.line) == ("covers", line_of(bad, "covers: ["))
    assert problem.hint.startswith("did you mean MINI-0")
    (tmp_path / "rows.jsonl").write_text('{"id": "MINI-01"}\nno json\n', encoding="utf-8")
    assert [problem.rule for problem in problems_of(tmp_path, good)] == ["rows"]
    (tmp_path / "rows.jsonl").unlink()
    (problem,) = problems_of(tmp_path, good)
    assert (problem.rule, problem.line) == ("rows", line_of(good, "rows.jsonl"))
    assert read_guide(tmp_path)[0] is not None, "a session's copy of the guide is read without its rows"


def test_opening_a_guide_refuses_errors_and_lets_warnings_pass(tmp_path: Path) -> None:
    """What is to be run is read and linted at once: errors of lint are raised together with those of reading."""
    warned = open_guide(written(tmp_path, swapped(_question("{id: q, label: Q, type: text}"))))
    assert warned.guide.id == "mini"
    broken = swapped(_run("sudo ./migrate"), ("is: open", "is: opne"))
    with pytest.raises(GuideError) as caught:
        open_guide(written(tmp_path, broken))
    assert sorted(problem.rule for problem in caught.value.problems) == ["bad-value", "sudo"]
