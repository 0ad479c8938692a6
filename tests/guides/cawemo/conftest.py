"""Installations of Cawemo on an engine with all the stand-ins."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import pytest

from tests.guides.cawemo.installation import Cawemo, ProgramWithEngine
from tests.guides.cawemo.standins import make_images
from tests.services.engine import running_engine
from tests.services.postgres import postgres_programs, running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.engine import Engine
    from tests.services.postgres import Postgres

_NUMBERS: Final = itertools.count(1)


@pytest.fixture(scope="session")
def cawemo_engine() -> Iterator[Engine]:
    """An engine of these tests' own with all the images: containers have fixed names, and other tests clear theirs."""
    with running_engine() as engine:
        make_images(engine, postgres_programs() / "psql")
        yield engine


@pytest.fixture(scope="session")
def cawemo_postgres() -> Iterator[Postgres]:
    """A server that containers reach too."""
    with running_postgres("*") as server:
        yield server


@pytest.fixture
def cawemo(
    cawemo_engine: Engine, cawemo_postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cawemo]:
    """An installation that is not set up yet; all of it is gone afterwards, and no defect may have been noted."""
    program = ProgramWithEngine(tmp_path_factory.mktemp("p"), cawemo_engine)
    made = Cawemo(program, cawemo_engine, cawemo_postgres, f"cawemo_{next(_NUMBERS)}")
    try:
        yield made
        program.no_crash()
    finally:
        program.end()
        cawemo_engine.clear()
        for name in (made.name, made.iam):
            cawemo_postgres.drop_database(name)
            cawemo_postgres.rows(f"drop role if exists {name}")
