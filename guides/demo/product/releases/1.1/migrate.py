#!/usr/bin/env python3
"""Bring a database of Stockroom 1.0 to 1.1: every item gets the time it was counted last."""

from __future__ import annotations

import sqlite3
import sys
import time

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
version = connection.execute("pragma user_version").fetchone()[0]
if version != 10:
    sys.exit(f"this database is of schema {version}, not 10: nothing was changed")
connection.execute("begin immediate")
connection.execute("alter table items add column counted_at integer not null default 0")
connection.execute("update items set counted_at = ?", [int(time.time())])
count = connection.execute("select count(*) from items").fetchone()[0]
connection.execute("pragma user_version = 11")
connection.execute("commit")
print(f"migration to 1.1 finished: {count} items")
