"""Changing files: what becomes of a file is computed first, shown, journalled, and then done.

Journalled are the hash before and the hash after; on resume the file's own hash says whether the
change was not made, was made, or somebody else changed the file (DESIGN §5, Edits).
"""

from __future__ import annotations

import difflib
import errno
import hashlib
import io
import json
import os
import re
import stat
from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.errors import HostError, StepFailedError
from wizard.run.records import Record
from wizard.secrets import MASK, Secret
from wizard.versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.expressions import Environment
    from wizard.guide.models.steps import Edit
    from wizard.run.context import Run
    from wizard.run.state import EditRecord

ABSENT_HASH = "absent"
"""Stands for the hash of a file that does not exist."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one file. `before` is None where the file does not exist yet."""

    file: str
    target: str
    """The file behind links; what is really changed."""
    before: bytes | None
    after: bytes
    in_place: bool
    shown: tuple[str, ...]
    unseen: bool = False
    """Whether the file cannot be looked at yet (in a rehearsal)."""

    @property
    def nothing(self) -> bool:
        """Whether the file already is as it should be."""
        return self.before == self.after and not self.unseen


class MissingFileError(StepFailedError):
    """The file of an edit does not exist, and the edit does not make it."""

    def __init__(self, file: str) -> None:
        """Keep the file."""
        super().__init__(f"{file} does not exist", hint="Create it, or correct the path in the answers.")
        self.file = file


class EditVerdict(StrEnum):
    """What the file's hash says about an intended edit."""

    NOT_MADE = "not made"
    MADE = "made"
    CHANGED = "changed by somebody"


def hash_of(data: bytes | None) -> str:
    """The hash that is journalled."""
    return ABSENT_HASH if data is None else hashlib.sha256(data).hexdigest()


def read_or_none(path: str) -> bytes | None:
    """Bytes of a file, None where there is none. StepFailedError where something else is there, or in the way."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            kind = "a folder" if Path(path).is_dir() else "a device, pipe or socket"
            raise StepFailedError(f"{path} is {kind}, not a file", hint="Correct the path.")
        return Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        message = f"{path} cannot be there: something that is not a folder stands in its path"
        raise StepFailedError(message, hint="Correct the path.") from None
    except OSError as error:
        hint = "Start again as the owner of the file, or with `sudo wizard`." if error.errno == errno.EACCES else ""
        raise StepFailedError(f"{path} cannot be read: {error.strerror}", hint=hint) from None


def change_of(edit: Edit, env: Environment, *, folder: str, guide_folder: Path, run: Run) -> Change:
    """Compute what an edit makes of its file.

    StepFailedError where the file does not fit it, MissingFileError where there is none to change.
    """
    from wizard.templates import render_text

    file = str(Path(folder) / render_text(edit.file, env))
    target = os.path.realpath(file)
    before = read_or_none(target)
    secrets: list[Secret] = []
    after = _edited(edit, env, before, file, guide_folder=guide_folder, secrets=secrets)
    for secret in secrets:
        run.secrets.add(secret)
    return Change(file, target, before, after, edit.in_place, _difference(file, before, after, run))


def _edited(
    edit: Edit, env: Environment, before: bytes | None, file: str, *, guide_folder: Path, secrets: list[Secret]
) -> bytes:
    from wizard.templates import render, render_regex, render_text

    def plain(value: Any) -> Any:
        match value:
            case Secret():
                secrets.append(value)
                return value.reveal()
            case Version():
                return str(value)
            case _:
                return value

    def rendered(text: Any) -> Any:
        return plain(render(text, env)) if isinstance(text, str) else text

    if edit.replace_with is not None:
        source = guide_folder / render_text(edit.replace_with, env)
        try:
            return source.read_bytes()
        except OSError as error:
            raise StepFailedError(f"{source}, which is to replace {file}, cannot be read: {error.strerror}") from None
    if before is None and edit.block is None and edit.set_ is None:
        raise MissingFileError(file)
    try:
        text = (before or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise StepFailedError(f"{file} is not UTF-8 text (byte {error.start})", hint="Change it by hand.") from None
    if edit.block is not None:
        return _encoded(_with_block(text, str(rendered(edit.block))), file)
    if edit.lines is not None:
        for line in edit.lines:
            text = _with_line(text, render_regex(line.find, env), _pieces(line.put, env, plain), file)
        return _encoded(text, file)
    values = {name: rendered(value) for name, value in (edit.set_ or {}).items()}
    remove = [render_text(name, env) for name in edit.remove]
    return _encoded(set_values(_format_of(edit, file), text, values, remove, file), file)


def _encoded(text: str, file: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise StepFailedError(f"{file}: a value for it is not UTF-8 text", hint="Change it by hand.") from None


def _format_of(edit: Edit, file: str) -> str:
    from wizard.guide.supported import edit_format

    if (known := edit_format(edit.model_copy(update={"file": file}))) is not None:
        return known
    raise StepFailedError(f"nothing tells the format of {file}", hint="Give the edit a `format:`.")


@dataclass(frozen=True, slots=True)
class Value:
    """Text in the place of a `${{ … }}` of a `put`: it goes into the file byte for byte."""

    text: str


def _pieces(put: str, env: Environment, plain: Callable[[Any], Any]) -> list[str | Value]:
    """A `put` as what its author wrote, group references included, and the values in it."""
    from wizard.expressions.text import text_of
    from wizard.templates.scan import placeholders
    from wizard.templates.text import value_of

    pieces: list[str | Value] = []
    at = 0
    for placeholder in placeholders(put):
        value = Value(text_of(plain(value_of(placeholder, env))))
        pieces += [put[at : placeholder.start], value]
        at = placeholder.end
    return [*pieces, put[at:]]


def set_values(kind: str, text: str, values: dict[str, Any], remove: list[str], file: str) -> str:
    """Set and remove values in a settings file; everything else stays byte for byte where the format allows."""
    match kind:
        case "dotenv":
            from wizard.facts.dotenv import remove_dotenv, set_dotenv

            return _set_lines(text, values, remove, set_dotenv, remove_dotenv)
        case "properties":
            from wizard.facts.properties import remove_property, set_property

            return _set_lines(text, values, remove, set_property, remove_property)
        case "json":
            return _set_json(text, values, remove, file)
        case "toml":
            return _set_toml(text, values, remove, file)
        case "ini":
            for name, value in values.items():
                text = _set_ini(text, name, _flat(value))
            for name in remove:
                text = _set_ini(text, name, None)
            return text
        case _:
            raise StepFailedError(f"{file}: setting values in {kind} is not carried out by this version of wizard")


def _set_lines(
    text: str,
    values: dict[str, Any],
    remove: list[str],
    put: Callable[[str, str, str], str],
    take: Callable[[str, str], str],
) -> str:
    for name, value in values.items():
        text = put(text, name, _flat(value))
    for name in remove:
        text = take(text, name)
    return text


def _flat(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _set_json(text: str, values: dict[str, Any], remove: list[str], file: str) -> str:
    try:
        data = json.loads(text or "{}")
    except ValueError as error:
        raise StepFailedError(f"{file} is not JSON: {error}", hint="Mend it by hand, then try again.") from None
    for name, value in values.items():
        inner, last = _descend(data, name, file)
        inner[last] = value
    for name in remove:
        inner, last = _descend(data, name, file)
        inner.pop(last, None)
    indent = re.search(r"^\{\s*\n([ \t]+)", text)
    tail = "\n" if text.endswith("\n") or not text else ""
    return json.dumps(data, indent=indent[1] if indent else (None if text else 2), ensure_ascii=False) + tail


def _set_toml(text: str, values: dict[str, Any], remove: list[str], file: str) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise StepFailedError(f"{file} is not TOML: {error}", hint="Mend it by hand, then try again.") from None
    for name, value in values.items():
        inner, last = _descend(document, name, file)
        inner[last] = value
    for name in remove:
        inner, last = _descend(document, name, file)
        if last in inner:
            del inner[last]
    return tomlkit.dumps(document)


def _descend(data: Any, name: str, file: str) -> tuple[Any, str]:
    """The map a dotted name ends in, made where it is missing."""
    *outer, last = name.split(".")
    if not isinstance(data, MutableMapping):
        raise StepFailedError(f"{file} holds {_kind_of(data)}, so {name} has no place in it", hint="Change it by hand.")
    for part in outer:
        if part not in data:
            data[part] = {}
        data = data[part]
        if not isinstance(data, MutableMapping):
            raise StepFailedError(f"{file}: {part} in {name} is {_kind_of(data)}, not a group of values")
    return data, last


def _kind_of(data: Any) -> str:
    return "a list" if isinstance(data, list) else "a value"


def _set_ini(text: str, name: str, value: str | None) -> str:
    """Set `section.key` (or a key before any section); None removes it."""
    section, _, key = name.rpartition(".")
    out: list[str] = []
    current, done, end_of_section = "", False, -1
    for line in io.StringIO(text):
        if header := re.fullmatch(r"\s*\[([^\]]+)\]\s*(?:[#;].*)?\n?", line):
            current = header[1].strip()
        pair = re.match(rf"(\s*{re.escape(key)}\s*[=:]\s*)", line) if current == section else None
        if pair and not done:
            done = True
            if value is not None:
                out.append(pair[1] + value + ("\n" if line.endswith("\n") else ""))
        else:
            out.append(line)
        if current == section and line.strip():
            end_of_section = len(out)
    if done or value is None:
        return "".join(out)
    if out and not out[-1].endswith("\n"):
        out[-1] += "\n"
    if end_of_section >= 0 or not section:
        out.insert(max(end_of_section, 0), f"{key} = {value}\n")
    else:
        out += ["\n" if out else "", f"[{section}]\n", f"{key} = {value}\n"]
    return "".join(out)


def _with_block(text: str, block: str) -> str:
    """The text with the block at its end, unless its lines already stand somewhere in it, whole and together."""
    block = block if block.endswith("\n") else block + "\n"
    lines = text if not text or text.endswith("\n") else text + "\n"
    return text if f"\n{block}" in f"\n{lines}" else lines + block


def _with_line(text: str, find: str, put: Sequence[str | Value], file: str) -> str:
    """The text with its one match of `find` replaced; group references work in what the guide's author wrote."""
    try:
        found = list(re.finditer(find, text, re.MULTILINE))
    except re.error as error:
        raise StepFailedError(f"{find} is no regular expression: {error}", hint="The guide has to be mended.") from None
    if len(found) != 1:
        many = "no line" if not found else f"{len(found)} places"
        hint = "The file is not as this guide knows it: change it by hand, then mark the step done."
        raise StepFailedError(f"{file}: {many} fit {find}; exactly one must", hint=hint)
    try:
        new = "".join(piece.text if isinstance(piece, Value) else found[0].expand(piece) for piece in put)
    except (re.error, IndexError) as error:
        message = f"{file}: what is to be put in the place of {find} refers to a group it does not have: {error}"
        raise StepFailedError(message, hint="The guide has to be mended.") from None
    return text[: found[0].start()] + new + text[found[0].end() :]


def _difference(file: str, before: bytes | None, after: bytes, run: Run) -> tuple[str, ...]:
    """Unified difference with secrets masked; with names alone while a secret of the session is not known."""
    from wizard.redaction import redact_text
    from wizard.run.names import secrets_missing

    known = [secret.reveal() for secret in run.secrets.all()]
    shown = _name_alone if secrets_missing(run) else _masked_line

    def lines(data: bytes | None) -> list[str]:
        return redact_text((data or b"").decode("utf-8", "replace"), known).splitlines()

    difference = list(difflib.unified_diff(lines(before), lines(after), file, file, lineterm="", n=2))
    return (*difference[:2], *(line if line[:2] == "@@" else line[:1] + shown(line[1:]) for line in difference[2:]))


_SETTING: Final = re.compile(r"(\s*(?:export\s+)?[\"']?([A-Za-z0-9_.-]+)[\"']?\s*[=:]\s*)\S")
_QUOTED_SETTING: Final = re.compile(r"([\"']([A-Za-z0-9_.-]+)[\"']\s*:\s*)(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\s,}\]]+)")


def _masked_line(line: str) -> str:
    """Hide the value of a setting whose name says that it is secret."""
    from wizard.facts.foreign import TELLING_KEY

    found = _SETTING.match(line)
    if found and TELLING_KEY.search(found[2]):
        return found[1] + MASK
    return _QUOTED_SETTING.sub(lambda pair: pair[1] + MASK if TELLING_KEY.search(pair[2]) else pair[0], line)


def _name_alone(line: str) -> str:
    """What a line sets, without its value: any value could be a secret that nobody here knows."""
    found = _SETTING.match(line)
    return (found[1] if found else "") + MASK if line.strip() else line


def apply_change(run: Run, key: str, change: Change) -> None:
    """Copy the file, journal the intent, replace it, journal the end."""
    from wizard.host.files import replace_contents

    number = sum(len(step.edits) for step in run.state.steps.values()) + 1
    copy = f"{number:04d}-{Path(change.target).name}"
    while (run.folder / "copies" / copy).exists():
        number += 1
        copy = f"{number:04d}-{Path(change.target).name}"
    _keep_copy(run, copy, change.before or b"")
    run.record(
        Record.EDIT_INTENDED,
        key=key,
        file=change.file,
        target=change.target,
        before=hash_of(change.before),
        after=hash_of(change.after),
        copy=copy,
        in_place=change.in_place,
    )
    replace_contents(change.target, change.after, in_place=change.in_place)
    run.record(Record.EDIT_MADE, key=key)


def _keep_copy(run: Run, name: str, data: bytes) -> None:
    """Keep what an edit replaces; on the disk before the edit begins. HostError where there is no room for it."""
    from wizard.host.durable import fsync_folder, open_folder, write_new

    try:
        folder = open_folder(run.folder / "copies")
        try:
            write_new(folder, name, data)
            fsync_folder(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise HostError(
            f"no copy of what this edit replaces can be kept in {run.folder / 'copies'}: {error.strerror}",
            hint="Nothing was changed. Make room on that disk, then try again.",
        ) from None


def verdict_on(edit: EditRecord) -> EditVerdict:
    """Ask the file itself what became of an intended edit."""
    now = hash_of(read_or_none(edit.target))
    if now == edit.after:
        return EditVerdict.MADE
    return EditVerdict.NOT_MADE if now == edit.before else EditVerdict.CHANGED


def set_back(run: Run, edit: EditRecord) -> None:
    """Put back what an edit replaced; StepFailedError where somebody changed the file since."""
    from wizard.host.files import replace_contents

    match verdict_on(edit):
        case EditVerdict.NOT_MADE:
            return
        case EditVerdict.CHANGED:
            message = f"{edit.target} was changed by somebody after this run changed it, so it is left as it is"
            hint = f"What it held before this run lies in {run.folder / 'copies' / edit.copy}."
            raise StepFailedError(message, hint=hint)
        case EditVerdict.MADE:
            if edit.before == ABSENT_HASH:
                _remove(edit.target)
            else:
                replace_contents(edit.target, _copy_of(run, edit), in_place=edit.in_place)


def _remove(target: str) -> None:
    try:
        Path(target).unlink()
    except OSError as error:
        raise StepFailedError(f"{target}, which this run made, cannot be removed: {error.strerror}") from None


def _copy_of(run: Run, edit: EditRecord) -> bytes:
    copy = run.folder / "copies" / edit.copy
    try:
        data = copy.read_bytes()
    except OSError as error:
        raise StepFailedError(f"the copy of {edit.target} in {copy} cannot be read: {error.strerror}") from None
    if hash_of(data) != edit.before:
        raise StepFailedError(f"the copy of {edit.target} in {copy} is not what was kept there, so it is not put back")
    return data
