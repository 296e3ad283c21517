"""The operators' drill goes well."""

from pathlib import Path

from tests.recovery.drill import drill


async def test_what_was_lost_is_read_from_twitch_and_nothing_counts_twice(tmp_path: Path) -> None:
    said: list[str] = []
    assert await drill(tmp_path, said.append) == []
    assert any("checked" not in line and "with" in line for line in said)
