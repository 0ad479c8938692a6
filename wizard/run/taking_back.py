"""Taking an edit back in a file that somebody changed since: only what this run wrote, where it still stands.

What an edit wrote is not kept (it may hold secrets) but made again, from the copy of what was there and the
names the step was rendered from; its journalled hash says whether it is the same.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from wizard.errors import ExpressionError, StepFailedError
from wizard.run.bindings import ask_for_names
from wizard.run.edited_text import dumped_json, holder_of, parse_ini, parsed_json, parsed_toml
from wizard.run.edits import (
    ABSENT_HASH,
    EditVerdict,
    contents_after,
    copy_of,
    format_of,
    hash_of,
    keep_copy,
    read_or_none,
    set_back,
    verdict_on,
)
from wizard.run.events import Said
from wizard.run.names import from_snapshot
from wizard.run.needs import ask_for_secrets
from wizard.run.places import chain_of, model_of
from wizard.run.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.plan.model import PlannedStep
    from wizard.run.context import Run
    from wizard.run.state import EditRecord


class ChangedSinceError(StepFailedError):
    """What this step wrote changed again since; `left` names it, and `rest` whether anything else can be put back."""

    def __init__(self, message: str, left: Sequence[str], *, rest: bool, hint: str = "") -> None:
        """Keep what was changed."""
        super().__init__(message, hint=hint)
        self.left = tuple(left)
        self.rest = rest


@dataclass(frozen=True, slots=True)
class Back:
    """A text without what this run wrote: `done` names what was put back, `left` what somebody changed since."""

    text: str
    done: tuple[str, ...]
    left: tuple[str, ...]


def put_back(run: Run, planned: PlannedStep, edit: EditRecord, *, leaving: bool = False) -> str:
    """Put back what an edit changed; gives what became of the file, in words.

    The whole file where nobody touched it since, else only what still is as this run wrote it. Where
    something is not, ChangedSinceError before anything is done, unless `leaving` it was agreed to.
    """
    match verdict_on(edit):
        case EditVerdict.NOT_MADE:
            pass
        case EditVerdict.MADE:
            set_back(run, edit)
        case EditVerdict.BEGUN:
            whole_back(run, planned, edit)
        case EditVerdict.CHANGED:
            return _piecewise(run, planned, edit, leaving=leaving)
    return f"{edit.target} is as it was before."


def whole_back(run: Run, planned: PlannedStep, edit: EditRecord) -> None:
    """Put the whole file back as it was before the edit; what it holds now is kept among the copies."""
    now = read_or_none(edit.target)
    kept = keep_copy(run, edit.target, now or b"")
    run.record(Record.EDIT_PUT_BACK, key=planned.key, target=edit.target, before=hash_of(now), copy=kept, left=[])
    set_back(run, edit)
    run.operator.tell(Said(f"What {edit.target} held until now lies in {run.folder / 'copies' / kept}."))


def _piecewise(run: Run, planned: PlannedStep, edit: EditRecord, *, leaving: bool) -> str:
    from wizard.host.files import remove_leftover, replace_contents

    remove_leftover(edit.target)
    now = read_or_none(edit.target)
    if now is None:
        raise _changed(run, edit, f"{edit.target} was removed by somebody after this run changed it", (), rest=False)
    back = _worked_out(run, planned, edit, now)
    if back.left and not leaving:
        names = ", ".join(back.left)
        message = f"{edit.target}: {names} changed again after this step, so nothing was put back yet"
        raise _changed(run, edit, message, back.left, rest=bool(back.done))
    data = back.text.encode()
    kept = keep_copy(run, edit.target, now)
    run.record(
        Record.EDIT_PUT_BACK,
        key=planned.key,
        target=edit.target,
        before=hash_of(now),
        after=hash_of(data),
        copy=kept,
        left=list(back.left),
    )
    if data != now:
        replace_contents(edit.target, data, in_place=edit.in_place)
    if back.left:
        return f"{', '.join(back.done)} in {edit.target} put back, {', '.join(back.left)} left as it is now."
    return f"{edit.target} was changed since; what this step wrote into it is taken back, the rest is left."


def _changed(run: Run, edit: EditRecord, message: str, left: Sequence[str], *, rest: bool) -> ChangedSinceError:
    hint = f"What it held before this run lies in {run.folder / 'copies' / edit.copy}."
    return ChangedSinceError(message, left, rest=rest, hint=hint)


def _worked_out(run: Run, planned: PlannedStep, edit: EditRecord, now: bytes) -> Back:
    """What becomes of the file; ChangedSinceError where it cannot be told what this run wrote into it."""
    model = model_of(run, planned).edit
    if model is None or model.by_hand:
        raise _changed(run, edit, f"{edit.target} was changed again after this step", (), rest=False)
    before = copy_of(run, edit) if edit.before != ABSENT_HASH else None
    ask_for_secrets(run, *chain_of(run, planned))
    ask_for_names(run, planned.key)
    env = from_snapshot(run, edit.names, planned.key)
    try:
        after = contents_after(model, env, before, edit.file, guide_folder=run.loaded.folder, run=run)
        if hash_of(after) != edit.after:
            raise StepFailedError("what this step wrote cannot be made again")
        kind = format_of(model, edit.file) if model.set_ is not None or model.remove else ""
        names = [_rendered(one, env) for one in (*(model.set_ or {}), *model.remove)]
        texts = tuple(one.decode("utf-8") for one in (before or b"", after, now))
        return taken_back(kind, names, *texts, file=edit.file)
    except (StepFailedError, ExpressionError, UnicodeDecodeError) as error:
        why = error.message if isinstance(error, StepFailedError | ExpressionError) else "it is not UTF-8 any more"
        message = f"{edit.target} was changed again after this step ({why}), so it is left as it is"
        raise _changed(run, edit, message, (), rest=False) from None


def _rendered(name: str, env: Any) -> str:
    from wizard.templates import render_text

    return render_text(name, env)


def taken_back(kind: str, names: Iterable[str], before: str, after: str, now: str, *, file: str) -> Back:
    """Take back what led from `before` to `after` in `now`.

    With a `kind` of settings file the values under `names`, each where it still is as in `after`; else the
    lines that differ, where they still stand together exactly once.
    """
    if not kind:
        return _lines_back(before, after, now)
    settings = _settings_of(kind, file)
    done: list[str] = []
    left: list[str] = []
    text = now
    for name in reversed(list(dict.fromkeys(names))):
        old, ours, found = (settings.at(one, name) for one in (before, after, text))
        if old in (ours, found):
            continue
        if found != ours:
            left.append(name)
            continue
        text = settings.restored(text, name, before)
        done.append(name)
    return Back(text, tuple(done[::-1]), tuple(left[::-1]))


# -- settings ------------------------------------------------------------------------------------


class _Settings(Protocol):
    """How one format tells and restores a value."""

    def at(self, text: str, name: str) -> Any:
        """What stands under a name, in a form that is equal where the value is; None where nothing does."""

    def restored(self, text: str, name: str, before: str) -> str:
        """The text with the setting as it stands in `before`."""


def _settings_of(kind: str, file: str) -> _Settings:
    match kind:
        case "yaml":
            return _Yaml(file)
        case "json" | "toml":
            return _Data(kind, file)
        case _:
            return _Lines(kind)


class _Line(Protocol):
    """One line of a settings file; `text[start:end]` is its value."""

    @property
    def text(self) -> str: ...
    @property
    def key(self) -> str | None: ...
    @property
    def value(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Lines:
    """dotenv, properties and ini: a line for each value; of equal keys the last counts (in ini the first)."""

    kind: str

    def _parsed(self, text: str) -> Sequence[_Line]:
        from wizard.facts.dotenv import parse_dotenv
        from wizard.facts.properties import parse_properties

        match self.kind:
            case "dotenv":
                return parse_dotenv(text)
            case "properties":
                return parse_properties(text)
            case _:
                return parse_ini(text)

    def _place(self, lines: Sequence[_Line], name: str) -> int | None:
        places = [number for number, line in enumerate(lines) if line.key == name]
        if not places:
            return None
        return places[0] if self.kind == "ini" else places[-1]

    def at(self, text: str, name: str) -> str | None:
        """The value."""
        lines = self._parsed(text)
        place = self._place(lines, name)
        return lines[place].value if place is not None else None

    def restored(self, text: str, name: str, before: str) -> str:
        """With the old value in its place, without the line, or with it at its old place."""
        lines, old = self._parsed(text), self._parsed(before)
        place, was = self._place(lines, name), self._place(old, name)
        out = [line.text for line in lines]
        if place is not None and was is not None:
            line, other = lines[place], old[was]
            out[place] = line.text[: line.start] + other.text[other.start : other.end] + line.text[line.end :]
        elif place is not None:
            out[place] = ""
            out = self._without_section(out, lines, name, old)
        elif was is not None:
            at = self._behind(lines, old, was)
            if at and out and not out[at - 1].endswith("\n"):
                out[at - 1] += "\n"
            out.insert(at, old[was].text)
        return "".join(out)

    def _behind(self, lines: Sequence[_Line], old: Sequence[_Line], was: int) -> int:
        """Where a line goes back: behind the nearest one before it that is still there once, else to the end."""
        texts = [line.text for line in lines]
        section = getattr(old[was], "section", "")
        for line in reversed(old[:was]):
            if getattr(line, "section", "") == section and line.text.strip() and texts.count(line.text) == 1:
                return texts.index(line.text) + 1
        if self.kind != "ini":
            return len(lines)
        inside = [number + 1 for number, line in enumerate(lines) if getattr(line, "section", "") == section]
        if not inside and section:
            raise StepFailedError(f"the section {section} is not there any more")
        return inside[-1] if inside else 0

    def _without_section(self, out: list[str], lines: Sequence[_Line], name: str, old: Sequence[_Line]) -> list[str]:
        """Without the head of an ini section that came with the key and holds nothing else."""
        section = name.rpartition(".")[0]
        if self.kind != "ini" or not section or any(getattr(line, "section", "") == section for line in old):
            return out
        inside = [number for number, line in enumerate(lines) if getattr(line, "section", "") == section]
        if sum(bool(out[number].strip()) for number in inside) > 1:
            return out
        head = inside[0]
        out[head] = ""
        if head and not out[head - 1].strip():
            out[head - 1] = ""
        return out


@dataclass(frozen=True, slots=True)
class _Data:
    """JSON and TOML: values by their places."""

    kind: str
    file: str

    def _parsed(self, text: str) -> Any:
        return parsed_json(text, self.file) if self.kind == "json" else parsed_toml(text, self.file)

    def _dumped(self, data: Any, text: str) -> str:
        if self.kind == "json":
            return dumped_json(data, text)
        import tomlkit

        return tomlkit.dumps(data)

    def at(self, text: str, name: str) -> tuple[Any] | None:
        """The value, wrapped so that a null is not taken for nothing."""
        found = holder_of(self._parsed(text), name, self.file, make=False)
        if found is None:
            return None
        value = found[0][found[1]]
        return (value.unwrap() if hasattr(value, "unwrap") else value,)

    def restored(self, text: str, name: str, before: str) -> str:
        """With the old value, or without the key and the groups that were made for it."""
        data, old = self._parsed(text), self._parsed(before)
        was = holder_of(old, name, self.file, make=False)
        if was is not None:
            there = holder_of(data, name, self.file)
            if there is not None:
                there[0][there[1]] = was[0][was[1]]
        else:
            self._removed(data, old, name)
        return self._dumped(data, text)

    def _removed(self, data: Any, old: Any, name: str) -> None:
        found = holder_of(data, name, self.file, make=False)
        while found is not None:
            del found[0][found[1]]
            name = name.rpartition(".")[0]
            if not name or found[0] or holder_of(old, name, self.file, make=False) is not None:
                return
            found = holder_of(data, name, self.file, make=False)


@dataclass(frozen=True, slots=True)
class _Yaml:
    """YAML: values as they are written."""

    file: str

    def at(self, text: str, name: str) -> Any:
        """What stands there."""
        from wizard.run.yaml_text import written_at

        found = written_at(text, name, self.file)
        return None if found is None else (found[0],)

    def restored(self, text: str, name: str, before: str) -> str:
        """With the value as it was written, or without the entry and what was made around it."""
        from wizard.run.yaml_text import put_in_again, rewritten, taken_out, written_at

        was = written_at(before, name, self.file)
        if was is None:
            return taken_out(text, name, before, self.file)
        if written_at(text, name, self.file) is None:
            return put_in_again(text, name, before, self.file)
        return rewritten(text, name, was[1], self.file)


# -- lines ---------------------------------------------------------------------------------------


def _lines_back(before: str, after: str, now: str) -> Back:
    """Take back changed lines, from the last to the first, each where it stands exactly once."""
    old, ours, lines = (one.splitlines(keepends=True) for one in (before, after, now))
    done: list[str] = []
    left: list[str] = []
    changes = [
        one for one in difflib.SequenceMatcher(None, old, ours, autojunk=False).get_opcodes() if one[0] != "equal"
    ]
    for _, i1, i2, j1, j2 in reversed(changes):
        where = _found(lines, ours, j1, j2)
        name = f"line {j1 + 1}" if j2 - j1 <= 1 else f"lines {j1 + 1} to {j2}"
        if where is None:
            left.append(name)
            continue
        lines[where : where + j2 - j1] = old[i1:i2]
        done.append(name)
    return Back("".join(lines), tuple(done[::-1]), tuple(left[::-1]))


def _found(lines: Sequence[str], ours: Sequence[str], start: int, end: int) -> int | None:
    """Where lines stand that this run wrote: alone if that is once, else with the lines around them."""
    for around in range(4) if end > start else range(1, 4):
        first, last = max(0, start - around), min(len(ours), end + around)
        wanted = list(ours[first:last])
        places = [at for at in range(len(lines) - len(wanted) + 1) if list(lines[at : at + len(wanted)]) == wanted]
        if not places:
            return None
        if len(places) == 1:
            return places[0] + start - first
    return None
