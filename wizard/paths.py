"""Where the wizard keeps its sessions, and the refusal of places that forget or that others share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError, UsageError
from wizard.host import durable
from wizard.host.identity import network_file_system, user_name
from wizard.settings import STATE_DIR, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT_STATE: Final = Path("/var/lib/wizard")
FORGETFUL: Final = tuple(Path(name) for name in ("/run", "/tmp", "/dev/shm"))  # noqa: S108 - refused, not used
"""Emptied by a reboot: a session there could not be resumed after one."""


def state_folder(environ: Mapping[str, str] | None = None, uid: int | None = None) -> Path:
    """Give the state folder, whether or not it is there yet; nothing is made.

    `$WIZARD_STATE_DIR`; for root `/var/lib/wizard`; else `wizard` in the XDG state folder. UsageError where
    the usual place is lost by a reboot or lies on another machine: such a place must be named.
    """
    environ = os.environ if environ is None else environ
    uid = os.geteuid() if uid is None else uid
    named = load_settings(environ).state_dir
    if named is not None:
        return named
    folder = ROOT_STATE if uid == 0 else _xdg_state(environ, uid) / "wizard"
    resolved = folder.resolve()
    for place in FORGETFUL:
        if resolved.is_relative_to(place.resolve()):
            raise UsageError(
                f"sessions would be kept in {folder}, and a reboot empties {place}",
                hint=f"Name another folder, for example: export {STATE_DIR}=/srv/wizard",
            )
    if kind := network_file_system(resolved):
        raise UsageError(
            f"sessions would be kept in {folder}, which lies on a network file system ({kind})",
            hint=(
                f"A session should stay readable when the network is not. Name a folder on a local disk: "
                f"export {STATE_DIR}=/srv/wizard (or name this one, to use it all the same)"
            ),
        )
    return folder


def sessions_folder(state: Path, *, make: bool = False) -> Path:
    """Give the folder of all sessions in `state`; with `make` it is there afterwards, with mode 0700 and ours.

    HostError where it cannot be made, or is another user's.
    """
    folder = state / "sessions"
    if make:
        own_folder(folder)
    return folder


def own_folder(folder: Path) -> None:
    """Make `folder` (mode 0700, parents as well) unless it is there. HostError where it cannot be, or is not ours."""
    try:
        _make_below(folder)
        descriptor = durable.open_folder(folder)
    except OSError as error:
        raise HostError(
            f"the folder {folder} cannot be used: {error.strerror}",
            hint=f"Sessions need a folder you can write. Name one, for example: export {STATE_DIR}=/srv/wizard",
        ) from None
    try:
        owner = os.fstat(descriptor).st_uid
        if owner != os.geteuid():
            raise HostError(
                f"the folder {folder} belongs to {user_name(owner)}, and you are {user_name(os.geteuid())}",
                hint=f"Each user keeps sessions apart. Name a folder of your own: export {STATE_DIR}=…",
            )
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def _xdg_state(environ: Mapping[str, str], uid: int) -> Path:
    # The XDG rules say to ignore a relative path.
    if (named := environ.get("XDG_STATE_HOME", "")).startswith("/"):
        return Path(named)
    home = environ.get("HOME", "") or _home_of(uid)
    if not home.startswith("/"):
        raise UsageError(
            f"user {user_name(uid)} has no home folder to keep sessions in",
            hint=f"Name a folder, for example: export {STATE_DIR}=/srv/wizard",
        )
    return Path(home) / ".local" / "state"


def _home_of(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_dir
    except KeyError:
        return ""


def _make_below(folder: Path) -> None:
    """Make `folder` and what is missing above it, each flushed into its parent."""
    if folder.is_dir():
        return
    _make_below(folder.parent)
    parent = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.close(durable.make_folder(parent, folder.name))
    except FileExistsError:
        # Somebody else was quicker; whether it is a folder of ours is looked at by the caller.
        pass
    finally:
        os.close(parent)
