"""Stand-ins for the products of the guides beside this file: small scripts that do what the guides say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = """\
#!/bin/sh
# Stand-in for Ledger: keeps its release in VERSION, its data in data, what it did in done.
cd "$(dirname "$0")" || exit 1
case "$1" in
install)
    echo "$2" > VERSION; echo "installed $2" >> done; echo "written by $2" >> data; echo 2 > work ;;
convert)
    echo converted >> done ;;
pending)
    left="$(cat work 2>/dev/null || echo 0)"
    echo "$left"
    if [ "$left" -gt 0 ]; then echo $((left - 1)) > work; fi ;;
*)
    echo "ledger: what is $1?" >&2; exit 2 ;;
esac
"""

APT = """\
#!/bin/sh
# Stand-in for apt-get: notes what it is told, and keeps the release dpkg-query tells.
place="$(dirname "$0")"
echo "apt-get $*" >> "$place/done"
for word; do
    case "$word" in sentinel*=*) release="${word#*=}"; echo "${release%\\*}" > "$place/release" ;; esac
done
if [ -e "$place/no-repository" ]; then
    echo "E: Unable to locate package sentinel" ; exit 100
fi
echo "Setting up sentinel"
"""

DPKG_QUERY = """\
#!/bin/sh
# Stand-in for dpkg-query: one package, of the release that was installed last.
cat "$(dirname "$0")/release"
"""

SETTINGS = "; of the agent\n[agent]\nport = 404\nname = here\n"


def script(path: Path, text: str) -> None:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def ledger(folder: Path, release: str) -> Path:
    """An installation of Ledger."""
    script(folder / "ledger", LEDGER)
    (folder / "VERSION").write_text(f"{release}\n", encoding="utf-8")
    (folder / "data").write_text(f"written by {release}\n", encoding="utf-8")
    return folder


def sentinel(folder: Path, release: str) -> Path:
    """A machine with Sentinel, and a package manager that puts another release in its place."""
    script(folder / "bin" / "apt-get", APT)
    script(folder / "bin" / "dpkg-query", DPKG_QUERY)
    (folder / "bin" / "release").write_text(f"{release}.1-1\n", encoding="utf-8")
    (folder / "agent.ini").write_text(SETTINGS, encoding="utf-8")
    return folder


def portal(folder: Path) -> Path:
    """Portal 1.0, which serves, with three entries."""
    (folder / "releases" / "1.0").mkdir(parents=True)
    (folder / "releases" / "1.0" / "VERSION").write_text("1.0\n", encoding="utf-8")
    (folder / "current").symlink_to("releases/1.0")
    (folder / "entries").write_text("one\ntwo\nthree\n", encoding="utf-8")
    return folder
