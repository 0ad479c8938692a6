"""Names and types of an expression, checked when a guide is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.errors import ExpressionError
from wizard.expressions.evaluate import compile_expression
from wizard.expressions.functions import FUNCTIONS, Function
from wizard.expressions.suggest import did_you_mean
from wizard.expressions.syntax import (
    Binary,
    Call,
    Conditional,
    Index,
    ListNode,
    Literal,
    Macro,
    MapNode,
    Name,
    Node,
    Select,
    Unary,
)
from wizard.expressions.types import (
    BOOL,
    DOUBLE,
    DYNAMIC,
    INT,
    TEXT,
    Scope,
    Type,
    TypeKind,
    joined,
    list_of,
    map_of,
    record,
    secretly,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_ORDER: Final = frozenset({"<", "<=", ">", ">="})
_SCALARS: Final = frozenset(TypeKind) - {TypeKind.LIST, TypeKind.MAP, TypeKind.RECORD, TypeKind.DYNAMIC}


@dataclass(frozen=True, slots=True)
class ExpressionProblem:
    """A mistake in an expression: what, the way out, and the column from 1 within it."""

    message: str
    hint: str
    column: int


def check_expression(source: str, scope: Scope, expected: Type | None = None) -> list[ExpressionProblem]:
    """Give every mistake of `source`, also where its type is not the expected one (BOOL for a condition)."""
    return infer_type(source, scope, expected)[1]


def infer_type(source: str, scope: Scope, expected: Type | None = None) -> tuple[Type, list[ExpressionProblem]]:
    """Give the type of `source` and every mistake in it; DYNAMIC where it has none."""
    try:
        tree = compile_expression(source).tree
    except ExpressionError as error:
        return DYNAMIC, [ExpressionProblem(error.message, error.hint, error.column)]
    check = _Check(source, scope)
    found = check.type(tree)
    if expected is not None:
        check.wants(tree, found, expected)
    return found, sorted(check.problems, key=lambda problem: problem.column)


class _Check:
    """One walk over a tree, collecting mistakes."""

    def __init__(self, source: str, scope: Scope) -> None:
        self._source = source
        self._scope = scope
        self.problems: list[ExpressionProblem] = []

    def _written(self, node: Node) -> str:
        return self._source[node.start : node.end]

    def _complain(self, at: int, message: str, hint: str = "") -> None:
        self.problems.append(ExpressionProblem(message, hint, at + 1))

    def wants(self, node: Node, found: Type, expected: Type) -> None:
        """Complain where the whole expression is not of the expected type."""
        if found.kind is TypeKind.DYNAMIC or expected.kind is TypeKind.DYNAMIC or _fits(found, expected):
            return
        if expected.kind is TypeKind.BOOL:
            self._complain(
                node.start,
                f"a condition is wanted here, and this is {found}",
                "compare it with something, or ask has(…)",
            )
        else:
            self._complain(node.start, f"{expected} is wanted here, and this is {found}")

    def type(self, node: Node) -> Type:
        """Give the type of `node`, complaining about what is in it."""
        match node:
            case Literal():
                return self._literal(node)
            case Name():
                return self._name(node)
            case Select():
                return self._field(self.type(node.operand), node.field, node.field_start, node.operand)
            case Index():
                return self._item(node)
            case Call():
                return self._call(node)
            case Macro():
                return self._macro(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Conditional():
                self._condition(node.condition)
                return joined(self.type(node.yes), self.type(node.no))
            case ListNode():
                return self._list(node.items)
            case MapNode():
                return self._map(node)

    def _literal(self, node: Literal) -> Type:
        match node.value:
            case None:
                self._complain(
                    node.start, "there is no null here: what is not known is absent", "ask has(x), or default(x, …)"
                )
                return DYNAMIC
            case bool():
                return BOOL
            case int():
                return INT
            case float():
                return DOUBLE
            case str():
                return TEXT

    def _name(self, node: Name) -> Type:
        known = self._scope.names.get(node.name)
        if known is not None or self._scope.unsure:
            return known or DYNAMIC
        holders = [name for name, type_ in self._scope.names.items() if node.name in (type_.fields or {})]
        if holders:
            hint = f"write {holders[0]}.{node.name}"
        else:
            hint = did_you_mean(node.name, self._scope.names) or f"known here: {', '.join(sorted(self._scope.names))}"
        if node.name in FUNCTIONS:
            hint = f"write {FUNCTIONS[node.name].usage}"
        hint = self._scope.absent.get(node.name, hint)
        self._complain(node.start, f"there is no name {node.name} here", hint)
        return DYNAMIC

    def _field(self, holder: Type, name: str, at: int, operand: Node) -> Type:
        match holder.kind:
            case TypeKind.DYNAMIC:
                return holder
            case TypeKind.MAP:
                return secretly(holder.item or DYNAMIC, secret=holder.secret)
            case TypeKind.RECORD:
                fields = holder.fields or {}
                if name in fields:
                    return secretly(fields[name], secret=holder.secret)
                written = self._written(operand)
                hint = did_you_mean(name, fields, f"{written}.") or (
                    f"it has: {', '.join(sorted(fields))}" if fields else ""
                )
                self._complain(at, f"{written} has no {name}", hint)
                return DYNAMIC
            case _:
                hint = "name an item first: [0], or use exists(…)" if holder.kind is TypeKind.LIST else ""
                self._complain(at, f"{self._written(operand)} is {holder} and has no field {name}", hint)
                return DYNAMIC

    def _item(self, node: Index) -> Type:
        holder, index = self.type(node.operand), self.type(node.index)
        if isinstance(node.index, Literal) and isinstance(node.index.value, str):
            return self._field(holder, node.index.value, node.index.start, node.operand)
        wanted = {
            TypeKind.LIST: (TypeKind.INT, TypeKind.NUMBER),
            TypeKind.MAP: (TypeKind.TEXT, TypeKind.VERSION),
            TypeKind.RECORD: (TypeKind.TEXT, TypeKind.VERSION),
            TypeKind.DYNAMIC: tuple(TypeKind),
        }.get(holder.kind)
        if wanted is None:
            self._complain(node.start, f"{self._written(node.operand)} is {holder} and has no items")
        elif index.kind not in (*wanted, TypeKind.DYNAMIC):
            self._complain(node.index.start, f"{index} cannot say which item of {holder}")
        if holder.kind is TypeKind.RECORD:
            kinds: Type | None = None
            for part in (holder.fields or {}).values():
                kinds = part if kinds is None else joined(kinds, part)
            return secretly(kinds or DYNAMIC, secret=holder.secret)
        return secretly(holder.item or DYNAMIC, secret=holder.secret)

    def _condition(self, node: Node) -> None:
        found = self.type(node)
        if found.kind not in (TypeKind.BOOL, TypeKind.DYNAMIC):
            self._complain(
                node.start,
                f"true or false is wanted here, and {self._written(node)} is {found}",
                "compare it with something, or ask has(…)",
            )

    def _unary(self, node: Unary) -> Type:
        if node.operator == "!":
            self._condition(node.operand)
            return BOOL
        found = self.type(node.operand)
        if not found.is_number and found.kind is not TypeKind.DYNAMIC:
            self._complain(node.start, f"- wants a number, and {self._written(node.operand)} is {found}")
        return found

    def _binary(self, node: Binary) -> Type:
        if node.operator in ("&&", "||"):
            self._condition(node.left)
            self._condition(node.right)
            return BOOL
        left, right = self.type(node.left), self.type(node.right)
        if node.operator == "in":
            self._membership(node, left, right)
            return BOOL
        if node.operator in _ORDER or node.operator in ("==", "!="):
            self._compared(node, left, right)
            return BOOL
        return self._arithmetic(node, left, right)

    def _membership(self, node: Binary, left: Type, right: Type) -> None:
        if right.kind not in (TypeKind.LIST, TypeKind.MAP, TypeKind.RECORD, TypeKind.DYNAMIC):
            hint = f"write {self._written(node.right)}.contains(…)" if right.is_text else ""
            self._complain(node.operator_start, f"in looks into a list, and this is {right}", hint)
        elif right.kind is TypeKind.LIST and right.item is not None and not _comparable(left, right.item):
            self._complain(node.operator_start, f"{left} is never in a list of {right.item}")

    def _compared(self, node: Binary, left: Type, right: Type) -> None:
        if TypeKind.DYNAMIC in (left.kind, right.kind):
            return
        one, other = self._written(node.left), self._written(node.right)
        if TypeKind.VERSION in (left.kind, right.kind) and left.is_text and right.is_text:
            self._version_compared(node, left, right)
        elif not _comparable(left, right):
            self._complain(node.operator_start, f"{left} is compared with {right}", _way_out(left, right, one, other))
        elif node.operator in _ORDER and not (left.is_number or left.is_text):
            self._complain(node.operator_start, f"{left} has no order: use == or !=")

    def _version_compared(self, node: Binary, left: Type, right: Type) -> None:
        one, other = self._written(node.left), self._written(node.right)
        both = left.kind is right.kind is TypeKind.VERSION
        match node.operator:
            case "<" | "<=" if both:
                hint = f"write newer({other}, {one})" if node.operator == "<" else f"write !newer({one}, {other})"
            case ">" | ">=" if both:
                hint = f"write newer({one}, {other})" if node.operator == ">" else f"write !newer({other}, {one})"
            case "==" | "!=" if both:
                return
            case operator:
                name, literal, turned = (
                    (one, node.right, operator)
                    if left.kind is TypeKind.VERSION
                    else (other, node.left, _TURNED[operator])
                )
                value = literal.value if isinstance(literal, Literal) else "…"
                hint = f'use newer or in_range: in_range({name}, "{"=" if turned == "==" else turned}{value}")'
        self._complain(node.operator_start, "a version is compared as text", hint)

    def _arithmetic(self, node: Binary, left: Type, right: Type) -> Type:
        secret = left.secret or right.secret
        if TypeKind.DYNAMIC in (left.kind, right.kind):
            known = right if left.kind is TypeKind.DYNAMIC else left
            if known.kind is not TypeKind.DYNAMIC and not self._has_arithmetic(node, known):
                self._complain(node.operator_start, f"{node.operator} does not go with {known}")
            return secretly(DYNAMIC, secret=secret)
        if left.is_number and right.is_number:
            return secretly(self._numbers(node, left, right), secret=secret)
        if node.operator == "+" and left.is_text and right.is_text:
            return secretly(TEXT, secret=secret)
        if node.operator == "+" and left.kind is right.kind is TypeKind.LIST:
            return joined(left, right)
        hint = ""
        if node.operator == "+" and (left.is_text or right.is_text):
            text, rest = (left, node.right) if left.is_text else (right, node.left)
            hint = f"write string({self._written(rest)})" if text.is_text and _scalar(left, right) else ""
        elif left.is_number or right.is_number:
            rest = node.right if left.is_number else node.left
            hint = f"write number({self._written(rest)})" if _scalar(left, right) else ""
        self._complain(node.operator_start, f"{node.operator} does not go with {left} and {right}", hint)
        return DYNAMIC

    @staticmethod
    def _has_arithmetic(node: Binary, type_: Type) -> bool:
        if type_.is_number:
            return True
        return node.operator == "+" and (type_.is_text or type_.kind is TypeKind.LIST)

    def _numbers(self, node: Binary, left: Type, right: Type) -> Type:
        if left.kind is right.kind and left.kind is not TypeKind.NUMBER:
            if node.operator == "%" and left.kind is TypeKind.DOUBLE:
                self._complain(node.operator_start, "% goes with whole numbers only", "write int(…) % int(…)")
            return Type(left.kind)
        kinds = {left.kind, right.kind}
        unsure = node.left if left.kind is TypeKind.NUMBER else node.right
        if kinds == {TypeKind.INT, TypeKind.DOUBLE}:
            whole = node.left if left.kind is TypeKind.INT else node.right
            self._complain(
                node.operator_start,
                f"{node.operator} is given a whole and a decimal number",
                f"write {_as_double(whole, self._written(whole))}",
            )
            return DOUBLE
        wanted = "int" if TypeKind.INT in kinds else "double"
        self._complain(
            node.operator_start,
            f"{self._written(unsure)} may be a whole or a decimal number, which do not go together in {node.operator}",
            f"write {wanted}({self._written(unsure)})",
        )
        return INT if wanted == "int" else DOUBLE

    def _list(self, items: Sequence[Node]) -> Type:
        found: Type | None = None
        for item in items:
            type_ = self.type(item)
            found = type_ if found is None else joined(found, type_)
        return list_of(found or DYNAMIC)

    def _map(self, node: MapNode) -> Type:
        fields: dict[str, Type] = {}
        known = True
        for key, value in node.entries:
            if self.type(key).kind not in (TypeKind.TEXT, TypeKind.VERSION, TypeKind.DYNAMIC):
                self._complain(key.start, "the keys of a map are text")
            if isinstance(key, Literal) and isinstance(key.value, str):
                fields[key.value] = self.type(value)
            else:
                self.type(value)
                known = False
        return record(fields) if known else map_of(DYNAMIC)

    def _macro(self, node: Macro) -> Type:
        target = self.type(node.target)
        item = self._item_of(node, target)
        if node.item in self._scope.names:
            self._complain(
                node.start, f"{node.item} is a name already: the item of {node.macro}() needs one of its own"
            )
        outside = self._scope
        self._scope = outside.with_name(node.item, item)
        try:
            if node.macro != "map":
                self._condition(node.body)
                return list_of(item) if node.macro == "filter" else BOOL
            if node.condition is not None:
                self._condition(node.condition)
            return list_of(self.type(node.body))
        finally:
            self._scope = outside

    def _item_of(self, node: Macro, target: Type) -> Type:
        match target.kind:
            case TypeKind.LIST:
                return secretly(target.item or DYNAMIC, secret=target.secret)
            case TypeKind.MAP | TypeKind.RECORD:
                return TEXT
            case TypeKind.DYNAMIC:
                return target
            case _:
                self._complain(
                    node.target.start,
                    f"{node.macro}() goes over a list, and {self._written(node.target)} is {target}",
                )
                return DYNAMIC

    def _call(self, node: Call) -> Type:
        function = FUNCTIONS[node.function]
        if node.function in self._scope.refused:
            self._complain(
                node.name_start, f"{node.function}() has no place here: {self._scope.refused[node.function]}"
            )
        types = [self.type(operand) for operand in node.operands]
        secret = any(type_.holds_secret for type_ in types) and not function.tests
        for operand, type_, wanted in zip(node.operands, types, function.takes, strict=False):
            if type_.kind is not TypeKind.DYNAMIC and type_.kind not in wanted:
                self._complain(
                    operand.start,
                    f"{node.function}() does not take {type_}: {self._written(operand)}",
                    f"write {function.usage}",
                )
        self._literals(node, function)
        match node.function:
            case "default":
                return self._default(node, *types)
            case "has":
                return BOOL
            case "file":
                return DYNAMIC
            case "outcome" | "took":
                self._step(node)
                return function.gives
            case _:
                return secretly(function.gives, secret=secret)

    def _default(self, node: Call, value: Type, otherwise: Type) -> Type:
        if value.kind in _SCALARS and otherwise.kind in _SCALARS and not _comparable(value, otherwise):
            self._complain(
                node.arguments[1].start,
                f"{self._written(node.arguments[0])} is {value}, and what is taken without it is {otherwise}",
            )
        return joined(value, otherwise)

    def _step(self, node: Call) -> None:
        first = node.arguments[0]
        if not isinstance(first, Literal) or not isinstance(first.value, str):
            self._complain(first.start, f"{node.function}() wants the id of a step in quotes")
        elif self._scope.steps is not None and first.value not in self._scope.steps:
            self._complain(first.start, f"there is no step {first.value}", did_you_mean(first.value, self._scope.steps))

    def _literals(self, node: Call, function: Function) -> None:
        """Read the texts that stand for versions, ranges, sizes and patterns."""
        for place, reads in function.reads:
            operand = node.operands[place] if place < len(node.operands) else None
            if isinstance(operand, Literal) and isinstance(operand.value, str):
                try:
                    reads(operand.value)
                except ValueError as error:
                    self._complain(operand.start, str(error))
        if node.function == "matches":
            self._pattern(node.arguments[0])

    def _pattern(self, operand: Node) -> None:
        from wizard.expressions.library import RefusedError, calculate

        if isinstance(operand, Literal) and isinstance(operand.value, str):
            try:
                calculate("a.matches(b)", "", operand.value)
            except RefusedError:
                self._complain(operand.start, f"{self._written(operand)} is not a regular expression")


_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _fits(found: Type, expected: Type) -> bool:
    if found.kind is expected.kind:
        return True
    return (found.is_text and expected.kind is TypeKind.TEXT) or (found.is_number and expected.kind is TypeKind.NUMBER)


def _comparable(one: Type, other: Type) -> bool:
    if TypeKind.DYNAMIC in (one.kind, other.kind):
        return True
    maps = (TypeKind.MAP, TypeKind.RECORD)
    return (
        one.kind is other.kind
        or (one.is_text and other.is_text)
        or (one.is_number and other.is_number)
        or (one.kind in maps and other.kind in maps)
    )


def _scalar(left: Type, right: Type) -> bool:
    return left.kind in _SCALARS and right.kind in _SCALARS


def _way_out(left: Type, right: Type, one: str, other: str) -> str:
    kinds = {left.kind, right.kind}
    if TypeKind.LIST in kinds:
        thing, items = (other, one) if left.kind is TypeKind.LIST else (one, other)
        return f"write {thing} in {items}"
    if TypeKind.BOOL in kinds:
        return "compare with true or false, without quotes"
    if left.is_text and right.is_number:
        return f"write number({one})" if one[:1] not in "'\"" else "leave out the quotes"
    if left.is_number and right.is_text:
        return f"write number({other})" if other[:1] not in "'\"" else "leave out the quotes"
    return ""


def _as_double(node: Node, written: str) -> str:
    return f"{written}.0" if isinstance(node, Literal) else f"double({written})"
