"""Every scene that pictures are made of can be brought about, and its picture shows what it is about."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest

from tests.screens.pictures.draw import picture_of
from tests.screens.pictures.scenes import SCENES, Scene

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_a_picture_can_be_drawn(scene: Scene, tmp_path: Path) -> None:
    """The words of the scene stand in the picture, and no time of this run."""
    svg = await picture_of(scene, tmp_path / "place")
    words = html.unescape(re.sub(r"<[^>]+>", "\n", svg)).replace("\xa0", " ")
    assert scene.shows in " ".join(words.split())
    assert not re.search(r"20\d{6}-\d{4}-(?!mav)[a-z]{3}", words)


def test_scenes_have_names_of_their_own() -> None:
    """A picture is a file named after its scene."""
    names = [scene.name for scene in SCENES]
    assert len(set(names)) == len(names) >= 12
    assert 3 <= sum(scene.readme for scene in SCENES) <= 6
