"""The plan in words: for a terminal of 80 columns, and as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.writing import planned
from wizard.guide.models import ActionKind, Impact
from wizard.plan.markdown import plan_markdown
from wizard.plan.model import Included, Plan, PlannedHop, PlannedPhase, PlannedStep
from wizard.plan.store import plan_from_json, plan_to_json
from wizard.plan.text import plan_text
from wizard.plan.words import Outage, phase_impact, summary_of

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = """\
versions:
  releases: ["1.0", "1.1", "2.0"]
  hops:
    - {from: "1.0", to: "1.1", phases: [back-up, update], title: The small one}
    - {from: "1.1", to: "2.0", phases: [update, finish]}
"""

PHASES = """\
  - id: back-up
    title: Back up
    impact: read_only
    steps:
      - {id: copy, title: Copy the data, run: [cp, data, backup], makes: backup, takes: 5m}
  - id: update
    title: Update to ${{ hop.to }}
    impact: needs_restore
    steps:
      - {id: down, title: Stop, run: [shop, stop], outage: starts, temporary: true}
      - id: nodes
        title: Update the nodes, one after the other, beginning with the one that nobody looks at
        steps:
          - {id: one, title: Node one, run: "echo '```'\\nshop update"}
          - {id: two, title: Node two, when: 'outcome("one") == "done"', run: [shop, update]}
      - {id: hot, title: Hotfix, when: '!hop.last', not_needed: Only 1.1 needs it., run: [shop, fix]}
      - {id: up, title: Start, run: [shop, start], outage: ends, takes: 90s}
    finally:
      - {id: tidy, title: Tidy up, run: [rm, x]}
  - id: finish
    title: Finish
    impact: irreversible
    steps:
      - {id: drop, title: 'Drop *old* tables', run: [shop, drop]}
"""


def test_the_text_tells_what_an_operator_wants_to_know(tmp_path: Path) -> None:
    """How much, how long, the outage, the backup, the way back, who is needed; then every step with its code."""
    assert plan_text(planned(tmp_path, PHASES, versions=VERSIONS)) == (
        """\
Upgrade Shop
From 1.0 to 2.0.

13 steps in 4 phases, 2 of them decided when reached.
Usually takes 8 min, without 10 steps whose time the guide does not say.
Outage from 2.1 until 2.4 (at least 1 min 30 s) and from 3.1 until 3.4 (at least
1 min 30 s).
A backup is made by step 1.1.
Only the backup brings it back in hop 1: from 2.1 (Stop) on.
Only the backup brings it back in hop 2: from 3.1 (Stop) on.
Point of no return of hop 2: before 4.1 Drop *old* tables.
A person is needed for 1 of the steps (marked with a *).

[x] will be done   [?] decided when it is reached   [ ] left out

== Hop 1: 1.0 to 1.1 (The small one) ==

[x] 1 Back up: changes nothing
  [x] 1.1 Copy the data (makes a backup, 5 min)
        $ cp data backup

[x] 2 Update to 1.1: only the backup brings it back
  ---- from here on only the backup brings it back -----------------------------
  [x] 2.1 Stop (outage starts, taken back at the end of the phase)
        $ shop stop
  [x] 2.2 Update the nodes, one after the other, beginning with the one that
      nobody looks at
    [x] 2.2.1 Node one (no undo)
          $ echo '```'
            shop update
    [?] 2.2.2 Node two (no undo)
          decided when it is reached: only when outcome("one") == "done"
          $ shop update
  [x] 2.3 Hotfix (no undo)
        $ shop fix
  [x] 2.4 Start (outage ends, no undo, 1 min 30 s)
        $ shop start
  At its end, however it ends:
  [x] 2.5 Tidy up (no undo)
        $ rm x

== Hop 2: 1.1 to 2.0 ==

[x] 3 Update to 2.0: only the backup brings it back
  ---- from here on only the backup brings it back -----------------------------
  [x] 3.1 Stop (outage starts, taken back at the end of the phase)
        $ shop stop
  [x] 3.2 Update the nodes, one after the other, beginning with the one that
      nobody looks at
    [x] 3.2.1 Node one (no undo)
          $ echo '```'
            shop update
    [?] 3.2.2 Node two (no undo)
          decided when it is reached: only when outcome("one") == "done"
          $ shop update
  [ ] 3.3 Hotfix
        Only 1.1 needs it.
  [x] 3.4 Start (outage ends, no undo, 1 min 30 s)
        $ shop start
  At its end, however it ends:
  [x] 3.5 Tidy up (no undo)
        $ rm x

[x] 4 Finish: cannot be undone
  ---- point of no return: no way back from here on ----------------------------
  [x] 4.1 Drop *old* tables *
        $ shop drop
"""
    )


def test_markdown_has_every_command_in_a_fence_and_no_text_as_markup(tmp_path: Path) -> None:
    """A command with backticks gets a longer fence, stars of a title stay stars, reasons stand beside steps."""
    text = plan_markdown(planned(tmp_path, PHASES, versions=VERSIONS))
    assert "```sh\ncp data backup\n```" in text
    assert "````sh\necho '```'\nshop update\n````" in text
    assert r"Drop \*old\* tables" in text
    assert "~~**3.3 Hotfix**~~" in text
    assert "shop fix" in text.split("## Hop 2")[0]
    assert "shop fix" not in text.split("## Hop 2")[1]
    assert "**Point of no return: there is no way back from here on.**" in text
    assert "Decided when it is reached: only when outcome" in text


def test_a_quiet_plan_says_so(tmp_path: Path) -> None:
    """No outage, no point of no return, no person, no times: each is said instead of left out."""
    phases = "  - {id: work, title: Work, steps: [{id: a, title: A, say: Hi}]}\n"
    text = plan_text(planned(tmp_path, phases))
    for words in (
        "1 step in 1 phase.",
        "The guide does not say how long it takes.",
        "No outage is announced by the guide.",
        "There is no point of no return: it can be undone at any time.",
        "No step needs a person.",
    ):
        assert words in text


def test_what_has_no_undo_and_what_needs_the_backup_is_said(tmp_path: Path) -> None:
    """It is promised nowhere that all can be undone, in text, Markdown and JSON; what has an undo is not named."""
    phases = """\
  - id: work
    title: Work
    steps:
      - {id: a, title: A, run: [a]}
      - {id: b, title: B, run: [b], undo: [{id: un-b, title: Un-b, run: [c]}]}
      - {id: c, title: C, undo: [{id: un-c, title: Un-c, run: [c]}], steps: [{id: d, title: D, run: [d]}]}
      - {id: s, title: S, run: [s], makes: backup}
      - {id: m, title: M, run: [m], impact: needs_restore}
"""
    plan = planned(tmp_path, phases)
    text, markdown, data = plan_text(plan), plan_markdown(plan), plan_to_json(plan)
    for told in (text, markdown):
        assert "Only the backup brings it back: from 1.5 (M) on." in told
        assert "Step 1.1 has no undo: what it does stays." in told
        assert "no point of no return" not in told
    assert data["restore_points"] == [[1, "1/work/m"]]
    assert [one.get("no_undo", False) for one in data["phases"][0]["steps"]] == [True, False, False, False, True]
    assert plan_from_json(data) == plan


def test_an_outage_nobody_ends_is_not_hidden(tmp_path: Path) -> None:
    """The sum names the start, and that the guide does not say when it is over."""
    phases = """\
  - id: work
    title: Work
    steps:
      - {id: up, title: Up, run: [u], outage: ends}
      - {id: down, title: Down, run: [d], outage: starts}
      - {id: down-again, title: Down again, run: [d], outage: starts}
"""
    plan = planned(tmp_path, phases)
    assert summary_of(plan).outages == (Outage("1.2", "", 0.0, 2),)
    assert "Outage from 1.2 on, and the guide does not say until when." in plan_text(plan)


_WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@settings(deadline=None, max_examples=100)
@given(title=_WORDS, reason=_WORDS, command=_WORDS)
def test_no_text_of_a_guide_breaks_the_lines(title: str, reason: str, command: str) -> None:
    """Whatever a title holds, no control character reaches the screen and fences stay closed."""
    step = PlannedStep(
        "1/a/b",
        "1.1",
        "b",
        title,
        "phases.a.steps.b",
        ActionKind.RUN,
        Impact.IRREVERSIBLE,
        Included.LATER,
        reason,
        (command,),
    )
    phase = PlannedPhase("1/a", "1", "a", 1, title, Impact.READ_ONLY, Included.YES, reason, (step,))
    hop = PlannedHop(1, "1", "2", first=True, last=True, title=title)
    plan = Plan("g", "0", "Shop", title, "1", "2", (hop,), (phase,), ((1, "1/a/b"),), title)
    text, markdown = plan_text(plan), plan_markdown(plan)
    assert all(one.isprintable() for one in text.replace("\n", ""))
    assert all(one.isprintable() for one in markdown.replace("\n", ""))
    opened = [line for line in markdown.splitlines() if line.startswith("```")]
    assert len(opened) >= 2
    assert opened[-1] == opened[-1][0] * len(opened[-1])


@settings(deadline=None, max_examples=100)
@given(words=st.lists(st.text(alphabet="abcdefgh ", min_size=1, max_size=30), min_size=1, max_size=8).map(" ".join))
def test_lines_of_words_are_at_most_80_columns(words: str) -> None:
    """Titles and reasons of ordinary words fit the smallest terminal."""
    step = PlannedStep("1/a/b", "1.1", "b", words, "p", ActionKind.RUN, Impact.REVERSIBLE, Included.NO, words)
    phase = PlannedPhase("1/a", "1", "a", 1, words, Impact.READ_ONLY, Included.LATER, words, (step,))
    plan = Plan("g", "0", "Shop", words, "1", "2", (PlannedHop(1, "1", "2", first=True, last=True),), (phase,))
    assert max(map(len, plan_text(plan).splitlines())) <= 80


AT_ONCE = """\
versions:
  releases: ["1.0", "1.1", "2.0"]
  hops: [{phases: [finish, again, quiet]}]
"""

TURNS = """\
  - id: finish
    title: Finish
    impact: reversible
    steps:
      - {id: look, title: Look, run: [look]}
      - id: together
        title: Together
        steps:
          - {id: drop, title: Drop, run: [drop], impact: irreversible}
          - {id: skipped, title: Skipped, when: "false", run: [drop], impact: irreversible}
  - id: again
    title: Again
    impact: needs_restore
    steps:
      - {id: move, title: Move, run: [move]}
  - id: quiet
    title: Quiet
    impact: read_only
    steps:
      - {id: left-out, title: Left out, when: "false", run: [drop], impact: irreversible}
"""


def test_a_phase_says_until_which_step_its_impact_holds(tmp_path: Path) -> None:
    """A phase never claims to be undone as a whole where a step that is part of the run takes the way back."""
    plan = planned(tmp_path, TURNS, versions=AT_ONCE)
    assert [phase_impact(phase) for phase in plan.phases] == [
        "can be undone until 1.2.1",
        "only the backup brings it back",
        "changes nothing",
    ]
    assert "[x] 1 Finish: can be undone until 1.2.1\n" in plan_text(plan)
    assert "Impact: can be undone until 1.2.1.\n" in plan_markdown(plan)
