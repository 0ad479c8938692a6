"""Facts about the images of a repository, and which of them run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.facts.docker import engine_of, full_name, is_image, split_image
from wizard.facts.reading import Raw

if TYPE_CHECKING:
    from wizard.facts.reading import Asking


def read_images(asking: Asking) -> Raw:
    """Give `repository`, `tag`, `tags` (newest first), `running` (tags) and `images`; absent where there is none.

    `tag` is that of the image which the container started last runs, else that of the newest image here. A
    container counts also where its image was taken away since. `images` has `tag`, `id`, `created` and `size`.
    `match` is held against the tags that are here.
    """
    from wizard.templates import render_text

    assert asking.fact.images is not None  # noqa: S101 - the kind says so
    repository = render_text(asking.fact.images, asking.env)
    engine = engine_of(asking.machine, asking.where)
    here = [one for one in engine.images() if full_name(one.repository) == full_name(repository)]
    running = [one for one in engine.containers() if one.state == "running" and is_image(one.image, repository)]
    source = f"images of {repository}"
    tags = list(dict.fromkeys(one.tag for one in here if one.tag))
    newest_first = sorted(running, key=lambda one: one.started, reverse=True)
    run = list(dict.fromkeys(split_image(one.image)[1] or "latest" for one in newest_first))
    if not here and not running:
        return Raw.nothing(source, "there is no such image, and no container of one")
    if asking.fact.match is not None:
        return Raw(tags, source) if tags else Raw.nothing(source, "there is no image with a tag")
    images = [{"tag": one.tag, "id": one.id, "created": one.created, "size": one.size} for one in here]
    current = next(iter([*run, *tags]), "")
    named = {"repository": repository, "tag": current} if current else {"repository": repository}
    return Raw({**named, "tags": tags, "running": run, "images": images}, source)
