"""Plans in files: as Markdown or JSON, for their owner alone, never over something."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from tests.fakes.plans import planned_phase, planned_step, small_plan
from wizard.errors import UsageError
from wizard.plan.difference import difference
from wizard.plan.markdown import plan_markdown
from wizard.plan.model import Included
from wizard.plan.saving import save_plan
from wizard.plan.store import plan_from_json
from wizard.plan.words import outage_bounds, time_words, times_of

if TYPE_CHECKING:
    from pathlib import Path


def test_the_ending_says_how_it_is_written(tmp_path: Path) -> None:
    """Markdown is what the plan is as Markdown; JSON gives the same plan back; both are the owner's alone."""
    plan = small_plan()
    text = save_plan(plan, f" {tmp_path}/plan.md ")
    data = save_plan(plan, str(tmp_path / "plan.JSON"))
    assert text == tmp_path / "plan.md"
    assert text.read_text() == plan_markdown(plan)
    assert plan_from_json(json.loads(data.read_text())) == plan
    assert {stat.S_IMODE(file.stat().st_mode) for file in (text, data)} == {0o600}


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A file that is there stays as it is, also where it is only a link that leads nowhere."""
    there = tmp_path / "plan.md"
    there.write_text("mine")
    (tmp_path / "link.md").symlink_to(tmp_path / "nowhere.md")
    for name in ("plan.md", "link.md"):
        with pytest.raises(UsageError, match="is there already"):
            save_plan(small_plan(), str(tmp_path / name))
    assert there.read_text() == "mine"
    assert not (tmp_path / "nowhere.md").exists()


@pytest.mark.parametrize(("name", "words"), [("", "no file"), ("plan.txt", "neither"), ("~nobody-there/p.md", "home")])
def test_a_name_that_says_nothing_is_refused(name: str, words: str) -> None:
    """Without a name, without an ending that is known, in the home folder of nobody."""
    with pytest.raises(UsageError, match=words):
        save_plan(small_plan(), name)


def test_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the home folder, and the whole path is given back."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert save_plan(small_plan(), "~/p.json") == tmp_path / "p.json"


def test_times_of_a_phase_count_what_is_walked() -> None:
    """Left-out steps take no time; where a time is not known it is at least the rest."""
    steps = (
        planned_step("a", "1.1", takes=60.0),
        planned_step("b", "1.2", takes=30.0, included=Included.NO),
        planned_step("c", "1.3"),
    )
    assert times_of([planned_phase(*steps)]) == (60.0, 1)
    assert time_words(60.0, 1) == "at least 1 min"
    assert time_words(60.0, 0) == "usually 1 min"
    assert time_words(0.0, 3) == ""


def test_an_outage_without_an_end_has_none() -> None:
    """The steps are given that an outage starts and ends with."""
    first, second = planned_step("a", "1.1", outage="starts"), planned_step("b", "1.2", outage="ends")
    third = planned_step("c", "1.3", outage="starts")
    plan = small_plan(planned_phase(first, second, third))
    assert list(outage_bounds(plan)) == [(first, second), (third, None)]


def test_a_change_has_a_sign() -> None:
    """What comes in is a plus, what goes out a minus, all else a tilde."""
    before = small_plan(planned_phase(planned_step("a", "1.1"), planned_step("b", "1.2")))
    after = small_plan(planned_phase(planned_step("a", "1.1", title="Other"), planned_step("c", "1.2")))
    assert sorted(change.sign for change in difference(before, after)) == ["+", "-", "~"]
