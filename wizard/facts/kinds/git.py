"""Facts about a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.facts.errors import ReadingError
from wizard.facts.git import Checkout
from wizard.facts.reading import Raw
from wizard.guide.models.facts import GitRead
from wizard.units import parse_duration

if TYPE_CHECKING:
    from wizard.facts.reading import Asking


def read_git(asking: Asking) -> Raw:
    """Give what is checked out, and what is changed; absent where the folder is no checkout.

    `branch` (absent where none is checked out), `commit` (absent before the first one), `clean`, `merging`,
    `changed` and `conflicts` (paths), `remotes` (name to address), `tags` (highest version first), `upstream`,
    `ahead` and `behind` where there is something to count against. `match` is held against the tags.
    """
    from wizard.templates import render_text

    fact, env = asking.fact, asking.env
    read = fact.git if isinstance(fact.git, GitRead) else GitRead(folder=str(fact.git))
    folder = render_text(read.folder, env)
    user = render_text(fact.user, env) if fact.user is not None else None
    timeout = parse_duration(render_text(fact.timeout, env))
    checkout = Checkout(asking.machine, folder, asking.where, user=user, timeout=timeout)
    state = checkout.state()
    if state is None:
        return Raw.nothing(folder, "it is no checkout of git")
    tags = checkout.tags_of(render_text(read.remote, env)) if read.remote is not None else checkout.tags()
    if fact.match is not None:
        return Raw(tags, folder) if tags else Raw.nothing(folder, "there are no tags")
    value: dict[str, Any] = {
        "branch": state.branch or None,
        "commit": state.commit or None,
        "clean": not state.changed,
        "merging": checkout.merging(),
        "changed": list(state.changed),
        "conflicts": list(state.unmerged),
        "remotes": checkout.remotes(),
        "tags": tags,
        "upstream": state.upstream or None,
        "ahead": state.ahead,
        "behind": state.behind,
    }
    if read.against is not None:
        value["ahead"], value["behind"] = _counted(checkout, render_text(read.against, env), folder)
    return Raw({name: one for name, one in value.items() if one is not None}, folder)


def _counted(checkout: Checkout, against: str, folder: str) -> tuple[int, int]:
    commit = checkout.commit_of(against)
    if commit is None:
        raise ReadingError(f"{against} is not known in {folder}, so that nothing can be counted against it")
    return checkout.distance(commit)
