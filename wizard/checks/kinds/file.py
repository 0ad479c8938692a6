"""Files and folders: that they are there, what they are, and what they hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.checks.comparing import shown
from wizard.checks.context import Verdict
from wizard.counting import counted
from wizard.facts.files import as_text, mode_text, read_whole
from wizard.facts.looking import base_environment
from wizard.host.protocols import Look
from wizard.units import show_size

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import FileCheck
    from wizard.host.protocols import FileFacts

_GLOB = re.compile(r"[*?\[]")


def ask_file(inquiry: Inquiry) -> Verdict:
    """Pass where the path is what `is` says, and its content, size, mode, owner and hash are as wanted.

    With wildcards in `path` it is about the files found, which `count` counts. Else `count` counts the
    places where `match` or `contains` is found, or the entries of a folder.
    """
    model: FileCheck = inquiry.model
    path = inquiry.path(model.path)
    if _GLOB.search(path) and not inquiry.machine.stat(path).exists:
        return _found(inquiry, model, path)
    facts = inquiry.machine.stat(path)
    if model.is_ == "absent":
        there = facts.exists or facts.kind == "link"
        return Verdict.of(not there, f"{_named(facts)} is there" if there else "nothing is there", path)
    if why_not := _is_not(inquiry, model, facts, path):
        return Verdict.fail(why_not, path)
    for look in (_surface, _content, _counted):
        if why_not := look(inquiry, model, facts, path):
            return Verdict.fail(why_not, path)
    return Verdict.ok(_seen(facts), path)


def _found(inquiry: Inquiry, model: FileCheck, pattern: str) -> Verdict:
    paths = list(inquiry.machine.glob(pattern))
    seen = f"{len(paths)} found: {', '.join(paths[:3])}{', …' if len(paths) > 3 else ''}" if paths else "none found"
    if model.count is not None:
        wanted = int(inquiry.number(model.count))
        return Verdict.of(len(paths) == wanted, f"{seen}; {wanted} wanted", pattern)
    demands = (model.contains, model.match, model.at_least, model.mode, model.owner, model.sha256)
    if model.is_ not in ("present", "absent") or any(demand is not None for demand in demands):
        return Verdict.unknown("a path with wildcards can only be counted, present or absent", pattern)
    return Verdict.of(bool(paths) is (model.is_ == "present"), seen, pattern)


def _is_not(inquiry: Inquiry, model: FileCheck, facts: FileFacts, path: str) -> str:
    """Why the path is not what it should be; empty where it is."""
    if model.is_ == "link":
        look = Look(("test", "-L", path), environment=base_environment())
        return "" if inquiry.machine.look(look).exit == 0 else f"{_named(facts)} is no link"
    if not facts.exists:
        return "it is a link that leads nowhere" if facts.kind == "link" else "nothing is there"
    match model.is_:
        case "file" | "folder":
            return "" if facts.kind == model.is_ else f"it is {_named(facts)}, not a {model.is_}"
        case "readable":
            return "" if facts.readable else "it cannot be read by this user"
        case "writable":
            return "" if facts.writable else "it cannot be written by this user"
        case "executable":
            return "" if facts.mode & 0o111 else f"it is not executable (mode {mode_text(facts.mode)})"
        case _:
            return ""


def _surface(inquiry: Inquiry, model: FileCheck, facts: FileFacts, path: str) -> str:
    """What is wrong with size, mode, owner or hash."""
    if model.at_least is not None and facts.size < (least := inquiry.size(model.at_least)):
        return f"it has {show_size(facts.size)}; at least {show_size(least)} wanted"
    if model.mode is not None:
        wanted = inquiry.text(model.mode)
        if not re.fullmatch(r"[0-7]{3,5}", wanted):
            raise ValueError(f"{wanted!r} is not a mode: write it like 0640")
        if facts.mode & 0o7777 != int(wanted, 8):
            return f"its mode is {mode_text(facts.mode)}, not {wanted}"
    if model.owner is not None and facts.owner != (owner := inquiry.text(model.owner)):
        return f"it belongs to {facts.owner}, not to {owner}"
    if model.sha256 is not None:
        wanted, hashed = inquiry.text(model.sha256).lower(), inquiry.machine.sha256(path).lower()
        if hashed != wanted:
            return f"its sha256 is {hashed}, not {wanted}"
    return ""


def _content(inquiry: Inquiry, model: FileCheck, _: FileFacts, path: str) -> str:
    """What its text lacks."""
    if model.contains is None and model.match is None:
        return ""
    data = read_whole(inquiry.machine, path)
    text = as_text(data) if data is not None else ""
    if model.count is not None:
        wanted = int(inquiry.number(model.count))
        pattern = inquiry.regex(model.match) if model.match is not None else re.escape(inquiry.text(model.contains))
        there = sum(1 for _ in re.finditer(pattern, text, re.MULTILINE))
        return "" if there == wanted else f"`{pattern}` is found {counted(there, 'time')}, not {wanted}"
    if model.contains is not None and (part := inquiry.text(model.contains)) not in text:
        return f"it does not contain {shown(part)}"
    if model.match is not None and not re.search(pattern := inquiry.regex(model.match), text, re.MULTILINE):
        return f"nothing in it matches `{pattern}`"
    return ""


def _counted(inquiry: Inquiry, model: FileCheck, facts: FileFacts, path: str) -> str:
    """How the number of a folder's entries differs."""
    if model.count is None or model.contains is not None or model.match is not None:
        return ""
    if facts.kind != "folder":
        raise ValueError("`count` needs a folder, a path with wildcards, `match` or `contains`")
    wanted = int(inquiry.number(model.count))
    look = Look(("ls", "-A1", "-b", "--", path), environment=base_environment())
    there = len(inquiry.machine.look(look).output.splitlines())
    return "" if there == wanted else f"it has {there} entries, not {wanted}"


def _named(facts: FileFacts) -> str:
    words = {"file": "a file", "folder": "a folder", "link": "a link that leads nowhere"}
    return words.get(facts.kind, "something that is neither file nor folder")


def _seen(facts: FileFacts) -> str:
    size = f" of {show_size(facts.size)}" if facts.kind == "file" else ""
    return f"{_named(facts)}{size}, mode {mode_text(facts.mode)}, of {facts.owner or 'nobody known'}"
