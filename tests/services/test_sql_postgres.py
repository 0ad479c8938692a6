"""Facts and checks on a real PostgreSQL."""

from __future__ import annotations

import socket
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.daemons import free_port
from tests.services.looked import judged, known, read
from tests.waiting import until
from wizard.checks.model import Status
from wizard.errors import HostError
from wizard.facts.model import FactStatus
from wizard.host.local import LocalMachine
from wizard.host.protocols import Database
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.postgres import Postgres

pytestmark = pytest.mark.service

NAME, USER = "shop", "shopkeeper"


@pytest.fixture(scope="module")
def password(postgres: Postgres) -> Iterator[str]:
    """A database with a few rows, owned by a user without other rights; gives the user's password."""
    password = postgres.make_user(USER)
    postgres.make_database(NAME, USER)
    postgres.rows("CREATE TABLE items (id int, name text, price numeric, made timestamptz, data jsonb)", database=NAME)
    postgres.rows(
        "INSERT INTO items VALUES (1, 'pen', 1.50, '2024-05-31 12:00+00', '{\"a\": [1, null]}'),"
        " (2, NULL, 2, NULL, NULL)",
        database=NAME,
    )
    postgres.rows(f"GRANT SELECT, INSERT ON items TO {USER}", database=NAME)
    postgres.rows("CREATE TABLE hidden (id int)", database=NAME)
    yield password
    postgres.drop_database(NAME)
    postgres.drop_user(USER)


def connections(postgres: Postgres, **other: Any) -> dict[str, Any]:
    given = {
        "kind": "postgres", "host": "127.0.0.1", "port": postgres.port, "name": NAME, "user": USER,
        "password": "${{ answers.word }}",
    }  # fmt: skip
    return {"db": {**given, **other}}


def query(text: str) -> dict[str, Any]:
    return {"sql": {"connection": "db", "query": text}}


def test_facts_are_plain_data(postgres: Postgres, password: str) -> None:
    """Exact numbers, times, documents and nulls come as text, numbers, lists and maps."""
    given: dict[str, Any] = {"connections": connections(postgres), "answers": {"word": Secret(password), "id": 1}}
    assert known(query("select count(*) from items"), **given) == 2
    row = known(
        query("select name, price, made at time zone 'UTC', data from items where id = ${{ answers.id }}"), **given
    )
    assert row == ["pen", 1.5, "2024-05-31T12:00:00", {"a": [1, None]}]
    whole = known(
        query("select sum(price) * 2, 1.0::numeric, interval '1 hour', '{1,2}'::int[], 'x'::bytea from items"), **given
    )
    assert whole == [7, 1, 3600.0, [1, 2], "x"]
    assert [type(one) for one in whole[:2]] == [int, int]
    everything = {**query("select id, name from items order by id"), "all": True}
    assert known(everything, **given) == [[1, "pen"], [2, None]]
    assert known({**query("show server_version"), "match": r"^\d+"}, **given) == "15"


def test_null_and_no_rows_are_absent(postgres: Postgres, password: str) -> None:
    """What is nothing is not known as something."""
    given: dict[str, Any] = {"connections": connections(postgres), "answers": {"word": Secret(password)}}
    for text in ("select null", "select name from items where id = 2", "select 1 where false"):
        assert read(query(text), **given).status is FactStatus.ABSENT


@pytest.mark.parametrize("hostile", ["x' or '1'='1", "'; drop table items; --", "100% %s", "\\'; --", "${{ x }}"])
def test_values_are_bound(hostile: str, postgres: Postgres, password: str) -> None:
    """A hostile answer is only ever a value; percent signs of the query itself stay."""
    given: dict[str, Any] = {"connections": connections(postgres), "answers": {"word": Secret(password), "x": hostile}}
    assert known(query("select count(*) from items where name = ${{ answers.x }}"), **given) == 0
    assert known(query("select ${{ answers.x }}::text, '100%', 7 % 4"), **given) == [hostile, "100%", 3]
    assert postgres.rows("select count(*) from items", database=NAME) == [(2,)]


def test_a_percent_sign_without_values_stays(postgres: Postgres, password: str) -> None:
    """A query without values goes to the server as it stands."""
    given: dict[str, Any] = {"connections": connections(postgres), "answers": {"word": Secret(password)}}
    assert known(query("select count(*) from items where name like 'p%'"), **given) == 1


@pytest.mark.parametrize(
    "change",
    [
        "insert into items values (3)",
        "with x as (insert into items values (3) returning id) select * from x",
        "select 1; insert into items values (3)",
        "-- a comment\ndelete from items",
        "/* select */ update items set id = 9",
        "copy items to program 'true'",
        "do $$ begin insert into items values (3); end $$",
        "create table more (id int)",
        "select * into more from items",
        "explain analyze insert into items values (3)",
        "select nextval('numbers')",
        "commit",
        "",
    ],
)
@pytest.mark.usefixtures("password")
def test_nothing_can_be_changed(change: str, postgres: Postgres) -> None:
    """Whoever connects, the superuser too: a query that would change something is refused."""
    postgres.rows("CREATE SEQUENCE IF NOT EXISTS numbers", database=NAME)
    database = Database("postgres", None, "127.0.0.1", postgres.port, NAME, postgres.user, Secret(postgres.password))
    with pytest.raises(HostError):
        LocalMachine().sql(database, change, ())
    assert postgres.rows("select count(*) from items", database=NAME) == [(2,)]
    assert postgres.rows("select to_regclass('more')", database=NAME) == [(None,)]


def test_why_it_does_not_answer(postgres: Postgres, password: str) -> None:
    """Refused, wrong password, no database, no right, no such host, a wrong query: each in its own words."""
    word = {"word": Secret(password)}

    def said(text: str = "select 1", answers: dict[str, Any] | None = None, **other: Any) -> tuple[Status, str]:
        given = connections(postgres, **other)
        return judged({"sql": {"connection": "db", "query": text}}, connections=given, answers=answers or word)

    assert said() == (Status.OK, "it gives 1")
    status, seen = said(port=free_port())
    assert (status, seen[-37:]) == (Status.UNKNOWN, "nobody listens there (connection refused)"[-37:])
    status, seen = said(answers={"word": Secret("wrong-password")})
    assert status is Status.UNKNOWN
    assert seen.endswith("cannot be reached as shopkeeper: the user or the password is wrong")
    status, seen = said(name="nowhere")
    assert status is Status.FAIL
    assert 'database "nowhere" does not exist' in seen
    status, seen = said("select * from hidden")
    assert (status, "its user may not read that" in seen) == (Status.UNKNOWN, True)
    status, seen = said("select * from gone")
    assert (status, 'relation "gone" does not exist' in seen) == (Status.FAIL, True)
    status, seen = said("select from where")
    assert (status, "syntax error" in seen) == (Status.UNKNOWN, True)
    status, seen = said(host="no-such-host.invalid")
    assert (status, seen.endswith("nobody knows a host of that name")) == (Status.UNKNOWN, True)
    status, seen = said(port="${{ answers.word2 }}", answers={**word, "word2": "many"})
    assert (status, "'many', which is none" in seen) == (Status.UNKNOWN, True)


@pytest.mark.usefixtures("password")
def test_the_password_is_in_no_words(postgres: Postgres) -> None:
    """Neither in what is said nor in a traceback, whichever way it fails."""
    wrong = "hunter2-hunter2-hunter2"
    for port, name in ((postgres.port, NAME), (postgres.port, "nowhere"), (free_port(), NAME)):
        database = Database("postgres", None, "127.0.0.1", port, name, USER, Secret(wrong))
        with pytest.raises(HostError) as caught:
            LocalMachine().sql(database, "select 1", ())
        assert wrong not in "".join(traceback.format_exception(caught.value)) + str(caught.value) + repr(database)


def test_a_query_that_takes_too_long_is_ended(postgres: Postgres, password: str) -> None:
    """The server ends it, so that no work is left behind."""
    fact = {**query("select pg_sleep(600)"), "timeout": "1s"}
    reading_ = read(fact, connections=connections(postgres), answers={"word": Secret(password)})
    assert reading_.status is FactStatus.UNKNOWN
    assert reading_.reason.endswith("the query takes longer than 1 s")
    # The server lets go of a connection that was closed a moment after that.
    left = "select count(*) from pg_stat_activity where query like 'select pg_sleep%'"
    until(lambda: postgres.rows(left) == [(0,)])


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something listens and never answers: unknown, with the time it was given."""
    from wizard.host.sql import postgres as reader

    monkeypatch.setattr(reader, "CONNECT_LIMIT", 2.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        database = Database("postgres", None, "127.0.0.1", silent.getsockname()[1], "x", "y")
        with pytest.raises(HostError, match="does not answer within 2 s"):
            LocalMachine().sql(database, "select 1", ())


def test_too_many_rows_are_refused(postgres: Postgres, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not read to the end, either."""
    from wizard.host.sql import postgres as reader

    monkeypatch.setattr(reader, "ROWS_CAP", 1000)
    given: dict[str, Any] = {"connections": connections(postgres), "answers": {"word": Secret(password)}}
    unknown = read(query("select generate_series(1, 100000000)"), **given)
    assert unknown.status is FactStatus.UNKNOWN
    assert "gives more than 1000 rows" in unknown.reason


def test_checks_of_rights_and_sizes(postgres: Postgres, password: str) -> None:
    """What guides ask a database for: is it a superuser, how large is it, can it be reached at all."""
    given: dict[str, Any] = {"connections": connections(postgres), "answers": {"word": Secret(password)}}
    rights = {"connection": "db", "query": "select rolsuper from pg_roles where rolname = current_user"}
    assert judged({"sql": {**rights, "equals": True}}, **given) == (Status.FAIL, "it gives false, not true")
    assert judged({"sql": {**rights, "equals": "false"}}, **given)[0] is Status.OK
    size = {"connection": "db", "query": "select pg_database_size(current_database())", "at_least": "1000000"}
    assert judged({"sql": size}, **given)[0] is Status.OK
    assert judged({"sql": {**size, "at_most": 1}}, **given)[0] is Status.FAIL
    nothing = {"connection": "db", "query": "select null", "at_least": 1}
    assert judged({"sql": nothing}, **given)[0] is Status.UNKNOWN
