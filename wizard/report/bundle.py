"""A bundle: one `.tar.gz` with what support needs of a session, made from its folder without touching it.

Files are copied block by block, so that memory stays the same whatever they hold. Each goes through a file without a
name first: what a tar says of a member stands before it, and how long it is with secrets taken out is known behind it.
"""

from __future__ import annotations

import json
import os
import tarfile
import tempfile
import zlib
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any, Final, cast

from wizard.errors import StoppedError, WizardError
from wizard.host import durable
from wizard.new_file import appearing
from wizard.redaction import stream_redactor
from wizard.report.bundle_parts import Gathering, Keep, LeftOut, cut_of, missing_line, open_part
from wizard.report.bundle_words import MANIFEST, README, readme

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from wizard.report.bundle_parts import Part
    from wizard.secrets import Secret

FORMAT: Final = 1
"""Of the manifest."""

_BLOCK: Final = 256 << 10
_IN_MEMORY: Final = 1 << 20
_LAST_LINE: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Written:
    """A text that is made for the bundle: its name there, what it is, and what makes it.

    Where that raises anything it is left out.
    """

    name: str
    what: str
    make: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Told:
    """What the bundle says of its session beside its parts: lines of words, each with its label, and remarks.

    `support` are the words of the guide on who helps; empty where it has none.
    """

    about: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...] = ()
    support: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the bundle: path below its top folder, bytes there and their sha256, what it is.

    `missing` are the bytes of the session's file that were left out of it; `masked` says that a secret was taken out
    of it as it was copied.
    """

    path: str
    bytes: int
    sha256: str
    what: str
    missing: int = 0
    masked: bool = False


@dataclass(frozen=True, slots=True)
class BundleMade:
    """A bundle that is there: where, its bytes, and what is in it and what is not."""

    path: Path
    size: int
    session: str
    members: tuple[Member, ...]
    left_out: tuple[LeftOut, ...]
    told: Told

    @property
    def shortened(self) -> tuple[Member, ...]:
        """The outputs of which the middle is missing."""
        return tuple(member for member in self.members if member.missing)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is bundled: the session's id and folder, who may be writing in it, and what is made for the bundle.

    `known` are secrets that are taken out of everything once more.
    """

    session: str
    folder: Path
    made: str
    """When, in UTC."""
    driven: bool
    texts: Sequence[Written]
    told: Told
    known: Collection[Secret] = ()


def said_or_why(make: Callable[[], str]) -> tuple[str, str]:
    """Give what `make` says, or why it says nothing.

    Whatever is raised: a bundle is what support needs when something is wrong, with wizard itself too. Of a defect
    only the kind is told, for its words may hold values.
    """
    try:
        return make(), ""
    except WizardError as error:
        return "", error.message
    except Exception as error:  # noqa: BLE001 - see above
        return "", f"a defect of wizard itself ({type(error).__name__})"


def _goes_on(_done: int, _of: int) -> bool:
    return True


def make_bundle(
    wanted: Wanted, folder: Path, names: Sequence[str], *, going_on: Callable[[int, int], bool] = _goes_on
) -> BundleMade:
    """Write a bundle (mode 0600) into `folder`, under the first of `names` that is free.

    `going_on` is told the bytes that were read and those there are, and ends it by False: StoppedError. UsageError
    or HostError where it cannot be written; nothing is left behind then. What cannot be read is left out and told.
    """
    holding = durable.open_folder(wanted.folder)
    try:
        gathered = Gathering(holding, driven=wanted.driven)
        with appearing(folder, names) as new:
            bundling = _Bundling(wanted, holding, new.file, folder)
            bundling.write(gathered, going_on)
            new.file.flush()
            size = os.fstat(new.file.fileno()).st_size
    finally:
        os.close(holding)
    return BundleMade(new.path, size, wanted.session, tuple(bundling.members), tuple(bundling.left_out), wanted.told)


class _Bundling:
    """One bundle as it is written."""

    def __init__(self, wanted: Wanted, holding: int, file: IO[bytes], scratch: Path) -> None:
        self.members: list[Member] = []
        self.left_out: list[LeftOut] = []
        self._wanted = wanted
        self._holding = holding
        self._scratch = scratch
        self._going_on: Callable[[int, int], bool] = _goes_on
        self._folders: set[str] = set()
        self._time = _seconds(wanted.made)
        self._read = self._all = 0
        self._gzip = _Gzip(file)
        self._tar = tarfile.TarFile(fileobj=cast("IO[bytes]", self._gzip), mode="w", format=tarfile.PAX_FORMAT)

    def write(self, gathered: Gathering, going_on: Callable[[int, int], bool]) -> None:
        """Write everything; the words about it come last, because they say what became of the rest."""
        self._going_on = going_on
        self.left_out += gathered.left_out
        self._all = sum(min(part.size, part.cap or part.size) for part in gathered.parts)
        for part in gathered.parts:
            self._add_part(part)
        for text in self._wanted.texts:
            made, why = said_or_why(text.make)
            if why:
                self.left_out.append(LeftOut(text.name, f"it could not be made: {why}", 0, failed=True))
            else:
                self._add_text(text.name, made, text.what)
        self._add_text(MANIFEST, self._manifest(), "all files, each with its bytes and its sha256")
        words = readme(self._wanted, self.members, self.left_out)
        self._add_text(README, words, "what is in this bundle, and what is not")
        self._tar.close()
        self._gzip.end()
        self._go_on()

    def _go_on(self) -> None:
        if not self._going_on(self._read, self._all):
            raise StoppedError("No bundle was made.", hint="Nothing of it is left behind.")

    def _add_part(self, part: Part) -> None:
        try:
            file = open_part(self._holding, part.path)
        except OSError as error:
            self.left_out.append(LeftOut(part.path, f"it cannot be read: {error.strerror}", 1, part.size, failed=True))
            return
        try:
            source = _Source(file, part)
            self._add(part.path, source.blocks(), part.what, source)
        finally:
            os.close(file)

    def _add_text(self, name: str, text: str, what: str) -> None:
        self._add(name, iter((text.encode("utf-8", "surrogateescape"),)), what)

    def _add(self, path: str, blocks: Iterator[bytes], what: str, source: _Source | None = None) -> None:
        """Put one file in; a source that cannot be read to its end is left out."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self._scratch)) as scratch:
            poured = self._pour(blocks, scratch, counts=source is not None)
            if source is not None and source.failed:
                self.left_out.append(LeftOut(path, source.failed, failed=True))
                return
            scratch.seek(0)
            about = self._about(path, source.time if source is not None else self._time)
            about.size = poured.size
            self._tar.addfile(about, scratch)
        missing = source.missing if source is not None else 0
        self.members.append(Member(path, poured.size, poured.hash.hexdigest(), what, missing, poured.masked))

    def _pour(self, blocks: Iterator[bytes], scratch: IO[bytes], *, counts: bool) -> _Poured:
        """Copy with every known secret taken out."""
        poured = _Poured()
        redactor = stream_redactor(self._wanted.known) if self._wanted.known else None
        before = sha256()
        for block in blocks:
            if redactor is not None:
                before.update(block)
            poured.put(scratch, redactor.feed(block) if redactor is not None else block)
            if counts:
                self._read += len(block)
                self._go_on()
        if redactor is not None:
            poured.put(scratch, redactor.flush())
            poured.masked = before.digest() != poured.hash.digest()
        return poured

    def _about(self, path: str, time: float) -> tarfile.TarInfo:
        """The head of a file, with the folders around it before it."""
        whole = f"{self._wanted.session}/{path}"
        parts = whole.split("/")
        for count in range(1, len(parts)):
            folder = "/".join(parts[:count])
            if folder not in self._folders:
                self._folders.add(folder)
                inside = tarfile.TarInfo(folder)
                inside.type, inside.mode, inside.mtime = tarfile.DIRTYPE, 0o700, self._time
                self._tar.addfile(inside)
        about = tarfile.TarInfo(whole)
        about.mode, about.mtime = 0o600, int(time)
        return about

    def _manifest(self) -> str:
        from wizard import __version__

        data: dict[str, Any] = {
            "bundle": FORMAT,
            "session": self._wanted.session,
            "made": self._wanted.made,
            "tool": __version__,
            "about": dict(self._wanted.told.about),
            "remarks": list(self._wanted.told.remarks),
            "masked_again": len(self._wanted.known),
            "files": [asdict(member) for member in self.members],
            "left_out": [asdict(one) for one in self.left_out],
        }
        return json.dumps(data, indent=1) + "\n"


class _Gzip:
    """Compresses what a tar writes into a file; an object that is simply dropped where the bundle fails."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._squeeze = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        self._at = 0

    def write(self, data: bytes) -> int:
        """Take the next bytes."""
        self._file.write(self._squeeze.compress(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        """The bytes that were taken."""
        return self._at

    def end(self) -> None:
        """Write what is held back."""
        self._file.write(self._squeeze.flush())


@dataclass(slots=True)
class _Poured:
    """What was written of one file."""

    size: int = 0
    hash: Any = field(default_factory=sha256)
    masked: bool = False

    def put(self, file: IO[bytes], block: bytes) -> None:
        """Write the next bytes."""
        self.size += len(block)
        self.hash.update(block)
        file.write(block)


class _Source:
    """A file of the session as it goes in: as far as it reached when it was opened, whatever is added meanwhile."""

    def __init__(self, file: int, part: Part) -> None:
        status = os.fstat(file)
        self.time = status.st_mtime
        self.missing = 0
        self.failed = ""
        """Why it could not be read to its end."""
        self._file = file
        self._part = part
        self._size = status.st_size

    def blocks(self) -> Iterator[bytes]:
        """Give what goes in."""
        try:
            yield from self._parts()
        except _ReadError as error:
            self.failed = f"it could not be read to its end: {error}"

    def _parts(self) -> Iterator[bytes]:
        match self._part.keep:
            case Keep.WHOLE:
                yield from self._span(0, self._size)
            case Keep.LINES:
                yield from self._span(0, self._whole_lines())
            case Keep.ENDS:
                cut = cut_of(self._size, self._part.cap)
                yield from self._span(0, cut.head)
                if cut.missing:
                    self.missing = cut.missing
                    yield missing_line(cut)
                yield from self._span(cut.tail, cut.end)

    def _span(self, begin: int, end: int) -> Iterator[bytes]:
        while begin < end and (block := self._at(begin, min(_BLOCK, end - begin))):
            begin += len(block)
            yield block

    def _whole_lines(self) -> int:
        """Where the last whole line ends."""
        end = self._size
        while end > 0:
            begin = max(0, end - _LAST_LINE)
            found = self._at(begin, end - begin).rfind(b"\n")
            if found >= 0:
                return begin + found + 1
            end = begin
        return 0

    def _at(self, offset: int, limit: int) -> bytes:
        try:
            return os.pread(self._file, limit, offset)
        except OSError as error:
            raise _ReadError(error.strerror) from None


class _ReadError(Exception):
    """The session could not be read; an OSError would be taken as one of writing."""


def _seconds(moment: str) -> int:
    """Seconds since 1970 of a moment in ISO form."""
    return int(datetime.fromisoformat(moment).timestamp())
