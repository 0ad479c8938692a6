"""What an expression gives: references, absence, secrets and functions here, the operators by the CEL library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, final

from wizard.errors import ExpressionError
from wizard.expressions.absent import ABSENT, Absent, AbsentError
from wizard.expressions.functions import FUNCTIONS, Function, check_call, check_kind
from wizard.expressions.library import RefusedError, calculate
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
    children,
    parse,
    walk,
)
from wizard.expressions.text import Words, describe, plain, text_of
from wizard.secrets import Secret
from wizard.versions import Version, as_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.expressions.environment import Environment

_COMPARISONS: Final = frozenset({"<", "<=", ">", ">=", "==", "!=", "in"})
_ROOM_FOR_PROGRAMS: Final = 2048
_VERSIONS_OF_THE_PATH: Final = frozenset({"answers.current_version", "answers.target_version"})


@final
@dataclass(frozen=True, slots=True, repr=False)
class _Tainted:
    """A value made of a secret, of any type, while an expression is evaluated."""

    value: Any


@final
class Program:
    """A parsed expression.

    `references` are the dotted names it reads (`answers.install_dir`, `facts.settings.PORT`), as deep as
    they are written out (`crosses()` reads the two versions of the path); `calls` are its functions, each
    with its first argument where that is a literal text.
    """

    __slots__ = ("_tree", "calls", "references", "source")

    def __init__(self, source: str, tree: Node) -> None:
        """Keep `tree`, the parsed `source`."""
        self.source: Final = source
        self._tree: Final = tree
        self.calls: Final = frozenset(
            (node.function, _literal_text(node.operands)) for node in walk(tree) if isinstance(node, Call)
        )
        crossed = _VERSIONS_OF_THE_PATH if any(name == "crosses" for name, _ in self.calls) else frozenset()
        self.references: Final = frozenset(_references(tree, frozenset())) | crossed

    def __repr__(self) -> str:
        return f"Program({self.source!r})"

    @property
    def tree(self) -> Node:
        """The parts of the expression, for whoever checks or explains it."""
        return self._tree

    def evaluate(self, env: Environment) -> Any:
        """Give the value: plain data, a Secret where a secret is in it, ABSENT where it is an absent name.

        ExpressionError (with the column) where it has no value; AbsentError where that is for an absent name.
        """
        return _released(_Evaluation(self.source, env).value(self._tree))

    def holds(self, env: Environment) -> bool:
        """Say whether the condition holds; absent is False. ExpressionError where it is not true or false."""
        evaluation = _Evaluation(self.source, env)
        return evaluation.truth(self._tree)


def holds_or(source: str, env: Environment, *, otherwise: bool) -> bool:
    """Say whether a condition holds, or `otherwise` where that cannot be worked out with what is known."""
    try:
        return compile_expression(source).holds(env)
    except ExpressionError:
        return otherwise


@lru_cache(maxsize=_ROOM_FOR_PROGRAMS)
def compile_expression(source: str) -> Program:
    """Parse `source`. ExpressionError with the column where it is no expression or calls no known function."""
    tree = parse(source)
    for node in walk(tree):
        if isinstance(node, Call):
            check_call(
                node.function,
                as_method=node.target is not None,
                operands=len(node.operands),
                column=node.name_start + 1,
            )
            if node.function == "has" and not isinstance(node.arguments[0], (Select, Index)):
                raise ExpressionError(
                    "has() takes a name with a dot", hint=f"write {FUNCTIONS['has'].usage}", column=node.start + 1
                )
    return Program(source, tree)


def _literal_text(operands: tuple[Node, ...]) -> str | None:
    first = operands[0] if operands else None
    return first.value if isinstance(first, Literal) and isinstance(first.value, str) else None


def dotted(node: Node) -> tuple[str, ...] | None:
    """Give the parts of a written-out chain of names (`facts.settings["PORT"]`), None where it is none."""
    match node:
        case Name():
            return (node.name,)
        case Select():
            head = dotted(node.operand)
            return None if head is None else (*head, node.field)
        case Index(index=Literal(value=str() as key)):
            head = dotted(node.operand)
            return None if head is None else (*head, key)
        case _:
            return None


def _references(node: Node, bound: frozenset[str]) -> set[str]:
    chain = dotted(node)
    if chain is not None:
        return set() if chain[0] in bound else {".".join(chain)}
    match node:
        case Macro():
            inside = bound | {node.item}
            found = _references(node.target, bound) | _references(node.body, inside)
            return found if node.condition is None else found | _references(node.condition, inside)
        case _:
            return {name for child in children(node) for name in _references(child, bound)}


def _released(value: Any) -> Any:
    """Give a result to the outside: what is tainted as Secret."""
    match value:
        case _Tainted(value=bool() as verdict):
            return verdict
        case _Tainted(value=list() | tuple() as items):
            return [_released(_Tainted(item)) for item in items]
        case _Tainted(value=dict() as entries):
            return {key: _released(_Tainted(item)) for key, item in entries.items()}
        case _Tainted(value=inner):
            return Secret(text_of(inner))
        case Words():
            return value
        case list():
            return [_released(item) for item in value]
        case dict():
            return {key: _released(item) for key, item in value.items()}
        case _:
            return value


def _bared(value: Any) -> tuple[Any, bool]:
    """Give a value with the secrets in it revealed, and whether there was one."""
    match value:
        case _Tainted():
            return value.value, True
        case Secret():
            return value.reveal(), True
        case list() | tuple() if not isinstance(value, Words):
            pairs = [_bared(item) for item in value]
            return [item for item, _ in pairs], any(secret for _, secret in pairs)
        case dict():
            bared = {key: _bared(item) for key, item in value.items()}
            return {key: item for key, (item, _) in bared.items()}, any(secret for _, secret in bared.values())
        case _:
            return value, False


class _Evaluation:
    """One walk over the tree of one expression."""

    def __init__(self, source: str, env: Environment) -> None:
        self._source = source
        self._env = env
        self._bound: dict[str, Any] = {}

    def _written(self, node: Node) -> str:
        return self._source[node.start : node.end]

    def _absent(self, node: Node) -> AbsentError:
        return AbsentError(
            f"{self._written(node)} is absent: it was not asked, or could not be read",
            hint="default(…, value) says what to take then",
            column=node.start + 1,
        )

    def present(self, node: Node) -> Any:
        """Give the value of `node`; AbsentError where it is absent."""
        value = self.value(node)
        if value is ABSENT:
            raise self._absent(node)
        return value

    def truth(self, node: Node) -> bool:
        """Give the value of a condition; absent is False."""
        value = self.value(node)
        if value is ABSENT:
            return False
        bare, secret = _bared(value)
        if not isinstance(bare, bool):
            what = "a secret" if secret else describe(bare)
            raise ExpressionError(
                f"a condition is wanted here, and {self._written(node)} is {what}",
                hint="compare it with something: ==, <, in_range(…)",
                column=node.start + 1,
            )
        return bare

    def value(self, node: Node) -> Any:  # noqa: C901, PLR0912 - one case for each kind of node
        """Give the value of `node`, ABSENT where it is absent."""
        match node:
            case Literal():
                return ABSENT if node.value is None else node.value
            case Name():
                return self._named(node)
            case Select():
                return self._field(self.value(node.operand), node.field, node)
            case Index():
                return self._item(node)
            case Call():
                return self._call(node)
            case Macro():
                return self._macro(node)
            case Unary(operator="!"):
                return not self.truth(node.operand)
            case Unary():
                return self._by_library("-a", node, (node.operand,))
            case Binary(operator="&&" | "||"):
                return self._logic(node)
            case Binary() if node.operator in _COMPARISONS:
                return self._comparison(node)
            case Binary():
                return self._by_library(f"a {node.operator} b", node, (node.left, node.right))
            case Conditional():
                return self.value(node.yes if self.truth(node.condition) else node.no)
            case ListNode():
                return [self.present(item) for item in node.items]
            case MapNode():
                return {self._key(key): self.present(item) for key, item in node.entries}

    def _named(self, node: Name) -> Any:
        if node.name in self._bound:
            return self._bound[node.name]
        value = self._env.names.get(node.name, ABSENT)
        return ABSENT if value is None else value

    def _key(self, node: Node) -> str:
        key, _ = _bared(self.present(node))
        if not isinstance(key, str):
            raise ExpressionError(f"keys are text, and {self._written(node)} is not", column=node.start + 1)
        return key

    def _field(self, holder: Any, name: str, node: Select | Index) -> Any:
        match holder:
            case Absent():
                return ABSENT
            case Mapping():
                found = holder.get(name, ABSENT)
                return ABSENT if found is None else found
            case _Tainted(value=Mapping() as inner):
                found = inner.get(name, ABSENT)
                return ABSENT if found is None or found is ABSENT else _Tainted(found)
            case _:
                bare, secret = _bared(holder)
                raise ExpressionError(
                    f"{self._written(node.operand)} is {'a secret' if secret else describe(bare)}"
                    f" and has no field {name}",
                    column=node.start + 1,
                )

    def _item(self, node: Index) -> Any:
        holder = self.value(node.operand)
        index, secret = _bared(self.value(node.index))
        if holder is ABSENT or index is ABSENT:
            return ABSENT
        if isinstance(index, str):
            found = self._field(holder, index, node)
            return _Tainted(_bared(found)[0]) if secret and found is not ABSENT else found
        inner = holder.value if isinstance(holder, _Tainted) else holder
        if not isinstance(inner, (list, tuple)) or isinstance(index, bool) or not isinstance(index, int):
            raise ExpressionError(
                f"[…] takes a number of a list's item or a text of a map's key: {self._written(node)}",
                column=node.start + 1,
            )
        if not 0 <= index < len(inner):
            return ABSENT
        found = inner[index]
        if found is None:
            return ABSENT
        return _Tainted(found) if isinstance(holder, _Tainted) else found

    def _logic(self, node: Binary) -> bool:
        """Evaluate && and ||: the side that decides wins, also over an error of the other one."""
        decides = node.operator == "||"
        try:
            if self.truth(node.left) is decides:
                return decides
        except ExpressionError:
            if self.truth(node.right) is decides:
                return decides
            raise
        return self.truth(node.right)

    def _comparison(self, node: Binary) -> bool:
        left, right = self.value(node.left), self.value(node.right)
        if left is ABSENT or right is ABSENT:
            return False
        (left, one_secret), (right, other_secret) = _bared(left), _bared(right)
        if isinstance(left, Version) or isinstance(right, Version):
            left, right = self._as_versions(left, right, node, secret=one_secret or other_secret)
        result: bool = self._calculated(f"a {node.operator} b", (left, right), node)
        return result

    def _as_versions(self, left: Any, right: Any, node: Binary, *, secret: bool) -> tuple[Any, Any]:
        """Give two numbers or texts that compare as the versions do."""
        if not isinstance(left, (str, Version)) or not isinstance(right, (str, Version)):
            return plain(left), plain(right)
        order = self._applied(node, node.operator_start, _order, (left, right), secret=secret)
        return order, 0

    def _by_library(self, operation: str, node: Unary | Binary, operands: tuple[Node, ...]) -> Any:
        pairs = [_bared(self.present(operand)) for operand in operands]
        secret = any(tainted for _, tainted in pairs)
        result = self._calculated(operation, tuple(plain(value) for value, _ in pairs), node)
        return _Tainted(result) if secret else result

    def _calculated(self, operation: str, operands: tuple[Any, ...], node: Node) -> Any:
        try:
            return calculate(operation, *(plain(operand) for operand in operands))
        except RefusedError as refusal:
            why = str(refusal)
        column = (node.operator_start if isinstance(node, Binary) else node.start) + 1
        hint = ""
        if isinstance(node, Call):
            why = why or FUNCTIONS[node.function].refusal
        elif not why:
            operator = node.operator if isinstance(node, (Binary, Unary)) else self._written(node)
            why = f"{operator} does not go with {' and '.join(describe(operand) for operand in operands)}"
            hint = "int(x), double(x) and string(x) turn one into the other"
        raise ExpressionError(f"{self._written(node)}: {why}", hint=hint, column=column)

    def _call(self, node: Call) -> Any:
        match node.function:
            case "default":
                return self._default(node)
            case "has":
                return self.value(node.arguments[0]) is not ABSENT
            case "file":
                return self._file(node)
            case "outcome":
                return self._outcome(node)
            case "took":
                return self._took(node)
            case "crosses":
                return self._crosses(node)
            case _:
                return self._ordinary(node, FUNCTIONS[node.function])

    def _ordinary(self, node: Call, function: Function) -> Any:
        values = [self.value(operand) for operand in node.operands]
        for operand, value in zip(node.operands, values, strict=True):
            if value is ABSENT:
                if function.tests:
                    return False
                raise self._absent(operand)
        pairs = [_bared(value) for value in values]
        secret = any(tainted for _, tainted in pairs)
        bare = tuple(value for value, _ in pairs)
        for operand, value, wanted in zip(node.operands, bare, function.takes, strict=False):
            if not check_kind(value, wanted):
                raise ExpressionError(
                    f"{node.function}() does not take {describe(value)}: {self._written(operand)}",
                    hint=f"write {function.usage}",
                    column=operand.start + 1,
                )
        if function.apply is None:
            result = self._calculated(function.operation, bare, node)
        else:
            result = self._applied(node, node.name_start, function.apply, bare, secret=secret)
        if function.tests or not secret:
            return result
        return _Tainted(result)

    def _applied(self, node: Node, at: int, apply: Callable[..., Any], bare: tuple[Any, ...], *, secret: bool) -> Any:
        try:
            return apply(*bare)
        except ValueError as error:
            message, hint = str(error), ""
        except ExpressionError as error:
            message, hint = error.message, error.hint
        # Raised out here, so that the first error, which quotes the value, is not carried along.
        if secret:
            raise ExpressionError(f"{self._written(node)} has no value", column=at + 1)
        raise ExpressionError(f"{self._written(node)}: {message}", hint=hint, column=at + 1)

    def _default(self, node: Call) -> Any:
        try:
            value = self.value(node.arguments[0])
        except AbsentError:
            value = ABSENT
        return self.value(node.arguments[1]) if value is ABSENT else value

    def _text(self, node: Node) -> str:
        value, secret = _bared(self.present(node))
        if not isinstance(value, str) or secret:
            raise ExpressionError(
                f"plain text is wanted here: {self._written(node)} is {'a secret' if secret else describe(value)}",
                column=node.start + 1,
            )
        return value

    def _file(self, node: Call) -> Any:
        if self._env.file is None:
            raise ExpressionError(
                "file() reads the disk and has no place here",
                hint="it can stand in valid and in checks",
                column=node.start + 1,
            )
        return dict(self._env.file(self._text(node.arguments[0])))

    def _outcome(self, node: Call) -> str:
        step = self._text(node.arguments[0])
        if self._env.outcome is None:
            raise AbsentError(f"how {step} ended is not known yet", column=node.start + 1)
        return self._env.outcome(step)

    def _took(self, node: Call) -> float:
        step = self._text(node.arguments[0])
        seconds, _ = _bared(self.present(node.arguments[1]))
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise ExpressionError("took() takes seconds for its second argument", column=node.start + 1)
        return float(seconds) if self._env.took is None else float(self._env.took(step, float(seconds)))

    def _crosses(self, node: Call) -> bool:
        """Say whether this hop (before there is one: the whole path) leads over a version."""
        hop = self._env.names.get("hop") or {}
        answers = self._env.names.get("answers") or {}
        current = hop.get("from") or answers.get("current_version")
        target = hop.get("to") or answers.get("target_version")
        over, secret = _bared(self.value(node.arguments[0]))
        if not current or not target or over is ABSENT:
            return False
        crossed: bool = self._applied(node, node.start, _crossed, (current, over, target), secret=secret)
        return crossed

    def _macro(self, node: Macro) -> Any:
        target = self.value(node.target)
        if target is ABSENT:
            if node.macro in ("exists", "exists_one"):
                return False
            raise self._absent(node.target)
        tainted = isinstance(target, _Tainted)
        inner = target.value if isinstance(target, _Tainted) else target
        if not isinstance(inner, (list, tuple, Mapping)):
            bare, secret = _bared(inner)
            raise ExpressionError(
                f"{node.macro}() goes over a list, and {self._written(node.target)} is"
                f" {'a secret' if secret or tainted else describe(bare)}",
                column=node.target.start + 1,
            )
        items = [_Tainted(item) for item in inner] if tainted else list(inner)
        before = dict(self._bound)
        try:
            return self._over(node, [ABSENT if item is None else item for item in items])
        finally:
            self._bound = before

    def _over(self, node: Macro, items: list[Any]) -> Any:
        match node.macro:
            case "all":
                return self._decided(node, items, decides=False)
            case "exists":
                return self._decided(node, items, decides=True)
            case "exists_one":
                return sum(self._holds_for(node.item, item, node.body) for item in items) == 1
            case "filter":
                return [item for item in items if self._holds_for(node.item, item, node.body)]
            case _:
                kept = (
                    item for item in items if node.condition is None or self._holds_for(node.item, item, node.condition)
                )
                return [self._made_of(node.item, item, node.body) for item in kept]

    def _decided(self, node: Macro, items: list[Any], *, decides: bool) -> bool:
        """Give `decides` where one item does, also over an error of another one, like && and ||."""
        failure: ExpressionError | None = None
        for item in items:
            try:
                if self._holds_for(node.item, item, node.body) is decides:
                    return decides
            except ExpressionError as error:
                failure = failure or error
        if failure is not None:
            raise failure
        return not decides

    def _holds_for(self, name: str, item: Any, body: Node) -> bool:
        self._bound[name] = item
        return self.truth(body)

    def _made_of(self, name: str, item: Any, body: Node) -> Any:
        self._bound[name] = item
        return self.present(body)


def _order(left: Version | str, right: Version | str) -> int:
    one, other = as_version(left), as_version(right)
    return (one > other) - (one < other)


def _crossed(current: Version | str, over: Version | str, target: Version | str) -> bool:
    return as_version(current) < as_version(over) <= as_version(target)
