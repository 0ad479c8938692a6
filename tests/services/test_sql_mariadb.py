"""Facts and checks on a real MariaDB."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.daemons import free_port
from tests.services.looked import judged, known, read
from wizard.checks.model import Status
from wizard.errors import HostError
from wizard.facts.model import FactStatus
from wizard.host.local import LocalMachine
from wizard.host.protocols import Database
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.mariadb import MariaDB

pytestmark = pytest.mark.service

WORD = "a-password-of-the-reader"


@pytest.fixture(scope="module")
def shop(mariadb: MariaDB) -> Iterator[MariaDB]:
    """A database with a few rows, and a user who may only read one of its tables."""
    mariadb.rows("CREATE DATABASE shop")
    mariadb.rows("CREATE TABLE shop.items (id int, name text, price decimal(8,2), made datetime, raw blob)")
    mariadb.rows("INSERT INTO shop.items VALUES (1, 'pen', 1.50, '2024-05-31 12:00', 'x'), (2, NULL, 2, NULL, NULL)")
    mariadb.rows("CREATE TABLE shop.hidden (id int)")
    mariadb.rows("CREATE USER reader IDENTIFIED BY %s", WORD)
    mariadb.rows("GRANT SELECT, INSERT ON shop.items TO reader")
    yield mariadb
    mariadb.rows("DROP DATABASE shop")
    mariadb.rows("DROP USER reader")


def connections(shop: MariaDB, **other: Any) -> dict[str, Any]:
    given = {
        "kind": "mysql", "host": "127.0.0.1", "port": shop.port, "name": "shop", "user": "reader",
        "password": "${{ answers.word }}",
    }  # fmt: skip
    return {"db": {**given, **other}}


def query(text: str) -> dict[str, Any]:
    return {"sql": {"connection": "db", "query": text}}


def test_facts_are_plain_data(shop: MariaDB) -> None:
    """Exact numbers, times and bytes come as text and numbers, values are bound, nulls are absent."""
    given: dict[str, Any] = {"connections": connections(shop), "answers": {"word": Secret(WORD), "id": 1}}
    assert known(query("select count(*) from items"), **given) == 2
    row = known(query("select name, price, made, raw, sum(id) from items where id = ${{ answers.id }}"), **given)
    assert row == ["pen", 1.5, "2024-05-31T12:00:00", "x", 1]
    assert read(query("select name from items where id = 2"), **given).status is FactStatus.ABSENT
    assert "MariaDB" in known(query("select version()"), **given)


@pytest.mark.parametrize("hostile", ["x' or '1'='1", "'; drop table items; --", "100% %s", "\\' or 1=1 -- "])
def test_values_are_bound(hostile: str, shop: MariaDB) -> None:
    """A hostile answer is only ever a value; percent signs of the query itself stay."""
    given: dict[str, Any] = {"connections": connections(shop), "answers": {"word": Secret(WORD), "x": hostile}}
    assert known(query("select count(*) from items where name = ${{ answers.x }}"), **given) == 0
    assert known(query("select ${{ answers.x }}, '100%', 7 % 4"), **given) == [hostile, "100%", 3]


@pytest.mark.parametrize(
    "change",
    [
        "insert into items values (3, 'x', 1, null, null)",
        "select 1; insert into items values (3, 'x', 1, null, null)",
        "select * from items into outfile '/tmp/items-of-the-shop'",
        "create table more (id int)",
        "/*! insert into items values (3, 'x', 1, null, null) */",
        "drop table items",
        "set global max_connections = 5",
        "flush tables",
        "select nextval(numbers)",
    ],
)
def test_nothing_can_be_changed(change: str, shop: MariaDB) -> None:
    """Whoever connects, with every right: a query that would change something is refused."""
    shop.rows("CREATE SEQUENCE IF NOT EXISTS shop.numbers")
    database = Database("mysql", None, "127.0.0.1", shop.port, "shop", shop.user, Secret(shop.password))
    with pytest.raises(HostError):
        LocalMachine().sql(database, change, ())
    assert shop.rows("select count(*) from shop.items") == [(2,)]
    assert shop.rows("show tables from shop like 'more'") == []


def test_why_it_does_not_answer(shop: MariaDB) -> None:
    """Refused, wrong password, no database, no right, no such host, a wrong query: each in its own words."""

    def said(text: str = "select 1", word: str = WORD, **other: Any) -> tuple[Status, str]:
        return judged(query(text), connections=connections(shop, **other), answers={"word": Secret(word)})

    assert said() == (Status.OK, "it gives 1")
    status, seen = said(port=free_port())
    assert (status, seen.endswith("nobody listens there (connection refused)")) == (Status.UNKNOWN, True)
    status, seen = said(word="wrong-password")
    assert (status, seen.endswith("as reader: the user or the password is wrong")) == (Status.UNKNOWN, True)
    status, seen = said(name="nowhere", user=shop.user, word=shop.password)
    assert (status, seen.endswith("the database does not exist")) == (Status.FAIL, True)
    status, seen = said(name="mysql")
    assert (status, "may not use it" in seen) == (Status.UNKNOWN, True)
    status, seen = said("select * from hidden")
    assert (status, "its user may not read that" in seen) == (Status.UNKNOWN, True)
    status, seen = said("select * from gone", user=shop.user, word=shop.password)
    assert (status, "Table 'shop.gone' doesn't exist" in seen) == (Status.FAIL, True)
    status, seen = said("select gone from items")
    assert (status, "Unknown column 'gone'" in seen) == (Status.FAIL, True)
    status, seen = said(host="no-such-host.invalid")
    assert (status, seen.endswith("nobody knows a host of that name")) == (Status.UNKNOWN, True)


def test_the_password_is_in_no_words(shop: MariaDB) -> None:
    """Neither in what is said nor in a traceback."""
    wrong = "hunter2-hunter2-hunter2"
    database = Database("mysql", None, "127.0.0.1", shop.port, "shop", "reader", Secret(wrong))
    with pytest.raises(HostError) as caught:
        LocalMachine().sql(database, "select 1", ())
    assert wrong not in "".join(traceback.format_exception(caught.value)) + str(caught.value) + repr(database)


def test_a_socket_is_taken_for_a_host(shop: MariaDB) -> None:
    """A host that begins with a slash is a socket of this machine; one that is not there says so."""
    given: dict[str, Any] = {"answers": {"word": Secret(WORD)}}
    assert known(query("select 1"), connections=connections(shop, host=shop.socket), **given) == 1
    gone = read(query("select 1"), connections=connections(shop, host="/run/no-such-folder/sock"), **given)
    assert gone.reason.endswith("no server runs on this machine")


def test_a_query_that_takes_too_long_is_ended(shop: MariaDB) -> None:
    """The server ends it."""
    fact = {**query("select count(*) from items, (select sleep(600)) as slow"), "timeout": "1s"}
    slow = read(fact, connections=connections(shop), answers={"word": Secret(WORD)})
    assert slow.status is FactStatus.UNKNOWN
    assert slow.reason.endswith("the query takes longer than 1 s")


def test_too_many_rows_are_refused(shop: MariaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server itself gives no more than is taken."""
    from wizard.host.sql import mysql as reader

    monkeypatch.setattr(reader, "ROWS_CAP", 1000)
    keeper = connections(shop, user=shop.user, name="mysql")
    given: dict[str, Any] = {"connections": keeper, "answers": {"word": Secret(shop.password)}}
    unknown = read(query("select seq from mysql.seq_1_to_100000000"), **given)
    assert (unknown.status, "gives more than" in unknown.reason) == (FactStatus.UNKNOWN, True)
