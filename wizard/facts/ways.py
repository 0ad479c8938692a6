"""How a fact is read, in words: the file, the command, the query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.guide.models.facts import ContainerRead, DocumentPart, GitRead, HttpRead
from wizard.templates.readable import readable

if TYPE_CHECKING:
    from wizard.expressions import Environment
    from wizard.guide.models import Fact


def how_read(fact: Fact, env: Environment) -> str:
    """Where a fact comes from, for the end of a sentence that begins with `It is read` (`from /opt/x/.env`).

    What is not known now, or is a secret, is `…`.
    """
    if fact.first_of is not None:
        return ", else ".join(how_read(way, env) for way in fact.first_of)
    match fact:
        case _ if fact.command is not None:
            shown = fact.command if isinstance(fact.command, str) else " ".join(fact.command)
            words = f"by the command `{readable(shown, env).strip()}`"
        case _ if fact.sql is not None:
            words = f"by a query on the connection {fact.sql.connection}: {readable(fact.sql.query, env).strip()}"
        case _ if fact.http is not None:
            url = fact.http.url if isinstance(fact.http, HttpRead) else fact.http
            words = f"from {readable(url, env)}"
        case _ if fact.git is not None:
            folder = fact.git.folder if isinstance(fact.git, GitRead) else fact.git
            words = f"from the git checkout {readable(folder, env)}"
        case _ if fact.images is not None:
            words = f"from the Docker images of {readable(fact.images, env)}"
        case _ if fact.containers is not None:
            of = fact.containers
            one = next((text for _, text in of if text is not None), "") if isinstance(of, ContainerRead) else of
            words = f"from the Docker containers of {readable(one, env)}"
        case _ if fact.disk is not None:
            words = f"from the disk of {readable(fact.disk, env)}"
        case _ if fact.service is not None:
            words = f"from the service {readable(fact.service, env)}"
        case _ if fact.files is not None:
            words = f"by looking for {readable(fact.files, env)}"
        case _ if fact.value is not None:
            words = f"from what else is known (`{fact.value}`)"
        case _:
            words = f"from {_file_of(fact, env)}"
    return f"{words}, for each item" if fact.for_each is not None else words


def _file_of(fact: Fact, env: Environment) -> str:
    """The file that is read, and the place in it."""
    part = next(
        one for one in (fact.dotenv, fact.yaml, fact.json_, fact.toml, fact.properties, fact.ini, fact.file) if one
    )
    if not isinstance(part, DocumentPart):
        return readable(part, env)
    return f"{readable(part.at, env)} in {readable(part.file, env)}" if part.at else readable(part.file, env)
