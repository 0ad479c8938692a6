"""State of a checkout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.checks.context import Verdict
from wizard.checks.defaults import surroundings
from wizard.facts.git import Checkout

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.facts.git import CheckoutState
    from wizard.guide.models.checks import GitCheck

TIMEOUT: Final = 30.0
"""Seconds git gets for each question."""


def ask_git(inquiry: Inquiry) -> Verdict:
    """Pass where the folder is a checkout, and all that is said of it holds; everything that does not is told."""
    model: GitCheck = inquiry.model
    folder = inquiry.text(model.folder)
    where = surroundings(inquiry.context, folder=False, user=model.user is None)
    user = inquiry.optional(model.user)
    checkout = Checkout(inquiry.machine, folder, where, user=user, timeout=TIMEOUT)
    by = f"git in {folder}"
    state = checkout.state()
    if state is None:
        return Verdict.fail(f"{folder} is no checkout of git", by)
    seen: list[str] = [_where(state)]
    wrong = [
        *_wrong_tree(inquiry, model, checkout, state, seen),
        *_wrong_remote(inquiry, model, checkout, seen),
        *_wrong_history(inquiry, model, checkout, seen),
    ]
    return Verdict.fail("; ".join(wrong), by) if wrong else Verdict.ok(", ".join(seen), by)


def _where(state: CheckoutState) -> str:
    at = state.commit[:12] or "no commit"
    return f"branch {state.branch} at {at}" if state.branch else f"no branch, at {at}"


def _wrong_tree(
    inquiry: Inquiry, model: GitCheck, checkout: Checkout, state: CheckoutState, seen: list[str]
) -> list[str]:
    wrong: list[str] = []
    if model.branch is not None and state.branch != (branch := inquiry.text(model.branch)):
        wrong.append(f"{_where(state)} is checked out, not branch {branch}")
    if model.clean is not None:
        told = f"changed: {_some(state.changed)}" if state.changed else "nothing is changed"
        (seen if model.clean is not bool(state.changed) else wrong).append(told)
    if model.conflicts is not None:
        markers = checkout.leftover_markers() if state.commit and not state.unmerged else []
        left = [*state.unmerged, *markers]
        told = f"conflicts are left in {_some(left)}" if left else "no conflicts are left"
        (seen if model.conflicts is bool(left) else wrong).append(told)
    return wrong


def _wrong_remote(inquiry: Inquiry, model: GitCheck, checkout: Checkout, seen: list[str]) -> list[str]:
    if model.remote is None:
        return []
    name, remotes = inquiry.text(model.remote), checkout.remotes()
    if name not in remotes:
        return [f"there is no remote {name} (there {'is' if len(remotes) == 1 else 'are'} {_some(remotes) or 'none'})"]
    address = remotes[name]
    if model.url is not None and not re.search(pattern := inquiry.regex(model.url), address):
        return [f"the remote {name} is {address}, which does not match `{pattern}`"]
    seen.append(f"remote {name} is {address}")
    return []


def _wrong_history(inquiry: Inquiry, model: GitCheck, checkout: Checkout, seen: list[str]) -> list[str]:
    holder = inquiry.text(model.ref) if model.ref is not None else "HEAD"
    if model.ref is None and model.contains is None:
        return []
    at = checkout.commit_of(holder)
    name = holder if model.ref is not None else "what is checked out"
    if at is None:
        return [f"{name} is not here"]
    if model.contains is None:
        seen.append(f"{name} is at {at[:12]}")
        return []
    wanted = inquiry.text(model.contains)
    commit = checkout.commit_of(wanted)
    if commit is None:
        return [f"{wanted} is not here, so that {name} cannot contain it"]
    if not checkout.contains(commit, at):
        return [f"{name} ({at[:12]}) does not contain {wanted} ({commit[:12]})"]
    seen.append(f"{name} contains {wanted}")
    return []


def _some(names: object) -> str:
    listed = list(names) if isinstance(names, (list, tuple, dict)) else []
    return ", ".join(map(str, listed[:6])) + (", …" if len(listed) > 6 else "")
