"""What a page sends, as far as it is what it should be: a form's fields, an id, a number. All raise InvalidInput."""

from vip_manager.domain.terms import InvalidInput
from vip_manager.ui import words

LONGEST_ID = 100
LONGEST_FIELD = 200


def fields(form: object, *names: str) -> list[str]:
    """A form's fields as text, whatever was sent; nothing for one that is not there."""
    sent = whole(form)
    return [sent.get(name, "") for name in names]


def whole(form: object) -> dict[str, str]:
    """All that a form holds, as text."""
    if not isinstance(form, dict):
        raise InvalidInput("form", words.SOMETHING)
    return {str(name)[:LONGEST_ID]: str(value)[:LONGEST_FIELD] for name, value in form.items()}


def record_id(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise InvalidInput("id", words.SOMETHING)
    return value


def number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput("id", words.SOMETHING)
    return value
