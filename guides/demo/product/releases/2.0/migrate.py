#!/usr/bin/env python3
"""Bring a database of Stockroom 1.1 to 2.0: places become a table, items point to it.

It commits every hundred items and keeps the old table, so that half a migration is half a migration:
only a backup brings 1.1 back. With STOCKROOM_MISHAP=true it fails in the middle.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
version = connection.execute("pragma user_version").fetchone()[0]
if version != 11:
    sys.exit(f"this database is of schema {version}, not 11: nothing was changed")
connection.execute("alter table items rename to items_before_2_0")
connection.execute("create table places (id integer primary key, aisle text, shelf integer, unique (aisle, shelf))")
connection.execute("create table settings (name text primary key, value text not null)")
connection.execute(
    "create table items (id integer primary key, name text not null, quantity integer not null,"
    " place_id integer not null references places, counted_at integer not null)"
)
rows = connection.execute("select id, name, quantity, place, counted_at from items_before_2_0 order by id").fetchall()
mishap = os.environ.get("STOCKROOM_MISHAP") == "true"
connection.execute("begin")
for number, (item, name, quantity, place, counted_at) in enumerate(rows, 1):
    aisle, shelf = place.split("-")
    connection.execute("insert or ignore into places (aisle, shelf) values (?, ?)", [aisle, int(shelf)])
    row = connection.execute("select id from places where aisle = ? and shelf = ?", [aisle, int(shelf)]).fetchone()
    connection.execute("insert into items values (?, ?, ?, ?, ?)", [item, name, quantity, row[0], counted_at])
    if number % 100 == 0:
        connection.execute("commit")
        print(f"moved {number} of {len(rows)} items", flush=True)
        time.sleep(0.1)
        if mishap and number * 2 >= len(rows):
            sys.exit(f"ERROR: item {item + 1}: the disk did not take the write; stopped after {number} items")
        connection.execute("begin")
connection.execute("pragma user_version = 20")
connection.execute("commit")
places = connection.execute("select count(*) from places").fetchone()[0]
print(f"migration to 2.0 finished: {len(rows)} items, {places} places")
