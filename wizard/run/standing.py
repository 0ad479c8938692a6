"""Findings about this machine that belong to no guide, and are asked before every run."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from wizard.checks.model import Evidence, Finding, Status
from wizard.errors import ExpressionError
from wizard.guide.models.checks import Blocks

if TYPE_CHECKING:
    from wizard.host.logout import Way
    from wizard.run.context import Run


def users_wanted(run: Run) -> set[str]:
    """Users other than the present one that commands of the guide are to run as.

    A user that is only known later (from what a command prints) is not among them.
    """
    from wizard.guide.models.steps import Surroundings
    from wizard.guide.walk import every_model
    from wizard.host.identity import user_name
    from wizard.run.names import environment
    from wizard.templates import render_text

    env, users = environment(run), set()
    for placed in every_model(run.loaded.guide):
        if isinstance(placed.model, Surroundings) and placed.model.user:
            with contextlib.suppress(ExpressionError):
                users.add(render_text(placed.model.user, env))
    return users - {user_name(os.geteuid()), ""}


def root_finding(run: Run) -> tuple[Finding, ...]:
    """Commands that run as other users need those users, and a wizard that runs as root."""
    wanted = users_wanted(run)
    return (*_users_finding(wanted), *_needs_root(wanted))


def _users_finding(wanted: set[str]) -> tuple[Finding, ...]:
    from wizard.run.surroundings import home_of

    missing = sorted(user for user in wanted if home_of(user) is None)
    if not missing:
        return ()
    several = len(missing) > 1
    return (
        Finding(
            key="wizard-users",
            title=f"The {'users' if several else 'user'} {', '.join(missing)} {'exist' if several else 'exists'}",
            status=Status.FAIL,
            blocks=Blocks.ALWAYS,
            say=f"This guide runs commands as {', '.join(missing)}, and this machine has no such user.",
            evidence=(Evidence(f"no user is named {' or '.join(missing)}", "the list of users"),),
            remedy="Create the user, or correct the answer it comes from.",
        ),
    )


def _needs_root(wanted: set[str]) -> tuple[Finding, ...]:
    if not wanted or os.geteuid() == 0:
        return ()
    return (
        Finding(
            key="wizard-root",
            title="Commands run as the right user",
            status=Status.FAIL,
            blocks=Blocks.ALWAYS,
            say=f"This guide runs commands as {', '.join(sorted(wanted))}, which only root can do.",
            evidence=(Evidence(f"this wizard runs as uid {os.geteuid()}", "the wizard"),),
            remedy="Start it again with: sudo wizard run …",
        ),
    )


def logout_finding(way: Way) -> tuple[Finding, ...]:
    """Commands must survive a logout; where nothing keeps them alive, nothing begins."""
    from wizard.host.logout import WayKind

    if way.kind is not WayKind.BLOCKED:
        return ()
    return (
        Finding(
            key="wizard-logout",
            title="Commands survive a logout",
            status=Status.FAIL,
            blocks=Blocks.ALWAYS,
            say=way.reason,
            evidence=(Evidence(way.reason, "the wizard"),),
            remedy=way.hint,
        ),
    )


def installation_finding(place: str, other: str | None) -> tuple[Finding, ...]:
    """An unfinished session on the same installation must be resumed or closed first."""
    if other is None:
        return ()
    return (
        Finding(
            key="wizard-installation",
            title="Nobody else upgrades this installation",
            status=Status.FAIL,
            blocks=Blocks.ALWAYS,
            say=f"Session {other} on {place} is not finished.",
            evidence=(Evidence(f"session {other}", "the wizard"),),
            remedy=f"Go on with it (`wizard resume {other}`), or close it (`wizard close {other}`).",
        ),
    )
