"""The tree of a CEL expression, with the place of every part; knows nothing of names and types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from wizard.errors import ExpressionError
from wizard.expressions.tokens import Token, TokenKind, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator

MACROS: Final = frozenset({"all", "exists", "exists_one", "map", "filter"})
"""Methods whose first argument names the item: `answers.nodes.all(n, n.port > 0)`."""

_DEEPEST_NESTING: Final = 40
_DEEPEST_TREE: Final = 120
_RESERVED: Final = frozenset(
    {
        *("as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package"),
        *("namespace", "return", "var", "void", "while"),
    }
)
_KEYWORDS: Final = frozenset({"true", "false", "null", "in"})
_PRECEDENCE: Final = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}
_OTHER_LANGUAGES: Final = {
    "and": "write &&",
    "or": "write ||",
    "not": "write !",
    "=": "write == to compare",
    "&": "write &&",
    "|": "write ||",
    "is": "write ==",
    "eq": "write ==",
    "ne": "write !=",
}


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, switch or null as written; offsets count from 0."""

    value: str | int | float | bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.field`; `field_start` is where the field begins."""

    operand: Node
    field: str
    field_start: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Index:
    """`operand[index]`."""

    operand: Node
    index: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)` or `target.function(arguments)`; `name_start` is where the function's name begins."""

    function: str
    target: Node | None
    arguments: tuple[Node, ...]
    name_start: int
    start: int
    end: int

    @property
    def operands(self) -> tuple[Node, ...]:
        """The target, where there is one, and the arguments."""
        return self.arguments if self.target is None else (self.target, *self.arguments)


@dataclass(frozen=True, slots=True)
class Macro:
    """`target.all(item, body)` and its like; `condition` is the middle part of a map with three."""

    macro: str
    target: Node
    item: str
    condition: Node | None
    body: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`!operand` or `-operand`."""

    operator: str
    operand: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`."""

    operator: str
    left: Node
    right: Node
    operator_start: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ListNode:
    """`[a, b]`."""

    items: tuple[Node, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MapNode:
    """`{key: value}`."""

    entries: tuple[tuple[Node, Node], ...]
    start: int
    end: int


Node: TypeAlias = Literal | Name | Select | Index | Call | Macro | Unary | Binary | Conditional | ListNode | MapNode


def parse(source: str) -> Node:
    """Give the tree of `source`. ExpressionError with the column where it is no expression."""
    parser = _Parser(source)
    tree = parser.expression()
    parser.expect_end()
    if _depth(tree) > _DEEPEST_TREE:
        raise ExpressionError(
            "the expression is nested too deeply", hint="split it into several entries of values:", column=1
        )
    return tree


def children(node: Node) -> tuple[Node, ...]:
    """Give the parts of `node` in the order they are written."""
    match node:
        case Literal() | Name():
            return ()
        case Select():
            return (node.operand,)
        case Index():
            return (node.operand, node.index)
        case Call():
            return node.operands
        case Macro():
            middle = () if node.condition is None else (node.condition,)
            return (node.target, *middle, node.body)
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Conditional():
            return (node.condition, node.yes, node.no)
        case ListNode():
            return node.items
        case MapNode():
            return tuple(part for entry in node.entries for part in entry)


def walk(node: Node) -> Iterator[Node]:
    """Give `node` and everything below it."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


def _depth(tree: Node) -> int:
    deepest = 0
    pending = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending.extend((child, depth + 1) for child in children(node))
    return deepest


class _Parser:
    """Precedence climbing over the tokens of one source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = tokenize(source)
        self._at = 0
        self._nesting = 0

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._now
        self._at += 1
        return token

    def _is(self, text: str) -> bool:
        return self._now.kind in (TokenKind.OPERATOR, TokenKind.NAME) and self._now.text == text

    def _accept(self, text: str) -> Token | None:
        return self._take() if self._is(text) else None

    def _expect(self, text: str, why: str) -> Token:
        return self._take() if self._is(text) else self._refuse(f"{text!r} is missing {why}")

    def _refuse(self, message: str = "") -> NoReturn:
        token = self._now
        seen = "the end" if token.kind is TokenKind.END else repr(token.text)
        hint = _OTHER_LANGUAGES.get(token.text, "") if token.kind is not TokenKind.TEXT else ""
        raise ExpressionError(message or f"{seen} was not expected here", hint=hint, column=token.start + 1)

    def expect_end(self) -> None:
        if self._now.kind is not TokenKind.END:
            self._refuse()

    def expression(self) -> Node:
        self._nesting += 1
        if self._nesting > _DEEPEST_NESTING:
            raise ExpressionError(
                "the expression is nested too deeply",
                hint="split it into several entries of values:",
                column=self._now.start + 1,
            )
        condition = self._binary(1)
        if self._accept("?"):
            yes = self._binary(1)
            self._expect(":", "after the first choice of ?")
            no = self.expression()
            condition = Conditional(condition, yes, no, condition.start, no.end)
        self._nesting -= 1
        return condition

    def _binary(self, lowest: int) -> Node:
        left = self._unary()
        while True:
            token = self._now
            if token.kind not in (TokenKind.OPERATOR, TokenKind.NAME):
                return left
            precedence = _PRECEDENCE.get(token.text, 0)
            if precedence < lowest or precedence == 0:
                return left
            self._take()
            right = self._binary(precedence + 1)
            left = Binary(token.text, left, right, token.start, left.start, right.end)

    def _unary(self) -> Node:
        signs: list[Token] = []
        while self._is("!") or self._is("-"):
            signs.append(self._take())
            if signs[-1].text == "-" and self._now.kind in (TokenKind.WHOLE, TokenKind.DECIMAL):
                break
        if len({sign.text for sign in signs}) > 1:
            raise ExpressionError("! and - do not go together", column=signs[0].start + 1)
        if signs and signs[-1].text == "-" and self._now.kind in (TokenKind.WHOLE, TokenKind.DECIMAL):
            minus = signs.pop()
            node = self._postfix(self._number(minus))
        else:
            node = self._postfix(self._primary())
        for sign in reversed(signs):
            node = Unary(sign.text, node, sign.start, node.end)
        return node

    def _number(self, minus: Token | None) -> Node:
        token = self._take()
        start = token.start if minus is None else minus.start
        text = token.text if minus is None else f"-{token.text}"
        if token.kind is TokenKind.DECIMAL:
            return Literal(float(text), start, token.end)
        value = int(text, 16 if "x" in text.lower() else 10)
        if not -(2**63) <= value < 2**63:
            raise ExpressionError(f"{text} is too large: numbers have 64 bits", column=start + 1)
        return Literal(value, start, token.end)

    def _primary(self) -> Node:
        token = self._now
        match token.kind:
            case TokenKind.WHOLE | TokenKind.DECIMAL:
                return self._number(None)
            case TokenKind.TEXT:
                self._take()
                return Literal(token.value, token.start, token.end)
            case TokenKind.NAME:
                return self._named()
            case TokenKind.OPERATOR if token.text == "(":
                self._take()
                inner = self.expression()
                self._expect(")", "to close the parenthesis")
                return inner
            case TokenKind.OPERATOR if token.text == "[":
                return self._list()
            case TokenKind.OPERATOR if token.text == "{":
                return self._map()
            case _:
                return self._refuse("the expression is empty" if not self._source.strip() else "")

    def _named(self) -> Node:
        token = self._take()
        match token.text:
            case "true" | "false":
                return Literal(token.text == "true", token.start, token.end)
            case "null":
                return Literal(None, token.start, token.end)
            case word if word in _RESERVED or word in _KEYWORDS:
                raise ExpressionError(f"{word!r} is a reserved word", column=token.start + 1)
        if self._is("("):
            arguments, end = self._arguments()
            return Call(token.text, None, arguments, token.start, token.start, end)
        return Name(token.text, token.start, token.end)

    def _postfix(self, node: Node) -> Node:
        while True:
            if self._accept("."):
                node = self._member(node)
            elif self._accept("["):
                index = self.expression()
                close = self._expect("]", "to close the bracket")
                node = Index(node, index, node.start, close.end)
            else:
                return node

    def _member(self, node: Node) -> Node:
        token = self._now
        if token.kind is not TokenKind.NAME or token.text in _KEYWORDS:
            self._refuse("a name is missing after the dot")
        self._take()
        if not self._is("("):
            return Select(node, token.text, token.start, node.start, token.end)
        arguments, end = self._arguments()
        if token.text in MACROS:
            return self._macro(token, node, arguments, end)
        return Call(token.text, node, arguments, token.start, node.start, end)

    @staticmethod
    def _macro(token: Token, target: Node, arguments: tuple[Node, ...], end: int) -> Node:
        most = 3 if token.text == "map" else 2
        if not 2 <= len(arguments) <= most or not isinstance(arguments[0], Name):
            raise ExpressionError(
                f"{token.text}() takes a name for the item and an expression",
                hint=f"write it like answers.nodes.{token.text}(n, …)",
                column=token.start + 1,
            )
        condition = arguments[1] if len(arguments) == 3 else None
        return Macro(token.text, target, arguments[0].name, condition, arguments[-1], target.start, end)

    def _arguments(self) -> tuple[tuple[Node, ...], int]:
        self._take()
        items: list[Node] = []
        close = self._accept(")")
        while close is None:
            items.append(self.expression())
            close = self._accept(")")
            if close is None:
                self._expect(",", "or ')' after the argument")
        return tuple(items), close.end

    def _list(self) -> Node:
        opening = self._take()
        items: list[Node] = []
        close = self._accept("]")
        while close is None:
            items.append(self.expression())
            comma = self._accept(",")
            close = self._accept("]")
            if close is None and comma is None:
                self._expect("]", "to close the list")
        return ListNode(tuple(items), opening.start, close.end)

    def _map(self) -> Node:
        opening = self._take()
        entries: list[tuple[Node, Node]] = []
        close = self._accept("}")
        while close is None:
            key = self.expression()
            self._expect(":", "after the key")
            entries.append((key, self.expression()))
            comma = self._accept(",")
            close = self._accept("}")
            if close is None and comma is None:
                self._expect("}", "to close the map")
        return MapNode(tuple(entries), opening.start, close.end)
