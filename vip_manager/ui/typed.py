"""What a page sends, as far as its handlers say more of it than its type (see `arguments`): a form's fields, an id."""

from vip_manager.domain.terms import InvalidInput
from vip_manager.ui import words
from vip_manager.ui.arguments import LONGEST_ID


def fields(form: dict[str, str], *names: str) -> list[str]:
    """A form's fields; nothing for one that is not there."""
    return [form.get(name, "") for name in names]


def record_id(value: str) -> str:
    """Raises InvalidInput."""
    if not 0 < len(value) <= LONGEST_ID:
        raise InvalidInput("id", words.SOMETHING)
    return value
