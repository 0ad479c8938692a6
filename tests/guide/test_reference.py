"""The author's reference: every example does what it says, every key is in it, every kind has an example."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.fakes.operators import ScriptedOperator
from tests.guide.reference import Example, examples, guide_with, installation, reference_text
from tests.plan.writing import find_path
from tests.run.journey import Journey
from wizard.errors import ExitCode
from wizard.guide.lint import lint_path
from wizard.guide.loader import load_guide
from wizard.guide.models import ActionKind
from wizard.guide.models.base import Conditional, Model
from wizard.guide.models.checks import CHECK_KINDS
from wizard.guide.models.facts import FACT_KINDS
from wizard.guide.models.questions import QuestionType
from wizard.guide.models.steps import Note, Step, Surroundings
from wizard.guide.walk import every_model
from wizard.problems import Severity
from wizard.run.operator import Chosen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.run.operator import ChoiceRequest

EXAMPLES = examples()


def _name(example: Example) -> str:
    return f"line-{example.line}-{example.kind}"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server that answers as the examples' service does; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"status": "UP"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def _written(folder: Path, guide: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "known.sh").write_text("echo known\n", encoding="utf-8")
    (folder / "rows.jsonl").write_text('{"id": "MAN-01"}\n', encoding="utf-8")
    path = folder / "guide.yaml"
    path.write_text(yaml.safe_dump(guide, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize("example", EXAMPLES, ids=_name)
def test_every_example_passes_lint(tmp_path: Path, example: Example) -> None:
    """In a guide that has what it names it has no mistake; one that shows a mistake has the one it says."""
    problems = lint_path(_written(tmp_path, guide_with(example)))
    if example.kind == "wrong":
        said = re.search(r"^# says: (.+)$", example.text, re.MULTILINE)
        assert said is not None
        assert said[1] in "\n".join(problem.message for problem in problems)
        return
    whole = example.kind == "guide"
    kept = [one for one in problems if whole or one.severity is Severity.ERROR or one.rule != "unused"]
    assert [str(one) for one in kept] == []


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.kind == "versions"], ids=_name)
def test_every_shape_of_versions_gives_the_path_it_says(tmp_path: Path, example: Example) -> None:
    """What stands behind `# path:` is the path; behind `# none:` there is none, with these words."""
    from wizard.errors import VersionPathError
    from wizard.expressions import Environment

    versions = load_guide(_written(tmp_path, guide_with(example))).guide.versions
    env = Environment(names={"facts": {"tags": ["1.0", "1.4.1", "1.4.2", "2.0", "3.0"]}, "answers": {"cluster": False}})
    said = re.findall(r"^# path: (.+)$", example.text, re.MULTILINE)
    for path in said:
        versions_on_it = path.split(" > ")
        hops = find_path(versions, versions_on_it[0], versions_on_it[-1], env)
        touched = [hops[0].from_version, *(hop.to_version for hop in hops)]
        assert touched == [one.removeprefix("v") for one in versions_on_it]
    for current, target, words in re.findall(r"^# none: (\S+) > (\S+) \((.+)\)$", example.text, re.MULTILINE):
        with pytest.raises(VersionPathError, match=re.escape(words)):
            find_path(versions, current, target, env)
    assert said


def test_the_first_guide_is_as_long_as_it_says() -> None:
    """The guide at the start has forty lines."""
    (first,) = [example for example in EXAMPLES if example.kind == "guide"]
    assert len(first.text.splitlines()) == 40
    assert first.line < 60


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.use == "read"], ids=_name)
def test_facts_are_read(tmp_path: Path, port: int, example: Example) -> None:
    """Each fact finds something on a machine that has it."""
    from wizard.expressions import Environment
    from wizard.facts.gather import read_facts
    from wizard.facts.model import FactStatus
    from wizard.host.local import LocalMachine

    answers = installation(tmp_path, port)
    loaded = load_guide(_written(tmp_path / "guide", guide_with(example)))
    env = Environment(names={"answers": answers, "facts": {}})
    readings = read_facts(loaded, list(loaded.guide.facts), LocalMachine(), env)
    assert [str(one) for one in readings if one.status is not FactStatus.KNOWN] == []
    assert {one.id for one in readings} >= set(example.data)


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.use == "pass"], ids=_name)
def test_checks_pass(tmp_path: Path, port: int, example: Example) -> None:
    """Each check passes on a machine that is as it wants."""
    from wizard.checks.ask import CheckContext, ask_checks
    from wizard.checks.model import Status
    from wizard.expressions import Environment
    from wizard.facts.files_in_expressions import file_function
    from wizard.host.local import LocalMachine

    answers = installation(tmp_path, port)
    loaded = load_guide(_written(tmp_path / "guide", guide_with(example)))
    machine = LocalMachine()
    env = Environment(names={"answers": answers, "facts": {}}, file=file_function(machine))
    findings = ask_checks(loaded.guide.checks, CheckContext(loaded, machine, env))
    assert [str(one) for one in findings if one.status is not Status.OK] == []
    assert len(findings) >= len(example.data)


class Willing(ScriptedOperator):
    """Says yes to all that goes on."""

    def choose(self, request: ChoiceRequest) -> Chosen:
        """Take what leads forward."""
        offered = [choice.key for choice in request.choices]
        forward = ("start", "run", "go", "go-on", "begin", "done", "back", "preview", "accept", "yes")
        return Chosen(next((key for key in forward if key in offered), offered[0]))


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.use == "walk"], ids=_name)
def test_steps_are_walked(tmp_path: Path, port: int, example: Example) -> None:
    """Each step is carried out on this machine, and done at the end."""
    answers = installation(tmp_path, port)
    file = tmp_path / "answers.yaml"
    secret = tmp_path / "secret"
    secret.write_text(f"{answers['password']}\n", encoding="utf-8")
    secret.chmod(0o600)
    given = {**answers, "password": f"file:{secret}"}
    file.write_text(yaml.safe_dump({"answers": given}, allow_unicode=True), encoding="utf-8")
    journey = Journey(tmp_path, guide_with(example), sets=())
    (journey.file.parent / "known.sh").write_text("echo known\n", encoding="utf-8")
    operator = Willing()
    assert journey.begin(operator, answers=str(file)) is ExitCode.DONE, [str(one) for one in operator.events[-4:]]
    ended = {step["id"]: journey.status(step["id"]) for step in example.data}
    well = ("done", "already_done", *(("set_back",) if "temporary" in example.text else ()))
    assert {name: status for name, status in ended.items() if status not in well} == {}


def test_the_first_guide_is_walked(tmp_path: Path) -> None:
    """The forty lines upgrade a real folder, from the version that is found there."""
    (first,) = [example for example in EXAMPLES if example.kind == "guide"]
    place = tmp_path / "notes"
    (place / "data").mkdir(parents=True)
    (place / "VERSION").write_text("1.0\n", encoding="utf-8")
    journey = Journey(tmp_path, first.data, sets=(f"install_dir={place}",))
    assert journey.begin(Willing()) is ExitCode.DONE
    assert (place / "VERSION").read_text(encoding="utf-8") == "2.0\n"
    assert (place / "data.before").is_dir()


def _models(model: type[Model]) -> Iterator[type[Model]]:
    for child in model.__subclasses__():
        if child.__module__.startswith("wizard."):
            yield child
            yield from _models(child)


def test_every_key_is_used_in_an_example(tmp_path: Path) -> None:
    """No key of any model is left out; what is inherited inwards is shown once."""
    used: dict[type[Model], set[str]] = {}
    for example in EXAMPLES:
        if example.kind != "wrong":
            guide = load_guide(_written(tmp_path, guide_with(example))).guide
            for placed in every_model(guide):
                used.setdefault(type(placed.model), set()).update(placed.model.model_fields_set)
    inherited = set(Surroundings.model_fields)
    conditions = set(Conditional.model_fields) & set[str]().union(*used.values())
    for model in _models(Model):
        shown = {key for one, keys in used.items() if issubclass(one, model) or issubclass(model, one) for key in keys}
        if issubclass(model, Surroundings) and model is not Step:
            shown |= inherited
        if issubclass(model, Conditional):
            shown |= conditions
        missing = set(model.model_fields) - shown - {"covers", "machine"}
        assert (model.__name__, missing) == (model.__name__, set())
    assert used[Note] >= {"covers"}


def test_every_key_is_explained() -> None:
    """Each key stands in code type somewhere outside of the examples."""
    prose = re.sub(r"^```.*?^```$", "", reference_text(), flags=re.MULTILINE | re.DOTALL)
    words = set(re.findall(r"[A-Za-z_0-9]+", " ".join(re.findall(r"`([^`\n]+)`", prose))))
    own = {model.chosen.key for model in _models(Model) if model.chosen} | {
        model.chosen.value for model in _models(Model) if model.chosen
    }
    keys = {field.alias or name for model in _models(Model) for name, field in model.model_fields.items()}
    assert keys - own - words == set()


def test_every_kind_has_an_example() -> None:
    """Each action, kind of check and fact, and type of question is used in an example."""
    used: dict[str, set[str]] = {"actions": set(), "checks": set(), "facts": set(), "questions": set(), "edits": set()}
    for example in EXAMPLES:
        if example.kind == "wrong":
            continue
        match example.kind:
            case "checks":
                used["checks"] |= {key for check in example.data for key in check}
            case "facts":
                used["facts"] |= {key for fact in example.data.values() for key in fact} | {"value"}
            case "questions":
                used["questions"] |= {question["type"] for question in example.data}
            case "steps":
                used["actions"] |= {key for step in example.data for key in step}
                used["edits"] |= {key for step in example.data for key in step.get("edit", {})}
    assert set(ActionKind) - used["actions"] == set()
    assert set(CHECK_KINDS) - used["checks"] == set()
    assert set(FACT_KINDS) - used["facts"] == set()
    assert set(QuestionType) - used["questions"] == set()
    assert {"set", "remove", "block", "lines", "replace_with", "by_hand", "in_place", "format"} <= used["edits"]


def test_every_example_is_in_a_guide_that_is_all_models(tmp_path: Path) -> None:
    """The blocks hold what their tag says: a part of the guide of that kind, none of them empty."""
    for example in EXAMPLES:
        if example.kind in ("steps", "checks", "facts", "questions"):
            loaded_parts = list(every_model(load_guide(_written(tmp_path, guide_with(example))).guide))
            assert len(loaded_parts) > len(example.data)
