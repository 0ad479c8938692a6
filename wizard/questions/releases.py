"""The releases a guide knows, and the two questions every guide asks: which version runs, which is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.errors import ExpressionError
from wizard.expressions import ABSENT, compile_expression
from wizard.expressions.text import plain
from wizard.guide.models.guide import Ladder
from wizard.guide.models.questions import Question, QuestionType, Section
from wizard.questions.choices import default_of
from wizard.templates import render_text
from wizard.versions import Version, ladder, parse_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Guide, Versions
    from wizard.questions.choices import Choices

CURRENT: Final = "current_version"
TARGET: Final = "target_version"

NEWEST_WORDS: Final = frozenset({"latest", "newest", "target"})
"""Words that stand for the newest release where the target version is asked for."""


_VERSION_QUESTIONS: Final = (
    Question(id=CURRENT, label="Version that runs now", type=QuestionType.VERSION),
    Question(id=TARGET, label="Version to upgrade to", type=QuestionType.VERSION),
)


def known_releases(versions: Versions, env: Environment) -> tuple[Version, ...]:
    """The releases, oldest first; empty where they are open, or read from the machine and not known yet.

    What a fact names as a release and is no version is left out. ExpressionError where a release that the
    guide itself names is none.
    """
    match versions.releases:
        case Ladder(ladder=str() as rungs):
            try:
                found = ladder(render_text(rungs, env))
            except ValueError as error:
                raise ExpressionError(f"versions.releases: {error}") from None
        case Ladder(from_=source):
            found = tuple(_listed(source, env, versions.pattern)) if source is not None else ()
        case list() as texts:
            found = tuple(guide_version(render_text(one, env), versions.pattern) for one in texts)
        case _:
            found = ()
    return tuple(sorted(dict.fromkeys(found)))


def guide_version(text: str, pattern: str | None) -> Version:
    """A version as a guide writes it: plainly, or as the product does. ExpressionError where it is neither."""
    try:
        return _by_pattern_or_plain(text, pattern)
    except ValueError as error:
        raise ExpressionError(f"versions: {error}") from None


def _by_pattern_or_plain(text: str, pattern: str | None) -> Version:
    if pattern is None:
        return parse_version(text)
    try:
        return parse_version(text, pattern)
    except ValueError:
        return parse_version(text)


def _listed(source: str, env: Environment, pattern: str | None) -> list[Version]:
    """What an expression names as releases; a tag that is no version of the product is none of them."""
    items = plain(compile_expression(source).evaluate(env))
    if items is ABSENT:
        return []
    if not isinstance(items, list):
        raise ExpressionError(f"versions.releases: {source} gives no list")
    found: list[Version] = []
    for item in items:
        try:
            found.append(parse_version(str(item), pattern))
        except ValueError:
            continue
    return found


def sections_of(guide: Guide) -> tuple[Section, ...]:
    """The guide's sections; in front of them one with the version questions the guide does not declare."""
    declared = {question.id for section in guide.questions for question in section.ask}
    added = [question for question in _VERSION_QUESTIONS if question.id not in declared]
    return (*([Section(section="Versions", ask=added)] if added else []), *guide.questions)


def newest_of(releases: Sequence[Version]) -> Version | None:
    """The newest release, a pre-release only where there is nothing else; None where there is none at all."""
    return max((one for one in releases if not one.pre_release), default=max(releases, default=None))


def newest_known(versions: Versions, env: Environment) -> str | None:
    """The newest release that is known now, as it is written; None where there is none."""
    newest = newest_of(known_releases(versions, env))
    return str(newest) if newest is not None else None


def default_answer(question: Question, versions: Versions, env: Environment) -> tuple[Any, str]:
    """The default (None where there is none now), and what it is where the guide does not say it itself."""
    default = default_of(question.default, env)
    if default is not None or question.id != TARGET:
        return default, ""
    newest = newest_known(versions, env)
    return newest, "the newest release that the guide knows" if newest else ""


def target_choices(releases: Sequence[Version], current: str | None) -> Choices:
    """The releases to upgrade to, newest first and pre-releases last: those after `current`, else all."""
    try:
        now = parse_version(current) if current else None
    except ValueError:
        now = None
    newer = [release for release in releases if now is None or release > now] or list(releases)
    newest_first = sorted(newer, reverse=True)
    pre_releases_last = sorted(newest_first, key=lambda release: release.pre_release)
    return tuple((str(release), str(release)) for release in pre_releases_last)
