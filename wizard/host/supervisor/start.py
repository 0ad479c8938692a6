"""From the driver's exec to a leader on its own: nothing the driver does later can reach it."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import sys

from .durable import open_folder
from .leader import HELD, Leader
from .order import Order, read_order

_PR_SET_DUMPABLE = 4


def main() -> None:
    """Read the order from stdin, leave the driver's session, and lead the attempt to its end.

    The process that was started ends 0 as soon as the leader is out of reach of the driver's terminal and
    holds the claim; or 1, with a line on stderr where the order cannot be followed. Then nothing was begun.
    """
    # Neither a core file nor another process of the same user may show what arrives by stdin.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    try:
        said = json.loads(sys.stdin.buffer.read())
        folder = open_folder(said["folder"])
        order = read_order(folder, said)
    except (OSError, ValueError, KeyError, TypeError, re.error) as error:
        # Only the kind and the place: the text of some errors quotes the input, and that holds secrets.
        detail = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else "unfit order"
        sys.exit(f"the supervisor cannot begin ({type(error).__name__}, {detail})")
    handed, hand = os.pipe()
    if os.fork():
        os.close(hand)
        words = os.read(handed, 1000)
        if words == HELD:
            os._exit(0)
        sys.exit(words.decode("utf-8", "replace") or "the leader ended before it held the claim")
    os.close(handed)
    _lead(folder, order, hand)


def _lead(folder: int, order: Order, hand: int) -> None:
    os.setsid()
    # A system that goes down sends TERM to everybody: the leader must stay to write down the command's end.
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGTTOU, signal.SIGTTIN):
        signal.signal(number, signal.SIG_IGN)
    os.umask(0o177)
    os.fchdir(folder)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    try:
        Leader(folder, order, hand).lead()
    finally:
        os._exit(0)
