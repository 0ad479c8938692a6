"""Stockroom's stock-taker: counts what is there every two seconds and writes it down."""

from __future__ import annotations

import pathlib
import signal
import sqlite3
import sys
import time

HOME = pathlib.Path(sys.argv[1])
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    try:
        connection = sqlite3.connect(HOME / "data" / "stockroom.db", timeout=5)
        total = connection.execute("select sum(quantity) from items").fetchone()[0]
        connection.close()
        (HOME / "run" / "stock").write_text(f"{total}\n", encoding="utf-8")
    except sqlite3.Error as error:
        print(f"not counted: {error}", flush=True)
    time.sleep(2)
