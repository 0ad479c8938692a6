"""Looks at a checkout by git: no fetch, no prompt, no lock, and none of the checkout's own programs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError
from wizard.facts.looking import environment_of
from wizard.host.protocols import Look

if TYPE_CHECKING:
    from wizard.facts.looking import Surrounded
    from wizard.host.protocols import Machine, Seen

_SETTINGS: Final = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false")
"""Looking must not start programs that the checkout's own settings name."""

_ENVIRONMENT: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ASKPASS": "true",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=10",
    "LC_ALL": "C",
}
_NO_CHECKOUT: Final = re.compile(r"not a git repository|cannot change to .*No such file|must be run in a work tree")
_UNTRUSTED: Final = re.compile(r"dubious ownership|unsafe repository")
_ADDRESS: Final = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://)[^/@\s]*@")
_MARKER: Final = re.compile(r"^(?P<file>.+?):\d+: leftover conflict marker", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """What `git status` says; `commit` is empty before the first one, `branch` where none is checked out."""

    branch: str = ""
    commit: str = ""
    upstream: str = ""
    ahead: int | None = None
    behind: int | None = None
    changed: tuple[str, ...] = ()
    unmerged: tuple[str, ...] = field(default=())


class Checkout:
    """A checkout that can be asked; every question starts git anew."""

    def __init__(self, machine: Machine, folder: str, where: Surrounded, *, user: str | None, timeout: float) -> None:
        """Look at `folder` as `user` (None: as in `where`); `timeout` seconds for each question."""
        self._machine = machine
        self._folder = folder
        self._user = user if user is not None else where.user
        self._environment = environment_of(where, self._user) | _ENVIRONMENT
        self._timeout = timeout

    def state(self) -> CheckoutState | None:
        """What is checked out and changed; None where the folder is no checkout. HostError where git refuses."""
        seen = self._git(
            "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal", "--ignore-submodules=none"
        )
        if seen.exit != 0 and _NO_CHECKOUT.search(seen.errors):
            return None
        return _state_in(self._good(seen))

    def leftover_markers(self) -> list[str]:
        """Changed files in which conflict markers are left, sorted."""
        seen = self._git("diff", "--no-ext-diff", "--no-textconv", "--check", "HEAD", "--")
        if seen.exit not in (0, 2):
            self._good(seen)
        return sorted({found["file"] for found in _MARKER.finditer(seen.output)})

    def remotes(self) -> dict[str, str]:
        """Remotes and their addresses, without what could be a password."""
        lines = (line.split("\t", 1) for line in self._good(self._git("remote", "-v")).splitlines())
        return {
            parts[0]: without_login(parts[1].removesuffix(" (fetch)"))
            for parts in lines
            if len(parts) == 2 and parts[1].endswith(" (fetch)")
        }

    def tags(self) -> list[str]:
        """Tags that are here, the highest version first."""
        words = ("for-each-ref", "--sort=-v:refname", "--format=%(refname:strip=2)", "refs/tags")
        return self._good(self._git(*words)).splitlines()

    def tags_of(self, remote: str) -> list[str]:
        """Tags a remote has now, the highest version first; asked over the network, nothing is fetched."""
        seen = self._good(self._git("ls-remote", "--tags", "--refs", "--sort=-v:refname", "--", remote))
        return [line.rpartition("refs/tags/")[2] for line in seen.splitlines() if "refs/tags/" in line]

    def merging(self) -> bool:
        """Whether a merge was begun and not committed."""
        return self.commit_of("MERGE_HEAD") is not None

    def commit_of(self, name: str) -> str | None:
        """The commit a branch, tag or number stands for; None where it is not here."""
        seen = self._git("rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}")
        return seen.output.strip() if seen.exit == 0 else None

    def contains(self, commit: str, holder: str) -> bool:
        """Whether `commit` is part of the history of `holder` (both as `commit_of` gives them)."""
        seen = self._git("merge-base", "--is-ancestor", commit, holder)
        if seen.exit not in (0, 1):
            self._good(seen)
        return seen.exit == 0

    def distance(self, other: str) -> tuple[int, int]:
        """How many commits the checkout is ahead of `other`, and behind it."""
        counted = self._good(
            self._git("rev-list", "--left-right", "--count", "--end-of-options", f"HEAD...{other}", "--")
        )
        ahead, behind = counted.split()
        return int(ahead), int(behind)

    def _git(self, *words: str) -> Seen:
        return self._machine.look(
            Look(
                ("git", "-C", self._folder, *_SETTINGS, *words),
                user=self._user,
                environment=self._environment,
                timeout=self._timeout,
            )
        )

    def _good(self, seen: Seen) -> str:
        """What git printed. HostError where it did not end well."""
        if seen.timed_out or seen.exit is None:
            raise HostError(f"git did not answer within {self._timeout:g} s in {self._folder}")
        if seen.exit == 0:
            return seen.output
        if _UNTRUSTED.search(seen.errors):
            owner = self._machine.stat(self._folder).owner
            raise HostError(
                f"git does not answer in {self._folder}, because the folder belongs to {owner or 'somebody else'}",
                hint=f"Say `user: {owner or 'OWNER'}` where the guide looks, or look as that user.",
            )
        lines = [line for line in (seen.errors.strip() or seen.output.strip()).splitlines() if line.strip()]
        fatal = next(
            (line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "no reason given"
        )
        raise HostError(f"git cannot tell in {self._folder}: {without_login(fatal.partition(': ')[2] or fatal)}")


def without_login(text: str) -> str:
    """Addresses without user and password: a token may stand there."""
    return _ADDRESS.sub(r"\g<before>", text)


def _state_in(text: str) -> CheckoutState:
    """Read `git status --porcelain=v2 --branch -z`."""
    heads: dict[str, str] = {}
    changed: list[str] = []
    unmerged: list[str] = []
    entries = iter(text.split("\0"))
    for entry in entries:
        match entry[:2]:
            case "# ":
                name, _, value = entry[2:].partition(" ")
                heads[name] = value
            case "1 ":
                changed.append(entry.split(" ", 8)[8])
            case "2 ":
                changed.append(entry.split(" ", 9)[9])
                next(entries, None)  # what it was called before
            case "u ":
                unmerged.append(entry.split(" ", 10)[10])
            case "? ":
                changed.append(entry[2:])
    branch, commit = heads.get("branch.head", ""), heads.get("branch.oid", "")
    ahead, behind = None, None
    if counted := re.fullmatch(r"\+(\d+) -(\d+)", heads.get("branch.ab", "")):
        ahead, behind = int(counted[1]), int(counted[2])
    return CheckoutState(
        branch="" if branch == "(detached)" else branch,
        commit="" if commit == "(initial)" else commit,
        upstream=heads.get("branch.upstream", ""),
        ahead=ahead,
        behind=behind,
        changed=tuple(sorted([*changed, *unmerged])),
        unmerged=tuple(sorted(unmerged)),
    )
