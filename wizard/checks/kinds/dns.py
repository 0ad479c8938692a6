"""Names that resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import DnsCheck


def ask_dns(inquiry: Inquiry) -> Verdict:
    """Pass where the name resolves (to the address wanted, among others)."""
    model: DnsCheck = inquiry.model
    name, wanted = inquiry.text(model.name), inquiry.optional(model.to)
    addresses = list(inquiry.machine.resolve(name))
    seen = f"{name} is {', '.join(addresses)}" if addresses else f"{name} does not resolve"
    if wanted is None or not addresses:
        return Verdict.of(bool(addresses), seen, "name resolution")
    return Verdict.of(wanted in addresses, f"{seen}; {wanted} expected", "name resolution")
