"""How a command is kept from dying at logout: the whole table, and what fills it."""

from __future__ import annotations

import itertools
import os
import pwd
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from wizard.errors import BlockedError
from wizard.host.logout import LogoutFacts, Place, Way, WayKind, choose_way, probe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPERATOR = LogoutFacts(
    root=False, user="ada", systemd_runs=True, systemd_version=252, logind=True, place=Place.SESSION,
    kills_at_logout=True, lingering=False, user_manager=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (replace(OPERATOR, root=True, user="root"), WayKind.SYSTEM_SCOPE),
        (replace(OPERATOR, root=True, lingering=True), WayKind.SYSTEM_SCOPE),
        (replace(OPERATOR, lingering=True), WayKind.USER_SCOPE),
        (replace(OPERATOR, lingering=True, place=Place.USER_MANAGER), WayKind.USER_SCOPE),
        (OPERATOR, WayKind.BLOCKED),
        (replace(OPERATOR, kills_at_logout=False), WayKind.PLAIN),
        (replace(OPERATOR, place=Place.USER_MANAGER), WayKind.BLOCKED),
        (replace(OPERATOR, place=Place.USER_MANAGER, kills_at_logout=False), WayKind.BLOCKED),
        (replace(OPERATOR, place=Place.USER_MANAGER, lingering=True, user_manager=False), WayKind.PLAIN),
        (replace(OPERATOR, place=Place.ELSEWHERE), WayKind.PLAIN),
        (replace(OPERATOR, lingering=True, user_manager=False), WayKind.BLOCKED),
        (replace(OPERATOR, lingering=True, systemd_version=0), WayKind.BLOCKED),
        (replace(OPERATOR, logind=False), WayKind.PLAIN),
        (replace(OPERATOR, root=True, systemd_runs=False, logind=False), WayKind.PLAIN),
        (replace(OPERATOR, root=True, systemd_version=0, kills_at_logout=False), WayKind.PLAIN),
        (replace(OPERATOR, root=True, systemd_version=0), WayKind.BLOCKED),
    ],
)
def test_the_table(facts: LogoutFacts, kind: WayKind) -> None:
    """Root gets a scope of the system, lingering one of the user, the rest is plain where nothing ends it."""
    assert choose_way(facts).kind is kind


def test_every_combination_is_decided_and_no_doomed_one_is_plain() -> None:
    """All facts walked through: plain only where no logout ends the process; blocked always says a way out."""
    both = (False, True)
    for root, runs, version, logind, place, kills, lingering, manager in itertools.product(
        both, both, (0, 252, 253), both, Place, both, both, both
    ):
        way = choose_way(LogoutFacts(root, "ada", runs, version, logind, place, kills, lingering, manager))
        doomed = logind and ((place is Place.SESSION and kills) or (place is Place.USER_MANAGER and not lingering))
        match way.kind:
            case WayKind.PLAIN:
                assert not doomed
            case WayKind.BLOCKED:
                assert doomed
                assert "enable-linger ada" in way.hint
            case WayKind.SYSTEM_SCOPE:
                assert root
                assert runs
                assert version
            case WayKind.USER_SCOPE:
                assert lingering
                assert manager
                assert runs
                assert version
        assert way.reason


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(OPERATOR, root=True, systemd_version=253),
         ("systemd-run", "--scope", "--quiet", "--collect", "-p", "OOMPolicy=continue", "--unit=x.scope", "--")),
        (replace(OPERATOR, root=True, systemd_version=252),
         ("systemd-run", "--scope", "--quiet", "--collect", "--unit=x.scope", "--")),
        (replace(OPERATOR, lingering=True, systemd_version=257),
         ("systemd-run", "--user", "--scope", "--quiet", "--collect",
          "-p", "OOMPolicy=continue", "--unit=x.scope", "--")),
        (replace(OPERATOR, logind=False), ()),
    ],
)  # fmt: skip
def test_the_words_before_the_supervisor(facts: LogoutFacts, words: tuple[str, ...]) -> None:
    """A scope's policy on memory is named where that systemd knows it for scopes."""
    assert choose_way(facts).prefix("x.scope") == words


def test_a_blocked_way_raises_with_the_way_out() -> None:
    """Asking a blocked way for its words is the blocker, with what to do."""
    with pytest.raises(BlockedError, match="half-way") as caught:
        choose_way(OPERATOR).prefix("x.scope")
    assert "loginctl enable-linger ada" in caught.value.hint


USER = pwd.getpwuid(os.geteuid()).pw_name
SESSION = "0::/user.slice/user-1000.slice/session-7.scope\n"


def tree(root: Path, files: dict[str, str]) -> Path:
    """Write files below a root; a name that ends with a slash is a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.write_text(text)
    return root


def programs(**said: str) -> Callable[[list[str]], str]:
    """A machine's programs by what they print."""
    return lambda argv: said.get(argv[0].replace("-", "_"), "")


def found(name: str) -> str | None:
    """Every program is installed."""
    return f"/usr/bin/{name}"


def test_a_bare_container_has_nothing(tmp_path: Path) -> None:
    """No systemd, no logind: elsewhere, and nothing ends it."""
    facts = probe(tree(tmp_path, {"proc/self/cgroup": "0::/\n"}), programs(), lambda _: None)
    assert not facts.systemd_runs
    assert not facts.logind
    assert (facts.place, facts.systemd_version, facts.user) == (Place.ELSEWHERE, 0, USER)
    assert choose_way(facts).kind is WayKind.PLAIN


@pytest.mark.parametrize(
    ("cgroup", "place"),
    [
        (SESSION, Place.SESSION),
        ("12:pids:/user.slice/user-0.slice/session-c2.scope\n1:name=systemd:/user.slice\n", Place.SESSION),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/tmux.scope\n", Place.USER_MANAGER),
        ("0::/system.slice/cron.service\n", Place.ELSEWHERE),
        (None, Place.SESSION),
    ],
)
def test_the_place_is_read_from_the_control_group(tmp_path: Path, cgroup: str | None, place: Place) -> None:
    """A session's scope, the user's manager, or neither; the strictest where it cannot be read."""
    root = tree(tmp_path, {"proc/self/cgroup": cgroup} if cgroup is not None else {})
    assert probe(root, programs(), found).place is place


def test_a_full_machine_is_read(tmp_path: Path) -> None:
    """The version of systemd, lingering and the user's manager."""
    files = {
        "run/systemd/system/": "", "run/systemd/seats/": "", "proc/self/cgroup": SESSION,
        f"var/lib/systemd/linger/{USER}": "", f"run/user/{os.geteuid()}/systemd/private": "",
    }  # fmt: skip
    facts = probe(tree(tmp_path, files), programs(systemd_run="systemd 254 (254.5-1)\n+PAM"), found)
    assert (facts.systemd_runs, facts.systemd_version, facts.logind) == (True, 254, True)
    assert facts.lingering
    assert facts.user_manager


BUS = "b {}\nas {}\nas {}\n"


@pytest.mark.parametrize(
    ("said", "kills"),
    [
        (BUS.format("true", "0", "0"), True),
        (BUS.format("false", "0", "0"), False),
        (BUS.format("true", "0", f'1 "{USER}"'), False),
        (BUS.format("true", '1 "somebody"', "0"), False),
        (BUS.format("true", f'2 "somebody" "{USER}"', "0"), True),
    ],
)
def test_the_running_logind_is_asked(tmp_path: Path, said: str, *, kills: bool) -> None:
    """Its word counts more than the files, which may be newer than it."""
    files = {"run/systemd/seats/": "", "etc/systemd/logind.conf": "[Login]\nKillUserProcesses=no\nKillExcludeUsers=\n"}
    assert probe(tree(tmp_path, files), programs(busctl=said), found).kills_at_logout is kills


@pytest.mark.parametrize(
    ("files", "kills"),
    [
        ({}, True),
        ({"etc/systemd/logind.conf": "[Login]\n#KillUserProcesses=no\n"}, False),
        ({"usr/lib/systemd/logind.conf": "[Login]\n#KillUserProcesses=no\n"}, False),
        ({"etc/systemd/logind.conf": "[Login]\n#KillUserProcesses=no\nKillUserProcesses=yes\n"}, True),
        ({"etc/systemd/logind.conf": "[Login]\nKillUserProcesses=no\n",
          "etc/systemd/logind.conf.d/50-x.conf": "[Login]\nKillUserProcesses=yes\n"}, True),
        ({"usr/lib/systemd/logind.conf.d/50-x.conf": "[Login]\nKillUserProcesses=yes\n",
          "etc/systemd/logind.conf.d/50-x.conf": "[Login]\nKillUserProcesses=no\n"}, False),
        ({"usr/lib/systemd/logind.conf.d/60-x.conf": "[Login]\nKillUserProcesses=yes\n",
          "etc/systemd/logind.conf.d/50-x.conf": "[Login]\nKillUserProcesses=no\n"}, True),
        ({"etc/systemd/logind.conf": f"[Login]\nKillExcludeUsers=root {USER}\n"}, False),
        ({"etc/systemd/logind.conf": "this is no settings file"}, True),
    ],
)  # fmt: skip
def test_without_its_word_the_files_count(tmp_path: Path, files: dict[str, str], *, kills: bool) -> None:
    """The main file with the built-in value as a comment, drop-ins by name, /etc before /usr/lib."""
    given = {"run/systemd/seats/": "", **files}
    if not any("KillExcludeUsers" in text for text in files.values()):
        given["etc/systemd/logind.conf.d/00-nobody.conf"] = "[Login]\nKillExcludeUsers=\n"
    assert probe(tree(tmp_path, given), programs(), found).kills_at_logout is kills


def test_this_machine_gets_a_way() -> None:
    """The prober works on the real machine, and what it finds is decided."""
    way = choose_way(probe())
    assert isinstance(way, Way)
    assert way.kind in WayKind
