"""The ends of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.expressions import Environment
from wizard.guide.models import Step
from wizard.host.protocols import Exit
from wizard.run.judge import Verdict, VerdictKind, ending, ends_of, judge
from wizard.run.spool import OVERLAP, WINDOW, Spool, clean

if TYPE_CHECKING:
    from pathlib import Path


def verdict(tmp_path: Path, output: str, code: int | None = 0, stopped_by: str = "", **step: Any) -> Verdict:
    """Judge a command that ended with `code` and printed `output`."""
    spool = tmp_path / "output"
    spool.write_text(output, encoding="utf-8")
    model = Step.model_validate({"id": "x", "title": "X", "run": "true", **step})
    end = Exit(code, None, "", len(output), 0, 1.0, stopped_by=stopped_by)
    return judge(end, Spool(spool), ends_of(model, Environment(names={})))


def test_exit_zero_is_the_default_expectation(tmp_path: Path) -> None:
    """Without a word of the guide only exit 0 is a good end."""
    assert verdict(tmp_path, "").kind is VerdictKind.DONE
    failed = verdict(tmp_path, "", 3)
    assert failed.kind is VerdictKind.FAILED
    assert "exit 3" in failed.why


def test_exit_zero_without_the_required_text_is_a_failure(tmp_path: Path) -> None:
    """A tool that ends with 0 and did not say that it worked has not worked."""
    expect = {"output": "completed successfully"}
    assert verdict(tmp_path, "migration completed successfully\n", expect=expect).kind is VerdictKind.DONE
    assert verdict(tmp_path, "nothing to see\n", expect=expect).kind is VerdictKind.FAILED


def test_what_must_never_appear_fails_a_good_exit(tmp_path: Path) -> None:
    """ERROR lines count, whatever the exit says; the reason is the whole line, not the word that was looked for."""
    failed = verdict(tmp_path, "done\nERROR: relation missing\n", expect={"never": "^ERROR"})
    assert failed.kind is VerdictKind.FAILED
    assert failed.why.endswith("must never appear: ERROR: relation missing")


def test_output_that_was_not_kept_is_told_and_proves_nothing(tmp_path: Path) -> None:
    """With a hole in the output a good exit stands, but nobody can say that something was never printed."""
    spool = tmp_path / "output"
    spool.write_text("begin\n", encoding="utf-8")
    end = Exit(0, None, "", 6, 3 << 20, 1.0)
    assert ending(end) == "ended with exit 0 (3.0 MiB of its output could not be kept)"
    plain = Step.model_validate({"id": "x", "title": "X", "run": "true"})
    assert judge(end, Spool(spool), ends_of(plain, Environment(names={}))).kind is VerdictKind.DONE
    strict = Step.model_validate({"id": "x", "title": "X", "run": "true", "expect": {"never": "^ERROR"}})
    failed = judge(end, Spool(spool), ends_of(strict, Environment(names={})))
    assert failed.kind is VerdictKind.FAILED
    assert failed.why.endswith("could not be kept), so it is not known whether it printed what must never appear")


def test_a_count_must_be_met(tmp_path: Path) -> None:
    """A text has to be there exactly as often as the guide says."""
    expect = {"count": {"^created": 2}}
    assert verdict(tmp_path, "created a\ncreated b\n", expect=expect).kind is VerdictKind.DONE
    assert "1 time," in verdict(tmp_path, "created a\n", expect=expect).why


def test_the_first_known_outcome_wins(tmp_path: Path) -> None:
    """`outcomes` stand before `expect`, in their order."""
    outcomes = [
        {"exit": 1, "output": "already exists", "means": "already_done", "say": "It was there."},
        {"exit": 1, "means": "retry", "after": "5s", "times": 2},
    ]
    already = verdict(tmp_path, "table already exists\n", 1, outcomes=outcomes)
    assert (already.kind, already.why) == (VerdictKind.ALREADY_DONE, "It was there.")
    again = verdict(tmp_path, "lock timeout\n", 1, outcomes=outcomes)
    assert (again.kind, again.after, again.times) == (VerdictKind.RETRY, 5.0, 2)


def test_a_command_that_was_stopped_for_its_output_failed(tmp_path: Path) -> None:
    """Being stopped by a watch is a failure also where the exit would do."""
    assert verdict(tmp_path, "", 0, stopped_by="watch:never").kind is VerdictKind.FAILED


def test_a_program_that_could_not_be_started_failed(tmp_path: Path) -> None:
    """An exec error is told in its own words."""
    step = Step.model_validate({"id": "x", "title": "X", "run": ["nosuch"]})
    end = Exit(None, None, "No such file or directory: nosuch", 0, 0, 0.0)
    judged = judge(end, Spool(tmp_path / "output"), ends_of(step, Environment(names={})))
    assert judged.kind is VerdictKind.FAILED
    assert "could not be started" in judged.why


def test_captures_are_typed_and_required(tmp_path: Path) -> None:
    """A capture takes the first group, gets its type, and fails the step where nothing is found."""
    rule = {"rows": {"match": r"^items: (\d+)$", "as": "number"}}
    assert verdict(tmp_path, "items: 1200\r\n", capture=rule).captured == {"rows": 1200}
    missing = verdict(tmp_path, "nothing\n", capture=rule)
    assert missing.kind is VerdictKind.FAILED
    assert "rows" in missing.why
    optional = {"rows": {"match": r"^items: (\d+)$", "optional": True}}
    assert verdict(tmp_path, "nothing\n", capture=optional).captured == {}


def test_known_errors_give_advice(tmp_path: Path) -> None:
    """A failure the guide knows comes with what it means and what mends it."""
    known = [{"match": "No space left", "say": "The disk is full.", "fix": "Make room."}]
    assert verdict(tmp_path, "dump: No space left on device\n", 1, known_errors=known).advice == (
        ("The disk is full.", "Make room."),
    )


def test_colours_and_carriage_returns_do_not_hide_a_text(tmp_path: Path) -> None:
    """What a person reads on the screen is what is searched."""
    output = "\x1b[32mcompleted\x1b[0m success\x1b[1mfully\x1b[0m\r\n"
    assert verdict(tmp_path, output, expect={"output": "^completed successfully$"}).kind is VerdictKind.DONE


@pytest.mark.parametrize("before", [WINDOW - 5, WINDOW, WINDOW + OVERLAP - 3])
def test_a_text_across_windows_is_found_once(tmp_path: Path, before: int) -> None:
    """Reading in windows loses no match and counts none twice."""
    spool = tmp_path / "output"
    spool.write_bytes(b"x" * (before - 1) + b"\nneedle one\n" + b"y" * 100 + b"\n")
    assert Spool(spool).search("needle one") is not None
    assert len(Spool(spool).matches("needle one")) == 1


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_cleaned_text_has_no_control_characters(text: str) -> None:
    """Nothing a terminal would act on is left."""
    assert not any(ord(char) < 32 and char not in "\n\t" for char in clean(text))
