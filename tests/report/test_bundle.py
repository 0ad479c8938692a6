"""Bundles: what is in one and what never is, no secret among it, and the same for sessions that are not well."""

from __future__ import annotations

import base64
import io
import json
import os
import resource
import shutil
import stat
import tarfile
import tracemalloc
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.operators import ScriptedOperator, Turns
from tests.run.journey import VERSIONS, Journey, guide, phase, step
from tests.run.test_same_journal import difference, normal
from tests.run.test_walking import log
from wizard.assemble import Begin, begin
from wizard.bundling import session_bundle
from wizard.cli import main
from wizard.errors import ExitCode, HostError, SessionError, StoppedError, UsageError
from wizard.paths import sessions_folder, state_folder
from wizard.plain.operator import PlainOperator
from wizard.report.bundle import Told, Wanted, Written, make_bundle
from wizard.report.bundle_parts import (
    ALL_OUTPUTS,
    LEAST,
    OUTPUT_CAP,
    Keep,
    Part,
    cut_of,
    missing_line,
    sized,
)
from wizard.report.bundle_words import in_a_line
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.questions.model import AnswersFile
    from wizard.report.bundle import BundleMade
    from wizard.run.operator import Operator

SECRET = "tok-5f2a9c \"&'<ü>"
ASK = {"section": "Login", "ask": [{"id": "pin", "label": "Pin", "type": "secret"}]}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    folder = tmp_path / "current"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def walked(tmp_path: Path, *steps: dict[str, Any], **parts: Any) -> Journey:
    """A journey that was walked to its end."""
    journey = Journey(tmp_path, guide(phase(*steps), defaults={"folder": str(tmp_path)}, **parts))
    assert journey.begin() is ExitCode.DONE
    return journey


@pytest.fixture(scope="module")
def walked_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a session that was walked to its end; tests get copies of it."""
    place = tmp_path_factory.mktemp("walked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WIZARD_STATE_DIR", str(place / "state"))
        support = {"text": "Ask the people of Journey.", "contact": "help@example.com"}
        steps = (step("one", log("one")), step("two", "echo second", rerun="safe"))
        return walked(place, *steps, support=support).folder


@pytest.fixture
def done(walked_once: Path) -> Path:
    """The folder of a session that is done, and the only one."""
    return Path(shutil.copytree(walked_once, sessions_folder(state_folder(), make=True) / walked_once.name))


def members(path: Path) -> dict[str, bytes]:
    """What is in a bundle, by the path below its top folder; every member is safe to take out."""
    found = {}
    with tarfile.open(path) as opened:
        tops = set()
        for one in opened:
            top, _, name = one.name.partition("/")
            tops.add(top)
            assert one.isfile() or one.isdir()
            assert one.mode == (0o600 if one.isfile() else 0o700)
            assert ".." not in name.split("/")
            if one.isfile():
                file = opened.extractfile(one)
                assert file is not None
                found[name] = file.read()
    assert len(tops) == 1
    return found


def names_in(folder: Path) -> list[str]:
    """What is in a folder, sorted, files with a dot in front too."""
    return sorted(one.name for one in folder.iterdir())


def manifest(made: BundleMade) -> dict[str, Any]:
    """What a bundle says of itself."""
    data: dict[str, Any] = json.loads(members(made.path)["MANIFEST.json"])
    return data


# -- what is in it -------------------------------------------------------------------------------


def test_a_bundle_holds_what_support_needs_and_says_what_each_file_is(done: Path, place: Path) -> None:
    """Files of the session byte for byte, report and status, and a manifest whose sizes and hashes are right."""
    made = session_bundle(None)
    assert made.path == place / f"wizard-{done.name}.tar.gz"
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    found = members(made.path)
    for name in ("journal.jsonl", "session.json", "plan.json", "answers.yaml", "guide/guide.yaml"):
        assert found[name] == (done / name).read_bytes()
    for name in ("spec.json", "claim", "started.json", "exit.json", "timing", "output"):
        assert found[f"attempts/0002-01/{name}"] == (done / "attempts/0002-01" / name).read_bytes()
    assert found["report.md"].startswith(b"# Journey")
    assert json.loads(found["status.json"])["state"] == "done"
    told = {one["path"]: one for one in manifest(made)["files"]}
    assert set(told) == set(found) - {"README.md", "MANIFEST.json"}
    for name, one in told.items():
        assert (one["bytes"], one["sha256"]) == (len(found[name]), sha256(found[name]).hexdigest())
        assert one["what"]
    words = found["README.md"].decode()
    assert "attempts/*/output" in words
    assert "Not promised" in words
    assert names_in(place) == [made.path.name]


def test_nothing_else_of_the_folder_is_in_it_and_nothing_outside(tmp_path: Path, place: Path) -> None:
    """Copies, reserve, locks, sockets, links, what is half written or unknown: named as left out, with the reason."""
    (tmp_path / "settings.env").write_text("PASSWORD=outside", encoding="utf-8")
    edit = {"file": str(tmp_path / "settings.env"), "set": {"PASSWORD": "inside"}}
    journey = walked(tmp_path, step("edit", edit=edit), step("run", "true", rerun="safe"))
    outside = tmp_path / "outside"
    outside.write_text("not yours", encoding="utf-8")
    folder = journey.folder
    (folder / "guide" / "linked.sh").symlink_to(outside)
    (folder / "attempts" / "0009-01").symlink_to(tmp_path, target_is_directory=True)
    (folder / "attempts" / "0001-01" / "output").unlink()
    (folder / "attempts" / "0001-01" / "output").symlink_to(outside)
    os.mkfifo(folder / "inbox" / "wait.json")
    (folder / ".plan.json.1.aa").write_text("half", encoding="utf-8")
    (folder / "stray").write_text("stray", encoding="utf-8")
    made = session_bundle(None)
    found = members(made.path)
    assert not any(b"not yours" in data or b"PASSWORD=outside" in data for data in found.values())
    assert not any(name.startswith("copies") or name.endswith(("alive", "sock", "reserve")) for name in found)
    left_out = {one["path"]: one["why"] for one in manifest(made)["left_out"]}
    assert {"copies", "reserve", "driver.lock", "attempts/*/alive", ".plan.json.1.aa", "stray"} <= set(left_out)
    for path in ("attempts/0009-01", "guide/linked.sh", "attempts/0001-01/output"):
        assert left_out[path] == "a link, and none is followed"
    assert left_out["inbox/wait.json"] == "no regular file"
    assert all(path in found["README.md"].decode() for path in left_out)


@pytest.mark.usefixtures("root_only", "place")
def test_a_file_of_another_user_is_left_out(done: Path) -> None:
    """Root bundles a user's session: what that user put there and does not own stays where it is."""
    os.chown(done / "answers.yaml", 65534, 65534)
    made = session_bundle(None)
    assert "answers.yaml" not in members(made.path)
    assert "another user" in next(one.why for one in made.left_out if one.path == "answers.yaml")


# -- secrets -------------------------------------------------------------------------------------


def written(value: str) -> list[bytes]:
    """A value as it is usually written."""
    forms = [value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote(value)]
    return [*(form.encode() for form in forms), base64.b64encode(value.encode()).rstrip(b"=")[:-1]]


def test_a_secret_that_was_typed_is_in_no_member(tmp_path: Path, place: Path) -> None:
    """Typed, used by commands that say it aloud in every form, and left by a watcher; asked for on the failure card.

    Every byte of the bundle is searched, packed and unpacked, made while it is known and afterwards.
    """
    says = 'printf \'%s\\n\' "$PIN" "$(printf %s "$PIN" | base64 -w0)"; exit 3'
    steps = (step("say", says, env={"PIN": "${{ answers.pin }}"}),)
    journey = Journey(tmp_path, guide(phase(*steps), questions=[VERSIONS, ASK]))

    def left_by_a_watcher(_: Any) -> str:
        note = {"message": "note", "text": f"is it {SECRET}?", "who": {}, "sent": ""}
        file = journey.folder / "inbox" / "20260301T220405123-1-0123abcd.json"
        file.write_text(json.dumps(note), encoding="utf-8")
        return "bundle"

    operator = ScriptedOperator({"pin": SECRET, "failed:say": Turns(left_by_a_watcher, "bundle", "stop")})
    assert journey.begin(operator) is ExitCode.STOPPED
    (journey.folder / "inbox" / "20260301T220405123-1-0123abcd.json").unlink(missing_ok=True)
    session_bundle(None)
    bundles = sorted(place.iterdir())
    assert len(bundles) == 3
    for bundle in bundles:
        found = members(bundle)
        assert b"******" in found["attempts/0001-01/output"]
        for data in (bundle.read_bytes(), *found.values(), *(name.encode() for name in found)):
            assert not any(form in data for form in written(SECRET))
    first = members(place / f"wizard-{journey.folder.name}.tar.gz")
    [note] = [name for name in first if name.startswith("inbox/")]
    assert b"is it ******?" in first[note]
    assert [one["path"] for one in json.loads(first["MANIFEST.json"])["files"] if one["masked"]] == [note]
    assert note in first["README.md"].decode()


def test_variables_that_are_passed_on_are_looked_for_once_more(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever makes the bundle has the variable: its value is taken out of what a program wrote by itself."""
    journey = walked(tmp_path, step("one", "true", rerun="safe", pass_env=["DEPLOY_TOKEN"]))
    output = journey.folder / "attempts" / "0001-01" / "output"
    output.write_bytes(b"x" * 300_000 + SECRET.encode() + b"\n")
    monkeypatch.setenv("DEPLOY_TOKEN", SECRET)
    found = members(session_bundle(None).path)
    assert found["attempts/0001-01/output"] == b"x" * 300_000 + b"******\n"
    assert len(names_in(place)) == 1


# -- the card of a failed step -------------------------------------------------------------------


def test_the_card_comes_back_and_says_where_the_bundle_is(tmp_path: Path, place: Path) -> None:
    """Made twice it has two names; nothing of it is journalled."""
    with_it = Journey(tmp_path / "a", guide(phase(step("one", "exit 3", folder="/"))))
    operator = ScriptedOperator({"failed:one": Turns("bundle", "bundle", "stop")})
    with_it.begin(operator)
    events, session = with_it.entries, with_it.folder.name
    name = f"wizard-{session}"
    asked = [request for key, request in operator.asked if key == "failed:one"]
    assert [choice.key for choice in asked[0].choices][-2:] == ["stop", "bundle"]
    assert asked[1].text.startswith(f"The bundle for support is in {place / name}.tar.gz (")
    assert asked[2].text.startswith(f"The bundle for support is in {place / name}-2.tar.gz (")
    assert asked[2].text.endswith(asked[0].text)
    without = Journey(tmp_path / "b", guide(phase(step("one", "exit 3", folder="/"))))
    without.begin(ScriptedOperator({"failed:one": "stop"}))
    assert difference(normal(without.entries, without.folder.name), normal(events, session)) == ""


def test_the_card_in_plain_lines_makes_one_too(tmp_path: Path, place: Path) -> None:
    """Chosen by its number; the path is said, the card comes back, and the journal is that of stopping alone."""
    out = io.StringIO()

    @contextmanager
    def plain(_: AnswersFile) -> Iterator[Operator]:
        # Start; the bundle, which is the last choice; stop, by its word.
        with PlainOperator({}, stdin=io.StringIO("1\nbundle\nstop\n"), out=out) as operator:
            yield operator

    folders = (tmp_path / "a", tmp_path / "b")
    with_it, without = (Journey(folder, guide(phase(step("one", "exit 3", folder="/")))) for folder in folders)
    assert begin(Begin(str(with_it.file), sets=with_it.sets), plain) is ExitCode.STOPPED
    events, session = with_it.entries, with_it.folder.name
    said = out.getvalue()
    assert said.count("1.1 One failed") == 2
    assert "Make a bundle for support, and come back here" in said
    assert "".join(str(place / f"wizard-{session}.tar.gz").split()) in "".join(said.split())
    without.begin(ScriptedOperator({"failed:one": "stop"}))
    assert difference(normal(without.entries, without.folder.name), normal(events, session)) == ""


def test_the_card_says_why_there_is_no_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder is gone: the walk stands where it stood."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    journey = Journey(tmp_path, guide(phase(step("one", "exit 3", folder=str(tmp_path)))))
    operator = ScriptedOperator({"failed:one": Turns("bundle", "stop")})
    assert journey.begin(operator) is ExitCode.STOPPED
    assert "There is no bundle: the current folder cannot be used" in operator.asked[-1][1].text
    monkeypatch.chdir(tmp_path)


# -- sessions that are not well ------------------------------------------------------------------


def test_a_damaged_journal_is_bundled_as_it_is_and_told(done: Path, place: Path) -> None:
    """The bytes are the evidence; the words say where it is damaged."""
    journal = done / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"walk-began", b"walk-begun"))
    made = session_bundle(str(done))
    found = members(made.path)
    assert found["journal.jsonl"] == journal.read_bytes()
    assert "The journal is damaged (line " in found["README.md"].decode().replace("\\", "")
    assert "damaged" in manifest(made)["remarks"][0]
    assert made.path.parent == place


@pytest.mark.usefixtures("place")
def test_a_session_of_another_machine_says_so(done: Path) -> None:
    """It is read only here, and bundled all the same."""
    about = done / "session.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "machine": "elsewhere"}), encoding="utf-8")
    made = session_bundle(None)
    assert any("made on another machine" in words for words in made.told.remarks)
    assert "report.md" in members(made.path)


@pytest.mark.usefixtures("place")
def test_a_session_that_cannot_be_read_is_bundled_by_its_name(done: Path) -> None:
    """Without a report, and it says why; one that does not exist is an error."""
    (done / "session.json").write_text("{", encoding="utf-8")
    for named in (done.name, done.name[:-2], str(done)):
        made = session_bundle(named)
        found = members(made.path)
        assert found["session.json"] == b"{"
        assert found["journal.jsonl"] == (done / "journal.jsonl").read_bytes()
        assert "report.md" not in found
        assert "cannot be read as one" in made.told.remarks[0]
    with pytest.raises(SessionError, match="there is no session"):
        session_bundle("nowhere")


@pytest.mark.usefixtures("place")
def test_a_session_without_its_plan_has_no_report_and_says_why(done: Path) -> None:
    """One part that cannot be made hides no other."""
    (done / "plan.json").write_text("{}", encoding="utf-8")
    made = session_bundle(None)
    found = members(made.path)
    assert found["plan.json"] == b"{}"
    assert "not the plan that was frozen" in next(one.why for one in made.left_out if one.path == "report.md")


def test_a_defect_of_wizard_takes_no_bundle_with_it(done: Path, place: Path) -> None:
    """What cannot be made is left out, by the kind of the error alone; what is there goes in."""

    def broken() -> str:
        raise ValueError("hunter2")

    text = Written("report.md", "the report", broken)
    told = Told((("Session", done.name),))
    wanted = Wanted(done.name, done, "2026-03-01T22:04:05.123Z", driven=False, texts=(text,), told=told)
    made = make_bundle(wanted, place, ("x.tar.gz",))
    found = members(made.path)
    assert "report.md" not in found
    assert "journal.jsonl" in found
    assert "a defect of wizard itself (ValueError)" in next(one.why for one in made.left_out if one.failed)
    assert not any(b"hunter2" in data for data in found.values())


@pytest.mark.usefixtures("place")
def test_beside_a_driver_the_journal_ends_with_a_whole_line(tmp_path: Path) -> None:
    """The driver is just writing an event; all of those before it are there, and the rest of what they tell of."""
    seen: list[tuple[bytes, bytes]] = []
    journey = Journey(tmp_path, guide(phase(step("one", "echo hello", rerun="safe"), step("two", confirm="Sure?"))))

    def while_driven(_: Any) -> bool:
        journal = journey.folder / "journal.jsonl"
        whole = journal.read_bytes()
        with journal.open("ab") as opened:
            opened.write(b'{"seq":99,"at":"2026-')
        made = session_bundle(None)
        os.truncate(journal, len(whole))
        assert any("Somebody drove it" in words for words in made.told.remarks)
        seen.append((whole, members(made.path)["journal.jsonl"]))
        return True

    assert journey.begin(ScriptedOperator({"two": while_driven})) is ExitCode.DONE
    [(whole, bundled)] = seen
    assert bundled == whole


# -- size ----------------------------------------------------------------------------------------


def test_a_spool_of_a_gigabyte_is_shortened_in_little_memory(done: Path, place: Path) -> None:
    """Its beginning and its end are there with a line between them; the whole takes no more memory than a small one."""
    output = done / "attempts" / "0001-01" / "output"
    with output.open("wb") as opened:
        opened.write(b"the beginning\n")
        opened.seek((1 << 30) - 8)
        opened.write(b"the end\n")
    tracemalloc.start()
    try:
        made = session_bundle(None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    data = members(made.path)["attempts/0001-01/output"]
    assert peak < 12 << 20
    assert data.startswith(b"the beginning\n")
    assert data.endswith(b"the end\n")
    assert OUTPUT_CAP < len(data) < OUTPUT_CAP + 300
    missing = (1 << 30) - OUTPUT_CAP
    assert f"{missing:,} of {1 << 30:,} bytes are missing here".encode() in data
    assert [(one.path, one.missing) for one in made.shortened] == [("attempts/0001-01/output", missing)]
    assert made.size < 1 << 20
    assert "Shortened" in members(made.path)["README.md"].decode()
    assert len(names_in(place)) == 1


@given(st.integers(0, 1 << 40), st.integers(1, 1 << 30))
def test_what_is_cut_is_all_accounted_for(size: int, cap: int) -> None:
    """Beginning, what is missing and end make the whole; never more than the cap goes in, the end the larger part."""
    cut = cut_of(size, cap)
    assert 0 <= cut.head <= cut.tail <= cut.end == size
    assert cut.head + (cut.end - cut.tail) == min(size, cap)
    assert cut.missing == max(0, size - cap)
    if cut.missing:
        assert cut.end - cut.tail >= cut.head
        assert f"{cut.missing:,} of {size:,} bytes".encode() in missing_line(cut)


@given(st.lists(st.integers(0, 1 << 31), max_size=300))
def test_all_outputs_together_stay_within_bounds(sizes: list[int]) -> None:
    """However many and large they are; the newest gets most, and each at least a little."""
    parts = [Part(f"attempts/{number:04}-01/output", "", size, Keep.ENDS) for number, size in enumerate(sizes)]
    found = sized(parts)
    assert [(one.path, one.size) for one in found] == [(one.path, one.size) for one in parts]
    assert all(LEAST <= one.cap <= OUTPUT_CAP for one in found)
    assert sum(min(one.size, one.cap) for one in found) <= ALL_OUTPUTS + LEAST * len(found)
    assert not found or found[-1].cap == OUTPUT_CAP


# -- where it is written -------------------------------------------------------------------------


def test_nothing_is_ever_written_over(done: Path, tmp_path: Path, place: Path) -> None:
    """A name by itself gets a number; a named file is refused, also where only a link without a goal has its name."""
    own = place / f"wizard-{done.name}.tar.gz"
    own.write_text("mine", encoding="utf-8")
    assert session_bundle(None).path.name == f"wizard-{done.name}-2.tar.gz"
    assert session_bundle(None, ".").path.name == f"wizard-{done.name}-3.tar.gz"
    (place / "link.tar.gz").symlink_to(tmp_path / "goal")
    for name in (own.name, "link.tar.gz"):
        with pytest.raises(UsageError, match="is there already"):
            session_bundle(None, name)
    assert own.read_text() == "mine"
    assert not (tmp_path / "goal").exists()
    named = session_bundle(None, str(tmp_path / "named.tgz"))
    assert named.path == tmp_path / "named.tgz"
    assert in_a_line(named).startswith(f"The bundle for support is in {tmp_path}/named.tgz (")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("nowhere/x.tar.gz", "there is no folder"),
        ("new/", "there is no folder"),
        ("/proc/x.tar.gz", "cannot be written"),
        ("~nobody-of-that-name/x", "home folder of nobody"),
        ("SESSION/inbox", "belongs to the session"),
    ],
    ids=["no-folder", "no-such-folder", "not-writable", "nobody", "session"],
)
def test_a_place_that_cannot_be_written_is_refused(done: Path, place: Path, output: str, words: str) -> None:
    """In words, and nothing is left there."""
    with pytest.raises(UsageError, match=words):
        session_bundle(None, output.replace("SESSION", str(done)))
    assert names_in(place) == []
    assert names_in(done / "inbox") == []


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file gets larger: what a full disk does, without one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_nothing_behind(done: Path, place: Path) -> None:
    """It is told, and neither half a bundle nor a file with a dot in front is left."""
    with largest_file(2000), pytest.raises(HostError, match="could not be written"):
        session_bundle(None)
    assert names_in(place) == []


def test_it_can_be_ended_half_way(done: Path, place: Path) -> None:
    """It is told how far it is, and ends at the first no."""
    far: list[tuple[int, int]] = []

    def going_on(read: int, of: int) -> bool:
        far.append((read, of))
        return len(far) < 3

    with pytest.raises(StoppedError):
        session_bundle(None, going_on=going_on)
    assert len(far) == 3
    assert 0 < far[0][0] <= far[1][0] <= far[2][0] <= far[2][1]
    assert names_in(place) == []


def test_a_disk_that_knows_no_links_is_written_all_the_same(
    done: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a memory stick does it: the name is taken first, and still nothing is written over."""

    def no_links(*_: Any, **__: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    (place / f"wizard-{done.name}.tar.gz").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(os, "link", no_links)
    made = session_bundle(None, known=(Secret("unheard-of"),))
    assert made.path.name == f"wizard-{done.name}-2.tar.gz"
    assert "report.md" in members(made.path)
    assert names_in(place) == [f"wizard-{done.name}-2.tar.gz", f"wizard-{done.name}.tar.gz"]


# -- the command ---------------------------------------------------------------------------------


def test_the_command_gives_the_path_and_says_what_went_in(
    done: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The path alone on stdout; what it holds, how to look through it and whom to ask on stderr."""
    assert main(["bundle"]) == ExitCode.DONE
    said = capsys.readouterr()
    assert said.out == f"{place}/wizard-{done.name}.tar.gz\n"
    assert "the output of 2 attempts" in said.err
    assert "help@example.com" in said.err
    assert "README.md" in said.err
    assert main(["bundle", done.name, "-o", "x.tar.gz"]) == ExitCode.DONE
    assert main(["bundle", "-o", "x.tar.gz"]) == ExitCode.USAGE
    assert main(["bundle", "nowhere"]) == ExitCode.SESSION_UNREADABLE
    with largest_file(2000):
        assert main(["bundle", "-o", "y.tar.gz"]) == ExitCode.STOPPED
    assert names_in(place) == [f"wizard-{done.name}.tar.gz", "x.tar.gz"]
