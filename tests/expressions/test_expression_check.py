"""Names and types, checked before anything runs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.expressions import Scope, Type, TypeKind, check_expression, infer_type
from wizard.expressions.types import (
    BOOL,
    COMMAND,
    DOUBLE,
    DYNAMIC,
    INT,
    NUMBER,
    SECRET,
    TEXT,
    VERSION,
    joined,
    list_of,
    map_of,
    record,
    type_of_value,
)

NODE = record({"host": TEXT, "port": INT, "token": SECRET})
SCOPE = Scope(
    names={
        "answers": record(
            {
                "install_dir": TEXT,
                "current_version": VERSION,
                "target_version": VERSION,
                "threads": INT,
                "ratio": DOUBLE,
                "heap": NUMBER,
                "ssl": BOOL,
                "password": SECRET,
                "restart": COMMAND,
                "nodes": list_of(NODE),
                "modules": list_of(TEXT),
            }
        ),
        "facts": record({"settings": map_of(TEXT), "deployed": DYNAMIC, "db_size": INT}),
        "hop": record({"from": VERSION, "to": VERSION, "first": BOOL}),
    },
    steps=frozenset({"run-it", "dump"}),
)


@pytest.mark.parametrize(
    "source",
    [
        "answers.install_dir + '/lib'",
        "answers.threads * 2 > 5 && answers.ssl",
        "double(answers.threads) * answers.ratio",
        "double(answers.heap) * 1.5 < 3.0",
        "answers.heap > 2",
        "answers.threads < answers.ratio",
        "in_range(answers.current_version, '>=1.3,<1.4')",
        "newer(hop.to, answers.current_version)",
        "hop.to == answers.target_version",
        "answers.nodes.all(n, n.port > 1024 && n.host != '')",
        "answers.nodes.map(n, n.host).join(',') == 'a'",
        "'a' in answers.modules",
        "has(facts.settings.PORT) || facts.settings['MY-KEY'] == 'x'",
        "number(facts.settings.PORT) > 1024",
        "int(facts.settings.PORT) + 1 > 1024",
        "facts.deployed.anything[0].deep == 5 || facts.deployed < 3",
        "outcome('run-it') == 'done' && took('dump', 60) > 5.0",
        "default(answers.threads, 1) > 2",
        "default(answers.current_version, '1.0') == hop.to",
        "size(answers.password) >= 12",
        "answers.password == 'x'",
        "answers.install_dir.matches('^/opt')",
        "crosses('1.3.1')",
        "sort_versions(answers.modules)[0] == hop.to",
        "{'a': 1}.a == 1",
        "file('/x').exists",
        "(answers.ssl ? 1 : 2) + 1 > 1",
    ],
)
def test_nothing_to_say(source: str) -> None:
    """What is right is not complained about."""
    assert check_expression(source, SCOPE, BOOL if "==" in source or ">" in source else None) == []


@pytest.mark.parametrize(
    ("source", "message", "hint", "column"),
    [
        ("answer.threads > 1", "there is no name answer", "did you mean answers?", 1),
        ("threads > 1", "there is no name threads", "write answers.threads", 1),
        ("crosses > 1", "there is no name crosses", 'write crosses("1.3.1")', 1),
        ("answers.treads > 1", "answers has no treads", "did you mean answers.threads?", 9),
        ("answers.nodes[0].hots == 'a'", "answers.nodes[0] has no hots", "did you mean answers.nodes[0].host?", 18),
        ("answers.nodes.all(n, n.prot > 1)", "n has no prot", "did you mean n.port?", 24),
        ("hop['too'] == 'x'", "hop has no too", "did you mean hop.to?", 5),
        ("answers.nodes.host == 'a'", "answers.nodes is a list and has no field host", "exists", 15),
        ("answers.threads.x == 1", "is a whole number and has no field x", "", 17),
        ("lowr(answers.install_dir) == 'a'", "there is no function lowr()", "did you mean lower?", 1),
        ("major() > 1", "called with no argument", "major(version)", 1),
        (
            "answers.current_version < '9.0'",
            "a version is compared as text",
            'use newer or in_range: in_range(answers.current_version, "<9.0")',
            25,
        ),
        ("'9.0' <= hop.to", "a version is compared as text", 'in_range(hop.to, ">=9.0")', 7),
        ("hop.to == '1.4'", "a version is compared as text", 'in_range(hop.to, "=1.4")', 8),
        ("hop.to != '1.4'", "a version is compared as text", 'in_range(hop.to, "!=1.4")', 8),
        ("hop.to > hop.from", "a version is compared as text", "write newer(hop.to, hop.from)", 8),
        ("hop.to <= hop.from", "a version is compared as text", "write !newer(hop.to, hop.from)", 8),
        ("answers.threads == '4'", "a whole number is compared with text", "leave out the quotes", 17),
        ("facts.settings.PORT > 1024", "text is compared with a whole number", "write number(facts.settings.PORT)", 21),
        ("answers.ssl == 'yes'", "true or false is compared with text", "without quotes", 13),
        ("answers.ssl < true", "has no order", "", 13),
        ("answers.modules == 'a'", "a list is compared with text", "write 'a' in answers.modules", 17),
        ("answers.nodes < answers.nodes", "a list has no order", "", 15),
        ("answers.threads * 1.5 > 1.0", "a whole and a decimal number", "write double(answers.threads)", 17),
        ("answers.ratio * 2 > 1.0", "a whole and a decimal number", "write 2.0", 15),
        ("answers.heap * 2 > 1", "may be a whole or a decimal number", "write int(answers.heap)", 14),
        ("1.5 * number('3') > 1.0", "may be a whole or a decimal number", "write double(number('3'))", 5),
        ("answers.ratio % 2.0 > 1.0", "% goes with whole numbers only", "int(", 15),
        ("answers.install_dir + 1 == 'a'", "+ does not go with text and a whole number", "write string(1)", 21),
        ("facts.settings.PORT * 2 > 1", "* does not go with text", "write number(facts.settings.PORT)", 21),
        ("facts.deployed - 'a' == 1", "- does not go with text", "", 16),
        ("!answers.install_dir", "true or false is wanted here, and answers.install_dir is text", "has(", 2),
        ("answers.threads && true", "true or false is wanted here", "compare", 1),
        ("answers.install_dir ? 1 : 2", "true or false is wanted here", "", 1),
        ("-answers.install_dir", "- wants a number", "", 1),
        ("answers.install_dir in 'abc'", "in looks into a list", "contains", 21),
        ("1 in answers.modules", "is never in a list of text", "", 3),
        ("answers.threads.all(x, true)", "all() goes over a list", "", 1),
        ("answers.nodes.all(facts, true)", "facts is a name already", "", 1),
        ("answers.nodes.all(n, n.host)", "true or false is wanted here, and n.host is text", "", 22),
        ("lower(answers.threads) == 'a'", "lower() does not take a whole number", "lower(text)", 7),
        ("join(answers.install_dir, ',') == 'a'", "join() does not take text", "join(list", 6),
        ("in_range(hop.to, 'about 1')", "is not a range", "", 18),
        ("in_range('soon', '>=1')", "is not a version", "", 10),
        ("crosses('soon')", "is not a version", "", 9),
        ("bytesize('20 gigs') > 1", "is not a size", "", 10),
        ("answers.install_dir.matches('(')", "is not a regular expression", "", 29),
        ("outcome('run-itt') == 'done'", "there is no step run-itt", "did you mean run-it?", 9),
        ("outcome(answers.install_dir) == 'done'", "wants the id of a step in quotes", "", 9),
        ("took('dumb', 5) > 1.0", "there is no step dumb", "did you mean dump?", 6),
        ("default(answers.threads, 'x') == 1", "what is taken without it is text", "", 26),
        ("facts.settings.PORT == null", "there is no null here", "has(x)", 24),
        ("1 +", "the end was not expected", "", 4),
        ("{1: 2} == {}", "the keys of a map are text", "", 2),
        ("answers.nodes['a'] == 1", "is a list and has no field a", "", 15),
        ("answers.modules[answers.install_dir] == 'a'", "text cannot say which item of a list", "", 17),
        ("answers.threads[0] == 1", "has no items", "", 1),
    ],
)
def test_mistakes(source: str, message: str, hint: str, column: int) -> None:
    """Each mistake is found at its column and names the way out."""
    problems = check_expression(source, SCOPE)
    assert len(problems) == 1, problems
    assert message in problems[0].message
    assert hint in problems[0].hint
    assert problems[0].column == column


def test_all_mistakes_at_once() -> None:
    """Every mistake is listed, in the order of the text."""
    problems = check_expression("answers.zz == 1 && hop.to < '2' || lower(3) == 'a'", SCOPE)
    assert [problem.column for problem in problems] == [9, 27, 42]


@pytest.mark.parametrize(
    ("source", "expected", "message"),
    [
        ("answers.install_dir", BOOL, "a condition is wanted here, and this is text"),
        ("answers.threads + 1", BOOL, "a condition is wanted here, and this is a whole number"),
        ("answers.install_dir", list_of(TEXT), "a list is wanted here, and this is text"),
        ("answers.nodes", TEXT, "text is wanted here, and this is a list"),
    ],
)
def test_the_type_that_is_wanted(source: str, expected: Type, message: str) -> None:
    """Where a type is expected another one is a mistake; a version is text, a whole number a number."""
    assert [problem.message for problem in check_expression(source, SCOPE, expected)] == [message]
    assert check_expression("hop.to", SCOPE, TEXT) == []
    assert check_expression("answers.threads", SCOPE, NUMBER) == []
    assert check_expression("facts.deployed.x", SCOPE, expected) == []


@pytest.mark.parametrize(
    ("source", "secret"),
    [
        ("answers.password", True),
        ("'x' + answers.password", True),
        ("lower(answers.password)", True),
        ("size(answers.password)", True),
        ("answers.nodes[0].token", True),
        ("answers.nodes.map(n, n.token)", True),
        ("answers.nodes", True),
        ("answers.ssl ? answers.password : 'x'", True),
        ("default(answers.password, 'x')", True),
        ("facts.deployed + answers.password", True),
        ("[answers.password]", True),
        ("split(answers.password, ',')", True),
        ("answers.nodes.map(n, n.host)", False),
        ("answers.password == 'x'", False),
        ("has(answers.password)", False),
        ("answers.install_dir", False),
    ],
)
def test_secrets_are_followed(source: str, *, secret: bool) -> None:
    """The type of an expression says whether a secret is in it, as it will be when it is evaluated."""
    type_, problems = infer_type(source, SCOPE)
    assert problems == []
    assert type_.holds_secret is secret


def test_a_function_without_a_place() -> None:
    """A scope refuses functions where they have no place, with its reason."""
    scope = SCOPE.without_function("file", "it reads the disk, so it stands only in valid and in checks")
    problems = check_expression("file('/x').exists", scope)
    assert [(problem.message, problem.column) for problem in problems] == [
        ("file() has no place here: it reads the disk, so it stands only in valid and in checks", 1)
    ]


def test_one_more_name() -> None:
    """A loop's name is known in the scope made for it, and in no other."""
    assert check_expression("node.port > 1", SCOPE.with_name("node", NODE)) == []
    assert check_expression("node.port > 1", SCOPE) != []


def test_types_of_constants() -> None:
    """A table of a guide gives the types of its fields."""
    table = type_of_value({"ports": {"http": 80}, "rungs": ["dev", "prod"], "mixed": [1, "a"], "on": True})
    scope = Scope(names={"values": record({"table": table})})
    assert check_expression("values.table.ports.http + 1 > 2 && 'dev' in values.table.rungs", scope) == []
    assert infer_type("values.table.mixed[0]", scope)[0].kind is TypeKind.DYNAMIC
    assert [p.message for p in check_expression("values.table.port.http > 1", scope)] == ["values.table has no port"]


def test_joined_types() -> None:
    """What may be one or the other is as much as both have in common."""
    assert joined(INT, DOUBLE) == NUMBER
    assert joined(TEXT, VERSION) == VERSION
    assert joined(TEXT, COMMAND) == TEXT
    assert joined(list_of(INT), list_of(DOUBLE)) == list_of(NUMBER)
    assert joined(TEXT, INT).kind is TypeKind.DYNAMIC
    assert joined(TEXT, SECRET).secret


@settings(deadline=None)
@given(st.text(alphabet="answershop.fcti()[]{}<>=!&|+-*/%?:,'\" 0123", max_size=40))
def test_any_text_is_checked(source: str) -> None:
    """Whatever is written is checked without an exception, each problem inside the text."""
    for problem in check_expression(source, SCOPE, BOOL):
        assert problem.message
        assert 1 <= problem.column <= len(source) + 1
