"""What all tests share: a machine shut out, and real parts that are there or skipped with a reason."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable

pytest_plugins = ("tests.services.engine", "tests.services.mariadb", "tests.services.postgres")
"""Fixtures of servers that tests everywhere may use; each starts when the first test wants it."""

settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # An example is not wrong because the machine stood still in the midst of it.

for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    # What a shell ignores for its background, and nohup for everything, is left ignored by whoever respects that.
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, _usual)

KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "WIZARD_TEST_SERVICES", "WIZARD_TEST_SEED", "PYTEST_CURRENT_TEST", "CI")


@pytest.fixture(autouse=True)
def shut_out(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No home folder, no settings and no sessions of the machine reach a test."""
    for name in list(os.environ):
        if name not in KEPT and not name.startswith(("PYTEST_", "COV_", "HYPOTHESIS_")):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USER", "tester")
    monkeypatch.setenv("WIZARD_STATE_DIR", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def need_part() -> Callable[[str], str]:
    """Give the path of a real part; without it the test is skipped, or fails where parts are required."""

    def need(program: str) -> str:
        found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if found is None:
            without_part(f"{program} is not installed (make services)")
        return str(found)

    return need


def without_part(reason: str) -> None:
    """Skip for want of a real part, or fail where CI requires them all."""
    if os.environ.get("WIZARD_TEST_SERVICES") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def root_only() -> None:
    """The test needs root: mounts, other users."""
    if os.geteuid() != 0:
        without_part("this needs root")


@pytest.fixture
def repository() -> Path:
    """The folder of the checkout."""
    return Path(__file__).resolve().parent.parent
