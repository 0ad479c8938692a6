"""The questionnaire: order, proposals, refusals, going back, and answers given beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.guides import guide_of
from tests.questions.writing import asking, knowing
from wizard.errors import ExpressionError, HostError
from wizard.questions.model import Answer, AnswersFile, AnswerSource, Unusable
from wizard.questions.questionnaire import Questionnaire
from wizard.secrets import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.expressions import Environment

HOW = """\
  - section: How
    ask:
      - {id: folder, label: Folder, type: path, why: Everything is in it., default: /opt/shop}
      - {id: cluster, label: A cluster, type: yes_no}
      - {id: nodes, label: 'Nodes of ${{ answers.folder }}', type: number, when: answers.cluster, at_least: 2}
  - section: Database
    when: '!answers.cluster'
    ask:
      - {id: db, label: Database, type: choice, choices: [sqlite, {value: pg, label: PostgreSQL}]}
      - {id: note, label: Note, type: text, optional: true}
"""


def give(questionnaire: Questionnaire, name: str, raw: Any, env: Environment) -> Answer:
    """Give an answer that must be taken."""
    answer = questionnaire.give(name, raw, env, AnswerSource.OPERATOR)
    assert isinstance(answer, Answer), answer
    return answer


def asked(questionnaire: Questionnaire, env: Environment) -> str | None:
    """Id of the question that comes next."""
    found = questionnaire.next(env)
    return found.question.id if found else None


def test_questions_come_in_order_as_their_conditions_hold(tmp_path: Path) -> None:
    """Sections and questions are asked only when their `when` holds, with texts made of earlier answers."""
    questionnaire, env = Questionnaire(asking(tmp_path, HOW)), knowing()
    first = questionnaire.next(env)
    assert first is not None
    assert (first.section, first.label, first.why) == ("How", "Folder", "Everything is in it.")
    give(questionnaire, "folder", "/srv/shop", env)
    assert asked(questionnaire, env) == "cluster"
    give(questionnaire, "cluster", "yes", env)
    nodes = questionnaire.next(env)
    assert nodes is not None
    assert (nodes.label, nodes.number, nodes.total) == ("Nodes of /srv/shop", 3, 5)
    give(questionnaire, "nodes", "3", env)
    give(questionnaire, "current_version", "1.0", env)
    give(questionnaire, "target_version", "2.0", env)
    assert questionnaire.next(env) is None
    assert {name: answer.value for name, answer in questionnaire.answers.items()} == {
        "folder": "/srv/shop",
        "cluster": True,
        "nodes": 3,
        "current_version": "1.0",
        "target_version": "2.0",
    }


def test_a_refused_answer_changes_nothing(tmp_path: Path) -> None:
    """The reason is given, and the answer that stood still stands."""
    questionnaire, env = Questionnaire(asking(tmp_path, HOW)), knowing()
    give(questionnaire, "folder", "/srv/shop", env)
    refusal = questionnaire.give("folder", "srv", env, AnswerSource.OPERATOR)
    assert isinstance(refusal, str)
    assert "does not begin with `/`" in refusal
    assert questionnaire.answers["folder"].value == "/srv/shop"
    assert isinstance(questionnaire.give("folder", "", env, AnswerSource.OPERATOR), str)


def test_limits_hold_for_numbers_lists_and_durations(tmp_path: Path) -> None:
    """`at_least` and `at_most` are about the size of what is given, and may be made of other answers."""
    questions = """\
  - section: Limits
    ask:
      - {id: most, label: Most, type: number}
      - {id: few, label: Few, type: number, at_least: 2, at_most: '${{ answers.most }}'}
      - {id: some, label: Some, type: choices, choices: [a, b, c], at_least: 1, at_most: 2}
      - {id: wait, label: Wait, type: duration, at_most: 1h}
      - {id: rows, label: Rows, type: table, at_least: 1, columns: [{id: name, label: Name}]}
"""
    questionnaire, env = Questionnaire(asking(tmp_path, questions)), knowing()
    give(questionnaire, "most", 5, env)
    for name, bad, why, good in [
        ("few", 1, "1 is too small: at least 2", 2),
        ("few", 6, "6 is too large: at most 5", 5),
        ("some", [], "these are too few (0): at least 1", ["a"]),
        ("some", "a,b,c", "these are too many (3): at most 2", "a,b"),
        ("wait", "61m", "61m is too large: at most 1h", "1h"),
        ("rows", [], "these are too few (0): at least 1 row", "one"),
    ]:
        refusal = questionnaire.give(name, bad, env, AnswerSource.OPERATOR)
        assert isinstance(refusal, str)
        assert why in refusal
        give(questionnaire, name, good, env)


def test_conditions_are_the_guides_own_words(tmp_path: Path) -> None:
    """`valid` sees the new answer, other answers, values and the disk; its `say` is rendered."""
    questions = """\
  - section: Where
    ask:
      - id: folder
        label: Folder
        type: path
        valid:
          - {expr: 'file(answers.folder + "/.env").exists', say: 'There is no .env in ${{ answers.folder }}.'}
          - {expr: 'values.deep', say: It is not deep enough.}
"""
    loaded = asking(tmp_path, questions, more="values: {deep: 'size(answers.folder) > 4'}\n")
    questionnaire = Questionnaire(loaded)
    env = knowing(file=lambda path: {"exists": path != "/srv/.env"})
    assert questionnaire.give("folder", "/srv", env, AnswerSource.OPERATOR) == "There is no .env in /srv."
    assert questionnaire.give("folder", "/opt", env, AnswerSource.OPERATOR) == "It is not deep enough."
    assert give(questionnaire, "folder", "/opt/shop", env).value == "/opt/shop"


def test_a_condition_that_cannot_be_checked_refuses(tmp_path: Path) -> None:
    """Where the machine cannot tell, the answer is not taken, and the reason is said."""

    def no_permission(path: str) -> dict[str, Any]:
        raise HostError(f"{path}: permission denied")

    questions = """\
  - section: Where
    ask:
      - {id: folder, label: Folder, type: path, valid: [{expr: file(answers.folder).exists, say: It is not there.}]}
"""
    questionnaire = Questionnaire(asking(tmp_path, questions))
    refusal = questionnaire.give("folder", "/root/x", knowing(file=no_permission), AnswerSource.OPERATOR)
    assert isinstance(refusal, str)
    assert "could not be checked" in refusal
    assert "permission denied" in refusal


def test_a_secret_is_judged_and_never_shown(tmp_path: Path) -> None:
    """Conditions can look at a secret; refusals, previous answers and words do not show it."""
    questions = """\
  - section: Access
    ask:
      - id: password
        label: Password
        type: secret
        valid: [{expr: size(answers.password) >= 8, say: '${{ answers.password }} is too short.'}]
"""
    questionnaire, env = Questionnaire(asking(tmp_path, questions)), knowing()
    assert questionnaire.give("password", "hush", env, AnswerSource.OPERATOR) == "… is too short."
    answer = give(questionnaire, "password", "hush-hush-hush", env)
    assert answer.value == Secret("hush-hush-hush")
    assert questionnaire.back() == "password"
    again = questionnaire.next(env)
    assert again is not None
    assert again.previous is None


FOUND = """\
  - section: Found
    ask:
      - {id: port, label: Port, type: number, found_in: [facts.settings.PORT, facts.listening], default: 80}
"""


def proposals(questionnaire: Questionnaire, env: Environment) -> list[tuple[Any, str, str]]:
    """What is proposed for the next question."""
    found = questionnaire.next(env)
    assert found is not None
    return [(one.value, one.source.value, one.evidence) for one in found.proposals]


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({}, [(80, "default", "")]),
        ({"listening": 8080}, [(8080, "machine", "facts.listening")]),
        ({"settings": {"PORT": "8080"}, "listening": 8080}, [(8080, "machine", "facts.settings.PORT")]),
        (
            {"settings": {"PORT": "8080"}, "listening": 9090},
            [(8080, "machine", "facts.settings.PORT"), (9090, "machine", "facts.listening")],
        ),
        ({"settings": {"PORT": "not a number"}}, [(80, "default", "")]),
        ({"settings": {"PORT": ""}, "listening": 1}, [(1, "machine", "facts.listening")]),
    ],
)
def test_what_the_machine_says_is_proposed_before_the_default(
    tmp_path: Path, facts: dict[str, Any], wanted: list[tuple[Any, str, str]]
) -> None:
    """Found values come first and each once, two that differ both; the default only where nothing was found."""
    assert proposals(Questionnaire(asking(tmp_path, FOUND)), knowing(facts)) == wanted


def test_a_proposal_is_never_taken_by_itself(tmp_path: Path) -> None:
    """A default and a found value leave the question open until somebody says yes."""
    questionnaire, env = Questionnaire(asking(tmp_path, FOUND)), knowing({"listening": 1})
    assert questionnaire.take_given(env) == []
    assert asked(questionnaire, env) == "port"
    assert questionnaire.problems(env)[0].key == "answers.port"


def test_a_secret_fact_is_not_proposed_for_an_open_question(tmp_path: Path) -> None:
    """What comes of a secret would be shown as a proposal, so it is none."""
    env = knowing({"settings": {"PORT": Secret("8080")}})
    assert proposals(Questionnaire(asking(tmp_path, FOUND)), env) == [(80, "default", "")]


def test_choices_may_come_from_the_machine(tmp_path: Path) -> None:
    """`choices_from` gives texts or maps with labels; nothing else is an answer."""
    questions = """\
  - section: Remote
    ask: [{id: remote, label: Remote, type: choice, choices_from: facts.remotes}]
"""
    questionnaire = Questionnaire(asking(tmp_path, questions))
    env = knowing({"remotes": ["origin", {"value": "up", "label": "Upstream"}]})
    found = questionnaire.next(env)
    assert found is not None
    assert found.choices == (("origin", "origin"), ("up", "Upstream"))
    assert give(questionnaire, "remote", "upstream", env).value == "up"
    assert isinstance(questionnaire.give("remote", "else", env, AnswerSource.OPERATOR), str)
    with pytest.raises(ExpressionError, match="gives no list"):
        questionnaire.next(knowing({"remotes": "origin"}))


def test_choices_made_of_an_open_table_are_none_yet_and_no_problem(tmp_path: Path) -> None:
    """A question that chooses among rows nobody has filled in is open like any other, and says why it takes nothing."""
    questions = """\
  - section: Nodes
    ask:
      - {id: main, label: Main node, type: choice, choices_from: 'answers.nodes.map(n, n.name)'}
      - {id: nodes, label: Nodes, type: table, columns: [{id: name, label: Name}]}
"""
    questionnaire, env = Questionnaire(asking(tmp_path, questions)), knowing()
    found = questionnaire.next(env)
    assert found is not None
    assert (found.question.id, found.choices, found.problem) == ("main", (), "")
    refused = questionnaire.give("main", "a", env, AnswerSource.OPERATOR)
    assert refused == "'a' cannot be taken: there is nothing to choose from yet"
    give(questionnaire, "nodes", [{"name": "a"}], env)
    assert give(questionnaire, "main", "a", env).value == "a"
    questionnaire.reopen("nodes")
    again = questionnaire.next(env)
    assert again is not None
    assert again.problem == "'a' cannot stand: there is nothing to choose from now"


@pytest.mark.parametrize(
    ("remotes", "why"),
    [([Secret("hush-hush")], "a secret"), ([{"label": "x"}], "without `value`"), ({"a": 1}, "no list")],
)
def test_choices_that_are_none_are_the_guides_mistake(tmp_path: Path, remotes: Any, why: str) -> None:
    """A list of texts or of maps with a value is wanted, and no secret is ever shown."""
    questions = """\
  - section: Remote
    ask: [{id: remote, label: Remote, type: choice, choices_from: facts.remotes}]
"""
    with pytest.raises(ExpressionError, match=why) as caught:
        Questionnaire(asking(tmp_path, questions)).next(knowing({"remotes": remotes}))
    assert "hush" not in str(caught.value)


def test_choices_and_defaults_may_be_made_of_other_answers(tmp_path: Path) -> None:
    """A choice whose text is absent now is none; a default is proposed once it can be made."""
    questions = """\
  - section: Where
    ask:
      - {id: here, label: Here, type: path, optional: true}
      - {id: there, label: There, type: choice, choices: [/a, '${{ answers.here }}'], default: '${{ answers.here }}'}
      - {id: both, label: Both, type: choices, choices: [x, y], default: [y, x]}
"""
    questionnaire, env = Questionnaire(asking(tmp_path, questions)), knowing()
    give(questionnaire, "here", "", env)
    found = questionnaire.next(env)
    assert found is not None
    assert (found.choices, found.proposals) == ((("/a", "/a"),), ())
    give(questionnaire, "here", "/b", env)
    assert proposals(questionnaire, env) == [("/b", "default", "")]
    give(questionnaire, "there", "/b", env)
    assert proposals(questionnaire, env) == [(["x", "y"], "default", "")]
    give(questionnaire, "here", "/c", env)
    again = questionnaire.next(env)
    assert again is not None
    assert (again.question.id, again.previous) == ("there", "/b")


def test_a_choice_that_is_gone_opens_its_question_again(tmp_path: Path) -> None:
    """Where the choices no longer hold the answer, it is asked again with the reason and the answer before."""
    questions = """\
  - section: Remote
    ask: [{id: remote, label: Remote, type: choice, choices_from: facts.remotes}]
"""
    questionnaire = Questionnaire(asking(tmp_path, questions))
    give(questionnaire, "remote", "a", knowing({"remotes": ["a", "b"]}))
    found = questionnaire.next(knowing({"remotes": ["b"]}))
    assert found is not None
    assert (found.question.id, found.previous) == ("remote", "a")
    assert "not among the choices any more" in found.problem


def test_changing_an_answer_opens_what_does_not_fit_it_any_more(tmp_path: Path) -> None:
    """A condition over two answers is asked again when the other one changes."""
    questions = """\
  - section: Ports
    ask:
      - {id: low, label: Low, type: number}
      - {id: high, label: High, type: number, valid: [{expr: answers.high > answers.low, say: Too low.}]}
"""
    questionnaire, env = Questionnaire(asking(tmp_path, questions)), knowing()
    give(questionnaire, "low", 1, env)
    give(questionnaire, "high", 5, env)
    give(questionnaire, "low", 7, env)
    found = questionnaire.next(env)
    assert found is not None
    assert (found.question.id, found.problem, found.previous) == ("high", "Too low.", 5)
    give(questionnaire, "low", 2, env)
    assert asked(questionnaire, env) == "current_version"


def test_answers_whose_question_is_gone_are_put_aside_and_come_back(tmp_path: Path) -> None:
    """Nothing that is not asked counts, and coming back costs no typing."""
    questionnaire, env = Questionnaire(asking(tmp_path, HOW)), knowing()
    give(questionnaire, "folder", "/srv/shop", env)
    give(questionnaire, "cluster", False, env)
    give(questionnaire, "db", "PostgreSQL", env)
    give(questionnaire, "note", "", env)
    give(questionnaire, "cluster", True, env)
    assert questionnaire.drop_unasked(env) == ["db", "note"]
    assert set(questionnaire.answers) == {"folder", "cluster"}
    give(questionnaire, "cluster", False, env)
    assert questionnaire.take_given(env) == [Answer("db", "pg", AnswerSource.OPERATOR)]
    assert questionnaire.take_given(env) == [Answer("note", None, AnswerSource.OPERATOR)]
    assert questionnaire.take_given(env) == []


def test_going_back_opens_the_last_question_with_its_answer(tmp_path: Path) -> None:
    """Back goes through the answers from the last one on; nothing given is taken for such a question any more."""
    given = AnswersFile(path="a.yaml", answers={"folder": "/srv/shop", "cluster": True})
    questionnaire, env = Questionnaire(asking(tmp_path, HOW), given), knowing()
    assert [questionnaire.take_given(env)[0].id for _ in range(2)] == ["folder", "cluster"]
    assert questionnaire.back() == "cluster"
    assert questionnaire.take_given(env) == []
    again = questionnaire.next(env)
    assert again is not None
    assert (again.question.id, again.previous, again.problem) == ("cluster", True, "")
    give(questionnaire, "cluster", False, env)
    assert [questionnaire.back(), questionnaire.back(), questionnaire.back()] == ["cluster", "folder", None]


def test_given_answers_are_taken_one_by_one_in_the_order_of_asking(tmp_path: Path) -> None:
    """A question that has to be put to a person stops the taking, so that nothing is taken too early."""
    given = AnswersFile(path="a.yaml", answers={"db": "pg", "folder": "/srv/shop"}, lines={"answers.db": 3})
    questionnaire, env = Questionnaire(asking(tmp_path, HOW), given), knowing()
    assert questionnaire.take_given(env) == [Answer("folder", "/srv/shop", AnswerSource.FILE)]
    assert questionnaire.take_given(env) == []
    give(questionnaire, "cluster", "no", env)
    assert questionnaire.take_given(env) == [Answer("db", "pg", AnswerSource.FILE)]


def test_what_the_command_line_sets_wins(tmp_path: Path) -> None:
    """`--set` is the operator's own word."""
    given = AnswersFile(path="a.yaml", answers={"folder": "/srv/shop"})
    questionnaire = Questionnaire(asking(tmp_path, HOW), given, {"folder": "/opt/other"})
    assert questionnaire.take_given(knowing()) == [Answer("folder", "/opt/other", AnswerSource.OPERATOR)]


def test_a_given_answer_that_is_refused_is_asked_with_the_reason(tmp_path: Path) -> None:
    """In an attended run the operator sees where the wrong answer stands, and why it was not taken."""
    given = AnswersFile(path="a.yaml", answers={"folder": "srv"}, lines={"answers.folder": 2})
    questionnaire, env = Questionnaire(asking(tmp_path, HOW), given), knowing()
    assert questionnaire.take_given(env) == []
    found = questionnaire.next(env)
    assert found is not None
    assert (found.question.id, found.previous) == ("folder", "srv")
    assert found.problem.startswith("a.yaml:2: 'srv' does not begin with `/`")


@pytest.mark.parametrize(
    ("wish", "facts", "outcome"),
    [
        ({"take": "found"}, {"listening": 8080}, (8080, AnswerSource.MACHINE)),
        ({"take": "default"}, {"listening": 8080}, (80, AnswerSource.DEFAULT)),
        ({"take": "found"}, {}, "nothing was found"),
        (
            {"take": "found"},
            {"settings": {"PORT": 1}, "listening": 2},
            "what was found differs: '1' (facts.settings.PORT), '2' (facts.listening)",
        ),
        ({"take": "guess"}, {}, "write the answer, or {take: found}"),
        ({"from": "found"}, {}, "write the answer, or {take: found}"),
    ],
)
def test_a_file_may_say_where_an_answer_is_to_come_from(
    tmp_path: Path, wish: dict[str, str], facts: dict[str, Any], outcome: Any
) -> None:
    """`{take: found}` and `{take: default}` are the only ways to an answer nobody typed, and they are explicit."""
    questionnaire = Questionnaire(asking(tmp_path, FOUND), AnswersFile(path="a.yaml", answers={"port": wish}))
    env = knowing(facts)
    if isinstance(outcome, tuple):
        assert questionnaire.take_given(env) == [Answer("port", *outcome)]
    else:
        assert questionnaire.take_given(env) == []
        assert any(outcome in one.message for one in questionnaire.problems(env))


def test_what_was_not_read_yet_is_not_called_absent(tmp_path: Path) -> None:
    """A fact that waits for a missing answer was not looked for; once all it needs is taken, it was."""
    questions = """\
  - section: Redis
    ask:
      - {id: pin, label: Pin, type: text}
      - {id: host, label: Host, type: host}
      - {id: redis, label: Redis, type: text, found_in: values.seen}
"""
    more = """\
values: {seen: facts.info.version}
facts:
  info: {command: [redis-cli, -h, '${{ answers.host }}'], match: '(?P<version>.*)'}
"""
    loaded = asking(tmp_path, questions, more=more)
    given = {"host": "here", "redis": {"take": "found"}, "current_version": "1.0", "target_version": "2.0"}

    def said(**more: str) -> list[str]:
        questionnaire = Questionnaire(loaded, AnswersFile(path="a.yaml", answers={**given, **more}))
        while questionnaire.take_given(knowing()):
            pass
        return [one.message for one in questionnaire.problems(knowing()) if "Redis" in one.message]

    (waiting,) = said()
    assert "it is not read from the machine yet, because other answers are missing" in waiting
    (absent,) = said(pin="1")
    assert "nothing was found on the machine" in absent


def test_all_problems_of_what_is_given_are_listed_at_once(tmp_path: Path) -> None:
    """Missing, refused and unknown answers and ids come together, each with its line; nothing is taken."""
    given = AnswersFile(
        path="a.yaml",
        answers={"folder": "srv", "cluster": "no", "dbb": "pg"},
        confirmations={"helo": True, "hello": {"tipped": "x"}},
        bypasses={"room": "we know"},
        states={"agreed": True},
        lines={"answers.folder": 2, "answers.dbb": 4, "confirmations.helo": 6, "bypasses.room": 9},
        columns={"answers.folder": 3},
    )
    questionnaire, env = Questionnaire(asking(tmp_path, HOW), given), knowing()
    found = questionnaire.problems(env)
    assert [(one.key, one.line, one.rule) for one in found] == [
        ("answers.folder", 2, "answer-invalid"),
        ("answers.db", 0, "answer-missing"),
        ("answers.current_version", 0, "answer-missing"),
        ("answers.target_version", 0, "answer-missing"),
        ("answers.dbb", 4, "answer-unknown"),
        ("confirmations.helo", 6, "answer-unknown"),
        ("confirmations.hello", 0, "confirmation-invalid"),
        ("bypasses.room", 9, "answer-unknown"),
        ("states.agreed", 0, "answer-unknown"),
    ]
    assert str(found[0]).startswith("a.yaml:2:3: Folder: 'srv' does not begin")
    assert found[4].hint == "did you mean `db`?"
    assert found[5].hint == "did you mean `hello`?"
    assert questionnaire.answers == {}
    assert questionnaire.back() is None


def test_a_secret_that_cannot_be_had_is_a_problem_only_where_it_is_asked(tmp_path: Path) -> None:
    """A file may hold entries for paths that are not gone."""
    questions = """\
  - section: Access
    ask:
      - {id: login, label: Login, type: yes_no}
      - {id: password, label: Password, type: secret, when: answers.login}
"""
    loaded, env = asking(tmp_path, questions), knowing()
    answers = {
        "password": Unusable("the variable PW is not set", "export PW"),
        "current_version": 1,
        "target_version": 2,
    }
    without = Questionnaire(loaded, AnswersFile(path="a.yaml", answers={**answers, "login": False}))
    assert without.problems(env) == []
    with_login = Questionnaire(loaded, AnswersFile(path="a.yaml", answers={**answers, "login": True}))
    (problem,) = with_login.problems(env)
    assert (problem.key, problem.hint) == ("answers.password", "export PW")
    assert "the variable PW is not set" in problem.message


def test_an_optional_question_may_be_left_out(tmp_path: Path) -> None:
    """Unattended it is absent; a person may leave it empty; either way expressions find nothing."""
    questions = """\
  - section: Notes
    ask:
      - {id: note, label: Note, type: text, optional: true}
      - {id: why, label: Why this note, type: text, when: 'answers.note == "x"'}
"""
    loaded, env = asking(tmp_path, questions), knowing()
    given = AnswersFile(answers={"current_version": "1.0", "target_version": "2.0"})
    unattended = Questionnaire(loaded, given)
    assert [unattended.take_given(env)[0].id for _ in range(2)] == ["current_version", "target_version"]
    assert unattended.problems(env) == []
    assert set(unattended.answers) == {"current_version", "target_version"}
    attended = Questionnaire(loaded)
    assert asked(attended, env) == "note"
    assert give(attended, "note", " ", env).value is None
    assert asked(attended, env) == "current_version"


def test_a_resumed_session_brings_its_answers_back(tmp_path: Path) -> None:
    """What the journal kept counts again; secrets were not kept and are asked."""
    questions = """\
  - section: Access
    ask: [{id: name, label: Name, type: text}, {id: password, label: Password, type: secret}]
"""
    questionnaire, env = Questionnaire(asking(tmp_path, questions)), knowing()
    questionnaire.restore(
        {
            "name": {"value": "shop", "source": "machine", "secret": False},
            "password": {"value": None, "source": "operator", "secret": True},
            "gone": {"value": 1, "source": "operator", "secret": False},
        }
    )
    assert questionnaire.answers == {"name": Answer("name", "shop", AnswerSource.MACHINE)}
    assert asked(questionnaire, env) == "password"


def test_the_version_questions_are_there_in_every_guide() -> None:
    """A guide that does not declare them is asked for both, the newest release proposed, newer ones as choices."""
    loaded = guide_of(
        versions={"releases": ["1.0", "1.1", "2.0"], "hops": [{"phases": ["only"]}]},
        questions=[{"section": "More", "ask": [{"id": "name", "label": "Name", "type": "text"}]}],
    )
    questionnaire, env = Questionnaire(loaded), knowing()
    found = questionnaire.next(env)
    assert found is not None
    assert (found.section, found.label, found.question.id) == ("Versions", "Version that runs now", "current_version")
    give(questionnaire, "current_version", "1.0.3", env)
    target = questionnaire.next(env)
    assert target is not None
    assert target.label == "Version to upgrade to"
    assert [value for value, _ in target.choices] == ["2.0", "1.1"]
    assert [(one.value, one.source) for one in target.proposals] == [("2.0", AnswerSource.DEFAULT)]
    assert give(questionnaire, "target_version", "latest", env).value == "2.0"
    assert give(questionnaire, "target_version", "1.1.4", env).value == "1.1.4"
    assert asked(questionnaire, env) == "name"


def test_the_newest_release_needs_releases_that_are_known() -> None:
    """With open releases `latest` says nothing."""
    questionnaire = Questionnaire(guide_of())
    refusal = questionnaire.give("target_version", "latest", knowing(), AnswerSource.OPERATOR)
    assert isinstance(refusal, str)
    assert "write the version" in refusal


@pytest.mark.parametrize(
    ("releases", "newest"),
    [({"ladder": "7.5 .. 7.24"}, "7.24"), ({"from": "facts.tags"}, "1.10"), (["v1.2", "v1.10"], "1.10")],
)
def test_releases_may_be_a_ladder_a_list_or_what_a_fact_names(releases: Any, newest: str) -> None:
    """Versions are ordered as versions; tags that are none are left out."""
    loaded = guide_of(
        versions={"pattern": r"v?(?P<version>\d+\.\d+)", "releases": releases, "hops": [{"phases": ["only"]}]}
    )
    env = knowing({"tags": ["v1.2", "nightly", "v1.10", "v1.9"]})
    answer = Questionnaire(loaded).give("target_version", "newest", env, AnswerSource.OPERATOR)
    assert isinstance(answer, Answer)
    assert answer.value == newest


def test_a_broken_condition_names_its_question(tmp_path: Path) -> None:
    """An expression that fails on this machine is said with the question it belongs to."""
    questions = """\
  - section: Odd
    ask: [{id: odd, label: Odd, type: text, when: facts.size + 1 > 2}]
"""
    with pytest.raises(ExpressionError, match="`when` of the question odd"):
        Questionnaire(asking(tmp_path, questions, more="facts: {size: {disk: /}}\n")).next(knowing())


def test_an_unknown_question_is_a_mistake_of_the_caller() -> None:
    """No front end can answer what is not asked."""
    with pytest.raises(KeyError):
        Questionnaire(guide_of()).give("nope", 1, knowing(), AnswerSource.OPERATOR)
