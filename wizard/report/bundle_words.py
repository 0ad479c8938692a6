"""What a bundle says of itself: the words inside, and those for whoever made it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from wizard.counting import counted
from wizard.plain.clean import clean, clean_line
from wizard.report.markdown import escape
from wizard.units import show_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.report.bundle import BundleMade, Member, Wanted
    from wizard.report.bundle_parts import LeftOut

README: Final = "README.md"
MANIFEST: Final = "MANIFEST.json"

_PROMISED: Final = (
    "What the guide or the engine knows to be a secret (secret answers, passwords of connections, variables passed "
    "on, settings from files) was taken out before it was first written into the session's folder, in every way in "
    "which it is usually written: as it is, in JSON, URLs, XML, shell and base64."
)
_NOT_PROMISED: Final = (
    "Not promised: values of fewer than 6 bytes; parts of a value; a secret that nobody declared, such as a password "
    "that a program makes up and prints; what programs draw on a screen bit by bit; what watchers wrote in notes."
)
_AS_THEY_ARE: Final = (
    "Answers that are no secrets, names of machines and users, addresses, paths, commands and what they printed are in "
    "it as they are. Look through it before you hand it over."
)


def readme(wanted: Wanted, members: Sequence[Member], left_out: Sequence[LeftOut]) -> str:
    """The words inside, as Markdown."""
    return "\n".join(_readme(wanted, members, left_out)) + "\n"


def _readme(wanted: Wanted, members: Sequence[Member], left_out: Sequence[LeftOut]) -> Iterator[str]:
    from wizard import __version__

    told = wanted.told
    yield from (f"# Bundle of {escape(wanted.session)}", "", f"Made {wanted.made} (UTC) by wizard {__version__}.", "")
    yield from (f"- {label}: {escape(clean_line(words))}" for label, words in told.about)
    if told.remarks:
        yield from ("", "## Mind this", "", *(f"- {escape(clean(words))}" for words in told.remarks))
    yield from ("", "## What is in it", "")
    yield f"`{MANIFEST}` names every file with its bytes and its sha256."
    yield from ("", "| file | files | size | what it is |", "| --- | --- | --- | --- |", *_table(members))
    if shortened := [member for member in members if member.missing]:
        yield from ("", "## Shortened", "")
        yield "Only the beginning and the end of these are here, with a line between them that says what is missing:"
        yield ""
        yield from (f"- {_path(one.path)}: {show_size(one.missing)} are missing" for one in shortened)
    yield from ("", "## Left out", "")
    yield from (f"- {_left_out(one)}" for one in left_out)
    yield from ("", "## Secrets", "", _PROMISED)
    if wanted.known:
        count = counted(len(wanted.known), "value")
        yield f"What was known as this bundle was made ({count}) was looked for once more."
    masked = [member.path for member in members if member.masked]
    if masked:
        yield f"Something was found and taken out of: {', '.join(map(_path, masked))}."
        yield "What else refers to these files by a hash (the chain of the journal, the plan's) does not fit here."
    yield from ("", _NOT_PROMISED, "", _AS_THEY_ARE)


def _table(members: Sequence[Member]) -> Iterator[str]:
    """A line for each kind of file."""
    kinds: dict[tuple[str, str], tuple[int, int]] = {}
    for member in members:
        key = (_kind(member.path), member.what)
        files, size = kinds.get(key, (0, 0))
        kinds[key] = (files + 1, size + member.bytes)
    for (kind, what), (files, size) in kinds.items():
        yield f"| {_path(kind)} | {files:,} | {show_size(size)} | {what} |"


def _kind(path: str) -> str:
    """The path with a star for what there are many of."""
    match path.split("/"):
        case ["attempts", _, name]:
            return f"attempts/*/{name}"
        case ["inbox" | "guide" as folder, _, *_]:
            return f"{folder}/*"
        case _:
            return path


def _path(path: str) -> str:
    """A path as Markdown; names of files may hold anything."""
    shown = clean_line(path.encode("utf-8", "backslashreplace").decode())
    return escape(shown) if "`" in shown or "|" in shown else f"`{shown}`"


def _left_out(one: LeftOut) -> str:
    size = f", {show_size(one.size)}" if one.size else ""
    count = f" ({counted(one.files, 'file')}{size})" if one.files > 1 or one.size else ""
    return f"{_path(one.path)}{count}: {escape(clean_line(one.why))}"


def in_a_line(made: BundleMade) -> str:
    """Where it is and how large, for a place with room for a line."""
    return f"The bundle for support is in {made.path} ({show_size(made.size)})."


def handing_over(made: BundleMade) -> tuple[str, ...]:
    """What went in, what to mind, and how to hand it over: lines for whoever made it, its path not among them."""
    return tuple(_handing_over(made))


def _handing_over(made: BundleMade) -> Iterator[str]:
    attempts = len({one.path.split("/")[1] for one in made.members if one.path.startswith("attempts/")})
    names = {one.path for one in made.members}
    said = [
        *(["the report"] if "report.md" in names else []),
        *(["the journal"] if "journal.jsonl" in names else []),
        *(["the plan"] if "plan.json" in names else []),
        "the guide",
        *(["the answers without secrets"] if "answers.yaml" in names else []),
        *([f"the output of {counted(attempts, 'attempt')}"] if attempts else []),
    ]
    what = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    yield f"It holds {what}: {counted(len(made.members), 'file')}, {show_size(made.size)} in all."
    if shortened := made.shortened:
        missing = show_size(sum(one.missing for one in shortened))
        yield f"Shortened: the middle of {counted(len(shortened), 'file')} ({missing}); the session keeps them whole."
    yield from (f"Left out: {clean_line(one.path)}: {clean_line(one.why)}" for one in made.left_out if one.failed)
    yield from (clean_line(words) for words in made.told.remarks)
    yield (
        "Known secrets are taken out; names of machines, paths and what commands printed are in it. "
        f"{README} in it says what is promised: look through it, then send it."
    )
    yield f"To fetch it from your own machine: scp HOST:{shlex.quote(str(made.path))} ."
    if made.told.support:
        yield f"Who helps: {clean_line(made.told.support)}"
