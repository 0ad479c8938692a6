"""Images that are here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.checks.context import Verdict
from wizard.checks.kinds.docker import asked_engine
from wizard.facts.docker import full_name, is_image, split_image

if TYPE_CHECKING:
    from wizard.checks.context import Inquiry
    from wizard.guide.models.checks import ImageCheck


def ask_image(inquiry: Inquiry) -> Verdict:
    """Pass where the image is here, with that tag where one is said (in the name, or as `tag`)."""
    model: ImageCheck = inquiry.model
    name, tag = inquiry.text(model.name), inquiry.optional(model.tag)
    wanted = f"{name}:{tag}" if tag is not None else name
    repository, _ = split_image(wanted)
    here = [one for one in asked_engine(inquiry).images() if full_name(one.repository) == full_name(repository)]
    fitting = [one for one in here if is_image(f"{one.repository}:{one.tag}" if one.tag else one.repository, wanted)]
    if fitting:
        one = fitting[0]
        return Verdict.ok(f"{one.repository}:{one.tag} is here ({one.id}, made {one.created})", "images")
    tags = ", ".join(one.tag for one in here[:8] if one.tag)
    return Verdict.fail(f"{wanted} is not here{f'; of {repository} there is {tags}' if tags else ''}", "images")
