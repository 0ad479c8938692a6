"""The JSON Schema that editors read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.guide.catalog import guides_folder
from wizard.guide.jsonschema import SCHEMA_FILE, guide_schema, schema_text, write_schema
from wizard.guide.models import Guide, Step

if TYPE_CHECKING:
    from pathlib import Path


def test_the_published_schema_is_current(tmp_path: Path) -> None:
    """guides/schema.json is what the models say; where it is not, write_schema makes it so."""
    published = (guides_folder() / SCHEMA_FILE).read_text(encoding="utf-8")
    assert published == schema_text(), (
        "run: python -c 'from wizard.guide import catalog, jsonschema as j; j.write_schema(catalog.guides_folder())'"
    )
    assert write_schema(tmp_path).read_text(encoding="utf-8") == published


def test_the_schema_has_the_keys_of_the_file() -> None:
    """Keys are named as in the file (`finally`, `with`), every one of them, and no other is allowed."""
    schema = guide_schema()
    assert set(schema["properties"]) == {field.alias or name for name, field in Guide.model_fields.items()}
    step = schema["$defs"]["Step"]
    assert {"with", "run", "done_when"} <= set(step["properties"])
    assert "with_" not in step["properties"]
    assert step["additionalProperties"] is False
    assert "finally" in schema["$defs"]["Phase"]["properties"]


def test_the_schema_says_what_excludes_each_other() -> None:
    """A step has exactly one action in the schema too."""
    assert Step.one_of is not None
    ways = guide_schema()["$defs"]["Step"]["oneOf"]
    assert [way["required"][0] for way in ways] == list(Step.one_of.flat)


def test_text_may_be_a_plain_number_and_nothing_is_null() -> None:
    """What the loader takes is allowed (a whole number for a text), what it refuses is not (null)."""
    schema = guide_schema()
    title: dict[str, Any] = schema["$defs"]["Step"]["properties"]["title"]
    assert {part["type"] for part in title["anyOf"]} == {"string", "integer"}
    assert '"null"' not in schema_text()
