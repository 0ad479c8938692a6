"""Connections to a host and port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import TcpCheck


def ask_tcp(inquiry: Inquiry) -> Verdict:
    """Pass where a connection opens."""
    model: TcpCheck = inquiry.model
    host, port = inquiry.text(model.host), int(inquiry.number(model.port))
    why_not = inquiry.machine.connects(host, port, inquiry.seconds(model.timeout))
    seen = f"no connection: {why_not}" if why_not else "a connection opened"
    return Verdict.of(not why_not, seen, f"connecting to {host}:{port}")
