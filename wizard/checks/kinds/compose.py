"""Services of a compose project, judged by their containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict
from wizard.checks.defaults import surroundings
from wizard.checks.kinds.container import as_words, is_as_wanted
from wizard.facts.compose import Project, project_of
from wizard.facts.docker import engine_of
from wizard.facts.errors import DocumentError
from wizard.facts.looking import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import ComposeCheck
    from wizard.host.protocols import ContainerFacts


def ask_compose(inquiry: Inquiry) -> Verdict:
    """Pass where every service that counts is in the state (and of the health) wanted, in all its containers.

    Without `services` those of the compose file count, and those that have containers. With `only`, no other
    service may run. A service without container is `stopped` and `absent`, and nothing else.
    """
    model: ComposeCheck = inquiry.model
    where = surroundings(inquiry.context, folder=model.folder is None)
    folder = inquiry.optional(model.folder) or where.folder
    named = inquiry.optional(model.project)
    if folder is None and named is None:
        return Verdict.unknown("the check says neither `folder` nor `project`", "containers")
    try:
        project = project_of(inquiry.machine, folder, environment_of(where, where.user)) if folder else Project("")
    except DocumentError as error:
        return Verdict.unknown(error.message, "compose file")
    if named is not None:
        project = Project(named, services=project.services if model.folder is not None else None)
    of_service: dict[str, list[ContainerFacts]] = {}
    for container in project.containers(engine_of(inquiry.machine, where).containers()):
        of_service.setdefault(container.service, []).append(container)
    return _judged(inquiry, project, of_service)


def _judged(inquiry: Inquiry, project: Project, of_service: dict[str, list[ContainerFacts]]) -> Verdict:
    model: ComposeCheck = inquiry.model
    by = f"containers of the compose project {project.name}"
    left_out = set(map(inquiry.text, model.but))
    listed = list(map(inquiry.text, model.services))
    counted = [one for one in listed or _all_services(model, project, of_service) if one not in left_out]
    if not counted:
        if model.state in ("stopped", "absent"):
            return Verdict.ok(f"{project.name} has no container of another service", by)
        return Verdict.fail(f"there is no compose project {project.name} with services", by)
    wrong = [one for one in counted if not _fits(of_service.get(one, []), model, strict=bool(listed))]
    if (
        model.health is not None
        and not listed
        and not any(one.health for group in of_service.values() for one in group)
    ):
        return Verdict.fail(f"no service of {project.name} has a health check: {_told(counted, of_service)}", by)
    others = [
        name
        for name, group in of_service.items()
        if model.only and name not in counted and name not in left_out and any(one.state == "running" for one in group)
    ]
    seen = _told([*counted, *others], of_service)
    if others:
        return Verdict.fail(f"{', '.join(others)} must not run: {seen}", by)
    return Verdict.of(not wrong, seen, by)


def _all_services(model: ComposeCheck, project: Project, of_service: dict[str, list[ContainerFacts]]) -> Iterable[str]:
    """Every service there is: of the file, and (where all are to be gone) those the file has no longer."""
    in_file = project.services
    if in_file is None or model.state in ("stopped", "absent"):
        return list(dict.fromkeys([*(in_file or ()), *of_service]))
    return in_file


def _fits(containers: list[ContainerFacts], model: ComposeCheck, *, strict: bool) -> bool:
    """Whether all containers of a service are as wanted; health counts for those with a check, or where `strict`."""
    if not containers:
        return model.state in ("stopped", "absent")
    return all(is_as_wanted(one, model.state, model.health if strict or one.health else None) for one in containers)


def _told(services: Iterable[str], of_service: dict[str, list[ContainerFacts]]) -> str:
    return "; ".join(
        ", ".join(as_words(one) for one in of_service[name]) if name in of_service else f"{name} has no container"
        for name in services
    )
