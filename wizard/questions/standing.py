"""Which questions are asked now: sections and conditions, the hops of the path, and the stops on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.errors import ExpressionError, VersionPathError
from wizard.expressions import compile_expression
from wizard.facts.references import behind_values, references_in, references_of, root_of
from wizard.guide.models.base import Kind
from wizard.guide.models.guide import Ladder
from wizard.guide.models.questions import Question, QuestionType
from wizard.questions.names import STOP_RELEASE, inside_hop, key_in_hop, split_key
from wizard.questions.path import Path, Series, Stop, find_way, release_at
from wizard.questions.releases import CURRENT, TARGET, guide_version, sections_of
from wizard.questions.validation import RefusedError, quoted
from wizard.versions import hop_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from wizard.expressions import Environment
    from wizard.guide.models import Guide, Versions
    from wizard.guide.models.guide import BlockedPath, Hop
    from wizard.guide.models.questions import Section


@dataclass(frozen=True, slots=True)
class Standing:
    """A question that is asked now, with the section it stands in.

    A question `per: hop` stands once for each hop, with the id under which the answer of that hop is kept and
    with what `hop` is there. `stop` is the stop whose release is asked for.
    """

    section: Section
    question: Question
    hop: Mapping[str, Any] = field(default_factory=dict)
    stop: Stop | None = None

    @property
    def example(self) -> str:
        """An answer that fits; empty where there is none but that of the type."""
        return release_at(self.stop) if self.stop is not None else ""

    def environment(self, guide: Guide, env: Environment) -> Environment:
        """What the texts and conditions of the question see."""
        return inside_hop(guide, env, self.hop) if self.hop else env

    @property
    def suffix(self) -> str:
        """What is said behind the label: the hop it is asked for."""
        return f" ({self.hop['from']} -> {self.hop['to']})" if self.hop else ""


class Standings:
    """The questions of one guide, and which of them are asked for what is known."""

    def __init__(self, guide: Guide) -> None:
        """Look at the questions of `guide`."""
        self._guide = guide
        self._sections = sections_of(guide)
        self._by_id = {question.id: question for section in self._sections for question in section.ask}
        self._needs_path = guide.versions.stop_release == "ask" or any(one.per for one in self._by_id.values())
        self._inputs = _inputs_of_path(guide)

    @property
    def declared(self) -> Mapping[str, Question]:
        """Every question that may be asked, by its id."""
        stops = {STOP_RELEASE: _STOP} if self._guide.versions.stop_release == "ask" else {}
        return {**self._by_id, **stops}

    def asked(self, env: Environment, answered: Collection[str]) -> list[Standing]:
        """The questions that are asked now, in their order.

        `answered` are the ids that have an answer, if only an empty one. What is asked for each hop is among
        them once the path and the release of every stop on it are known.
        """
        once = list(self._once(env))
        path = self._path_or_none(env, answered, once) if self._needs_path else None
        if path is None:
            return once
        stops = [_of_stop(stop, one.section) for one in once if one.question.id == TARGET for stop in path.stops]
        hops = hops_of(path, answered)
        standing: list[Standing] = []
        ids = {one.question.id: one for one in once}
        for section in self._sections:
            if not holds(section.when, env, f"the section {section.section!r}"):
                continue
            for question in section.ask:
                if question.per is not None:
                    standing += self._for_hops(section, question, hops, env)
                elif question.id in ids:
                    standing.append(ids[question.id])
            if any(question.id == TARGET for question in section.ask):
                standing += stops
        return standing

    def path(self, env: Environment, answered: Collection[str]) -> Path | None:
        """The path, None while something it depends on can still be answered. VersionPathError where there is none."""
        return self._path(env, answered, list(self._once(env)), patient=True)

    def _once(self, env: Environment) -> Iterator[Standing]:
        for section in self._sections:
            if not holds(section.when, env, f"the section {section.section!r}"):
                continue
            for question in section.ask:
                if question.per is None and holds(question.when, env, f"the question {question.id}"):
                    yield Standing(section, question)

    def _for_hops(
        self, section: Section, question: Question, hops: Sequence[Mapping[str, Any]], env: Environment
    ) -> Iterator[Standing]:
        for hop in hops:
            here = question.model_copy(update={"id": key_in_hop(question.id, str(hop["to"]))})
            one = Standing(section, here, hop)
            if holds(question.when, one.environment(self._guide, env), f"the question {here.id}"):
                yield one

    def not_read_yet(
        self, one: Standing, env: Environment, answered: Collection[str], untried: Collection[str] | None
    ) -> bool:
        """Whether what an answer is found by is not read yet, because an answer that needs is not taken.

        `untried` are the answers without those that are only tried, where some are.
        """
        taken = answered if untried is None else untried
        waiting = {
            split_key(name)[0] for other in self.asked(env, answered) if (name := other.question.id) not in taken
        }
        sources = (frozenset(compile_expression(source).references) for source in one.question.sources)
        return any(self._is_open(behind_values(found, self._guide), env, waiting, set()) for found in sources)

    # -- the path ----------------------------------------------------------------------------------

    def _path_or_none(self, env: Environment, answered: Collection[str], once: Sequence[Standing]) -> Path | None:
        try:
            return self._path(env, answered, once, patient=False)
        except VersionPathError:
            return None

    def _path(
        self, env: Environment, answered: Collection[str], once: Sequence[Standing], *, patient: bool
    ) -> Path | None:
        """The path as soon as nothing it depends on is open; `patient` waits for optional answers too."""
        answers = env.names.get("answers") or {}
        if CURRENT not in answers or TARGET not in answers:
            return None
        waiting = {
            one.question.id
            for one in once
            if one.question.id not in answered and (patient or not one.question.optional)
        }
        if self._is_open(self._inputs, env, waiting, set()):
            return None
        return find_way(self._guide.versions, str(answers[CURRENT]), str(answers[TARGET]), env)

    def _is_open(self, references: Collection[str], env: Environment, waiting: set[str], seen: set[str]) -> bool:
        """Whether any of these names may still come: an answer that is waited for, a fact that needs one."""
        facts = env.names.get("facts") or {}
        for space, name in map(root_of, references):
            if space == "answers" and (name in waiting or (not name and waiting)):
                return True
            if space == "facts" and name not in facts and name not in seen and name in self._guide.facts:
                needs = references_of(self._guide.facts[name], self._guide)
                if self._is_open(needs, env, waiting, {*seen, name}):
                    return True
        return False


def must_be_at_stop(stop: Stop, value: str, guide: Guide, env: Environment) -> None:
    """Hold the release chosen for a stop against the path. RefusedError where it is no release of that stop."""
    versions = guide.versions
    chosen, series = guide_version(value, versions.pattern), guide_version(stop.series, None)
    known = [guide_version(one, None) for one in stop.releases]
    if chosen not in Series(series.release) or (known and all(chosen not in Series(one.release) for one in known)):
        way = f"choose from {', '.join(stop.releases)}" if known else f"write a release of {stop.series}"
        raise RefusedError(f"{quoted(value)} is no release of {stop.series} that the guide knows: {way}")
    answers = env.names.get("answers") or {}
    inside = env.with_names(answers={**answers, key_in_hop(STOP_RELEASE, stop.series): value})
    try:
        path = find_way(versions, str(answers[CURRENT]), str(answers[TARGET]), inside)
    except VersionPathError as error:
        way = f" ({error.hint})" if error.hint else ""
        raise RefusedError(f"{value} is no place to stop at: {error.message}{way}") from None
    if str(chosen) not in [leg.to_version for leg in path.legs[:-1]]:
        raise RefusedError(f"{value} does not lie on the way")


def holds(condition: str | None, env: Environment, what: str) -> bool:
    """Whether a `when` holds; ExpressionError names what it belongs to."""
    if condition is None:
        return True
    try:
        return compile_expression(condition).holds(env)
    except ExpressionError as error:
        raise ExpressionError(f"`when` of {what}: {error.message}", hint=error.hint, column=error.column) from None


_STOP = Question(
    id=STOP_RELEASE,
    label="Release to stop at on the way",
    type=QuestionType.VERSION,
    why="The path stops there, and the guide leaves it to you which release it is.",
)


def _of_stop(stop: Stop, section: Section) -> Standing:
    update = {
        "id": key_in_hop(STOP_RELEASE, stop.series),
        "label": f"Release of {stop.series} to stop at on the way",
        "default": stop.releases[0] if stop.releases else None,
    }
    return Standing(section, _STOP.model_copy(update=update), stop=stop)


def hops_of(path: Path, answered: Collection[str]) -> list[dict[str, Any]]:
    """What `hop` means in each hop of a path; nothing while the release of a stop on it is not answered."""
    if any(key_in_hop(STOP_RELEASE, stop.series) not in answered for stop in path.stops):
        return []
    count = len(path.legs)
    return [
        hop_names(leg.from_version, leg.to_version, number, last=number == count)
        for number, leg in enumerate(path.legs, 1)
    ]


def _inputs_of_path(guide: Guide) -> frozenset[str]:
    """Names that decide which path there is."""
    return behind_values({one for kind, text in _texts(guide.versions) for one in references_in(kind, text)}, guide)


def _texts(versions: Versions) -> Iterator[tuple[Kind, str]]:
    match versions.releases:
        case Ladder(ladder=ladder, from_=source):
            yield from ((Kind.TEXT, one) for one in (ladder,) if one is not None)
            yield from ((Kind.EXPRESSION, one) for one in (source,) if one is not None)
        case list() as releases:
            yield from ((Kind.TEXT, one) for one in releases)
        case _:
            pass
    yield from ((Kind.TEXT, one) for one in versions.stops)
    edges: list[Hop | BlockedPath] = [*versions.hops, *versions.blocked]
    for edge in edges:
        yield from ((Kind.TEXT, one) for one in (edge.from_, edge.to) if one is not None)
        if edge.when is not None:
            yield Kind.EXPRESSION, edge.when
