"""Where and as whom the commands of a step run, in words; and the surroundings a step inherits."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.errors import ExpressionError
from wizard.guide.walk import model_at
from wizard.host.identity import user_name
from wizard.secrets import MASK, Secret
from wizard.templates import render
from wizard.templates.readable import UNKNOWN, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Guide
    from wizard.guide.models.steps import Surroundings


@dataclass(frozen=True, slots=True)
class Where:
    """What a guide says of where a command runs: folder, user, variables it sets; empty where it says nothing."""

    folder: str = ""
    user: str = ""
    env: tuple[tuple[str, str], ...] = ()


def chain_at(guide: Guide, path: str) -> tuple[Surroundings, ...]:
    """The surroundings from the guide's defaults inwards to the phase, procedure or step of an address."""
    return (guide.defaults, *_along(guide, path))


def _along(guide: Guide, path: str) -> Iterator[Surroundings]:
    kind, name, *rest = path.split(".")
    if kind == "phases":
        yield next(phase for phase in guide.phases if phase.id == name)
    else:
        yield guide.procedures[name]
    for end in range(2, len(rest) + 1, 2):
        yield model_at(guide, ".".join([kind, name, *rest[:end]]))


def where_texts(chain: Sequence[Surroundings]) -> Iterator[str]:
    """The texts that `where` is made of."""
    for name in ("folder", "user"):
        if (text := _innermost(chain, name)) is not None:
            yield text
    yield from _variables(chain).values()


def where(chain: Sequence[Surroundings], env: Environment) -> Where:
    """Where commands with these surroundings run, as far as it is known now, secrets masked."""
    folder, user = (_innermost(chain, name) for name in ("folder", "user"))
    return Where(
        folder=readable(folder, env) if folder is not None else "",
        user=readable(user, env) if user is not None else "",
        env=tuple((name, _value(text, env)) for name, text in _variables(chain).items()),
    )


def where_words(folder: str, user: str, env: Sequence[tuple[str, str]]) -> str:
    """`in /opt/shop, as postgres, with LANG=C`; empty where nothing of it is to be told.

    A user is named where it is not the one who runs the wizard.
    """
    parts = [f"in {folder}"] if folder else []
    parts += [f"as {user}"] if user and user != user_name(os.geteuid()) else []
    parts += ["with " + " ".join(f"{name}={_quoted(value)}" for name, value in env)] if env else []
    return ", ".join(parts)


def _innermost(chain: Sequence[Surroundings], name: str) -> str | None:
    return next((found for one in reversed(chain) if (found := getattr(one, name)) is not None), None)


def _variables(chain: Sequence[Surroundings]) -> dict[str, str]:
    return {name: text for one in chain for name, text in one.env.items()}


def _value(text: str, env: Environment) -> str:
    try:
        secret = isinstance(render(text, env), Secret)
    except ExpressionError:
        secret = False
    return MASK if secret else readable(text, env)


def _quoted(value: str) -> str:
    """A value as a shell takes it; what stands in the place of one is no value."""
    return value if value in (MASK, UNKNOWN) else shlex.quote(value)
