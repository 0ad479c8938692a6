"""How a command is kept from dying when its operator logs out: a pure table, and the prober that fills it."""

from __future__ import annotations

import configparser
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.errors import BlockedError

if TYPE_CHECKING:
    from collections.abc import Callable

SCOPE_OOM_POLICY: Final = 253
"""The first systemd that takes OOMPolicy= for a scope; an older one has no policy and goes on anyway."""


class WayKind(StrEnum):
    """The ways to keep a command alive."""

    SYSTEM_SCOPE = "system-scope"
    USER_SCOPE = "user-scope"
    PLAIN = "plain"
    BLOCKED = "blocked"


class Place(StrEnum):
    """What this process is a part of, and so what would end it."""

    SESSION = "session"
    """A login session's scope: logind ends it at that logout, where it ends anything."""
    USER_MANAGER = "user-manager"
    """The user's own manager: ends with the last logout, unless lingering is on."""
    ELSEWHERE = "elsewhere"
    """A service, a container, a system without login sessions."""


@dataclass(frozen=True, slots=True)
class LogoutFacts:
    """What decides. `user_manager` says that the operator's own systemd can be reached."""

    root: bool
    user: str
    systemd_runs: bool
    systemd_version: int
    """Of `systemd-run`; 0 where there is none."""
    logind: bool
    place: Place
    kills_at_logout: bool
    lingering: bool
    user_manager: bool


@dataclass(frozen=True, slots=True)
class Way:
    """The way chosen: `options` of `systemd-run` where it is a scope; `hint` says what to do where blocked."""

    kind: WayKind
    reason: str
    options: tuple[str, ...] = ()
    hint: str = ""

    def prefix(self, scope: str) -> tuple[str, ...]:
        """Give the words to put before the supervisor's; `scope` names the scope. BlockedError where blocked."""
        match self.kind:
            case WayKind.SYSTEM_SCOPE | WayKind.USER_SCOPE:
                return ("systemd-run", *self.options, f"--unit={scope}", "--")
            case WayKind.PLAIN:
                return ()
            case WayKind.BLOCKED:
                raise BlockedError(self.reason, hint=self.hint)


def choose_way(facts: LogoutFacts) -> Way:
    """Choose how a command outlives a logout: the first line of the table that fits."""
    scope: tuple[str, ...] = ("--scope", "--quiet", "--collect")
    if facts.systemd_version >= SCOPE_OOM_POLICY:
        scope += ("-p", "OOMPolicy=continue")
    scopes = facts.systemd_runs and facts.systemd_version > 0
    if facts.root and scopes:
        return Way(WayKind.SYSTEM_SCOPE, "a scope of the system outlives every logout", scope)
    if scopes and facts.lingering and facts.user_manager:
        reason = f"lingering is on for {facts.user}, so a scope of this user outlives the logout"
        return Way(WayKind.USER_SCOPE, reason, ("--user", *scope))
    if not facts.logind:
        return Way(WayKind.PLAIN, "no logind runs here, so nothing ends processes at logout")
    if facts.place is Place.ELSEWHERE:
        return Way(WayKind.PLAIN, "this is no part of a login session, so no logout ends it")
    if facts.place is Place.USER_MANAGER and not facts.lingering:
        return _blocked(facts, "everything the user manager started")
    if facts.place is Place.SESSION and facts.kills_at_logout:
        return _blocked(facts, "all processes")
    return Way(WayKind.PLAIN, "logind leaves processes of this user alone at logout")


def _blocked(facts: LogoutFacts, what: str) -> Way:
    lingering = f"sudo loginctl enable-linger {facts.user}"
    return Way(
        WayKind.BLOCKED,
        f"This machine ends {what} of {facts.user} at logout: a lost connection would end a command half-way.",
        hint=f"Run `{lingering}` and log in again, or start the program with sudo.",
    )


def run_program(argv: list[str]) -> str:
    """Give what a short program prints; nothing where it fails or takes more than two seconds."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=2,
            check=True,
            # The operator's environment may hold secrets for the run, and these programs need none of it.
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def probe(
    root: Path = Path("/"),
    run: Callable[[list[str]], str] = run_program,
    find: Callable[[str], str | None] = shutil.which,
) -> LogoutFacts:
    """Look at this machine; `root`, `run` and `find` are its files and programs. Nothing is changed."""
    uid = os.geteuid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    runs = (root / "run/systemd/system").is_dir()
    logind = (root / "run/systemd/seats").is_dir()
    version = run(["systemd-run", "--version"]) if runs and find("systemd-run") else ""
    found = re.match(r"systemd (\d+)", version)
    return LogoutFacts(
        root=uid == 0,
        user=user,
        systemd_runs=runs,
        systemd_version=int(found[1]) if found else 0,
        logind=logind,
        place=_place(root),
        # The first lines of the table need neither logind's bus nor its files.
        kills_at_logout=logind and _kills(_settings_by_bus(run) or _settings_by_files(root), user),
        lingering=(root / "var/lib/systemd/linger" / user).exists(),
        user_manager=(root / f"run/user/{uid}/systemd/private").exists(),
    )


def _place(root: Path) -> Place:
    """Read from the control group what this process is a part of; where it cannot be read, the strictest."""
    try:
        text = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Place.SESSION
    if re.search(r"/session-[^/]+\.scope", text):
        return Place.SESSION
    if re.search(r"/user@\d+\.service", text):
        return Place.USER_MANAGER
    return Place.ELSEWHERE


_PROPERTIES: Final = ("KillUserProcesses", "KillOnlyUsers", "KillExcludeUsers")


def _settings_by_bus(run: Callable[[list[str]], str]) -> dict[str, str]:
    """Ask the running logind: only it knows the value its distribution built in."""
    bus = "org.freedesktop.login1"
    asked = ["busctl", "get-property", bus, "/org/freedesktop/login1", f"{bus}.Manager", *_PROPERTIES]
    lines = run(asked).splitlines()
    if len(lines) != len(_PROPERTIES):
        return {}
    kill, only, spared = lines
    names = (" ".join(re.findall(r'"([^"]*)"', line)) for line in (only, spared))
    return dict(zip(_PROPERTIES, ("yes" if kill == "b true" else "no", *names), strict=True))


_FOLDERS: Final = ("etc", "run", "usr/local/lib", "usr/lib", "lib")


def _settings_by_files(root: Path) -> dict[str, str]:
    """Give logind's settings: the first main file, then the drop-ins of all folders by name, the last one wins."""
    main = next((path for place in _FOLDERS if (path := root / place / "systemd/logind.conf").is_file()), None)
    drop_ins: dict[str, Path] = {}
    for place in reversed(_FOLDERS):
        drop_ins |= {path.name: path for path in (root / place / "systemd/logind.conf.d").glob("*.conf")}
    settings: dict[str, str] = {}
    for path in [*([main] if main else []), *(drop_ins[name] for name in sorted(drop_ins))]:
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
            if path == main:
                # A shipped main file names the built-in values as comments.
                settings |= dict(re.findall(r"(?m)^#(Kill\w+)=(.*)$", text))
            parser.read_string(text)
        except (OSError, configparser.Error):
            continue
        if parser.has_section("Login"):
            names = {name.lower(): name for name in _PROPERTIES}
            settings |= {names[key]: value or "" for key, value in parser["Login"].items() if key in names}
    return settings


def _kills(settings: dict[str, str], user: str) -> bool:
    """Whether logind ends this user's processes; where nothing is said, it does."""
    if settings.get("KillUserProcesses", "yes").strip().lower() in ("no", "false", "0", "off", "n", "f"):
        return False
    only = settings.get("KillOnlyUsers", "").split()
    spared = settings.get("KillExcludeUsers", "root").split()
    return user not in spared and (not only or user in only)
