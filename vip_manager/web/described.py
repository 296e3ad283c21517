"""Words of OpenAPI that descriptions of routes are made of."""

from typing import Any

from vip_manager.web import body

Description = dict[str, Any]

ERROR: Description = {"$ref": "#/components/schemas/Error"}


def json_answer(description: str, schema: Description) -> Description:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def errors(**said: str) -> Description:
    """Named `on_404`, ..."""
    return {name.removeprefix("on_"): json_answer(words, ERROR) for name, words in said.items()}


def whole(words: str) -> Description:
    return {"type": "integer", "minimum": 0, "description": words}


def has(**properties: Description) -> Description:
    """An object with all of these."""
    return {"type": "object", "required": list(properties), "properties": properties}


def asked(name: str, words: str, schema: Description | None = None) -> Description:
    return {"name": name, "in": "query", "description": words, "schema": schema or {"type": "string"}}


def header(name: str, words: str) -> Description:
    return {"name": name, "in": "header", "required": True, "description": words, "schema": {"type": "string"}}


BODY_ERRORS = errors(
    on_408=f"The body was not complete within {body.LONGEST_WAIT:g} s.",
    on_413=f"The body is longer than {body.MOST_BYTES} bytes.",
)

RETRY_AFTER: Description = {
    "required": True,
    "description": "Whole seconds to wait.",
    "schema": {"type": "integer", "minimum": 1},
}
