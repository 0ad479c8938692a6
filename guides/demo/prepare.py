#!/usr/bin/env python3
"""Set up a Stockroom 1.0 to be upgraded.

usage: prepare.py FOLDER

Makes the installation with 1,200 items, puts the releases 1.1 and 2.0 where a download would put
them, and starts it on a free port. An installation that is there already is stopped and replaced.
"""

from __future__ import annotations

import contextlib
import pathlib
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tarfile

PRODUCT = pathlib.Path(__file__).resolve().parent / "product"
ITEMS = 1200
THINGS = ("Bolt", "Nut", "Washer", "Bracket", "Hinge", "Valve", "Gasket", "Bearing", "Spring", "Screw")


def main() -> None:
    """Make it and start it."""
    home = pathlib.Path(sys.argv[1]).resolve()
    control = home / "bin" / "stockroomctl"
    if control.exists():
        if subprocess.run([sys.executable, str(control), "stop"], check=False, stdout=subprocess.DEVNULL).returncode:
            sys.exit(f"the Stockroom in {home} cannot be stopped; nothing was touched")
        shutil.rmtree(home)
    elif home.exists() and any(home.iterdir()):
        sys.exit(f"{home} holds something else than a Stockroom; nothing was touched")
    # First what tells a Stockroom from something else, so that one that was cut off here can be replaced.
    shutil.copytree(PRODUCT / "bin", home / "bin")
    control.chmod(0o755)
    for name in ("data", "run", "log", "downloads", "releases"):
        (home / name).mkdir()
    # The product runs by the interpreter that set it up, which need not be the first one on the PATH.
    (home / "bin" / "python3").symlink_to(sys.executable)
    shutil.copytree(PRODUCT / "releases" / "1.0", home / "releases" / "1.0")
    (home / "current").symlink_to("releases/1.0")
    for version in ("1.1", "2.0"):
        with tarfile.open(home / "downloads" / f"stockroom-{version}.tar.gz", "w:gz") as archive:
            archive.add(PRODUCT / "releases" / version, arcname=version)
    port = free_port()
    (home / "stockroom.env").write_text(
        f"# Stockroom settings\nPORT={port}\nLOG_LEVEL=info\nRELEASE=1.0\nAPI_TOKEN=not-a-real-token\n",
        encoding="utf-8",
    )
    fill(home / "data" / "stockroom.db")
    subprocess.run([sys.executable, str(control), "start"], check=True, stdout=subprocess.DEVNULL)
    print(f"Stockroom 1.0 runs in {home} on port {port} with {ITEMS} items.")


def free_port() -> int:
    """Choose a port nobody listens on, below those the system gives to connections: it stays free during an outage."""
    for port in random.sample(range(20_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    # So many are not taken: any port will do, and where there is none, this says why.
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def fill(file: pathlib.Path) -> None:
    """Make the database of 1.0."""
    choose = random.Random(7)
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(
            "create table items"
            " (id integer primary key, name text not null, quantity integer not null, place text not null)"
        )
        connection.executemany(
            "insert into items (name, quantity, place) values (?, ?, ?)",
            [
                (
                    f"{choose.choice(THINGS)} {n}",
                    choose.randint(0, 500),
                    f"{choose.choice('ABCDEF')}-{choose.randint(1, 40)}",
                )
                for n in range(1, ITEMS + 1)
            ],
        )
        connection.execute("pragma user_version = 10")
    connection.close()


def words_for(error: OSError | sqlite3.Error | subprocess.CalledProcessError) -> str:
    """Say in one line why it could not be made."""
    if isinstance(error, shutil.Error):
        # One reason for each file; the first one tells what is wrong.
        return str(error.args[0][0][2])
    return str(error)


if __name__ == "__main__":
    try:
        main()
    except (OSError, sqlite3.Error, subprocess.CalledProcessError) as error:
        sys.exit(words_for(error))
