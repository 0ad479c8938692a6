"""Facts that are lists of containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.facts.docker import Wanted, engine_of, split_image
from wizard.facts.reading import Raw
from wizard.guide.models.facts import ContainerRead

if TYPE_CHECKING:
    from wizard.facts.reading import Asking
    from wizard.host.protocols import ContainerFacts


def read_containers(asking: Asking) -> Raw:
    """Give the list of containers that fit, running or not, by name; absent where there is none.

    Each has `name`, `image`, `tag`, `state`, `health` (empty where nothing is checked), `project`, `service` and
    `labels`; `started` (UTC) once it was, and `exit_code` where it does not run. `match` is held against names.
    """
    from wizard.templates import render_text

    model = asking.fact.containers
    read = model if isinstance(model, ContainerRead) else ContainerRead(name=str(model))
    texts = {name: getattr(read, name) for name in ("name", "label", "project", "service", "image")}
    wanted = Wanted(**{name: render_text(text, asking.env) for name, text in texts.items() if text is not None})
    found = wanted.of(engine_of(asking.machine, asking.where).containers())
    source = f"containers {wanted}".strip()
    if not found:
        return Raw.nothing(source, "there is no such container")
    if asking.fact.match is not None:
        return Raw([one.name for one in found], source)
    return Raw([_names(one) for one in found], source)


def _names(container: ContainerFacts) -> dict[str, Any]:
    image, tag = split_image(container.image)
    names: dict[str, Any] = {
        "name": container.name,
        "image": image,
        "tag": tag,
        "state": container.state,
        "health": container.health,
        "project": container.project,
        "service": container.service,
        "labels": dict(container.labels),
    }
    if container.started:
        names["started"] = container.started
    if container.exit_code is not None:
        names["exit_code"] = container.exit_code
    return names
