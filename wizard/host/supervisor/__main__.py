"""The supervisor's way in: `python -I -S .../supervisor/__main__.py`, with one JSON object on its stdin."""

# ruff: noqa: PTH100, PTH118, PTH120 -- pathlib takes longer to import than all else here
from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys

if not __package__:
    # Run by file path, with no search path that leads to this folder: it becomes a package of its own,
    # so that nothing else of the product (nor of the machine's site-packages) can be imported.
    __package__ = "supervisor"
    _folder = os.path.dirname(os.path.abspath(__file__))
    _spec = importlib.util.spec_from_file_location(
        __package__, os.path.join(_folder, "__init__.py"), submodule_search_locations=[_folder]
    )
    if _spec is None or _spec.loader is None:
        sys.exit(f"the supervisor's folder {_folder} cannot be read")
    sys.modules[__package__] = importlib.util.module_from_spec(_spec)

from .start import main

if __name__ == "__main__":
    main()
