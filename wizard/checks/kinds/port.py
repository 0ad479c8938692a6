"""TCP ports of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import PortCheck


def ask_port(inquiry: Inquiry) -> Verdict:
    """Pass where the port is listened on (by a process of that name), or is free."""
    model: PortCheck = inquiry.model
    port = int(inquiry.number(model.port))
    owners = list(inquiry.machine.listeners(port))
    names = ", ".join(sorted({"a process that cannot be seen" if owner == "?" else owner for owner in owners}))
    seen = f"port {port} is listened on by {names}" if owners else f"nothing listens on port {port}"
    if model.is_ == "free":
        return Verdict.of(not owners, seen, "listening sockets")
    wanted = inquiry.optional(model.by)
    if wanted is None or not owners:
        return Verdict.of(bool(owners), seen, "listening sockets")
    if wanted not in owners and "?" in owners:
        return Verdict.unknown(f"{seen}; whether that is {wanted} takes root to see", "listening sockets")
    return Verdict.of(wanted in owners, f"{seen}; {wanted} expected", "listening sockets")
