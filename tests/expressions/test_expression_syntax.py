"""The parser: what is an expression, where its parts stand, and what it says of what is none."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wizard.errors import ExpressionError
from wizard.expressions import Program, compile_expression
from wizard.expressions.syntax import Binary, Literal, Macro, Node, parse, walk

pieces = st.sampled_from(
    [
        *("answers", ".", "install_dir", "(", ")", "[", "]", "{", "}", ",", ":", "?", "!", "-", "+", "*", "/", "%"),
        *("<", "<=", ">", ">=", "==", "!=", "&&", "||", " in ", "1", "2.5", "'a'", '"b"', "r'\\'", "true", "null"),
        *("size", "has", "default", ".all(", ".map(", "x", " ", "//", "\n", "'''", "\\", "0x1F", "1e5", "and", "="),
    ]
)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("'a'", "a"),
        ('"it\'s"', "it's"),
        (r"'\n\t\\\''", "\n\t\\'"),
        (r"'\x41\u00e9\U0001F600\101'", "Aé😀A"),
        (r"r'\d+'", r"\d+"),
        ("'''a\nb'''", "a\nb"),
        ("42", 42),
        ("-9223372036854775808", -(2**63)),
        ("0x1F", 31),
        (".5", 0.5),
        ("1.5e3", 1500.0),
        ("true", True),
        ("null", None),
    ],
)
def test_literals(source: str, value: object) -> None:
    """Every form of literal stands for its value."""
    tree = parse(source)
    assert isinstance(tree, Literal)
    assert tree.value == value
    assert type(tree.value) is type(value)


@pytest.mark.parametrize(
    ("source", "grouped"),
    [
        ("a || b && c", "(a || (b && c))"),
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("a == b && c < d", "((a == b) && (c < d))"),
        ("a < b == c", "((a < b) == c)"),
        ("a in b || c", "((a in b) || c)"),
        ("!a && b", "(!a && b)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("-a.b[0] + 1", "(-a.b[0] + 1)"),
        ("(a || b) && c", "((a || b) && c)"),
    ],
)
def test_precedence(source: str, grouped: str) -> None:
    """Operators bind as CEL says: the fully bracketed text has the same tree."""
    assert _shape(parse(source)) == _shape(parse(grouped))


def test_places() -> None:
    """Every part knows where it stands, so that a problem can point at it."""
    source = "answers.a  ==  'x' && true"
    comparison = next(node for node in walk(parse(source)) if isinstance(node, Binary) and node.operator == "==")
    assert source[comparison.start : comparison.end] == "answers.a  ==  'x'"
    assert source[comparison.operator_start :].startswith("==  'x'")


def test_macros_bind_a_name() -> None:
    """The first argument of a macro is the item's name, the last one the body."""
    tree = parse("answers.nodes.map(n, n.up, n.host)")
    assert isinstance(tree, Macro)
    assert tree.item == "n"
    assert tree.condition == parse_at("n.up", 21)
    assert tree.body == parse_at("n.host", 27)


@pytest.mark.parametrize(
    ("source", "column", "message", "hint"),
    [
        ("", 1, "empty", ""),
        ("  ", 3, "empty", ""),
        ("1 +", 4, "the end was not expected", ""),
        ("a b", 3, "'b' was not expected", ""),
        ("a and b", 3, "'and' was not expected", "&&"),
        ("a = b", 3, "'=' was not expected", "=="),
        ("a | b", 3, "'|' was not expected", "||"),
        ("(a", 3, "')' is missing", ""),
        ("f(a b)", 5, "',' is missing", ""),
        ("[1, 2", 6, "']' is missing", ""),
        ("{'a' 1}", 6, "':' is missing", ""),
        ("a ? b", 6, "':' is missing", ""),
        ("a.", 3, "a name is missing after the dot", ""),
        ("'abc", 1, "not closed", "quote"),
        ("a == 'b\n'", 6, "not closed", "quote"),
        (r"'\d'", 2, "is no escape", "r'…'"),
        (r"'\ud800'", 2, "is not a character", ""),
        ("a == “b”", 6, "has no meaning", "plain quotes"),
        ("a @ b", 3, "has no meaning", ""),
        ("1.4.2", 1, "two dots", "quotes"),
        ("20GiB", 1, "neither a number nor a name", "quotes"),
        ("1u", 1, "unsigned", ""),
        ("b'x'", 1, "bytes", ""),
        ("9223372036854775808", 1, "too large", ""),
        ("1e999", 1, "too large", ""),
        ("for", 1, "reserved", ""),
        ("!-a", 1, "do not go together", ""),
        ("a.all(1, true)", 3, "takes a name for the item", "answers.nodes.all(n, …)"),
        ("a.map(x)", 3, "takes a name for the item", ""),
        ("lowr('x')", 1, "there is no function lowr()", "did you mean lower?"),
        ("a.exist(n, n > 1)", 3, "there is no function exist()", "did you mean exists?"),
        ("contains(a, 'b')", 1, "is called with a dot", "text.contains(part)"),
        ("a.major()", 3, "is not called with a dot", "major(version)"),
        ("major()", 1, "is called with no argument", "major(version)"),
        ("in_range(a)", 1, "is called with 1 argument", "in_range("),
        ("has(a)", 1, "takes a name with a dot", "has(facts.settings.PORT)"),
        ("(" * 200 + "1" + ")" * 200, 41, "nested too deeply", "values:"),
        ("+".join(["1"] * 400), 1, "nested too deeply", "values:"),
    ],
)
def test_mistakes(source: str, column: int, message: str, hint: str) -> None:
    """Each mistake is named at its column, with the way out where there is one."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("source", "references"),
    [
        ("answers.install_dir", {"answers.install_dir"}),
        ("facts.settings.PORT + facts.settings['MY-KEY']", {"facts.settings.PORT", "facts.settings.MY-KEY"}),
        ("answers.nodes[0].host", {"answers.nodes"}),
        ("answers.nodes.all(n, n.port > facts.least)", {"answers.nodes", "facts.least"}),
        ("n.map(n, n.x)", {"n"}),
        ("answers[hop.to]", {"answers", "hop.to"}),
        ('crosses("1.3.1")', {"answers.current_version", "answers.target_version"}),
        ("1 + 1", set()),
    ],
)
def test_references(source: str, references: set[str]) -> None:
    """A program says which names it reads, as deep as they are written out; a loop's own name is none."""
    assert compile_expression(source).references == references


def test_calls() -> None:
    """A program says which functions it calls, and with which first literal."""
    program = compile_expression("outcome('run-it') == 'done' && took('run-it', 60.0) < 5.0 && size(answers.x) > 1")
    assert program.calls == {("outcome", "run-it"), ("took", "run-it"), ("size", None)}


def test_comments_and_line_ends_are_blanks() -> None:
    """An expression may span lines and carry comments."""
    assert compile_expression("answers.a // why\n  && answers.b").references == {"answers.a", "answers.b"}


def test_compiling_is_remembered() -> None:
    """The same source gives the same program."""
    assert compile_expression("answers.a + 1") is compile_expression("answers.a + 1")


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=60), st.lists(pieces, max_size=25).map("".join)))
@example("\ud800")
@example("'\\U0011FFFF'")
@example("-" * 5000)
@example("!" * 5000 + "a")
@example("[" * 5000)
@example("a" + ".b" * 5000)
@example("a?" * 3000)
def test_any_text_is_a_program_or_an_expression_error(source: str) -> None:
    """Whatever somebody writes, it parses or is an ExpressionError with a column inside the text."""
    try:
        program = compile_expression(source)
    except ExpressionError as error:
        column = error.column
    else:
        assert isinstance(program, Program)
        column = 1
    assert 1 <= column <= len(source) + 1


def parse_at(source: str, start: int) -> Node:
    """Parse `source` as if it stood at `start`."""
    return next(node for node in walk(parse(f"[{' ' * (start - 1)}{source}]")) if node.start == start)


def _shape(node: Node) -> object:
    from wizard.expressions.syntax import children

    label = getattr(node, "operator", None) or getattr(node, "name", None) or getattr(node, "value", None)
    return (type(node).__name__, label, tuple(_shape(child) for child in children(node)))
