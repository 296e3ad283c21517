"""When the page is built, and of what."""

from pathlib import Path

import pytest

from vip_manager import page


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which the build itself only says that it was there."""
    monkeypatch.setattr(page, "ROOT", tmp_path)
    monkeypatch.setattr(page, "WEB", tmp_path / ".web")
    monkeypatch.setattr(page, "BUILT", tmp_path / ".web/build/client")
    monkeypatch.setattr(page, "_STAMP", tmp_path / ".web/build/inputs.sha256")
    monkeypatch.setattr(page, "_export", lambda: (tmp_path / ".web/build/client").mkdir(parents=True))
    for name in ("reflex.lock", "assets", "vip_manager", ".web/public"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "assets/shell.jsx").write_text("one")
    return tmp_path


def test_it_is_built_once_for_the_same_inputs(place: Path) -> None:
    assert page.build_where_changed()
    assert not page.build_where_changed()
    (place / "assets/shell.jsx").write_text("another")
    assert page.build_where_changed()
    assert not page.build_where_changed()


def test_no_copy_of_an_earlier_build_is_taken_for_a_newer_file(place: Path) -> None:
    """A copy is newer than a file that comes out of an archive with the date that it was written."""
    for name in ("shell.jsx", "gone.jsx"):
        (place / ".web/public" / name).write_text("of the last build")
    page.build_where_changed()
    assert not (place / ".web/public").exists()
