"""Where commands run: `env_file` and `connection`, their order, what is secret in them, and what of it checks see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import Journey, guide, phase, step
from wizard.errors import ExitCode, Gone
from wizard.run.events import CommandEnded

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "p4ss-w0rd-of-the-db"


def at(place: Path, *steps: dict[str, Any], **parts: Any) -> Journey:
    """A journey of one phase whose commands work in `place`, with a question for a password."""
    made = guide(phase(*steps, **parts.pop("of_phase", {})), **{"defaults": {"folder": str(place)}, **parts})
    ask = [*made["questions"][0]["ask"], {"id": "password", "label": "Password", "type": "secret"}]
    made["questions"] = [{"section": "All", "ask": ask}]
    return Journey(place, made)


def operator(**replies: Any) -> ScriptedOperator:
    """Somebody who knows the password."""
    return ScriptedOperator({"password": PASSWORD, **replies})


def printed(journey: Journey) -> str:
    """Everything the session keeps of what commands printed, and its journal."""
    files = [*journey.folder.rglob("output"), journey.folder / "journal.jsonl", journey.folder / "plan.json"]
    files += journey.folder.rglob("spec.json")
    return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)


DB = {
    "kind": "postgres",
    "host": "db.example",
    "port": "5433",
    "name": "app",
    "user": "admin",
    "password": "${{ answers.password }}",
}
SHOW = 'env | grep -E "^(PG|MYSQL_|SQLITE_|APP_)" | sort > seen; env | grep PASS || true'


def test_a_connection_gives_the_clients_environment(tmp_path: Path) -> None:
    """The library of PostgreSQL finds all it needs; the password reaches the command and nothing that is kept."""
    journey = at(tmp_path, step("dump", SHOW, connection="db"), connections={"db": DB})
    assert journey.begin(operator()) is ExitCode.DONE
    assert journey.lines("seen") == [
        "PGDATABASE=app", "PGHOST=db.example", f"PGPASSWORD={PASSWORD}", "PGPORT=5433", "PGUSER=admin",
    ]  # fmt: skip
    assert PASSWORD not in printed(journey)
    assert "PGPASSWORD=******" in printed(journey)


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        (
            {**DB, "kind": "mysql", "port": 3307},
            [
                "MYSQL_DATABASE=app",
                "MYSQL_HOST=db.example",
                f"MYSQL_PWD={PASSWORD}",
                "MYSQL_TCP_PORT=3307",
                "MYSQL_USER=admin",
            ],
        ),
        ({"kind": "sqlite", "file": "app.db"}, ["SQLITE_FILE=app.db"]),
        ({"kind": "postgres", "name": "app"}, ["PGDATABASE=app"]),
    ],
    ids=["mysql", "sqlite", "only-a-name"],
)
def test_what_each_kind_of_connection_gives(tmp_path: Path, connection: dict[str, Any], expected: list[str]) -> None:
    """MySQL's clients and SQLite have names of their own; what the guide does not say is not set."""
    use = step("use", 'echo "$APP" > /dev/null; ' + SHOW, connection="db", env={"APP": "${{ answers.password }}"})
    journey = at(tmp_path, use, connections={"db": connection})
    assert journey.begin(operator()) is ExitCode.DONE
    assert journey.lines("seen") == expected


def test_a_password_that_is_no_answer_is_a_secret_all_the_same(tmp_path: Path) -> None:
    """One written into the guide is not shown either."""
    journey = at(
        tmp_path, step("dump", SHOW, connection="db"), connections={"db": {**DB, "password": "plain-but-secret"}}
    )
    journey.begin(operator())
    assert "PGPASSWORD=plain-but-secret" in journey.lines("seen")
    assert "plain-but-secret" not in printed(journey)


def test_the_variables_of_a_file_reach_the_command_and_nothing_that_is_kept(tmp_path: Path) -> None:
    """Quotes and comments are read as in every such file; the values are secrets."""
    (tmp_path / "app.env").write_text("# settings\nAPP_KEY='k3y with blanks'\nexport APP_MODE=productive # so\n")
    journey = at(tmp_path, step("use", 'env | grep ^APP_ | sort > seen; echo "key $APP_KEY"', env_file="app.env"))
    assert journey.begin(operator()) is ExitCode.DONE
    assert journey.lines("seen") == ["APP_KEY=k3y with blanks", "APP_MODE=productive"]
    assert "k3y with blanks" not in printed(journey)
    assert "key ******" in printed(journey)


def test_the_last_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is: passed on, connection, file, `env`; inner ones before outer ones of the same kind."""
    monkeypatch.setenv("PGUSER", "passed")
    monkeypatch.setenv("PGHOST", "passed")
    monkeypatch.setenv("PGAPPNAME", "passed")
    (tmp_path / "outer.env").write_text("PGDATABASE=outer\nPGUSER=outer\n")
    (tmp_path / "inner.env").write_text("PGDATABASE=file\nPGOPTIONS=file\n")
    use = step(
        "use",
        'for one in PGAPPNAME PGHOST PGUSER PGDATABASE PGOPTIONS; do echo "$one=${!one}"; done > seen',
        env_file="inner.env",
        env={"PGOPTIONS": "env"},
    )
    defaults = {"folder": str(tmp_path), "pass_env": ["PGUSER", "PGHOST", "PGAPPNAME"], "env_file": "outer.env"}
    of_phase = {"connection": "db"}
    journey = at(tmp_path, use, defaults=defaults, of_phase=of_phase, connections={"db": DB})
    assert journey.begin(operator()) is ExitCode.DONE
    assert journey.lines("seen") == [
        "PGAPPNAME=passed", "PGHOST=db.example", "PGUSER=admin", "PGDATABASE=file", "PGOPTIONS=env",
    ]  # fmt: skip


def test_without_its_file_nothing_is_started(tmp_path: Path) -> None:
    """A missing `env_file` is a failure before the start; once it is there the step can be done."""
    env_file = tmp_path / "app.env"

    def puts_it_there(_: Any) -> str:
        env_file.write_text("APP_KEY=there-it-is\n")
        return "again"

    journey = at(tmp_path, step("use", 'echo "$APP_KEY" > seen', env_file="app.env"))
    person = operator(**{"failed:use": puts_it_there})
    assert journey.begin(person) is ExitCode.DONE
    request = dict(person.asked)["failed:use"]
    assert f"{env_file}, which gives the command its environment" in request.text
    assert journey.lines("seen") == ["there-it-is"]
    assert [attempt.number for attempt in journey.state.step("1/work/use").attempts] == [1]


def test_a_broken_file_is_named_without_its_values(tmp_path: Path) -> None:
    """The line that cannot be read is named, and nothing was started."""
    (tmp_path / "app.env").write_text("APP_KEY='never closed of k3y\n")
    person = operator(**{"failed:use": "stop"})
    journey = at(tmp_path, step("use", "true", env_file="app.env"))
    assert journey.begin(person) is ExitCode.STOPPED
    text = dict(person.asked)["failed:use"].text
    assert "line 1: the quote that begins the value of APP_KEY is never closed" in text
    assert "of k3y" not in text


def test_checks_of_a_step_look_where_it_runs(tmp_path: Path) -> None:
    """A `done_when` command has the folder, the file and the connection of its step."""
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "app.env").write_text("APP_KEY=k3y-of-the-app\n")
    looks = 'test -e proof && test "$PGHOST" = db.example && test "$APP_KEY" = k3y-of-the-app'
    work = step(
        "work",
        "touch proof",
        folder=str(inner),
        env_file=str(tmp_path / "app.env"),
        connection="db",
        done_when=[{"command": looks}],
    )
    journey = at(tmp_path, work, connections={"db": DB})
    assert journey.begin(operator()) is ExitCode.DONE
    assert journey.state.step("1/work/work").attempts[0].baseline is False


def test_what_hinders_commands_hinders_no_other_check(tmp_path: Path) -> None:
    """Before the file is there a check by command cannot tell, and one of a file can."""
    (tmp_path / "fine").touch()
    checks = [{"file": str(tmp_path / "fine")}, {"id": "by-command", "command": "true"}]
    person = operator(**{"failed:look": "stop"})
    journey = at(tmp_path, step("look", check=checks), defaults={"folder": str(tmp_path), "env_file": "app.env"})
    assert journey.begin(person) is ExitCode.STOPPED
    noted = journey.state.step("1/work/look").noted
    assert noted["file-1"].startswith("ok")
    assert noted["by-command"].startswith("unknown")
    assert "app.env" in noted["by-command"]


def test_a_password_is_asked_again_on_resume(tmp_path: Path) -> None:
    """It was never stored: whoever comes back gives it again, before the command that needs it."""
    sure = step("sure", confirm="Really?")
    dump = step("dump", 'test -n "$PGPASSWORD"; echo "$PGPASSWORD" > seen', connection="db")
    journey = at(tmp_path, sure, dump, connections={"db": DB})
    with pytest.raises(Gone):
        journey.begin(operator(sure=Gone))
    assert PASSWORD not in printed(journey)
    back = operator()
    assert journey.resume(back) is ExitCode.DONE
    assert "password" in dict(back.asked)
    assert journey.lines("seen") == [PASSWORD]
    assert PASSWORD not in printed(journey)


def test_an_undo_has_the_place_of_its_step(tmp_path: Path) -> None:
    """What takes a step back works on the same database."""
    undo = [step("restore", 'echo "$PGDATABASE" > restored')]
    journey = at(tmp_path, step("load", "true", connection="db", undo=undo), connections={"db": DB})
    journey.begin(operator())
    assert journey.undo(operator()) is ExitCode.DONE
    assert journey.lines("restored") == ["app"]


# -- stuck, late, stopped ------------------------------------------------------------------------


def test_silence_counts_as_stuck(tmp_path: Path) -> None:
    """After so long without output the operator is asked: what was seen, and what the guide says it means."""
    stall = {"silence": "1s", "say": "The index is being built."}
    person = operator(**{"stalled:work": "stop", "failed:work": "stop", "unknown:work": "stop"})
    at(tmp_path, step("work", "echo begun; sleep 60", stall=stall)).begin(person)
    words = r"It has printed nothing for \d+ s\. The index is being built\."
    assert re.fullmatch(words, dict(person.asked)["stalled:work"].text)


def test_the_same_thing_again_and_again_counts_as_stuck(tmp_path: Path) -> None:
    """Not after the first retries, only once there were as many as the guide says."""
    prints = "for n in 1 2 3; do echo retrying $n; done; until test -e go; do sleep 0.05; done"
    prints += "; for n in 4 5 6 7; do echo retrying $n; done; sleep 60"
    asked: list[str] = []

    def wait(request: Any) -> str:
        asked.append(request.text)
        return "stop"

    def go(_: Any) -> None:
        (tmp_path / "go").touch()

    person = operator(**{"stalled:work": wait, "attend:work": go, "unknown:work": "stop"})
    at(tmp_path, step("work", prints, stall={"line": r"retrying \d", "times": 5})).begin(person)
    assert asked[0] == "It has printed the same thing 7 times."
    assert len(asked) == 1


def test_fewer_repetitions_are_none(tmp_path: Path) -> None:
    """A command that retries less often than the guide says runs to its end undisturbed."""
    prints = "for n in 1 2 3 4; do echo retrying $n; sleep 0.3; done"
    person = operator()
    assert at(tmp_path, step("work", prints, stall={"line": "retrying", "times": 5})).begin(person) is ExitCode.DONE
    assert not any(key.startswith("stalled") for key, _ in person.asked)


def test_a_command_that_takes_too_long_is_stopped_and_has_failed(tmp_path: Path) -> None:
    """`timeout` ends it, may come from an answer, and the end says so."""
    person = operator(**{"failed:work": "stop"})
    journey = at(tmp_path, step("work", "sleep 60", timeout="${{ '1' + 's' }}"))
    assert journey.begin(person) is ExitCode.STOPPED
    assert "after its time was over" in person.told(CommandEnded)[0].detail
    assert "after its time was over" in dict(person.asked)["failed:work"].text


def test_signals_follow_the_guides_own_stop_after_its_time(tmp_path: Path) -> None:
    """A way to stop that does not help in `after` is followed by the interrupt, and nobody waits longer."""
    from wizard.run.operator import Wish

    heeds_signals = "trap 'echo signalled >> effects; exit 1' INT; touch on; while :; do sleep 0.05; done"
    stop = {"run": "echo asked >> effects", "after": "500ms"}
    person = operator(**{"attend:work": Turns(_once_on(tmp_path, Wish.STOP), None), "unknown:work": "stop"})
    at(tmp_path, step("work", heeds_signals, stop=stop)).begin(person)
    assert (tmp_path / "effects").read_text().splitlines() == ["asked", "signalled"]


def _once_on(place: Path, wish: Any) -> Any:
    from tests.waiting import until

    def reply(_: Any) -> Any:
        until((place / "on").exists)
        return wish

    return reply
