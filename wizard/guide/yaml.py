"""The strict YAML of guides and answers files, with the place of everything in it.

PyYAML's scanner and parser (the pure Python ones) give the events; what they mean is decided here:
only `true`, `false` and plain integers are not text, and whatever makes YAML surprising (duplicate
keys, anchors, aliases, merge keys, tags, nulls) is a problem with its line. No input raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from wizard.guide.advice import is_cut_off, syntax_problem
from wizard.guide.document import HOLDS_MORE, Document, Node, Place, dotted
from wizard.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Document", "read_yaml", "read_yaml_file"]

SIZE_LIMIT: Final = 4 << 20
DEPTH_LIMIT: Final = 40
MENDS: Final = 12
"""After how many broken lines the rest of a file is left unread."""
SHOWN_CHARACTERS: Final = 20

LIBYAML: Any = getattr(getattr(yaml, "cyaml", None), "CParser", None)
"""The parser of libyaml; None where PyYAML was built without it."""

_LIBYAML_ONLY: Final = re.compile(r"[|>][-+0-9]*#")
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_UNWANTED: Final = re.compile(
    "\r(?!\n)|[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_SKIPPED: Final = object()
"""In the place of a key that cannot be used; its value is read and thrown away."""


class _Events(Reader, Scanner, Parser):
    """PyYAML as far as its events; nothing is constructed from them."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


class _At(NamedTuple):
    """Where an event begins (line and column from 1) and which characters it spans."""

    line: int
    column: int
    start: int
    end: int


def _at(event: yaml.Event) -> _At:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return _At(0, 0, 0, 0)
    return _At(start.line + 1, start.column + 1, start.index, end.index)


class _TooDeepError(Exception):
    """Nested deeper than any guide."""

    def __init__(self, at: _At) -> None:
        super().__init__()
        self.at = at


def read_yaml_file(path: Path, shown: str | None = None) -> Document:
    """Read the file at `path`; one that cannot be read is a document with that one problem."""
    name = shown or str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)  # read_yaml refuses what is larger
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        return _unreadable(name, f"the file cannot be read: {reason}", rule="file-unreadable")
    return read_yaml(raw, name)


def read_yaml(text: str | bytes, file: str) -> Document:
    """Read one document; every problem of the text is in `problems`, and none is ever raised.

    `data` is made of dict (text keys), list, str, int and bool; it is None where the text is too
    broken to be read to its end. `file` is only the name that problems carry.
    """
    if len(text) > SIZE_LIMIT:
        return _unreadable(file, f"the file is larger than {SIZE_LIMIT >> 20} MiB", rule="file-too-large")
    problems: list[Problem] = []
    source = _decoded(text, file, problems)
    source = _readable(source, file, problems)
    mended: set[int] = set()
    reading = _Reading(source, file)
    if not problems and reading.run_fast():
        return Document(file, source, reading.data, (), frozenset(), reading.nodes)
    while True:
        reading = _Reading(source, file)
        failure = reading.run()
        if failure is None:
            break
        line = failure.line
        if line in mended or (mended and (line < max(mended) or _comes_of(failure, source, max(mended)))):
            reading.give_up()
            break
        problems.append(failure)
        repaired = _mend(source, line) if len(mended) < MENDS else None
        if repaired is None:
            reading.give_up()
            break
        mended.add(line)
        source = repaired
    damaged = reading.damaged | {
        path for path, node in reading.nodes.items() if path and _is_mended(path, node, mended)
    }
    problems += [problem for problem in reading.problems if problem.line not in mended]
    problems.sort(key=lambda problem: (problem.line, problem.column))
    return Document(file, source, reading.data, tuple(problems), frozenset(damaged), reading.nodes)


def _unreadable(file: str, message: str, *, rule: str) -> Document:
    return Document(file, "", None, (Problem(message, file, rule=rule),), frozenset(), {})


def _decoded(text: str | bytes, file: str, problems: list[Problem]) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = text[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        problems.append(
            Problem(
                f"this is not UTF-8 text (byte 0x{text[error.start]:02x})",
                file,
                line,
                column,
                hint="save the file in the encoding UTF-8",
                rule="not-utf-8",
            )
        )
        return text.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _readable(text: str, file: str, problems: list[Problem]) -> str:
    """Report characters nobody can see and editors count differently, and put blanks in their place."""
    for number, found in enumerate(_UNWANTED.finditer(text)):
        if number == SHOWN_CHARACTERS:
            break
        at = found.start()
        problems.append(
            Problem(
                f"the character U+{ord(found[0]):04X} cannot stand in this file",
                file,
                text.count("\n", 0, at) + 1,
                at - text.rfind("\n", 0, at),
                hint='remove it; where a text needs it, write it as an escape in double quotes ("\\u2028")',
                rule="unprintable-character",
            )
        )
    return _UNWANTED.sub(" ", text)


def _is_mended(path: tuple[str | int, ...], node: Node, mended: set[int]) -> bool:
    """Whether a value stands on a line that was mended.

    What a key holds may begin there with the first of its own keys or entries, and is whole but for that.
    """
    holds_more = isinstance(path[-1], str) and node.style == HOLDS_MORE
    return node.key.line in mended or (node.line in mended and not holds_more)


def _comes_of(failure: Problem, text: str, mended: int) -> bool:
    """Whether a line does not fit because of what was put on the line above, which had its problem already."""
    between = text.split("\n")[mended : failure.line - 1]
    return failure.rule == "yaml-indent" and not any(one.strip() for one in between)


_VALUE_ON_LINE: Final = re.compile(r"(?P<head> *(?:- +)*(?:[A-Za-z_][\w.-]*:(?= ))?) *(?P<rest>\S.*)")


_KEY_ON_LINE: Final = re.compile(r" *[A-Za-z_][\w.-]*:(?: |$)")
_THROWN_AWAY: Final = "'?'"
"""A key in the place of what could not be read of a mapping; the whole of it is damaged."""


def _mend(text: str, line: int) -> str | None:
    """Put an empty text where the broken value stands on `line`, so that the rest can be read too.

    An entry of a list that goes on below as a mapping stays one, with a key that is thrown away.
    """
    lines = text.split("\n")
    if not 0 < line <= len(lines):
        return None
    found = _VALUE_ON_LINE.fullmatch(lines[line - 1].rstrip("\r"))
    if found is None or not found["head"].strip() or found["rest"][0] in "|>":
        return None
    head = found["head"].rstrip()
    below = next((one for one in lines[line:] if one.strip()), "")
    goes_on = head.endswith("-") and _KEY_ON_LINE.match(below) and len(below) - len(below.lstrip()) > head.rindex("-")
    lines[line - 1] = f"{head} {_THROWN_AWAY}: ''" if goes_on else f"{head} ''"
    return "\n".join(lines)


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being read."""

    path: tuple[str | int, ...]
    holder: dict[str, Any] | list[Any]
    flow: bool
    is_key: bool = False
    key: Any = None
    key_place: Place = field(default_factory=lambda: Place(0, 0))
    key_end: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    count: int = 0


class _Reading:
    """One pass over the events of a text."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.data: Any = None
        self.problems: list[Problem] = []
        self.damaged: set[tuple[str | int, ...]] = set()
        self.nodes: dict[tuple[str | int, ...], Node] = {}
        self._stack: list[_Frame] = []
        self._documents = 0

    def run_fast(self) -> bool:
        """Read a text in which nothing is wrong by libyaml; False where the other parser has to look at it.

        The two differ in what they refuse: tabs, `?` in a plain text of {…}, a comment right behind | or >.
        """
        if LIBYAML is None or "\t" in self.text or _LIBYAML_ONLY.search(self.text):
            return False
        try:
            for event in self._events(LIBYAML(self.text)):
                self._take(event)
                if self.problems or self._is_doubtful(event):
                    return False
        except (_TooDeepError, yaml.YAMLError, ValueError, OverflowError, RecursionError):
            return False
        return self._documents == 1

    def _is_doubtful(self, event: yaml.Event) -> bool:
        in_flow = bool(self._stack) and self._stack[-1].flow
        return in_flow and isinstance(event, yaml.ScalarEvent) and not event.style and "?" in event.value

    def run(self) -> Problem | None:
        """Read to the end; the problem that ended the reading early, if one did."""
        events: _Events | None = None
        try:
            events = _Events(self.text)
            for event in self._events(events):
                self._take(event)
        except _TooDeepError as error:
            return self._problem(
                f"nested deeper than {DEPTH_LIMIT} levels", error.at, rule="too-deep", hint="take a level out"
            )
        except yaml.MarkedYAMLError as error:
            return syntax_problem(error, self.text, self.file)
        except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
            mark = events.get_mark() if events is not None else None
            at = _At(mark.line + 1, mark.column + 1, 0, 0) if mark is not None else _At(0, 0, 0, 0)
            return self._problem(f"this cannot be read as YAML: {error}", at, rule="yaml-syntax")
        if self._documents == 0:
            self.problems.append(Problem("the file is empty", self.file, 1, 1, rule="empty-file"))
        return None

    def give_up(self) -> None:
        """Keep nothing of a text that could not be read to its end."""
        self.data = None

    def _events(self, events: Any) -> Iterator[yaml.Event]:
        while events.check_event():
            yield events.get_event()

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._document(event)
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._report(
                    "an alias (`*name`) cannot be used here",
                    event,
                    "write the value out; a text that begins with * goes into quotes",
                    "yaml-alias",
                )
                self._place("", event, damaged=True)
            case _:
                pass

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if event.version or event.tags:
            self._report("directives (`%…`) cannot be used here", event, "remove the line", "yaml-directive")
        if self._documents == 2:
            self._report("a second document begins here", event, "one file holds one document", "yaml-documents")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        plain = event.style is None or event.style == ""
        damaged = self._properties(event)
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.holder, dict) and top.key is None:
            self._key(event, top, plain=plain)
            return
        if plain and not damaged and event.value in _NULLS:
            self._null(event, top)
            self._place("", event, damaged=True)
            return
        value: str | int | bool = event.value
        if plain:
            if event.value in ("true", "false"):
                value = event.value == "true"
            elif _WHOLE.fullmatch(event.value):
                value = int(event.value)
            self._cut_off(event, value)
        else:
            damaged = self._unprintable(event) or damaged
        self._place(value, event, damaged=damaged)

    def _unprintable(self, event: yaml.ScalarEvent) -> bool:
        found = re.search("[\0\ud800-\udfff]", event.value)
        if found is None:
            return False
        self._report(
            f"a text cannot hold the character U+{ord(found[0]):04X}",
            event,
            "remove the escape",
            "unprintable-character",
        )
        return True

    def _cut_off(self, event: yaml.ScalarEvent, value: object) -> None:
        at = _at(event)
        if not isinstance(value, str) or not is_cut_off(self.text, at.start, at.end):
            return
        cut = self.text.index("#", at.end)
        self.problems.append(
            Problem(
                "` #` cuts the text off here; the rest of the line is a comment",
                self.file,
                self.text.count("\n", 0, cut) + 1,
                cut - self.text.rfind("\n", 0, cut),
                hint="put the whole text in quotes; before a real comment leave two blanks and one after #",
                rule="text-cut-off",
                severity=Severity.WARNING,
            )
        )

    def _null(self, event: yaml.ScalarEvent, top: _Frame | None) -> None:
        hint = "give it a value, or leave the key out"
        if event.value:
            self._report(
                f"`{event.value}` is no value here", event, f"{hint}; the word itself goes into quotes", "yaml-null"
            )
        elif top is None:
            self._report("the file is empty", event, "", "empty-file")
        elif isinstance(top.holder, list):
            self._report("nothing stands after this `-`", event, "give the entry a value, or remove it", "yaml-null")
        elif top.key is _SKIPPED:
            return
        elif top.flow and not self.text[top.key_end :].lstrip().startswith(":"):
            self.problems.append(
                Problem(
                    f"`{top.key}` stands here as a key without a value",
                    self.file,
                    top.key_place.line,
                    top.key_place.column,
                    dotted(top.path),
                    "a comma inside an unquoted text of {…} begins a new key: quote it, or write it in block style",
                    "comma-in-flow-text",
                )
            )
        else:
            self.problems.append(
                Problem(
                    f"nothing stands after `{top.key}:`",
                    self.file,
                    top.key_place.line,
                    top.key_place.column,
                    dotted((*top.path, str(top.key))),
                    hint,
                    "yaml-null",
                )
            )

    def _properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> bool:
        """Report anchors and tags; whether the value is not what was meant."""
        if event.anchor is not None:
            self._report(
                f"an anchor (`&{event.anchor}`) cannot be used here",
                event,
                "write the value out where it is needed, or use `values:` or a procedure",
                "yaml-anchor",
            )
        if event.tag is None:
            return False
        written = self._written(event)
        if written.startswith("!!"):
            hint = "remove it: only true, false and whole numbers are not text, everything else is"
        else:
            hint = "put the whole expression in single quotes (when: '!answers.x'), and a text with ! in front too"
        self._report(f"`{written}` is read by YAML as a tag", event, hint, "yaml-tag")
        return True

    def _written(self, event: yaml.Event) -> str:
        found = re.compile(r"(?:&\S+\s+)?(\S+)").match(self.text, _at(event).start)
        return found[1] if found is not None else ""

    def _key(self, event: yaml.ScalarEvent, top: _Frame, *, plain: bool) -> None:
        at = _at(event)
        place = Place(at.line, at.column)
        top.key_place, top.key_end = place, at.end
        name = event.value
        if plain and name == "<<":
            self._report("a merge key (`<<`) cannot be used here", event, "write the keys out", "yaml-merge")
            top.key = _SKIPPED
        elif name == "":
            self._report("a key is missing before `:`", event, "", "yaml-key")
            top.key = _SKIPPED
        elif name in top.seen:
            self._report(
                f"the key `{name}` stands here a second time",
                event,
                f"the first one is on line {top.seen[name]}: keep one of them",
                "duplicate-key",
                (*top.path, name),
            )
            top.key = _SKIPPED
        else:
            top.seen[name] = place.line
            top.key = name

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._stack) >= DEPTH_LIMIT:
            raise _TooDeepError(_at(event))
        damaged = self._properties(event)
        top = self._stack[-1] if self._stack else None
        holder: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        is_key = top is not None and isinstance(top.holder, dict) and top.key is None
        if is_key:
            self._report(
                "a mapping or list cannot be a key", event, "quote a text that begins with ?, { or [", "yaml-key"
            )
            path: tuple[str | int, ...] = (*top.path, "?") if top is not None else ()
        else:
            path = self._place(holder, event, damaged=damaged)
        self._stack.append(_Frame(path, holder, bool(event.flow_style), is_key))

    def _close(self) -> None:
        closed = self._stack.pop()
        if closed.is_key:
            self._stack[-1].key = _SKIPPED
            # What stands in it besides says nothing of what was meant.
            self.damaged.add(self._stack[-1].path)

    def _place(self, value: Any, event: yaml.Event, *, damaged: bool = False) -> tuple[str | int, ...]:
        """Put `value` where it belongs, note its place, and give its path."""
        at = _at(event)
        path: tuple[str | int, ...] = ()
        key_place = Place(at.line, at.column)
        kept = True
        if not self._stack:
            if self._documents == 1:
                self.data = value
            kept = self._documents == 1
        else:
            top = self._stack[-1]
            if isinstance(top.holder, list):
                path = (*top.path, top.count)
                top.count += 1
                top.holder.append(value)
            elif top.key is None:
                top.key = _SKIPPED
                return (*top.path, "?")
            else:
                key, top.key = top.key, None
                key_place = top.key_place
                kept = key is not _SKIPPED
                path = (*top.path, key if kept else "?")
                if kept:
                    top.holder[key] = value
        if kept and path not in self.nodes and "?" not in path:
            holds = isinstance(event, yaml.CollectionStartEvent)
            style = HOLDS_MORE if holds else getattr(event, "style", None) or ""
            self.nodes[path] = Node(at.line, at.column, key_place, at.start, at.end, style)
        if damaged:
            self.damaged.add(path)
        return path

    def _here(self) -> tuple[str | int, ...]:
        if not self._stack:
            return ()
        top = self._stack[-1]
        if isinstance(top.holder, list):
            return (*top.path, top.count)
        return (*top.path, top.key) if isinstance(top.key, str) else top.path

    def _report(
        self, message: str, event: yaml.Event, hint: str, rule: str, path: tuple[str | int, ...] | None = None
    ) -> None:
        where = self._here() if path is None else path
        self.problems.append(self._problem(message, _at(event), rule=rule, hint=hint, key=dotted(where)))

    def _problem(self, message: str, at: _At, *, rule: str, hint: str = "", key: str = "") -> Problem:
        return Problem(message, self.file, at.line, at.column, key, hint, rule)
