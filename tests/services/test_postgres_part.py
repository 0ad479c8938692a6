"""The PostgreSQL of the tests is what they take it for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.services.postgres import Postgres

pytestmark = pytest.mark.service


def test_a_user_needs_the_password(postgres: Postgres) -> None:
    """Without the right password nobody gets in: what tests of secrets rest on."""
    postgres.make_user("needs_word")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=postgres.host, port=postgres.port, user="needs_word", password="guess", dbname="postgres")


def test_its_own_programs_reach_it(postgres: Postgres) -> None:
    """Clients of the same version work with the environment that is given to clients."""
    postgres.make_database("its_programs")
    assert postgres.run("psql", "-XAtc", "select current_database()", database="its_programs").strip() == "its_programs"
    postgres.drop_database("its_programs")
