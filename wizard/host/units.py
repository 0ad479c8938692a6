"""Units of systemd."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.errors import HostError
from wizard.host.protocols import Look

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOTED: Final = Path("/run/systemd/system")
"""Is there where systemd is what started the machine."""

PROPERTIES: Final = ("Id", "Description", "LoadState", "ActiveState", "SubState", "UnitFileState", "MainPID", "Result")


def unit(name: str, booted: Path = BOOTED) -> Mapping[str, str]:
    """Properties of a unit; one that does not exist has the LoadState `not-found`.

    HostError where systemd does not run here, or does not answer.
    """
    from wizard.host.looks import look

    if not booted.is_dir():
        raise HostError(
            f"nothing can be said of the unit {name}: this machine does not run systemd",
            hint="In a container, ask for the process or its port instead.",
        )
    words = ("systemctl", "show", "--no-pager", f"--property={','.join(PROPERTIES)}", "--", name)
    # LANG of the wizard would not change what is read here, but the bus of the system is found by the environment.
    environment = {key: os.environ[key] for key in ("PATH", "XDG_RUNTIME_DIR") if key in os.environ}
    seen = look(Look(words, environment=environment | {"LC_ALL": "C", "SYSTEMD_COLORS": "0"}))
    if seen.timed_out:
        raise HostError(f"systemctl did not answer about the unit {name} in time")
    if seen.exit != 0:
        reason = seen.errors.strip() or f"systemctl ended with {seen.exit}"
        raise HostError(f"nothing can be said of the unit {name}: {reason}")
    pairs = (line.partition("=") for line in seen.output.splitlines() if "=" in line)
    return {key: value for key, _, value in pairs}
