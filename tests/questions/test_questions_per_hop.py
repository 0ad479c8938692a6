"""Questions that are asked for each hop, and the release at each stop of the path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.guides import guide_of
from tests.questions.writing import knowing
from wizard.errors import AnswersError, UsageError, VersionPathError
from wizard.questions.answers_file import parse_sets, read_answers_file
from wizard.questions.model import Answer, AnswersFile, AnswerSource
from wizard.questions.names import answers_in_hop, key_in_hop, split_key
from wizard.questions.questionnaire import Questionnaire
from wizard.questions.template import answers_template, write_answers
from wizard.secrets import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.expressions import Environment
    from wizard.guide.loader import LoadedGuide

VERSIONS = {
    "section": "Versions",
    "ask": [
        {"id": "current_version", "label": "Now", "type": "version"},
        {"id": "target_version", "label": "Then", "type": "version"},
    ],
}
LADDER: dict[str, Any] = {
    "releases": {"ladder": "1.3 .. 1.6"},
    "one_at_a_time": "minor",
    "hops": [{"to": "next_minor", "phases": ["only"]}],
}
PER_HOP = {
    "section": "Backups",
    "ask": [
        {
            "id": "backup",
            "label": "Backup before ${{ hop.to }}",
            "type": "path",
            "per": "hop",
            "default": "/b/${{ hop.to }}",
            "valid": [{"expr": 'answers.backup != "/b/" + answers.shop', "say": "Not for ${{ hop.to }}."}],
        },
        {"id": "note", "label": "Note", "type": "text", "per": "hop", "when": "hop.last"},
    ],
}
SHOP = {"section": "Shop", "ask": [{"id": "shop", "label": "Shop", "type": "text"}]}


def asking(*sections: dict[str, Any], **versions: Any) -> LoadedGuide:
    """A guide of a ladder of minors with these questions."""
    return guide_of(versions={**LADDER, **versions}, questions=[VERSIONS, *sections])


def answered(questionnaire: Questionnaire, env: Environment, **answers: Any) -> None:
    """Give answers that must be taken, in this order; `__` in a name is the mark of a hop, `_` in it a dot."""
    for name, raw in answers.items():
        question, _, hop = name.partition("__")
        key = key_in_hop(question, hop.replace("_", ".")) if hop else name
        taken = questionnaire.give(key, raw, env, AnswerSource.OPERATOR)
        assert isinstance(taken, Answer), taken


def next_one(questionnaire: Questionnaire, env: Environment) -> tuple[str, str] | None:
    """Id and label of the question that comes next."""
    found = questionnaire.next(env)
    return (found.question.id, found.label) if found is not None else None


def test_keys_of_hops_are_ids_with_the_version() -> None:
    """The key tells question and hop; in a hop its answers stand under the ids of their questions."""
    assert split_key(key_in_hop("disk", "1.4")) == ("disk", "1.4")
    assert split_key("disk") == ("disk", "")
    answers = {"shop": 1, "disk@1.4": 2, "disk@1.5": 3}
    assert answers_in_hop(answers, "1.5")["disk"] == 3
    assert "disk" not in answers_in_hop(answers, "")
    assert "disk" not in answers_in_hop(answers, "1.6")


def test_a_question_is_asked_for_each_hop_once_the_path_is_known() -> None:
    """With the hop in its label, its default, its `when` and its conditions; the answers are kept apart."""
    questionnaire, env = Questionnaire(asking(SHOP, PER_HOP)), knowing()
    assert next_one(questionnaire, env) == ("current_version", "Now")
    answered(questionnaire, env, current_version="1.3.2", target_version="1.5.1", shop="1.5.1")
    assert next_one(questionnaire, env) == ("backup@1.4", "Backup before 1.4 (1.3.2 -> 1.4)")
    answered(questionnaire, env, backup__1_4="/b/x")
    found = questionnaire.next(env)
    assert found is not None
    assert (found.question.id, [one.value for one in found.proposals]) == ("backup@1.5.1", ["/b/1.5.1"])
    refusal = questionnaire.give("backup@1.5.1", "/b/1.5.1", env, AnswerSource.OPERATOR)
    assert refusal == "Not for 1.5.1."
    answered(questionnaire, env, backup__1_5_1="/b/y")
    assert next_one(questionnaire, env) == ("note@1.5.1", "Note (1.4 -> 1.5.1)")
    answered(questionnaire, env, note__1_5_1="n")
    assert questionnaire.next(env) is None


def test_another_path_asks_for_its_hops_and_drops_the_others() -> None:
    """What belongs to a hop that is not on the way any more is put aside, and comes back with it."""
    questionnaire, env = Questionnaire(asking(SHOP, PER_HOP)), knowing()
    answered(
        questionnaire, env, current_version="1.3", target_version="1.4", shop="s", backup__1_4="/b/x", note__1_4="n"
    )
    assert questionnaire.next(env) is None
    answered(questionnaire, env, target_version="1.5")
    assert questionnaire.drop_unasked(env) == ["note@1.4"]
    assert next_one(questionnaire, env) == ("backup@1.5", "Backup before 1.5 (1.4 -> 1.5)")
    answered(questionnaire, env, target_version="1.4")
    assert questionnaire.take_given(env) == [Answer("note@1.4", "n", AnswerSource.OPERATOR)]
    assert questionnaire.next(env) is None


def test_the_path_waits_for_what_it_depends_on() -> None:
    """As long as an answer that decides over a hop is open, nothing is said of the path."""
    versions = {
        "releases": ["1.0", "2.0"],
        "hops": [{"to": "target", "when": 'answers.shop == "big" && facts.seen == 1', "phases": ["only"]}],
    }
    facts = {"seen": {"command": "look ${{ answers.shop }}"}}
    loaded = guide_of(versions=versions, questions=[VERSIONS, SHOP], facts=facts)
    questionnaire, env = Questionnaire(loaded), knowing()
    answered(questionnaire, env, current_version="1.0", target_version="2.0")
    assert questionnaire.path(env) is None
    answered(questionnaire, env, shop="small")
    with pytest.raises(VersionPathError):
        questionnaire.path(env)
    answered(questionnaire, env, shop="big")
    with pytest.raises(VersionPathError):  # the fact has been read and is not there: nothing more can come
        questionnaire.path(env)
    path = questionnaire.path(knowing({"seen": 1}))
    assert path is not None
    assert [leg.to_version for leg in path.legs] == ["2.0"]


def test_the_release_of_each_stop_is_a_question_of_its_own() -> None:
    """Asked right behind the versions, before what is asked for each hop; only releases of the stop are taken."""
    questionnaire, env = Questionnaire(asking(SHOP, PER_HOP, stop_release="ask")), knowing()
    answered(questionnaire, env, current_version="1.3.2", target_version="1.5.1")
    assert next_one(questionnaire, env) == ("stop_release@1.4", "Release of 1.4 to stop at on the way")
    for bad, why in [
        ("1.5.0", "is no release of 1.4"),
        ("latest", "the releases are not known"),
        ("x", "not a version"),
    ]:
        refusal = questionnaire.give("stop_release@1.4", bad, env, AnswerSource.OPERATOR)
        assert isinstance(refusal, str)
        assert why in refusal
    answered(questionnaire, env, stop_release__1_4="v1.4.7", shop="s")
    assert next_one(questionnaire, env) == ("backup@1.4.7", "Backup before 1.4.7 (1.3.2 -> 1.4.7)")
    answered(questionnaire, env, current_version="1.4.1")
    assert questionnaire.drop_unasked(env) == ["stop_release@1.4"]


def test_known_releases_of_a_stop_are_its_choices() -> None:
    """The newest is proposed, a patch level of none of them is refused, and `newest` stands for it in a file."""
    releases = ["1.3.0", "1.4.0", "1.4.4", "1.5.0"]
    loaded = asking(SHOP, releases=releases, stop_release="ask")
    questionnaire, env = Questionnaire(loaded), knowing()
    answered(questionnaire, env, current_version="1.3.0", target_version="1.5.0")
    found = questionnaire.next(env)
    assert found is not None
    assert [value for value, _ in found.choices] == ["1.4.4", "1.4.0"]
    assert [(one.value, one.source) for one in found.proposals] == [("1.4.4", AnswerSource.DEFAULT)]
    refusal = questionnaire.give("stop_release@1.4", "1.4.9", env, AnswerSource.OPERATOR)
    assert isinstance(refusal, str)
    assert "choose from 1.4.4, 1.4.0" in refusal
    given = AnswersFile(answers={"current_version": "1.3.0", "target_version": "latest", "stop_release": "newest"})
    unattended = Questionnaire(loaded, given)
    while unattended.take_given(env):
        pass
    assert unattended.answers["stop_release@1.4"].value == "1.4.4"


def test_a_stop_that_is_blocked_is_refused_with_the_guides_words() -> None:
    """A release no path leads by way of is no answer; why and what instead come from the guide."""
    blocked = [{"from": "1.4.9", "why": "1.4.9 is broken.", "instead": "Take 1.4.8."}]
    questionnaire, env = Questionnaire(asking(stop_release="ask", blocked=blocked)), knowing()
    answered(questionnaire, env, current_version="1.3", target_version="1.5")
    refusal = questionnaire.give("stop_release@1.4", "1.4.9", env, AnswerSource.OPERATOR)
    assert isinstance(refusal, str)
    assert "1.4.9 is broken." in refusal
    assert "Take 1.4.8." in refusal
    answered(questionnaire, env, stop_release__1_4="1.4.8")


# -- given answers -------------------------------------------------------------------------------


def from_file(folder: Path, text: str, loaded: LoadedGuide, environ: dict[str, str] | None = None) -> AnswersFile:
    """Read a text as an answers file."""
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return read_answers_file(path, loaded, environ=environ or {})


BASE = 'answers:\n  current_version: "1.3"\n  target_version: "1.5"\n  shop: s\n'


def taken(questionnaire: Questionnaire, env: Environment) -> dict[str, Any]:
    """All given answers that are taken."""
    while questionnaire.take_given(env):
        pass
    return {name: answer.value for name, answer in questionnaire.answers.items()}


def test_a_file_gives_a_map_of_hops_or_one_value_for_all(tmp_path: Path) -> None:
    """`{take: default}` may stand for one of them or for all."""
    loaded, env = asking(SHOP, PER_HOP), knowing()
    for given, wanted in [
        ('{"1.4": /a, "v1.5.0": {take: default}}', ("/a", "/b/1.5")),
        ("/all", ("/all", "/all")),
        ("{take: default}", ("/b/1.4", "/b/1.5")),
    ]:
        found = taken(Questionnaire(loaded, from_file(tmp_path, f"{BASE}  backup: {given}\n  note: n\n", loaded)), env)
        assert (found["backup@1.4"], found["backup@1.5"]) == wanted
        assert found["note@1.5"] == "n"


def test_what_a_map_of_hops_lacks_or_has_too_much_is_listed_with_its_line(tmp_path: Path) -> None:
    """A hop without an entry is missing; an entry for no version, or one no hop leads to, is a mistake of its own."""
    loaded, env = asking(SHOP, PER_HOP), knowing()
    text = f'{BASE}  backup:\n    "1.4": srv\n    "1.6": /later\n    "1.9": /x\n    soon: /x\n  shop@1.4: x\n'
    problems = Questionnaire(loaded, from_file(tmp_path, text, loaded)).problems(env)
    assert [(one.key, one.line) for one in problems] == [
        ("answers.backup@1.4", 6),
        ("answers.backup@1.5", 0),
        ("answers.note@1.5", 0),
        ("answers.backup@1.9", 8),
        ("answers.backup@soon", 9),
        ("answers.shop@1.4", 10),
    ]
    assert "does not begin with `/`" in problems[0].message
    assert 'backup: {"1.5": ' in problems[1].hint
    assert "no hop leads to 1.9" in problems[3].message
    assert "is no version" in problems[4].message
    assert "asked once" in problems[5].message


def test_the_command_line_gives_one_hop_or_a_map() -> None:
    """`--set backup@1.4=…` and `--set backup={…}`; what cannot be read is wrong usage."""
    loaded, env = asking(SHOP, PER_HOP), knowing()
    ends = ["current_version=1.3", "target_version=1.5", "shop=s", "note=n"]
    one = parse_sets([*ends, "backup=/all", "backup@1.5=/five"], loaded)
    found = taken(Questionnaire(loaded, None, one), env)
    assert (found["backup@1.4"], found["backup@1.5"]) == ("/all", "/five")
    mapped = parse_sets([*ends, 'backup={"1.4": /four, "1.5": /five}'], loaded)
    found = taken(Questionnaire(loaded, None, mapped), env)
    assert (found["backup@1.4"], found["backup@1.5"]) == ("/four", "/five")
    with pytest.raises(UsageError, match="map of hops"):
        parse_sets(['backup={"1.4" /a}'], loaded)


def test_secrets_of_hops_are_resolved_one_by_one(tmp_path: Path) -> None:
    """Each hop may have its own variable; one that is not there is missing for that hop only."""
    secret = {"section": "S", "ask": [{"id": "pin", "label": "PIN", "type": "secret", "per": "hop"}]}
    loaded, env = asking(SHOP, secret), knowing()
    given = from_file(tmp_path, f'{BASE}  pin: {{"1.4": env:A, "1.5": env:B}}\n', loaded, {"A": "hush-hush"})
    questionnaire = Questionnaire(loaded, given)
    (problem,) = questionnaire.problems(env)
    assert (problem.key, problem.line) == ("answers.pin@1.5", 5)
    assert "B of the environment is not set" in problem.message
    assert taken(questionnaire, env)["pin@1.4"] == Secret("hush-hush")
    assert parse_sets(["pin@1.4=env:NO"], loaded, environ={"NO": "x"}) == {"pin@1.4": Secret("x")}


def test_written_answers_of_hops_are_read_back(tmp_path: Path) -> None:
    """The answers of a session are an answers file again, the hops in a map."""
    loaded, env = asking(SHOP, PER_HOP, stop_release="ask"), knowing()
    questionnaire = Questionnaire(loaded)
    answered(questionnaire, env, current_version="1.3", target_version="1.5", stop_release__1_4="1.4.2", shop="s")
    answered(questionnaire, env, backup__1_4_2="/a", backup__1_5="/b", note__1_5="n")
    again = Questionnaire(loaded, from_file(tmp_path, write_answers(questionnaire.answers), loaded))
    assert again.problems(env) == []
    assert taken(again, env) == {name: answer.value for name, answer in questionnaire.answers.items()}


def test_a_template_filled_with_its_own_examples_is_complete(tmp_path: Path) -> None:
    """Maps of hops and of stops are written for the versions of the examples, so that they can be tried as they are."""
    loaded, env = asking(SHOP, PER_HOP, stop_release="ask"), knowing()
    template = answers_template(loaded)
    filled = "\n".join(line.replace("# ", "", 1) if line.startswith("  # ") else line for line in template.splitlines())
    assert '  backup: {"1.4.0": /opt/product, "1.5.0": /opt/product, "1.6": /opt/product}' in filled
    assert '  stop_release: {"1.4": "1.4.0", "1.5": "1.5.0"}' in filled
    assert Questionnaire(loaded, from_file(tmp_path, filled, loaded)).problems(env) == []


def test_examples_of_stops_fit_where_releases_are_open() -> None:
    """With stops and no list of releases the examples lead over all stops, each at a release of its own series."""
    hops = [
        {"from": "<2.11", "to": "2.11", "phases": ["only"]},
        {"from": ">=2.11,<3.7", "to": "3.7", "phases": ["only"]},
        {"to": "target", "phases": ["only"]},
    ]
    versions = {"releases": "open", "stops": ["2.11", "3.7"], "stop_release": "ask", "hops": hops}
    ends = [{**VERSIONS["ask"][0]}, {**VERSIONS["ask"][1], "default": "4.5.0"}]  # type: ignore[dict-item]
    backup = {"id": "backup", "label": "Backup", "type": "path", "per": "hop", "default": "/b"}
    loaded = guide_of(versions=versions, questions=[{"section": "All", "ask": [*ends, backup]}])
    template = answers_template(loaded)
    assert '# current_version: "2.10.0"' in template
    assert '# stop_release: {"2.11": "2.11.0", "3.7": "3.7.0"}' in template
    assert '# backup: {"2.11.0": /b, "3.7.0": /b, "4.5.0": /b}' in template
    asked = Questionnaire(loaded, AnswersFile(answers={"current_version": "3.0.0", "target_version": "4.5.0"}))
    hints = [problem.hint for problem in asked.problems(knowing())]
    assert any('stop_release: {"3.7": 3.7.0}' in hint for hint in hints)


def test_a_resumed_session_brings_hops_and_stops_back() -> None:
    """The answers of hops are kept under their keys and count again."""
    loaded, env = asking(SHOP, PER_HOP, stop_release="ask"), knowing()
    questionnaire = Questionnaire(loaded)
    kept = {
        "current_version": "1.3", "target_version": "1.5", "shop": "s", "stop_release@1.4": "1.4.2",
        "backup@1.4.2": "/a", "backup@1.5": "/b", "note@1.5": "n",
    }  # fmt: skip
    questionnaire.restore({name: {"value": value, "source": "operator"} for name, value in kept.items()})
    assert questionnaire.next(env) is None
    with pytest.raises(AnswersError):
        read_answers_file("/nowhere/a.yaml", loaded)


def test_what_was_taken_from_the_machine_is_asked_again_when_it_says_something_else() -> None:
    """A proposal that was taken and would not be made any more opens its question; what a person typed stays."""
    found = {"section": "P", "ask": [
        {"id": "port", "label": "Port", "type": "number", "found_in": "facts.port"},
        {"id": "home", "label": "Home", "type": "path", "default": "/srv/${{ answers.shop }}"},
    ]}  # fmt: skip
    questionnaire, env = Questionnaire(asking(SHOP, found)), knowing({"port": 80})
    answered(questionnaire, env, current_version="1.3", target_version="1.4", shop="a")
    assert isinstance(questionnaire.give("port", 80, env, AnswerSource.MACHINE), Answer)
    assert isinstance(questionnaire.give("home", "/srv/a", env, AnswerSource.DEFAULT), Answer)
    assert questionnaire.open_outdated(env) == []
    answered(questionnaire, env, shop="b")
    opened = questionnaire.open_outdated(knowing({"port": 90}))
    assert [name for name, _ in opened] == ["port", "home"]
    assert opened[0][1] == "'80' was taken from the machine, and now '90' is proposed"
    again = questionnaire.next(knowing({"port": 90}))
    assert again is not None
    assert (again.question.id, again.previous, again.problem) == ("port", 80, opened[0][1])
    assert isinstance(questionnaire.give("port", 81, env, AnswerSource.OPERATOR), Answer)
    answered(questionnaire, env, home="/mine")
    assert questionnaire.open_outdated(knowing({"port": 99})) == []


def test_what_a_file_took_is_taken_anew() -> None:
    """`{take: found}` follows the machine, `{take: default}` the default, without anybody being asked."""
    found = {"section": "P", "ask": [
        {"id": "port", "label": "Port", "type": "number", "found_in": "facts.port", "default": 1},
        {"id": "low", "label": "Low", "type": "number", "found_in": "facts.port", "default": 1},
    ]}  # fmt: skip
    answers = {"current_version": "1.3", "target_version": "1.4", "shop": "s"}
    given = AnswersFile(answers={**answers, "port": {"take": "found"}, "low": {"take": "default"}})
    questionnaire = Questionnaire(asking(SHOP, found), given)
    assert taken(questionnaire, knowing({"port": 80}))["port"] == 80
    later = knowing({"port": 90})
    assert [name for name, _ in questionnaire.open_outdated(later)] == ["port"]
    values = taken(questionnaire, later)
    assert (values["port"], values["low"]) == (90, 1)
    assert questionnaire.open_outdated(later) == []
