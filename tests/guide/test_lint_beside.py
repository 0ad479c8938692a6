"""Lint of what goes on beside the walk: each mistake is reported once, on its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guide.texts import line_of, problems_of, swapped

if TYPE_CHECKING:
    from pathlib import Path

STEP = "      - {id: tried, title: Tried, impact: reversible, %s}\n      - id: tell-nodes\n"
SERVE = "run: serve, background: true, until: phase"


def _step(keys: str) -> tuple[str, str]:
    return ("      - id: tell-nodes\n", STEP % keys)


def _phase(keys: str) -> tuple[str, str]:
    return ("    impact: irreversible\n", f"    impact: irreversible\n{keys}")


MISTAKES = [
    ("background-terminal", _step(f"{SERVE}, terminal: true"), "has no terminal"),
    ("background-until", _step("run: serve, background: true"), "how long it goes on"),
    (
        "background-temporary",
        _step(f"{SERVE}, temporary: true, undo: [{{id: u, title: U, run: x}}]"),
        "stopped by itself",
    ),
    ("background-stall", _step(f"{SERVE}, stall: {{silence: 5m}}"), "nobody attends"),
    ("background-key", _step("run: serve, ready_when: [{file: x}]"), "belongs to a command in the background"),
    ("background-branch", _step(f"run: x, undo: [{{id: u, title: U, {SERVE}}}]"), "`undo` is over before"),
    ("background-branch", _phase(f"    finally:\n      - {{id: f, title: F, {SERVE}}}\n"), "`finally` is over before"),
    ("asks-a-person", _step(f"{SERVE}, ready_when: [{{ask: Is it so}}]"), "needs a person each time"),
    ("asks-a-person", _step("monitor: {for: 5m, limits: [{ask: Is it so}]}"), "needs a person each time"),
    ("asks-a-person", _phase("    keep_checking: [{ask: Is it so}]\n"), "needs a person each time"),
    ("empty", _step("monitor: {for: 5m}"), "nothing to look at"),
    ("unknown-name", _step("run: serve, background: true, until: no-such"), "no-such"),
    ("unknown-name", _step("run: x, connection: no_such"), "no_such"),
]


@pytest.mark.parametrize(
    ("rule", "swap", "words"), MISTAKES, ids=[f"{n}-{rule}" for n, (rule, *_) in enumerate(MISTAKES)]
)
def test_a_mistake_is_reported_on_its_line(tmp_path: Path, rule: str, swap: tuple[str, str], words: str) -> None:
    """The problem says what is wrong, by its rule, once, on the line that is wrong."""
    text = swapped(swap)
    found = [problem for problem in problems_of(tmp_path, text) if words in problem.message]
    assert len(found) == 1, [str(problem) for problem in problems_of(tmp_path, text)]
    assert found[0].rule == rule
    changed = swap[1].removesuffix("      - id: tell-nodes\n").removeprefix("    impact: irreversible\n").splitlines()
    assert text.splitlines()[found[0].line - 1] in changed


def test_what_is_asked_beside_the_work_cannot_ask_how_steps_ended(tmp_path: Path) -> None:
    """The check is asked at any moment, so that `outcome` would mean nothing."""
    text = swapped(_phase('    keep_checking: [{expr: \'outcome("copy") == "done"\'}]\n'))
    told = [problem for problem in problems_of(tmp_path, text) if "beside the work" in problem.message + problem.hint]
    assert len(told) == 1
    assert told[0].line == line_of(text, "keep_checking")


def test_a_guide_that_does_it_right_has_no_problem(tmp_path: Path) -> None:
    """Background, kept checks, a monitor and a place for commands together."""
    stop = "stop: {run: halt, after: 20s}"
    serve = f"{SERVE}, ready_when: [{{port: 8080}}], keep: true, {stop}, env_file: app.env, connection: db"
    text = swapped(
        _step(serve),
        _phase("    keep_checking: [{port: 8080}, {check: room}]\n"),
    )
    assert problems_of(tmp_path, text) == ()
