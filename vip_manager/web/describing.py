"""How parts of the API's description are put (web/openapi.py)."""

from typing import Any

Description = dict[str, Any]

ERROR = {"$ref": "#/components/schemas/Error"}


def json_answer(description: str, schema: Description) -> Description:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def errors(**said: str) -> Description:
    """Named `on_404`, ..."""
    return {name.removeprefix("on_"): json_answer(words, ERROR) for name, words in said.items()}


def whole(words: str) -> Description:
    return {"type": "integer", "minimum": 0, "description": words}


def fields(**properties: Description) -> Description:
    return {"type": "object", "required": list(properties), "properties": properties}


def asked(name: str, words: str) -> Description:
    return {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}


def header(name: str, words: str) -> Description:
    return {"name": name, "in": "header", "required": True, "description": words, "schema": {"type": "string"}}
