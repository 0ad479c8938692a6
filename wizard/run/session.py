"""One session's folder: what it is about, its pinned guide, frozen plan and answers. The journal stands apart.

A folder holds `session.json`, `guide/` (the pinned copy), `plan.json`, `answers.yaml`, `journal.jsonl`, `reserve`,
`attempts/`, `copies/`, `inbox/` and `driver.lock`; for whoever looks on also `asking.json`, `waiting.json`,
`told.jsonl` and `looks.jsonl`. Folders have mode 0700, files 0600.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from wizard.errors import GuideError, HostError, SessionError
from wizard.host import durable
from wizard.host.identity import machine_id, user_name
from wizard.host.protocols import ENGINE_VARIABLES
from wizard.run.journal import open_session_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.guide.loader import LoadedGuide

FORMAT: Final = 1
RECORDED: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "TERM", "SSH_AUTH_SOCK", *ENGINE_VARIABLES)
"""Names whose values at the start are kept, so that a resume from another login runs the same commands."""

SESSION: Final = "session.json"
PLAN: Final = "plan.json"
ANSWERS: Final = "answers.yaml"
GUIDE: Final = "guide"
ATTEMPTS: Final = "attempts"
COPIES: Final = "copies"
INBOX: Final = "inbox"
FOLDERS: Final = (GUIDE, ATTEMPTS, COPIES, INBOX)

_LARGEST: Final = 512 << 20
"""Bytes; a plan for 10,000 nodes takes some thirty million."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its folder says.

    `guide_name` is the pinned guide's own file, relative to `guide/`; `pass_env` names variables (never their
    values) that commands get from whoever drives. `read_only` says why it must not be driven from here.
    """

    id: str
    folder: Path
    guide: str
    guide_sha256: str
    guide_name: str
    tool: str
    machine: str
    owner: int
    owner_name: str
    created: str
    name: str
    environment: Mapping[str, str]
    pass_env: tuple[str, ...] = ()
    read_only: str = ""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the session in `folder`, which is named as the session.

        SessionError where it cannot be read, is of a newer format, or is another user's (root may watch it).
        """
        try:
            holding = durable.open_folder(folder)
        except OSError as error:
            raise _unreadable(folder, f"the folder cannot be opened: {error.strerror}") from None
        try:
            owner = os.fstat(holding).st_uid
            about = _read_about(folder, holding)
        finally:
            os.close(holding)
        if os.geteuid() not in (owner, 0):
            raise _unreadable(folder, f"it belongs to {user_name(owner)}, and you are {user_name(os.geteuid())}")
        return cls(
            id=folder.name,
            folder=folder,
            guide=about["guide"]["id"],
            guide_sha256=about["guide"]["sha256"],
            guide_name=about["guide"]["file"],
            tool=about["tool"],
            machine=about["machine"],
            owner=owner,
            owner_name=about["owner"]["user"],
            created=about["created"],
            name=about["name"],
            environment=about["environment"],
            pass_env=tuple(about["pass_env"]),
            read_only=_why_read_only(owner, about),
        )

    @property
    def guide_file(self) -> Path:
        """The pinned guide."""
        return self.folder / GUIDE / self.guide_name

    @property
    def attempts(self) -> Path:
        """The folder of all attempts."""
        return self.folder / ATTEMPTS

    @property
    def copies(self) -> Path:
        """The folder of what edits replaced."""
        return self.folder / COPIES

    @property
    def inbox(self) -> Path:
        """The folder watchers write into."""
        return self.folder / INBOX

    def must_be_ours(self) -> None:
        """Raise SessionError, with the reason, where this session must not be driven from here."""
        if self.read_only:
            raise SessionError(
                f"session {self.id} can be watched but not driven: {self.read_only}",
                hint=f"`wizard watch {self.id}` and `wizard report {self.id}` work.",
            )

    def load_guide(self) -> LoadedGuide:
        """Load the pinned guide. SessionError where it is not what was pinned."""
        from wizard.guide.loader import load_guide

        try:
            loaded = load_guide(self.guide_file)
        except (GuideError, OSError) as error:
            raise _unreadable(self.folder, f"its pinned guide cannot be used: {error}") from None
        if loaded.sha256 != self.guide_sha256:
            raise _unreadable(self.folder, f"the files in {GUIDE}/ are not those it was started with (changed since)")
        return loaded

    def freeze_plan(self, plan: dict[str, Any]) -> str:
        """Write `plan.json`, flushed, and give the sha256 of its bytes; a plan that was there is replaced."""
        content = json.dumps(plan, allow_nan=False, indent=1, ensure_ascii=False).encode("utf-8", "surrogateescape")
        self._replace(PLAN, content + b"\n")
        return sha256(content + b"\n").hexdigest()

    def plan(self, expected_sha256: str = "") -> dict[str, Any] | None:
        """Read `plan.json`; None where no plan was frozen yet.

        SessionError where it cannot be read or its bytes are not those of `expected_sha256` (where given).
        """
        content = self._read(PLAN)
        if content is None:
            if expected_sha256:
                raise _unreadable(self.folder, f"{PLAN} is missing, although a plan was frozen (look for a backup)")
            return None
        if expected_sha256 and sha256(content).hexdigest() != expected_sha256:
            raise _unreadable(self.folder, f"{PLAN} is not the plan that was frozen (changed since)")
        try:
            plan = json.loads(content.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError) as error:
            raise _unreadable(self.folder, f"{PLAN} is damaged ({error})") from None
        if not isinstance(plan, dict):
            raise _unreadable(self.folder, f"{PLAN} is no plan")
        return plan

    def write_answers(self, text: str) -> None:
        """Write `answers.yaml` (which holds no secrets), flushed."""
        self._replace(ANSWERS, text.encode("utf-8", "surrogateescape"))

    def answers(self) -> str:
        """Read `answers.yaml`; empty where there is none yet."""
        return (self._read(ANSWERS) or b"").decode("utf-8", "surrogateescape")

    def _replace(self, name: str, content: bytes) -> None:
        self.must_be_ours()
        holding = open_session_folder(self.folder)
        try:
            durable.replace_file(holding, name, content)
        except OSError as error:
            raise HostError(f"{self.folder / name} could not be written: {error.strerror}") from None
        finally:
            os.close(holding)

    def _read(self, name: str) -> bytes | None:
        holding = open_session_folder(self.folder)
        try:
            return durable.read_file(holding, name, _LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self.folder, f"{name} cannot be read: {error.strerror}") from None
        finally:
            os.close(holding)


def about_session(session: Session) -> bytes:
    """Write `session.json`."""
    about = {
        "format": FORMAT,
        "id": session.id,
        "guide": {"id": session.guide, "sha256": session.guide_sha256, "file": session.guide_name},
        "tool": session.tool,
        "machine": session.machine,
        "owner": {"uid": session.owner, "user": session.owner_name},
        "created": session.created,
        "name": session.name,
        "environment": dict(session.environment),
        "pass_env": list(session.pass_env),
    }
    return json.dumps(about, indent=1).encode("ascii") + b"\n"


def _read_about(folder: Path, holding: int) -> dict[str, Any]:
    try:
        about = json.loads(durable.read_file(holding, SESSION, 1 << 20))
    except FileNotFoundError:
        raise _unreadable(folder, f"{SESSION} is missing") from None
    except OSError as error:
        raise _unreadable(folder, f"{SESSION} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(folder, f"{SESSION} is damaged ({error})") from None
    version = about.get("format") if isinstance(about, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise SessionError(
            f"session {folder.name} has format {version}, and this wizard knows formats up to {FORMAT}",
            hint="It was made by a newer wizard. Use that one, or install it here.",
        )
    if wrong := next(_misfits(about), ""):
        raise _unreadable(folder, f"{SESSION} is damaged (`{wrong}` is missing or of the wrong kind)")
    return dict(about)


def _misfits(about: Any) -> Iterator[str]:
    """Give the keys of `session.json` that are not as the format has them."""
    if not isinstance(about, dict):
        yield "format"
        return
    kinds: tuple[tuple[str, type], ...] = (
        ("format", int), ("id", str), ("guide.id", str), ("guide.sha256", str), ("guide.file", str), ("tool", str),
        ("machine", str), ("owner.uid", int), ("owner.user", str), ("created", str), ("name", str),
        ("environment", dict), ("pass_env", list),
    )  # fmt: skip
    for key, kind in kinds:
        value: Any = about
        for name in key.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if type(value) is not kind:
            yield key
    file = about.get("guide", {}).get("file", "") if isinstance(about.get("guide"), dict) else ""
    if not file or not stays_inside(file):
        yield "guide.file"
    values = about.get("environment")
    if isinstance(values, dict) and not all(isinstance(value, str) for value in values.values()):
        yield "environment"


def stays_inside(name: str) -> bool:
    """Whether a relative name leads to something inside the folder it is relative to."""
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts and path.parts != ()


def _why_read_only(owner: int, about: dict[str, Any]) -> str:
    if owner != os.geteuid():
        return f"it belongs to {user_name(owner)}; root watches it, as that user, and never drives it"
    if about["owner"]["uid"] != owner:
        return f"{about['owner']['user']} made it, and its folder now belongs to {user_name(owner)}"
    if about["machine"] != (here := machine_id()):
        return f"it was made on another machine ({about['machine']}; this one is {here})"
    return ""


def _unreadable(folder: Path, why: str) -> SessionError:
    return SessionError(
        f"the session in {folder} cannot be used: {why}",
        hint="`wizard sessions` lists those that can. Nothing in the folder was changed.",
    )
