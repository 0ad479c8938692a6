"""Which driver the full screen uses: ours where Textual is one it was written for, else Textual's own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.driver import Driver

logger = logging.getLogger(__name__)

SWITCH: Final = "WIZARD_PLAIN_DRIVER"
"""Set to 1, this environment variable leaves the terminal to Textual's own driver."""

_RELIED_ON: Final = (
    "start_application_mode", "disable_input", "close", "write", "process_message", "run_input_thread",
    "_get_terminal_size", "_sigcont_application", "_disable_line_wrap", "_enable_mouse_support",
    "_enable_bracketed_paste",
)  # fmt: skip
"""What ours overrides or calls."""


def driver_class(environ: Mapping[str, str]) -> type[Driver] | None:
    """Give the driver for this terminal, or None for Textual's own."""
    if environ.get(SWITCH, "") not in ("", "0") or environ.get("TEXTUAL_DRIVER"):
        return None
    missing = _not_as_known()
    if missing:
        from textual import __version__

        logger.warning("Textual %s is not the one our driver was written for (%s): it uses its own",
                       __version__, missing)  # fmt: skip
        return None
    from screens.driver.sparing import SparingDriver

    return SparingDriver


def _not_as_known() -> str:
    """What is different about this Textual; empty if nothing is."""
    try:
        from textual._xterm_parser import XTermParser
        from textual.drivers.linux_driver import LinuxDriver
    except ImportError as error:
        return str(error)
    absent = [name for name in _RELIED_ON if not callable(getattr(LinuxDriver, name, None))]
    absent += [name for name in ("feed", "tick") if not callable(getattr(XTermParser, name, None))]
    return ", ".join(absent)
