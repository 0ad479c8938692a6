"""Commands: who runs them, what is forbidden, and text that is safe for the shell but not for SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.guide.models.base import Kind

if TYPE_CHECKING:
    from wizard.guide.lint.page import Page
    from wizard.guide.walk import PlacedText

_SUDO: Final = re.compile(
    r"(?:^|[;&|({`]|\$\(|\b(?:then|do|else|exec|env|time|nohup|xargs)\b)[ \t]*(?:\w+=\S*[ \t]+)*(?P<sudo>sudo)\b",
    re.MULTILINE,
)
_SQL_CLIENT: Final = re.compile(r"\b(psql|mysql|mariadb|sqlite3|mongosh?|sqlcmd)\b")
_COMMAND_KEYS: Final = frozenset({"run", "do", "otherwise", "command", "dry_run", "after_each"})


def look(page: Page) -> None:
    """Check the text of every command."""
    for text in page.texts:
        if text.key not in _COMMAND_KEYS or text.kind not in (Kind.SHELL, Kind.TEXT):
            continue
        _sudo(page, text)
        _forbidden(page, text)
    for text in page.texts:
        _sql(page, text)


def _sudo(page: Page, text: PlacedText) -> None:
    if text.kind is Kind.SHELL:
        found = _SUDO.search(text.text)
        offset = found.start("sudo") if found is not None else -1
    else:
        offset = 0 if text.text == "sudo" and text.place[-1] == 0 else -1
    if offset >= 0:
        page.add(
            text.place,
            "a command does not call sudo itself",
            hint="say `user: root` (or whose command it is) beside it; the wizard then asks to be started as root",
            rule="sudo",
            offset=offset,
        )


def _forbidden(page: Page, text: PlacedText) -> None:
    for number, rule in enumerate(page.guide.forbid):
        if "${{" in rule.command or page.loaded.is_damaged(("forbid", number)):
            continue
        try:
            found = re.search(rule.command, text.text)
        except (re.error, RecursionError, OverflowError):
            continue
        if found is not None:
            message = f"the guide itself forbids this command: {rule.why}"
            page.add(text.place, message, rule="forbidden-command", offset=found.start())


def _sql(page: Page, text: PlacedText) -> None:
    """A value in SQL quotes of a client's command line is not escaped for SQL."""
    offset = text.text.find("'${{")
    if offset < 0:
        return
    if text.kind is Kind.SHELL:
        client = _SQL_CLIENT.search(text.text)
    elif text.kind is Kind.TEXT and text.key in _COMMAND_KEYS:
        words = [other.text for other in page.texts if other.place[:-1] == text.place[:-1]]
        client = _SQL_CLIENT.match(words[0].rsplit("/", 1)[-1]) if words else None
    else:
        return
    if client is not None:
        page.warn(
            text.place,
            "a value in SQL quotes is safe for the shell and not for SQL: a quote in it ends the text",
            hint="give it as a variable of the client (psql -v x=… and :'x'), or ask with a `sql` check or fact",
            rule="sql-in-command",
            offset=offset,
        )
