"""Draws pictures of screens: `python -m tests.screens.pictures.draw FOLDER [NAME…]`.

All scenes go into FOLDER as SVG, the ones of the README into `screens/pictures` besides, with the same times, ids and
folders in them each time they are drawn.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.screens.pictures.scenes import SCENES, Scene, staged

README: Final = Path(__file__).parents[3] / "screens" / "pictures"

_STEADY: Final = (
    (re.compile(r"20\d{6}-\d{4}-[a-z]{3}"), "20260301-2204-mav"),
    (re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d"), "2026-03-01T22:04:00"),
    (re.compile(r"(?<=at&#160;)\d\d:\d\d"), "22:04"),
    (re.compile(r"terminal-\d+"), "terminal"),
    # As wide as what it stands for.
    (re.compile(r"/tmp/wizard-\w{8}/place"), "/srv/stockroom/night-shift"),
)


async def picture_of(scene: Scene, place: Path) -> str:
    """The scene as SVG; sessions are made in the state folder of the environment."""
    async with staged(scene, place) as app:
        svg = app.export_screenshot(title="wizard")
    for pattern, steady in _STEADY:
        svg = pattern.sub(steady, svg)
    return svg


def draw(folder: Path, names: list[str]) -> None:
    """Draw scenes (all where none is named) into `folder`, and those of the README into its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        if names and scene.name not in names:
            continue
        with tempfile.TemporaryDirectory(prefix="wizard-") as place:
            os.environ["WIZARD_STATE_DIR"] = f"{place}/state"
            svg = asyncio.run(picture_of(scene, Path(place) / "place"))
        (folder / f"{scene.name}.svg").write_text(svg, encoding="utf-8")
        if scene.readme:
            README.mkdir(exist_ok=True)
            (README / f"{scene.name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    draw(Path(sys.argv[1]), sys.argv[2:])
