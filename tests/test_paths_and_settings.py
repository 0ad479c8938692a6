"""Where sessions are kept, which places are refused, and what the environment may set."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from wizard import paths
from wizard.errors import HostError, UsageError
from wizard.paths import own_folder, state_folder
from wizard.settings import load_settings


def test_the_named_folder_wins_for_everybody() -> None:
    """`WIZARD_STATE_DIR` is taken wherever it leads, for a user and for root."""
    for uid in (0, 1000):
        assert state_folder({"WIZARD_STATE_DIR": "/dev/shm/x", "HOME": "/home/ada"}, uid) == Path("/dev/shm/x")


def test_root_and_users_have_their_usual_places() -> None:
    """Root keeps sessions in /var/lib, a user in the XDG state folder, whose relative spelling is ignored."""
    assert state_folder({"HOME": "/tmp", "XDG_STATE_HOME": "/tmp"}, 0) == Path("/var/lib/wizard")
    assert state_folder({"HOME": "/home/ada"}, 1000) == Path("/home/ada/.local/state/wizard")
    assert state_folder({"HOME": "/home/ada", "XDG_STATE_HOME": "/srv/ada"}, 1000) == Path("/srv/ada/wizard")
    assert state_folder({"HOME": "/home/ada", "XDG_STATE_HOME": "srv"}, 1000) == Path("/home/ada/.local/state/wizard")


@pytest.mark.parametrize("home", ["/tmp/ada", "/run/user/1000", "/dev/shm", "/srv/../tmp"])
def test_a_usual_place_that_a_reboot_empties_is_refused(home: str) -> None:
    """The refusal says why and how a place is named."""
    with pytest.raises(UsageError, match="a reboot empties") as caught:
        state_folder({"HOME": home}, 1000)
    assert "export WIZARD_STATE_DIR=" in caught.value.hint


def test_a_link_to_such_a_place_is_refused_too(tmp_path: Path) -> None:
    """Where the folder really lies counts, not how it is spelled."""
    link = Path.home() / f"link-of-a-test-{os.getpid()}"
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(UsageError, match="a reboot empties"):
            state_folder({"HOME": "/home/ada", "XDG_STATE_HOME": str(link)}, 1000)
    finally:
        link.unlink()


def test_a_network_file_system_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default it is refused with its type; named, it is taken."""
    monkeypatch.setattr(paths, "network_file_system", lambda path: "nfs4")
    with pytest.raises(UsageError, match="network file system \\(nfs4\\)"):
        state_folder({"HOME": "/home/ada"}, 1000)
    assert state_folder({"WIZARD_STATE_DIR": "/home/ada/x"}, 1000) == Path("/home/ada/x")


def test_a_user_without_a_home_is_told_to_name_a_place() -> None:
    """Neither HOME nor the user database gives one."""
    with pytest.raises(UsageError, match="no home folder"):
        state_folder({}, 54321)


def test_looking_makes_nothing(tmp_path: Path) -> None:
    """Asking for the folder makes none."""
    state_folder({"WIZARD_STATE_DIR": str(tmp_path / "a")})
    assert not (tmp_path / "a").exists()


def test_a_folder_of_our_own_is_made_closed(tmp_path: Path) -> None:
    """All that is made on the way has mode 0700; what was there before is closed as well, its parents are left."""
    tmp_path.chmod(0o755)
    own_folder(tmp_path / "a" / "b")
    (tmp_path / "c").mkdir(mode=0o755)
    own_folder(tmp_path / "c")
    for name, mode in (("a", 0o700), ("a/b", 0o700), ("c", 0o700), (".", 0o755)):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode, name


def test_what_is_no_folder_is_refused_in_words(tmp_path: Path) -> None:
    """A file or a link in the place of the folder is said, with the way out."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    for name in ("file", "file/below", "link"):
        with pytest.raises(HostError, match="cannot be used") as caught:
            own_folder(tmp_path / name)
        assert "WIZARD_STATE_DIR" in caught.value.hint


def test_settings_are_read_and_strange_ones_named() -> None:
    """Known variables are taken, others that look like settings get a word, marks of commands get none."""
    settings = load_settings(
        {
            "WIZARD_STATE_DIR": "/srv/wizard",
            "WIZARD_SPOOL_CAP": "2 GiB",
            "WIZARD_STATEDIR": "/x",
            "WIZARD_ATTEMPT": "0001-01",
            "WIZARD_TEST_SERVICES": "required",
        }
    )
    assert (settings.state_dir, settings.spool_cap) == (Path("/srv/wizard"), 2 << 30)
    assert settings.strange == ("WIZARD_STATEDIR is not a setting; did you mean WIZARD_STATE_DIR?",)
    assert load_settings({}).spool_cap == 1 << 30


@pytest.mark.parametrize(
    ("name", "value"), [("WIZARD_STATE_DIR", "state"), ("WIZARD_SPOOL_CAP", "much"), ("WIZARD_SPOOL_CAP", "10 kB")]
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    """The variable is named in the refusal."""
    with pytest.raises(UsageError, match=name):
        load_settings({name: value})
