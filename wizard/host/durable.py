"""Files that are whole after a crash, for the session's writers; the same code the leader runs on."""

from wizard.host.supervisor.durable import (
    allocate,
    claim,
    fsync_folder,
    make_folder,
    open_file,
    open_folder,
    open_new,
    read_file,
    replace_file,
    write_all,
    write_new,
)

__all__ = [
    "allocate",
    "claim",
    "fsync_folder",
    "make_folder",
    "open_file",
    "open_folder",
    "open_new",
    "read_file",
    "replace_file",
    "write_all",
    "write_new",
]
