"""Facts and checks on real checkouts, with bare repositories for remotes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.looked import judged, known, read
from wizard.checks.model import Status
from wizard.facts.model import FactStatus

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.service

WHO = {
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org", "GIT_CONFIG_GLOBAL": "/dev/null",
}  # fmt: skip


def git(folder: Path, *words: str, check: bool = True) -> str:
    environment = {"PATH": os.environ["PATH"], **WHO}
    done = subprocess.run(
        ["git", "-C", str(folder), *words], env=environment, capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder: Path, file: str, text: str) -> str:
    (folder / file).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", f"Change {file}")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def checkout(tmp_path: Path, need_part: Callable[[str], str]) -> Path:
    """A checkout of a bare remote `upstream` that has two tags, on branch main, followed."""
    need_part("git")
    remote, folder = tmp_path / "upstream.git", tmp_path / "a checkout"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(remote)], check=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "app.js", "one\n")
    git(folder, "tag", "v1.9.0")
    git(folder, "remote", "add", "upstream", str(remote))
    git(folder, "push", "-q", "-u", "upstream", "main", "v1.9.0")
    return folder


def ask(folder: Path, **keys: Any) -> tuple[Status, str]:
    return judged({"git": {"folder": str(folder), **keys}})


def test_what_is_checked_out(checkout: Path) -> None:
    """Branch, commit, remotes, tags by version, and what is changed, with odd names as they are."""
    fact: dict[str, Any] = {"git": {"folder": str(checkout)}}
    git(checkout, "tag", "v1.10.0")
    value = known(fact)
    assert value == {
        "branch": "main", "commit": git(checkout, "rev-parse", "HEAD"), "clean": True, "merging": False,
        "changed": [], "conflicts": [], "remotes": {"upstream": f"{checkout.parent}/upstream.git"},
        "tags": ["v1.10.0", "v1.9.0"], "upstream": "upstream/main", "ahead": 0, "behind": 0,
    }  # fmt: skip
    (checkout / "nämé with blank").write_text("x")
    (checkout / "app.js").write_text("two\n")
    git(checkout, "mv", "app.js", "moved.js")
    assert known(fact)["changed"] == ["moved.js", "nämé with blank"]
    assert known({"git": str(checkout), "match": r"^v1\.9.*"}) == ["v1.9.0"]


def test_a_folder_that_is_none_or_empty(tmp_path: Path, need_part: Callable[[str], str]) -> None:
    """No checkout is an answer: absent for a fact, a failure for a check. Before the first commit there is none."""
    need_part("git")
    assert read({"git": str(tmp_path)}).status is FactStatus.ABSENT
    assert read({"git": str(tmp_path / "gone")}).status is FactStatus.ABSENT
    assert ask(tmp_path) == (Status.FAIL, f"{tmp_path} is no checkout of git")
    git(tmp_path, "init", "-q", "-b", "main")
    assert "commit" not in known({"git": str(tmp_path)})
    assert ask(tmp_path, branch="main", clean=True, conflicts=False)[0] is Status.OK


def test_branch_and_cleanness(checkout: Path) -> None:
    """Each claim by itself, and everything wrong at once."""
    assert ask(checkout, branch="main", clean=True)[0] is Status.OK
    assert ask(checkout, clean=False)[0] is Status.FAIL
    (checkout / "new.txt").write_text("x")
    status, seen = ask(checkout, branch="release", clean=True)
    assert status is Status.FAIL
    assert "is checked out, not branch release; changed: new.txt" in seen
    git(checkout, "checkout", "-q", "--detach")
    assert "branch" not in known({"git": str(checkout)})
    assert ask(checkout, branch="main")[1].startswith("no branch, at ")


def test_remotes_and_their_tags(checkout: Path, tmp_path: Path) -> None:
    """A remote by name and address; its tags are those it has now, and asking fetches nothing."""
    other = tmp_path / "other"
    subprocess.run(["git", "clone", "-q", str(tmp_path / "upstream.git"), str(other)], check=True)
    git(other, "tag", "v2.0.0")
    git(other, "push", "-q", "origin", "v2.0.0")
    assert known({"git": {"folder": str(checkout)}})["tags"] == ["v1.9.0"]
    assert known({"git": {"folder": str(checkout), "remote": "upstream"}})["tags"] == ["v2.0.0", "v1.9.0"]
    assert git(checkout, "tag") == "v1.9.0"
    assert ask(checkout, remote="upstream", url=r"upstream\.git$")[0] is Status.OK
    assert ask(checkout, remote="upstream", url="other")[0] is Status.FAIL
    assert ask(checkout, remote="origin") == (Status.FAIL, "there is no remote origin (there is upstream)")
    gone = read({"git": {"folder": str(checkout), "remote": "gone"}})
    assert (gone.status, "'gone' does not appear to be a git repository" in gone.reason) == (FactStatus.UNKNOWN, True)


def test_what_could_be_a_password_is_not_shown(checkout: Path) -> None:
    """A token in the address of a remote is neither kept nor said."""
    git(checkout, "remote", "add", "private", "https://ada:ghp_secret_token@example.org/x.git")
    assert known({"git": str(checkout)})["remotes"]["private"] == "https://example.org/x.git"
    assert ask(checkout, remote="private")[1].endswith("remote private is https://example.org/x.git")


def test_ahead_behind_and_history(checkout: Path) -> None:
    """Counted against what is followed or named; a commit that is not here is in no history."""
    first = git(checkout, "rev-parse", "HEAD")
    git(checkout, "checkout", "-q", "-b", "custom")
    newest = commit(checkout, "own.js", "own\n")
    git(checkout, "checkout", "-q", "main")
    commit(checkout, "app.js", "two\n")
    value = known({"git": str(checkout)})
    assert (value["ahead"], value["behind"]) == (1, 0)
    value = known({"git": {"folder": str(checkout), "against": "custom"}})
    assert (value["ahead"], value["behind"]) == (1, 1)
    assert read({"git": {"folder": str(checkout), "against": "nope"}}).status is FactStatus.UNKNOWN
    assert ask(checkout, contains="v1.9.0")[0] is Status.OK
    assert ask(checkout, contains=first, ref="upstream/main")[0] is Status.OK
    assert ask(checkout, contains=newest)[0] is Status.FAIL
    assert ask(checkout, contains="f" * 40)[1].endswith("is not here, so that what is checked out cannot contain it")
    assert ask(checkout, ref="v9") == (Status.FAIL, "v9 is not here")


def test_conflicts(checkout: Path) -> None:
    """Unmerged files first, then markers that were committed to the index without being looked at, then none."""
    git(checkout, "checkout", "-q", "-b", "ours")
    commit(checkout, "app.js", "ours\n")
    git(checkout, "checkout", "-q", "main")
    commit(checkout, "app.js", "theirs\n")
    git(checkout, "checkout", "-q", "ours")
    git(checkout, "merge", "main", check=False)
    value = known({"git": str(checkout)})
    assert (value["conflicts"], value["merging"], value["clean"]) == (["app.js"], True, False)
    assert ask(checkout, conflicts=False) == (Status.FAIL, "conflicts are left in app.js")
    assert ask(checkout, conflicts=True)[0] is Status.OK
    git(checkout, "add", "app.js")
    assert known({"git": str(checkout)})["conflicts"] == []
    assert ask(checkout, conflicts=False) == (Status.FAIL, "conflicts are left in app.js")
    (checkout / "app.js").write_text("both\n")
    git(checkout, "add", "app.js")
    assert ask(checkout, conflicts=False)[0] is Status.OK
    git(checkout, "commit", "-qm", "Merge")
    assert known({"git": str(checkout)})["merging"] is False


def test_looking_changes_nothing_and_starts_no_program_of_the_checkout(checkout: Path, tmp_path: Path) -> None:
    """Neither hooks nor a monitor that its settings name run, and no file of the checkout is written."""
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    git(checkout, "config", "core.fsmonitor", str(trap))
    git(checkout, "config", "diff.external", str(trap))
    git(checkout, "config", "core.hooksPath", str(tmp_path))
    (checkout / ".gitattributes").write_text("*.js diff=x\n")
    git(checkout, "config", "diff.x.textconv", str(trap))
    (checkout / "app.js").write_text("two\n")
    (tmp_path / "sprung").unlink(missing_ok=True)
    os.utime(checkout / "app.js", (1, 1))
    before = {path: path.stat().st_mtime_ns for path in (checkout / ".git").rglob("*")}
    known({"git": str(checkout)})
    ask(checkout, branch="main", clean=True, conflicts=False, remote="upstream", contains="v1.9.0")
    assert {path: path.stat().st_mtime_ns for path in (checkout / ".git").rglob("*")} == before
    assert not (tmp_path / "sprung").exists()


def test_a_checkout_of_somebody_else_is_unknown_with_the_way_out(
    checkout: Path, root_only: None, tmp_path: Path
) -> None:
    """Git does not answer root in a checkout of another user; as that user it does."""
    for path in (checkout, *checkout.rglob("*")):
        shutil.chown(path, "nobody")
    for path in (checkout, *checkout.parents):
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(0o755)
    status, seen = ask(checkout, clean=True)
    assert status is Status.UNKNOWN
    assert seen == f"git does not answer in {checkout}, because the folder belongs to nobody"
    assert ask(checkout, clean=True, user="nobody")[0] is Status.OK
    assert read({"git": str(checkout)}).status is FactStatus.UNKNOWN
    assert known({"git": str(checkout), "user": "nobody"})["branch"] == "main"
