"""`export` and `import`, as typed: the file, what they say, and that nothing is touched where they refuse."""

import asyncio
import io
import os
import signal
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import emulator
from tests.house import HandClock, House, environment
from tests.serving import serving
from tests.store import archived
from tests.store.records import account, channel, line, redemption
from vip_manager import __main__, commands
from vip_manager.bootstrap import adapters
from vip_manager.ports import StoreUnavailable
from vip_manager.settings import Settings
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.store import archive
from vip_manager.store.firestore.archive import _Loading
from vip_manager.store.firestore.client import connect
from vip_manager.store.lock import DataDirLock


class Places:
    """Where data lies, one at a time named by the environment."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = tmp_path
        self._monkeypatch = monkeypatch

    def at(self, name: str, twitch: str = "https://twitch.example") -> Settings:
        settings = environment(twitch, self.root / name)
        for variable, value in settings.items():
            self._monkeypatch.setenv(variable, value)
        self._monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
        return Settings.read(settings)

    def in_firestore(self) -> str:
        """The project, which holds nothing yet."""
        self.at("unused")
        project = emulator.new_project()
        self._monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.running().address)
        self._monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)
        self._monkeypatch.setenv("CRON_SECRET", "a scheduler's secret of the tests")
        return project

    def filled(self, name: str) -> Settings:
        settings = self.at(name)

        async def fill() -> None:
            store = await adapters.open_store(settings)
            await store.commit(account(), channel(), redemption("p1"), line("a1"))
            await store.close()

        asyncio.run(fill())
        return settings

    def names(self) -> set[str]:
        return {path.name for path in self.root.iterdir()}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    return Places(tmp_path, monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "copy.ndjson"


def run(*arguments: str | Path) -> int:
    return __main__.main([str(argument) for argument in arguments])


def test_from_one_place_to_another(places: Places, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places.filled("here")
    assert run("export", file) == 0
    assert capsys.readouterr().err == "4 documents exported.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    places.at("there")
    assert run("import", file) == 0
    assert capsys.readouterr().out == "4 documents imported.\n"
    again = file.with_name("again.ndjson")
    assert run("export", again) == 0
    assert again.read_bytes().splitlines()[1:] == file.read_bytes().splitlines()[1:]
    assert places.names() == {"here", "there", "copy.ndjson", "again.ndjson"}


def test_what_a_streamer_has_is_sound_at_the_other_end(
    places: Places, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(create_simulator(World())) as twitch:
        here = places.at("here", twitch)

        async def live() -> None:
            house = House(twitch, here.data_dir, HandClock())
            await house.start()
            await house.open(hours=24)
            await house.redeem("viewer1")
            await house.redeem("viewer2")
            # Beside the running program.
            assert (await commands.export(here, str(file))).unreadable == []
            await house.close()

        asyncio.run(live())
        places.at("there", twitch)
        assert run("import", file) == 0
        capsys.readouterr()
        assert run("verify") == 0
        assert capsys.readouterr().out == "nothing wrong: 1 channels, 2 sessions, 2 redemptions\n"


def test_by_standard_output_and_input(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    places.filled("here")
    assert run("export", "-") == 0
    copy = capsysbinary.readouterr().out
    assert copy.startswith(b'{"format":"vip-manager"')
    assert copy.endswith(b'{"documents":4}\n')
    places.at("there")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(copy)))
    assert run("import", "-") == 0
    assert capsysbinary.readouterr().out == b"4 documents imported.\n"


def test_a_file_that_is_there_is_never_written_over(
    places: Places, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places.filled("here")
    file.write_text("somebody's")
    assert run("export", file) == 1
    assert "is there already" in capsys.readouterr().err
    assert file.read_text() == "somebody's"
    file.unlink()
    file.symlink_to("elsewhere")
    assert run("export", file) == 1
    assert places.names() == {"here", "copy.ndjson"}


def test_a_name_as_long_as_names_can_be(places: Places) -> None:
    places.filled("here")
    assert run("export", places.root / ("n" * 255)) == 0


def test_an_export_that_is_told_to_stop_leaves_nothing(
    places: Places, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places.filled("here")

    async def endless(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    monkeypatch.setattr(archive, "export", endless)
    assert run("export", file) == 128 + signal.SIGTERM
    assert capsys.readouterr().err == "Told to stop.\n"
    assert places.names() == {"here"}


def test_a_database_that_nobody_has_used_is_neither_stamped_nor_taken_over(
    places: Places, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = places.in_firestore()
    old = {"id": "1001", "username": "Streamer", "accessToken": "abc", "refreshToken": "def"}

    async def there(write: bool) -> dict[str, Any]:
        client = connect(project, "")
        if write:
            await client.document("users/1001").set(old)
        found = [*await client.collection("users").get(), *await client.collection("meta").get()]
        await client.close()
        return {"/".join(one.reference.path.split("/")[-2:]): one.to_dict() for one in found}

    before = asyncio.run(there(write=True))
    for command in (("verify",), ("verify", "--repair"), ("export", file)):
        assert run(*command) == 1
        assert "There is no data in Firestore" in capsys.readouterr().err
    assert asyncio.run(there(write=False)) == before == {"users/1001": old}
    assert not file.exists()


def test_a_place_without_data_is_not_exported(places: Places, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places.at("nowhere")
    assert run("export", file) == 1
    assert "There is no data in" in capsys.readouterr().err
    assert places.names() == set()


def test_a_file_that_can_not_be_written(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    places.filled("here")
    assert run("export", places.root / "no" / "such" / "directory") == 1
    assert capsys.readouterr().err.startswith("Nothing was exported: ")
    assert places.names() == {"here"}


def test_a_copy_that_an_import_would_refuse_is_said(
    places: Places, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = places.filled("here")
    with closing(sqlite3.connect(adapters.sqlite_file(here))) as connection, connection:
        connection.execute("UPDATE channels SET body = json_set(body, '$.rewardCost', 'secret')")
    assert run("export", file) == 1
    said = capsys.readouterr().err
    assert "channels/1001: field 'rewardCost'" in said
    assert "secret" not in said
    places.at("there")
    assert run("import", file) == 1
    assert "Line 3: field 'document.rewardCost'" in capsys.readouterr().err
    assert places.names() == {"here", "copy.ndjson"}, "a refused import makes nothing"


@pytest.mark.parametrize(
    "spoil", [lambda copy: copy[:-20], lambda copy: b"", lambda copy: copy.replace(b"1001", b"1\xff")]
)
def test_a_file_that_is_not_whole_is_refused(
    places: Places, file: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[bytes], bytes]
) -> None:
    places.filled("here")
    assert run("export", file) == 0
    file.write_bytes(spoil(file.read_bytes()))
    places.at("there")
    assert run("import", file) == 1
    assert "Nothing was imported. Line " in capsys.readouterr().err
    assert places.names() == {"here", "copy.ndjson"}


def test_no_file(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    places.at("there")
    assert run("import", places.root / "nothing") == 1
    assert capsys.readouterr().err.startswith("Nothing was imported: ")
    assert run("import", places.root) == 1


def test_another_applications_copy_is_refused(
    places: Places, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places.filled("here")
    assert run("export", file) == 0
    places.at("there")
    monkeypatch.setenv("TWITCH_CLIENT_ID", "another")
    assert run("import", file) == 1
    assert "TWITCH_CLIENT_ID" in capsys.readouterr().err


def test_what_is_there_is_kept(places: Places, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = places.filled("here")
    assert run("export", file) == 0
    before = adapters.sqlite_file(here).read_bytes()
    assert run("import", file) == 1
    assert "There is data in" in capsys.readouterr().err
    assert adapters.sqlite_file(here).read_bytes() == before


def test_a_running_program_is_not_imported_under(
    places: Places, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places.filled("here")
    assert run("export", file) == 0
    there = places.at("there")
    with DataDirLock(there.data_dir):
        assert run("import", file) == 1
        assert "already running" in capsys.readouterr().err
    assert not adapters.sqlite_file(there).exists()
    assert run("import", file) == 0


def test_to_firestore_and_back(places: Places, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places.filled("here")
    assert run("export", file) == 0
    places.in_firestore()
    assert run("import", file) == 0
    between = file.with_name("between.ndjson")
    assert run("export", between) == 0
    assert run("import", file) == 1
    assert "There is data in Firestore" in capsys.readouterr().err
    places.at("there")
    assert run("import", between) == 0
    again = file.with_name("again.ndjson")
    assert run("export", again) == 0
    assert archived.documents(again.read_bytes()) == archived.documents(file.read_bytes())
    assert places.names() == {"here", "there", "copy.ndjson", "between.ndjson", "again.ndjson"}


def test_half_of_an_import_into_firestore_is_for_the_next_import_only(
    places: Places, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places.filled("here")
    assert run("export", file) == 0
    places.in_firestore()

    async def gone(loading: _Loading) -> None:
        raise StoreUnavailable("the network is gone")

    with monkeypatch.context() as for_once:
        for_once.setattr(_Loading, "end", gone)
        assert run("import", file) == 1
    said = capsys.readouterr().err
    assert "the network is gone" in said
    assert "Nothing was imported" not in said
    assert "Run import again" in said
    assert run("export", file.with_name("half.ndjson")) == 1
    assert "Run import again" in capsys.readouterr().err
    assert not file.with_name("half.ndjson").exists()
    assert run("import", file) == 0
    assert run("export", file.with_name("whole.ndjson")) == 0
