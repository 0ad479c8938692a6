"""What expressions give: operators, functions, absence, and the words of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from wizard.errors import ExpressionError
from wizard.expressions import ABSENT, AbsentError, Environment, compile_expression, holds_or
from wizard.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping

NODES = [{"host": "a.example", "port": 8080, "up": True}, {"host": "b.example", "port": 80, "up": False}]
ENV = Environment(
    names={
        "answers": {
            "install_dir": "/opt/x",
            "current_version": "1.2.5",
            "target_version": "1.4",
            "nodes": NODES,
            "threads": 4,
            "ratio": 1.5,
            "ssl": True,
            "nothing": None,
            "empty": [],
            "number_text": " 42 ",
        },
        "facts": {"settings": {"PORT": "8080", "MY-KEY": "x"}, "tags": ["1.10", "1.9", "1.2"], "db_size": 2**30},
        "hop": {"from": "1.3", "to": "1.4", "number": 2, "first": False, "last": True},
        "version": parse_version("v1.4.0"),
    }
)


def value(source: str, env: Environment = ENV) -> Any:
    return compile_expression(source).evaluate(env)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("answers.install_dir + '/lib'", "/opt/x/lib"),
        ("answers.threads * 2 + 1", 9),
        ("double(facts.db_size) * answers.ratio", 2**30 * 1.5),
        ("7 / 2", 3),
        ("-7 % 3", -1),
        ("answers.threads > 3 && answers.ssl", True),
        ("answers.threads == 4.0", True),
        ("answers.ssl ? 'https' : 'http'", "https"),
        ("'a' in ['a', 'b']", True),
        ("'PORT' in facts.settings", True),
        ("facts.settings['MY-KEY']", "x"),
        ("answers.nodes[1].host", "b.example"),
        ("[1, 2] + [3]", [1, 2, 3]),
        ("{'a': 1, 'b': [true]}", {"a": 1, "b": [True]}),
        ("answers.nodes.map(n, n.host)", ["a.example", "b.example"]),
        ("answers.nodes.map(n, n.up, n.port)", [8080]),
        ("answers.nodes.filter(n, n.port < 1024)", [NODES[1]]),
        ("answers.nodes.all(n, n.port > 0)", True),
        ("answers.nodes.exists(n, n.host.startsWith('b'))", True),
        ("answers.nodes.exists_one(n, n.up)", True),
        ("answers.nodes.all(n, answers.nodes.exists_one(m, m.host == n.host))", True),
        ("facts.settings.map(key, key)", ["PORT", "MY-KEY"]),
        ("size(answers.nodes)", 2),
        ("answers.install_dir.size()", 6),
        ("'a.b'.matches('^a[.]b$')", True),
        ("'abc'.contains('b') && 'abc'.endsWith('c')", True),
        ("int('12') + int(1.9)", 13),
        ("double('1.5')", 1.5),
        ("string(true) + string(1.0) + string(2.5) + string(3)", "true12.53"),
        ("in_range(answers.current_version, '>=1.2,<1.3')", True),
        ("newer(answers.target_version, answers.current_version)", True),
        ("[major('3.4.5'), minor('3.4.5'), patch('3.4.5')]", [3, 4, 5]),
        ("sort_versions(facts.tags)", ["1.2", "1.9", "1.10"]),
        ("bytesize('20 GiB')", 20 * 2**30),
        ("number(answers.number_text)", 42),
        ("number('2.5')", 2.5),
        ("join(answers.nodes.map(n, n.port), ', ')", "8080, 80"),
        ("['a', 'b'].join('-')", "a-b"),
        ("split('a,b', ',')", ["a", "b"]),
        ("lower('ABC') + 'X'.lower()", "abcx"),
        ("replace('a.b.c', '.', '/')", "a/b/c"),
        ("version == '1.4'", True),
        ("version < '1.10'", True),
        ("version == answers.target_version", True),
        ("has(facts.settings.PORT) && !has(facts.settings.HOST) && has(facts.settings['MY-KEY'])", True),
        ("default(facts.settings.HOST, 'localhost')", "localhost"),
        ("default(facts.settings.PORT, '1')", "8080"),
        ("default(number(facts.settings.HOST) + 1, 7)", 7),
    ],
)
def test_values(source: str, expected: object) -> None:
    """Each operator and function gives what CEL, or the format, says."""
    result = value(source)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">=", "in"])
@pytest.mark.parametrize("sides", [("answers.zz", "[1]"), ("1", "answers.zz"), ("answers.zz", "facts.zz.deep")])
def test_a_comparison_with_an_absent_name_is_false(operator: str, sides: tuple[str, str]) -> None:
    """Every comparison is false where a side is absent, != too."""
    assert value(f"{sides[0]} {operator} {sides[1]}") is False


@pytest.mark.parametrize(
    "source",
    [
        "in_range(answers.zz, '>=1')",
        "newer(answers.zz, '1')",
        "newer('1', answers.zz)",
        "answers.zz.startsWith('a')",
        "'a'.contains(answers.zz)",
        "answers.zz.matches('a')",
        "answers.zz.exists(x, x > 1)",
        "answers.zz && true",
        "answers.zz || false",
        "!(answers.zz == 1) && answers.zz == 1",
        "has(answers.zz)",
        "has(answers.zz.deeper.still)",
    ],
)
def test_a_test_of_an_absent_name_is_false(source: str) -> None:
    """Tests by functions and a bare absent name in a condition are false as well."""
    assert value(source) is False


def test_not_of_an_absent_name_is_true() -> None:
    """Absent counts as false in a condition, so its negation holds, and `? :` takes the second."""
    assert value("!answers.zz") is True
    assert value("answers.zz ? 1 : 2") == 2


@pytest.mark.parametrize(
    "source",
    [
        "answers.zz",
        "facts.zz.deep.er",
        "zz",
        "answers.nodes[9].host",
        "answers.nothing",
        "null",
        "answers.ssl ? zz : 1",
    ],
)
def test_an_absent_name_gives_absent(source: str) -> None:
    """What is nothing but an absent name gives ABSENT, which is falsy, and no condition holds by it."""
    program = compile_expression(source)
    assert program.evaluate(ENV) is ABSENT
    assert not ABSENT
    assert program.holds(ENV) is False


@pytest.mark.parametrize(
    ("source", "named", "column"),
    [
        ("answers.zz + 1", "answers.zz", 1),
        ("1 + answers.zz", "answers.zz", 5),
        ("-answers.zz", "answers.zz", 2),
        ("'a' + facts.settings.HOST", "facts.settings.HOST", 7),
        ("size(answers.zz)", "answers.zz", 6),
        ("lower(answers.zz) == 'a'", "answers.zz", 7),
        ("[1, answers.zz]", "answers.zz", 5),
        ("{'a': answers.zz}", "answers.zz", 7),
        ("answers.zz.all(n, n > 1)", "answers.zz", 1),
        ("answers.zz.map(n, n)", "answers.zz", 1),
        ("answers.nodes.map(n, n.zz)", "n.zz", 22),
        ("answers.nodes[7].port * 2", "answers.nodes[7].port", 1),
    ],
)
def test_making_something_of_an_absent_name_names_it(source: str, named: str, column: int) -> None:
    """Arithmetic and the like on an absent name is an error that names it and its column, and default()."""
    with pytest.raises(AbsentError) as caught:
        value(source)
    assert caught.value.message.startswith(f"{named} is absent")
    assert "default(" in caught.value.hint
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("source", "message", "column"),
    [
        ("1 + 1.5", "+ does not go with a whole number and a decimal number", 3),
        ("'a' + 1", "+ does not go with text and a whole number", 5),
        ("'a' < 1", "< does not go with text and a whole number", 5),
        ("1 / 0", "divides by zero", 3),
        ("9223372036854775807 + 1", "64 bits", 21),
        ("'a'.matches('(')", "not a regular expression", 1),
        ("int('x')", "not a whole number", 1),
        ("double('x')", "not a number", 1),
        ("number('x')", "'x' is not a number", 1),
        ("number('nan')", "is not a number", 1),
        ("in_range('x', '>=1')", "'x' is not a version", 1),
        ("in_range('1', 'about 1')", "is not a range", 1),
        ("major(answers.nodes)", "does not take a list", 7),
        ("split('a', '')", "needs a separator", 1),
        ("replace('a', '', 'b')", "something to replace", 1),
        ("sort_versions([1])", "a list of versions", 1),
        ("join([[1]], ',')", "a list has no text", 1),
        ("answers.install_dir.deeper", "answers.install_dir is text and has no field deeper", 1),
        ("answers.nodes['a']", "is a list and has no field a", 1),
        ("answers.nodes[true]", "a number of a list's item", 1),
        ("!1", "a condition is wanted here, and 1 is a whole number", 2),
        ("answers.install_dir && true", "a condition is wanted here", 1),
        ("'a'.all(x, true)", "goes over a list", 1),
        ("{1: 2}", "keys are text", 2),
        ("file('/x')", "reads the disk", 1),
        ("version == 'soon'", "'soon' is not a version", 9),
    ],
)
def test_errors(source: str, message: str, column: int) -> None:
    """What has no value says why, in plain words, at its column."""
    with pytest.raises(ExpressionError) as caught:
        value(source)
    assert message in caught.value.message
    assert caught.value.column == column


def test_the_side_that_decides_wins_over_an_error() -> None:
    """`&&`, `||`, all and exists give their verdict where one side decides, whichever side that is."""
    assert value("1 / 0 > 1 || true") is True
    assert value("1 / 0 > 1 && false") is False
    assert value("[0, 1].exists(x, 1 / x == 1)") is True
    assert value("[0, 2].all(x, 1 / x == 1)") is False
    with pytest.raises(ExpressionError, match="divides by zero"):
        value("1 / 0 > 1 || false")


def test_a_condition_must_be_true_or_false() -> None:
    """`holds` takes nothing for true but true."""
    assert compile_expression("answers.ssl").holds(ENV) is True
    with pytest.raises(ExpressionError, match=r"a condition is wanted here, and answers[.]threads is a whole number"):
        compile_expression("answers.threads").holds(ENV)


@pytest.mark.parametrize("otherwise", [True, False])
def test_a_condition_that_cannot_be_worked_out_is_what_the_caller_says(*, otherwise: bool) -> None:
    """One that can is what it is, also where it needs a name that is absent: that is false."""
    assert holds_or("answers.ssl", ENV, otherwise=otherwise) is True
    assert holds_or("!answers.ssl", ENV, otherwise=otherwise) is False
    assert holds_or("answers.nobody_asked > 1", ENV, otherwise=otherwise) is False
    for unclear in ("answers.threads", "1 / 0 > 1", "no ("):
        assert holds_or(unclear, ENV, otherwise=otherwise) is otherwise


def test_crosses_goes_by_the_hop_and_else_by_the_whole_path() -> None:
    """Inside a hop its own two versions count, before there is one those of the answers; absent ones are false."""
    assert value("crosses('1.3.1')") is True
    assert value("crosses('1.3')") is False
    assert value("crosses('1.4.0')") is True
    before = Environment(names={"answers": ENV.names["answers"]})
    assert value("crosses('1.3')", before) is True
    assert value("crosses('1.2.5')", before) is False
    assert value("crosses('1.3')", Environment(names={"answers": {"current_version": "1.2"}})) is False


def test_outcome_and_took_ask_the_environment() -> None:
    """They give what the run knows; before there is one outcome() is absent and took() its default."""
    asked: list[str] = []

    def outcome(step: str) -> str:
        asked.append(step)
        return "done"

    env = Environment(outcome=outcome, took=lambda step, default: 90.0 if step == "dump" else default)
    assert value("outcome('dump') == 'done'", env) is True
    assert asked == ["dump"]
    assert value("took('dump', 60)", env) == 90.0
    assert value("took('other', 60)", env) == 60.0
    assert value("took('dump', 60)", Environment()) == 60.0
    with pytest.raises(AbsentError, match="dump"):
        value("outcome('dump') == 'done'", Environment())


def test_file_asks_the_environment() -> None:
    """file() gives what the disk says, and names that are not there are absent."""

    def on_disk(path: str) -> Mapping[str, Any]:
        return {"exists": path == "/opt/x/.env"}

    env = Environment(names=ENV.names, file=on_disk)
    assert value("file(answers.install_dir + '/.env').exists", env) is True
    assert value("file('/nowhere').exists", env) is False
    assert value("file('/nowhere').size > 5", env) is False


def test_more_names() -> None:
    """with_names adds and replaces, and leaves the environment it came from alone."""
    inner = ENV.with_names(node=NODES[0], hop={"to": "9"})
    assert value("node.host + hop.to", inner) == "a.example9"
    assert value("hop.to", ENV) == "1.4"
    assert value("node", ENV) is ABSENT


def test_loop_names_hide_and_give_back() -> None:
    """A loop's name hides one of the environment, and only inside the loop."""
    env = Environment(names={"n": 7, "list": [1, 2]})
    assert value("[list.map(n, n * 10), [n]]", env) == [[10, 20], [7]]
