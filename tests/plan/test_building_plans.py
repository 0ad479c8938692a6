"""From guide, facts and answers to the plan: what is in, what is out, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.guides import guide_of
from tests.plan.writing import answers_of, guide_with, planned
from tests.questions.writing import knowing
from wizard.errors import ExpressionError, GuideError, VersionPathError
from wizard.guide.models import ActionKind, Impact
from wizard.guide.walk import model_at
from wizard.plan.build import build_plan, plan_procedure
from wizard.plan.model import Included
from wizard.plan.steps import find_step, iter_steps, leaves
from wizard.plan.store import plan_bytes
from wizard.secrets import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.plan.model import Plan, PlannedStep

TWO_HOPS = """\
versions:
  releases: ["1.0", "1.1", "2.0"]
  one_at_a_time: minor
  hops:
    - {from: "<1.1", to: "1.1", phases: [stop, work], title: Small}
    - {from: "1.1", to: target, phases: [work, finish, work]}
"""

PHASES = """\
  - id: stop
    title: Stop
    steps:
      - {id: off, title: Off, run: [shop, stop]}
  - id: work
    title: 'Work on ${{ hop.to }}'
    when: hop.last
    not_needed: 'Not for ${{ hop.to }}.'
    steps:
      - {id: go, title: Go, run: [shop, go]}
    finally:
      - {id: tidy, title: Tidy, run: [shop, tidy]}
  - id: finish
    title: Finish
    steps:
      - {id: on, title: On, run: [shop, start]}
"""


def step(plan: Plan, code: str) -> PlannedStep:
    """The step that people call by that code."""
    found = next((one for one in iter_steps(plan) if one.code == code), None)
    assert found is not None, code
    return found


def test_phases_are_counted_over_all_hops_and_steps_within_them(tmp_path: Path) -> None:
    """Codes do not change with what is left out; keys are unique even where a hop comes by a phase twice."""
    plan = planned(tmp_path, PHASES, versions=TWO_HOPS)
    assert [(one.code, one.key, one.hop, one.included.value) for one in plan.phases] == [
        ("1", "1/stop", 1, "yes"),
        ("2", "1/work", 1, "no"),
        ("3", "2/work", 2, "yes"),
        ("4", "2/finish", 2, "yes"),
        ("5", "2/work+2", 2, "yes"),
    ]
    assert [(one.code, one.key) for one in iter_steps(plan)] == [
        ("1.1", "1/stop/off"),
        ("2.1", "1/work/go"),
        ("2.2", "1/work/finally/tidy"),
        ("3.1", "2/work/go"),
        ("3.2", "2/work/finally/tidy"),
        ("4.1", "2/finish/on"),
        ("5.1", "2/work+2/go"),
        ("5.2", "2/work+2/finally/tidy"),
    ]
    assert [hop.title for hop in plan.hops] == ["Small", ""]
    assert (plan.current_version, plan.target_version) == ("1.0", "2.0")
    assert [one.title for one in plan.phases][1:3] == ["Work on 1.1", "Work on 2.0"]


def test_what_is_left_out_says_why_and_takes_its_steps_along(tmp_path: Path) -> None:
    """`not_needed` is the reason where the guide gives one, else the condition."""
    plan = planned(tmp_path, PHASES, versions=TWO_HOPS)
    left_out = plan.phases[1]
    assert left_out.reason == "Not for 1.1."
    assert {one.included for one in (*left_out.steps, *left_out.finally_steps)} == {Included.NO}
    assert plan.phases[2].reason == ""
    bare = planned(tmp_path, PHASES.replace("    not_needed: 'Not for ${{ hop.to }}.'\n", ""), versions=TWO_HOPS)
    assert (bare.phases[1].reason, bare.phases[2].reason) == ("only when hop.last", "because hop.last")


CONDITIONS = """\
  - id: work
    title: Work
    steps:
      - {id: asked, title: Asked, when: answers.cluster, run: [a]}
      - {id: read, title: Read, when: facts.size > 3, run: [b]}
      - {id: valued, title: Valued, when: values.large, run: [c]}
      - {id: crossed, title: Crossed, when: 'crosses("1.1")', run: [d]}
      - {id: first, title: First, run: [e], capture: {seen: 'n=(\\d+)'}}
      - {id: captured, title: Captured, when: captured.seen == "1", run: [f]}
      - {id: ended, title: Ended, when: 'answers.cluster && outcome("first") == "done"', run: [g]}
      - {id: took, title: Took, when: 'took("first", 1.0) > 2.0', run: [h]}
      - {id: later-value, title: Later value, when: values.again, run: [i]}
"""
CLUSTER = """\
  - section: How
    ask: [{id: cluster, label: Cluster, type: yes_no}]
"""
VALUES = """\
facts: {size: {disk: /}}
values:
  large: facts.size > 3
  again: values.seen == "1"
  seen: captured.seen
"""


def included(plan: Plan) -> dict[str, str]:
    """Whether each step is in, by id."""
    return {one.id: one.included.value for one in iter_steps(plan)}


@pytest.mark.parametrize(("facts", "cluster"), [({"size": 5}, True), ({"size": 1}, False), ({}, True)])
def test_conditions_are_decided_now_or_when_reached(tmp_path: Path, facts: dict[str, Any], cluster: bool) -> None:
    """What needs captured values, outcomes or times is decided later, also through values; absent is no."""
    plan = planned(
        tmp_path,
        CONDITIONS,
        env=knowing(facts, captured={}),
        answers={"cluster": cluster},
        questions=CLUSTER,
        more=VALUES,
    )
    large = "yes" if facts.get("size", 0) > 3 else "no"
    assert included(plan) == {
        "asked": "yes" if cluster else "no",
        "read": large,
        "valued": large,
        "crossed": "yes",
        "first": "yes",
        "captured": "later",
        "ended": "later",
        "took": "later",
        "later-value": "later",
    }
    assert step(plan, "1.6").reason == 'decided when it is reached: only when captured.seen == "1"'


def test_values_are_made_for_each_hop(tmp_path: Path) -> None:
    """A value over the versions of the path means those of the hop."""
    phases = """\
  - id: work
    title: Work
    steps: [{id: big, title: Big, when: values.big, say: Big.}]
"""
    versions = TWO_HOPS.replace("[stop, work]", "[work]").replace("[work, finish, work]", "[work]")
    plan = planned(tmp_path, phases, versions=versions, more="values: {big: 'crosses(\"2.0\")'}\n")
    assert [one.included.value for one in iter_steps(plan)] == ["no", "yes"]


def test_a_condition_that_fails_names_its_step(tmp_path: Path) -> None:
    """Planning ends with the code, the id and the key, before anything is touched."""
    phases = CONDITIONS.replace("facts.size > 3", "facts.size + 1 > 3")
    with pytest.raises(ExpressionError, match=r"step 1\.2 read, `when`: facts\.size is absent"):
        planned(tmp_path, phases, answers={"cluster": True}, questions=CLUSTER, more=VALUES)


NESTED = """\
  - id: work
    title: Work
    impact: needs_restore
    steps:
      - id: group
        title: Group
        impact: irreversible
        steps:
          - {id: inner, title: Inner, run: [a, '${{ answers.folder }}']}
          - {id: said, title: Said, say: Hello.}
      - id: call
        title: Call
        include: restart
        with: {unit: '${{ answers.folder }}/x', when_done: '${{ captured.seen }}'}
      - {id: check, title: Check, check: [{expr: answers.folder == "x"}]}
procedures:
  restart:
    title: Restart
    needs: [unit, when_done]
    impact: reversible
    steps:
      - {id: stop, title: 'Stop ${{ unit }}', run: [stop, '${{ unit }}']}
      - {id: wait-for, title: 'Wait for ${{ when_done }}', run: [wait-for, '${{ when_done }}'], when: when_done == "1"}
      - {id: not-x, title: Not x, when: unit == "x", run: [z]}
"""
FOLDER = """\
  - section: Where
    ask: [{id: folder, label: Folder, type: path}, {id: password, label: Password, type: secret, optional: true}]
"""


def test_groups_and_procedures_are_nested(tmp_path: Path) -> None:
    """Children have their own keys, codes and addresses; an include passes its names on."""
    loaded = guide_with(tmp_path, NESTED, questions=FOLDER)
    plan = build_plan(loaded, knowing(), answers_of(folder="/srv"))
    assert [(one.code, one.key, one.path) for one in iter_steps(plan)] == [
        ("1.1", "1/work/group", "phases.work.steps.group"),
        ("1.1.1", "1/work/group/inner", "phases.work.steps.group.steps.inner"),
        ("1.1.2", "1/work/group/said", "phases.work.steps.group.steps.said"),
        ("1.2", "1/work/call", "phases.work.steps.call"),
        ("1.2.1", "1/work/call/stop", "procedures.restart.steps.stop"),
        ("1.2.2", "1/work/call/wait-for", "procedures.restart.steps.wait-for"),
        ("1.2.3", "1/work/call/not-x", "procedures.restart.steps.not-x"),
        ("1.3", "1/work/check", "phases.work.steps.check"),
    ]
    for one in iter_steps(plan):
        assert model_at(loaded.guide, one.path).id == one.id
    call = step(plan, "1.2")
    assert call.bindings == (("unit", "${{ answers.folder }}/x"), ("when_done", "${{ captured.seen }}"))
    assert step(plan, "1.2.1").title == "Stop /srv/x"
    assert step(plan, "1.2.1").commands == ("stop /srv/x",)
    assert (step(plan, "1.2.2").included, step(plan, "1.2.2").title) == (Included.LATER, "Wait for …")
    assert step(plan, "1.2.2").commands == ()
    assert step(plan, "1.2.3").included is Included.NO
    assert find_step(plan, "1/work/call/stop") == step(plan, "1.2.1")
    assert find_step(plan, "1/nope") is None


def test_impact_is_inherited_by_what_acts(tmp_path: Path) -> None:
    """A step that only talks or looks takes no way back away, whatever it stands in."""
    plan = planned(tmp_path, NESTED, questions=FOLDER, answers={"folder": "/srv"})
    assert {one.id: one.impact for one in iter_steps(plan)} == {
        "group": Impact.IRREVERSIBLE,
        "inner": Impact.IRREVERSIBLE,
        "said": Impact.READ_ONLY,
        "call": Impact.REVERSIBLE,
        "stop": Impact.REVERSIBLE,
        "wait-for": Impact.REVERSIBLE,
        "not-x": Impact.REVERSIBLE,
        "check": Impact.READ_ONLY,
    }
    assert plan.point_of_no_return == ((1, "1/work/group/inner"),)


NO_RETURN = """\
  - id: stop
    title: Stop
    impact: needs_restore
    steps: [{id: off, title: Off, run: [off]}]
  - id: work
    title: Work
    impact: irreversible
    steps:
      - {id: sure, title: Sure, confirm: Are you sure}
      - {id: skipped, title: Skipped, when: answers.cluster, run: [a]}
      - {id: maybe, title: Maybe, when: 'outcome("off") == "done"', run: [b]}
      - {id: surely, title: Surely, run: [c]}
  - id: finish
    title: Finish
    steps: [{id: last, title: Last, impact: irreversible, run: [d]}]
"""


def test_the_point_of_no_return_is_the_first_step_that_may_take_the_way_back(tmp_path: Path) -> None:
    """It is per hop; what only a backup brings back is none, what is left out is none, what is decided later may be."""
    plan = planned(tmp_path, NO_RETURN, versions=TWO_HOPS, questions=CLUSTER, answers={"cluster": False})
    assert plan.point_of_no_return == ((1, "1/work/maybe"), (2, "2/work/maybe"))
    plan = planned(tmp_path, NO_RETURN, versions=TWO_HOPS, questions=CLUSTER, answers={"cluster": True})
    assert plan.point_of_no_return[0] == (1, "1/work/skipped")
    harmless = NO_RETURN.replace("impact: irreversible", "impact: needs_restore")
    assert planned(tmp_path, harmless, questions=CLUSTER).point_of_no_return == ()


COMMANDS = """\
  - id: work
    title: Work
    folder: '${{ answers.folder }}'
    steps:
      - {id: shell, title: Shell, run: 'tar -xzf "${{ answers.folder }}/a b.tgz"'}
      - {id: list, title: List, run: [tar, -C, '${{ answers.folder }}']}
      - id: cases
        title: Cases
        run:
          - {when: answers.folder == "/elsewhere", do: [never]}
          - {when: answers.folder == "/my shop", do: [mine]}
          - {otherwise: fail}
      - id: none
        title: None
        run: [{when: answers.folder == "x", do: [never]}, {otherwise: nothing}]
      - id: late-case
        title: Late case
        run: [{when: captured.seen == "1", do: [never]}, {otherwise: [always]}]
      - {id: fact, title: Fact, run: [cat, '${{ facts.newest }}']}
      - {id: captured, title: Captured, run: [cat, '${{ captured.seen }}']}
      - {id: seen, title: Seen, run: [cat, x], capture: {seen: '(.+)'}}
      - {id: hidden, title: Hidden, run: [set], env: {PW: '${{ answers.password }}'}}
"""


def test_commands_are_shown_with_values_where_they_are_known(tmp_path: Path) -> None:
    """Shell, list and the case that fits; what depends on later values or absent facts is shown later."""
    plan = planned(
        tmp_path,
        COMMANDS,
        questions=FOLDER,
        answers={"folder": "/my shop", "password": Secret("hush-hush")},
        more="facts: {newest: {disk: /}}\n",
    )
    shown = {one.id: one.commands for one in iter_steps(plan)}
    assert "/my shop/a b.tgz" in shown["shell"][0]
    assert shown["list"] == ("tar -C '/my shop'",)
    assert shown["cases"] == ("mine",)
    assert shown["none"] == shown["late-case"] == shown["fact"] == shown["captured"] == ()
    assert b"hush" not in plan_bytes(plan)


def test_a_command_without_its_value_ends_the_planning(tmp_path: Path) -> None:
    """An answer that was not given does not come any more, so the command could only fail or do harm."""
    phases = """\
  - id: work
    title: Work
    steps: [{id: clean, title: Clean, run: 'rm -rf "${{ answers.note }}/lib"'}]
"""
    questions = "  - {section: Notes, ask: [{id: note, label: Note, type: text, optional: true}]}\n"
    with pytest.raises(ExpressionError, match=r"step 1\.1 clean, `run`"):
        planned(tmp_path, phases, questions=questions)
    with pytest.raises(ExpressionError, match=r"step 1\.1 clean, `run`"):
        planned(tmp_path, phases, questions=questions, answers={"note": None})


MARKS = """\
  - id: work
    title: Work
    steps:
      - {id: backup, title: Back up, run: [b], makes: backup, takes: 5m, timeout: 1h}
      - {id: down, title: Down, run: [d], outage: starts, temporary: true, takes: '${{ answers.pause }}'}
      - {id: wait, title: Wait, wait: {until: [{expr: 1 == 1}], usually: 90s}}
      - {id: pause, title: Pause, wait: {until: 30s}}
      - {id: up, title: Up, run: [u], outage: ends, takes: '${{ captured.x }}'}
      - {id: x, title: X, run: [x], capture: {x: '(.+)'}}
"""


def test_marks_and_times_are_carried_over(tmp_path: Path) -> None:
    """Backup, outage, temporary settings and how long things usually take."""
    questions = "  - {section: Times, ask: [{id: pause, label: Pause, type: duration}]}\n"
    plan = planned(tmp_path, MARKS, questions=questions, answers={"pause": "1m30s"})
    assert [one.takes for one in iter_steps(plan)] == [300.0, 90.0, 90.0, 30.0, None, None]
    assert [one.makes_backup for one in iter_steps(plan)][:2] == [True, False]
    assert [one.outage for one in iter_steps(plan)] == ["", "starts", "", "", "ends", ""]
    assert step(plan, "1.2").temporary


PEOPLE = """\
checks: [{id: agreed, title: Agreed, ask: Does everybody agree}]
phases:
  - id: work
    title: Work
    steps:
      - {id: plain, title: Plain, run: [a]}
      - {id: typing, title: Typing, run: [a], terminal: true}
      - {id: by-hand, title: By hand, manual: [Plug it in]}
      - {id: word, title: Word, confirm: Sure}
      - {id: asked, title: Asked, run: [a], ask_first: once}
      - {id: gone, title: Gone, run: [a], impact: irreversible}
      - {id: gone-quietly, title: Gone quietly, run: [a], impact: irreversible, ask_first: never}
      - {id: loud, title: Loud, run: [a], notes: [{kind: danger, text: Loud}]}
      - {id: not-loud, title: Not loud, run: [a], notes: [{kind: danger, text: Loud, when: answers.cluster}]}
      - {id: stated, title: Stated, check: [{check: agreed}]}
      - {id: own, title: Own, run: [a], done_when: [{ask: Is it done}]}
      - {id: waiting, title: Waiting, wait: {until: {acknowledge: Read it}}}
      - {id: group, title: Group, steps: [{id: inside, title: Inside, confirm: Sure}]}
      - id: quiet-group
        title: Quiet group
        steps: [{id: left-out, title: Left out, when: answers.cluster, confirm: Sure}]
"""


def test_steps_that_need_a_person_are_known(tmp_path: Path) -> None:
    """Work by hand, typing, words before the step, statements; a group where one inside does."""
    text = PEOPLE.replace("checks:", "checks:", 1)
    checks, phases = text.split("phases:\n")
    plan = planned(tmp_path, phases, questions=CLUSTER, answers={"cluster": False}, more=checks)
    alone = {one.id for one in iter_steps(plan) if not one.needs_person}
    assert alone == {"plain", "gone-quietly", "not-loud", "quiet-group"}


def test_a_procedure_called_by_itself_decides_everything_when_reached(tmp_path: Path) -> None:
    """Its steps get keys below the prefix, codes below its name, and nothing that needs values."""
    loaded = guide_with(tmp_path, NESTED, questions=FOLDER)
    steps = plan_procedure(loaded, "restart", "procedure/restart/1")
    assert [(one.key, one.code, one.included.value, one.title, one.commands) for one in steps] == [
        ("procedure/restart/1/stop", "restart.1", "yes", "Stop …", ()),
        ("procedure/restart/1/wait-for", "restart.2", "later", "Wait for …", ()),
        ("procedure/restart/1/not-x", "restart.3", "later", "Not x", ("z",)),
    ]
    with pytest.raises(GuideError, match="no procedure 'nope'"):
        plan_procedure(loaded, "nope", "x")


def test_what_the_run_works_on_is_named(tmp_path: Path) -> None:
    """`works_on` is rendered; where it cannot be, planning ends."""
    phases = "  - {id: work, title: Work, steps: [{id: a, title: A, say: Hi}]}\n"
    more = "works_on: '${{ answers.folder }}'\n"
    plan = planned(tmp_path, phases, questions=FOLDER, answers={"folder": "/srv"}, more=more)
    assert plan.works_on == "/srv"
    with pytest.raises(ExpressionError, match="works_on: "):
        planned(tmp_path, phases, questions=FOLDER, more=more)


def test_without_versions_there_is_no_plan(tmp_path: Path) -> None:
    """A version nobody named ends with words for the operator."""
    answers = answers_of()
    del answers["target_version"]
    with pytest.raises(VersionPathError, match="the version to upgrade to is not known"):
        build_plan(guide_of(), knowing(), answers)


def test_a_hop_with_a_phase_that_is_not_there_is_the_guides_mistake() -> None:
    """It is said, not walked past."""
    loaded = guide_of(versions={"hops": [{"phases": ["nope"]}]})
    with pytest.raises(GuideError, match="'nope'"):
        build_plan(loaded, knowing(), answers_of())


def test_an_include_that_never_ends_is_the_guides_mistake() -> None:
    """The engine does not rely on the loader having looked."""
    call = {"id": "again", "title": "Again", "include": "loop"}
    loaded = guide_of(
        phases=[{"id": "only", "title": "Only", "steps": [call]}],
        procedures={"loop": {"title": "Loop", "steps": [call]}},
    )
    with pytest.raises(GuideError, match="deeper than"):
        build_plan(loaded, knowing(), answers_of())
    with pytest.raises(GuideError, match="needs unit"):
        build_plan(
            guide_of(
                phases=[{"id": "only", "title": "Only", "steps": [call]}],
                procedures={"loop": {"title": "Loop", "needs": ["unit"], "steps": []}},
            ),
            knowing(),
            answers_of(),
        )


LATER = """\
  - id: first
    title: First
    steps: [{id: look, title: Look, run: [look], capture: {seen: '(.+)'}}]
  - id: maybe
    title: Maybe
    when: captured.seen == "1"
    steps:
      - {id: guarded, title: Guarded, when: facts.size + 1 > 2, run: [a]}
      - {id: needy, title: Needy, run: [rm, '${{ answers.folder }}']}
      - {id: loud, title: Loud, run: [b], notes: [{kind: danger, text: Loud, when: facts.size + 1 > 2}]}
      - {id: call, title: Call, include: part, with: {size: '${{ facts.size }}'}}
procedures:
  part:
    title: Part
    needs: [size]
    steps:
      - {id: sized, title: 'Size ${{ size }}', when: 'size == "3"', run: [c, '${{ size }}']}
"""


def test_what_may_never_be_reached_cannot_fail_the_planning(tmp_path: Path) -> None:
    """Inside a phase that is decided later, what cannot be known now is left for then."""
    versions = "versions: {hops: [{phases: [first, maybe]}]}\n"
    plan = planned(tmp_path, LATER, versions=versions, questions=FOLDER, more="facts: {size: {disk: /}}\n")
    assert plan.phases[1].included is Included.LATER
    assert step(plan, "2.1").included is Included.LATER
    assert (step(plan, "2.2").included, step(plan, "2.2").commands) == (Included.YES, ())
    assert step(plan, "2.3").needs_person
    sized = step(plan, "2.4.1")
    assert (sized.included, sized.title, sized.commands) == (Included.LATER, "Size …", ())


def test_an_include_whose_value_fails_names_its_step(tmp_path: Path) -> None:
    """The name that the procedure was to get is said."""
    phases = NESTED.replace("'${{ answers.folder }}/x'", "'${{ answers.folder + 1 }}'")
    with pytest.raises(ExpressionError, match=r"step 1\.2 call, `with\.unit`"):
        planned(tmp_path, phases, questions=FOLDER, answers={"folder": "/srv"})
    call = {"id": "call", "title": "Call", "include": "nope"}
    with pytest.raises(GuideError, match="no procedure 'nope'"):
        build_plan(guide_of(phases=[{"id": "only", "title": "Only", "steps": [call]}]), knowing(), answers_of())


def test_a_script_of_the_guide_is_shown_with_its_words(tmp_path: Path) -> None:
    """By its name beside the guide, and what it gets."""
    (tmp_path / "move.sh").write_text("#!/bin/sh\n")
    phases = """\
  - id: work
    title: Work
    steps:
      - {id: move, title: Move, run: {script: move.sh, args: ['${{ answers.folder }}', x y]}}
      - {id: plain, title: Plain, run: {script: move.sh}}
"""
    plan = planned(tmp_path, phases, questions=FOLDER, answers={"folder": "/srv"})
    assert [one.commands for one in iter_steps(plan)] == [("move.sh /srv 'x y'",), ("move.sh",)]


_FACTS = st.dictionaries(
    st.sampled_from(["size", "newest", "other"]), st.one_of(st.integers(0, 9), st.text(max_size=5)), max_size=3
)


@settings(deadline=None, max_examples=60)
@given(facts=_FACTS, cluster=st.booleans(), order=st.randoms(use_true_random=False))
def test_the_same_input_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, facts: dict[str, Any], cluster: bool, order: Any
) -> None:
    """The order in which facts and answers came does not matter, nor does planning twice."""
    facts = {name: value for name, value in facts.items() if name != "size" or isinstance(value, int)}
    loaded = guide_with(tmp_path_factory.mktemp("guide"), CONDITIONS, questions=CLUSTER, more=VALUES)
    loaded = replace(loaded, sha256="0" * 64)
    answers = answers_of(cluster=cluster)
    first = plan_bytes(build_plan(loaded, knowing(facts), answers))
    shuffled, turned = list(facts.items()), list(answers.items())
    order.shuffle(shuffled)
    order.shuffle(turned)
    assert plan_bytes(build_plan(loaded, knowing(dict(shuffled)), dict(turned))) == first


def test_leaves_are_the_steps_that_act(tmp_path: Path) -> None:
    """Groups stand for their parts, and what is left out is left out."""
    plan = planned(tmp_path, NESTED, questions=FOLDER, answers={"folder": "/srv"})
    assert [one.id for one in leaves(plan.phases[0].steps)] == ["inner", "said", "stop", "wait-for", "check"]
    assert {one.action for one in leaves(plan.phases[0].steps)} == {ActionKind.RUN, ActionKind.SAY, ActionKind.CHECK}
