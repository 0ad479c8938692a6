"""Changing files: what becomes of a file is computed first, shown, journalled, and then done.

Journalled are the hash before and the hash after; on resume the file's own hash says whether the
change was not made, was made, or somebody else changed the file (DESIGN §5, Edits).
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.errors import HostError, StepFailedError
from wizard.run.differences import difference
from wizard.run.edited_text import Value, set_values, with_block, with_line
from wizard.run.records import Record
from wizard.secrets import Secret
from wizard.versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.expressions import Environment
    from wizard.guide.models.steps import Edit
    from wizard.run.context import Run
    from wizard.run.state import EditRecord

ABSENT_HASH = "absent"
"""Stands for the hash of a file that does not exist."""

OPEN_HASH = ""
"""Stands for the hash of what an operator has not finished writing by hand."""


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
    by_hand: bool = False
    """Whether the operator changes it; `after` is then what it holds before that."""

    @property
    def nothing(self) -> bool:
        """Whether the file already is as it should be."""
        return self.before == self.after and not self.unseen


class EditVerdict(StrEnum):
    """What the file's hash says about an intended edit."""

    NOT_MADE = "not made"
    MADE = "made"
    BEGUN = "begun by hand"
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
    """Compute what an edit makes of its file. StepFailedError where it does not fit it, or there is none to change."""
    from wizard.templates import render_text

    file = str(Path(folder) / render_text(edit.file, env))
    target = os.path.realpath(file)
    before = read_or_none(target)
    if edit.by_hand:
        return Change(file, target, before, before or b"", edit.in_place, (), by_hand=True)
    after = contents_after(edit, env, before, file, guide_folder=guide_folder, run=run)
    shown = f"{file} (a link to {target})" if Path(file).is_symlink() else file
    return Change(file, target, before, after, edit.in_place, difference(shown, before, after, run))


def contents_after(
    edit: Edit, env: Environment, before: bytes | None, file: str, *, guide_folder: Path, run: Run
) -> bytes:
    """What an edit makes of `before`; the same for the same names. Secrets it puts there are known to the run then."""
    from wizard.templates import render, render_regex, render_text

    def plain(value: Any) -> Any:
        return _plain(value, run)

    def rendered(text: Any) -> Any:
        return plain(render(text, env)) if isinstance(text, str) else text

    if edit.replace_with is not None:
        source = guide_folder / render_text(edit.replace_with, env)
        try:
            return source.read_bytes()
        except OSError as error:
            raise StepFailedError(f"{source}, which is to replace {file}, cannot be read: {error.strerror}") from None
    if before is None and edit.block is None and edit.set_ is None:
        raise StepFailedError(f"{file} does not exist", hint="Create it, or correct the path in the answers.")
    try:
        text = (before or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise StepFailedError(f"{file} is not UTF-8 text (byte {error.start})", hint="Change it by hand.") from None
    if edit.block is not None:
        return _encoded(with_block(text, str(rendered(edit.block))), file)
    if edit.lines is not None:
        for line in edit.lines:
            text = with_line(text, render_regex(line.find, env), _pieces(line.put, env, plain), file)
        return _encoded(text, file)
    values = {render_text(name, env): rendered(value) for name, value in (edit.set_ or {}).items()}
    remove = [render_text(name, env) for name in edit.remove]
    return _encoded(set_values(format_of(edit, file), text, values, remove, file), file)


def _plain(value: Any, run: Run) -> Any:
    """A value as it goes into a file."""
    match value:
        case Secret():
            run.secrets.add(value)
            return value.reveal()
        case Version():
            return str(value)
        case list() | tuple():
            return [_plain(item, run) for item in value]
        case dict():
            return {str(name): _plain(item, run) for name, item in value.items()}
        case _:
            return value


def _encoded(text: str, file: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise StepFailedError(f"{file}: a value for it is not UTF-8 text", hint="Change it by hand.") from None


def format_of(edit: Edit, file: str) -> str:
    """The format of the settings file an edit sets values in; StepFailedError where nothing tells it."""
    from wizard.guide.supported import edit_format

    if (known := edit_format(edit.model_copy(update={"file": file}))) is not None:
        return known
    raise StepFailedError(f"nothing tells the format of {file}", hint="Give the edit a `format:`.")


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


def apply_change(run: Run, key: str, change: Change) -> None:
    """Copy the file, journal the intent, replace it, journal the end."""
    from wizard.host.files import replace_contents

    announce(run, key, change, hash_of(change.after))
    replace_contents(change.target, change.after, in_place=change.in_place)
    run.record(Record.EDIT_MADE, key=key)


def announce(run: Run, key: str, change: Change, after: str) -> None:
    """Keep a copy of what a change replaces, and journal that it is about to be made."""
    run.record(
        Record.EDIT_INTENDED,
        key=key,
        file=change.file,
        target=change.target,
        before=hash_of(change.before),
        after=after,
        copy=keep_copy(run, change.target, change.before or b""),
        in_place=change.in_place,
        by_hand=change.by_hand,
    )


def keep_copy(run: Run, target: str, data: bytes) -> str:
    """Keep what a file held among the session's copies; gives the copy's name."""
    number = sum(len(step.edits) for step in run.state.steps.values()) + 1
    while (run.folder / "copies" / (copy := f"{number:04d}-{Path(target).name}")).exists():
        number += 1
    _write_copy(run, copy, data)
    return copy


def _write_copy(run: Run, name: str, data: bytes) -> None:
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
    if now == edit.before:
        return EditVerdict.NOT_MADE
    return EditVerdict.BEGUN if edit.after == OPEN_HASH else EditVerdict.CHANGED


def set_back(run: Run, edit: EditRecord) -> None:
    """Put back what an edit replaced, as it was; nothing where the file is so already."""
    from wizard.host.files import replace_contents

    if edit.before == ABSENT_HASH:
        if read_or_none(edit.target) is not None:
            _remove(edit.target)
    elif hash_of(read_or_none(edit.target)) != edit.before:
        replace_contents(edit.target, copy_of(run, edit), in_place=edit.in_place)


def _remove(target: str) -> None:
    try:
        Path(target).unlink()
    except OSError as error:
        raise StepFailedError(f"{target}, which this run made, cannot be removed: {error.strerror}") from None


def copy_of(run: Run, edit: EditRecord) -> bytes:
    """What a file held before an edit; StepFailedError where that cannot be had any more."""
    copy = run.folder / "copies" / edit.copy
    try:
        data = copy.read_bytes()
    except OSError as error:
        raise StepFailedError(f"the copy of {edit.target} in {copy} cannot be read: {error.strerror}") from None
    if hash_of(data) != edit.before:
        raise StepFailedError(f"the copy of {edit.target} in {copy} is not what was kept there, so it is not put back")
    return data
