"""The JSON Schema of the guide format, for editors; made from the models and never by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from wizard.guide.models import Guide
from wizard.guide.models.base import Model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.guide.models.base import Chosen, OneOf

SCHEMA_FILE: Final = "schema.json"
"""Name of the published schema, in the folder of the guides."""


def guide_schema() -> dict[str, Any]:
    """The schema of a guide, with the names of the keys as they stand in the file."""
    schema = Guide.model_json_schema(by_alias=True, mode="validation")
    parts = {**schema.get("$defs", {}), Guide.__name__: schema}
    for model in _models(Model):
        part = parts.get(model.__name__)
        if part is not None and model.one_of is not None:
            part["oneOf"] = list(_ways(model.one_of))
        if part is not None and model.chosen is not None:
            _open(part, model.chosen)
    plain: dict[str, Any] = _without_nulls(schema)
    plain["title"] = "Guide of wizard, version 1"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **plain}


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(guide_schema(), indent=2, ensure_ascii=False) + "\n"


def write_schema(folder: Path) -> Path:
    """Write the schema into `folder`, and give its path."""
    path = folder / SCHEMA_FILE
    path.write_text(schema_text(), encoding="utf-8")
    return path


def _without_nulls(schema: Any) -> Any:
    """Take out what no file can say: null, and titles that only repeat the key."""
    if isinstance(schema, list):
        return [_without_nulls(entry) for entry in schema if entry != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    plain = {
        key: _without_nulls(value)
        for key, value in schema.items()
        if not (key == "default" and value is None) and not (key == "title" and isinstance(value, str))
    }
    choices = plain.get("anyOf")
    if isinstance(choices, list) and len(choices) == 1:
        del plain["anyOf"]
        plain = {**choices[0], **plain}
    return plain


def _open(part: dict[str, Any], chosen: Chosen) -> None:
    """Let the one entry whose key the author chooses stand for its two fields."""
    part["additionalProperties"] = part["properties"].pop(chosen.value)
    part["propertyNames"] = {"pattern": "^[a-z][a-z0-9_]*$"}
    del part["properties"][chosen.key]
    required = [name for name in part.pop("required", []) if name not in (chosen.key, chosen.value)]
    if required:
        part["required"] = required


def _models(model: type[Model]) -> Iterator[type[Model]]:
    for child in model.__subclasses__():
        yield child
        yield from _models(child)


def _ways(one_of: OneOf) -> Iterator[dict[str, Any]]:
    for keys in one_of.keys:
        if isinstance(keys, str):
            yield {"required": [keys]}
        else:
            yield {"anyOf": [{"required": [key]} for key in keys]}
