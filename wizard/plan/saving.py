"""Keeping a plan in a file for people: as Markdown or as JSON, by the ending of its name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wizard.errors import UsageError
from wizard.new_file import place_of, write_new
from wizard.plan.markdown import plan_markdown
from wizard.plan.store import plan_to_json

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.plan.model import Plan


def save_plan(plan: Plan, name: str) -> Path:
    """Write a plan to a file that is not there yet (mode 0600), and give where it is, as a whole path.

    `~` stands for the home folder. `.md` gives Markdown with every command, `.json` all of it. UsageError where
    it cannot be written, something is there already, or the name ends in neither.
    """
    path = place_of(name)
    match path.suffix.lower():
        case ".md":
            text = plan_markdown(plan)
        case ".json":
            text = json.dumps(plan_to_json(plan), indent=2, ensure_ascii=False) + "\n"
        case _:
            raise UsageError(f"{name} ends in neither .md nor .json", hint="The ending says how it is written.")
    write_new(str(path), text)
    return path
