"""`backup`, `restore` and `doctor`, as typed."""

import asyncio
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import emulator
from tests.house import HandClock, House, environment, one_server
from vip_manager import __main__, page
from vip_manager.simulator.app import create_simulator
from vip_manager.simulator.world import World
from vip_manager.store.lock import DataDirLock

HOOKS = {"PUBLIC_URL": "https://vip.example", "EVENTSUB_TRANSPORT": "webhook"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def twitch(world: World) -> Iterator[str]:
    with one_server() as serve:
        yield serve(create_simulator(world))


@pytest.fixture
def data(tmp_path: Path, twitch: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a streamer with a reward and one VIP; the commands find it by their environment."""
    for name, value in environment(twitch, tmp_path / "data").items():
        monkeypatch.setenv(name, value)

    async def live() -> None:
        house = House(twitch, tmp_path / "data", HandClock())
        await house.start()
        await house.open()
        await house.redeem("viewer1")
        await house.close()

    asyncio.run(live())
    return tmp_path / "data"


def run(*words: object) -> int:
    return __main__.main([str(word) for word in words])


def test_a_backup_is_made_and_put_back(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("backup", tmp_path / "kept", "--keep", 3) == 0
    said = capsys.readouterr().out
    assert "checked. 0 older ones were deleted." in said
    assert "APP_SECRET is not in it" in said
    [backup] = (tmp_path / "kept").iterdir()
    assert run("restore", backup) == 0
    said = capsys.readouterr().out
    assert "Channels to be compared with Twitch: 1." in said
    assert "knew nothing that the backup does not know" in said
    assert run("verify") == 0
    assert list(data.glob("vip-before-restore-*.db"))


def test_a_backup_beside_a_server_and_no_restore(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with DataDirLock(data):
        assert run("backup", tmp_path / "kept") == 0
        [backup] = (tmp_path / "kept").iterdir()
        assert run("restore", backup) == 1
        assert f"(process {os.getpid()})" in capsys.readouterr().err
        assert run("restore", "--mark", "2026-01-01T00:00") == 1


def test_what_was_put_back_by_other_means_is_marked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("restore", "--mark", "2026-01-01T12:00") == 0
    assert "stands as of 2026-01-01 12:00:00 UTC" in capsys.readouterr().out
    assert run("restore", "--mark", "2999-01-01") == 1
    assert "still to come" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        run("restore", "--mark", "yesterday")
    with pytest.raises(SystemExit, match="2"):
        run("restore")


def test_what_can_not_be_done_is_said_in_a_line(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert run("backup", tmp_path / "file") == 1
    assert "No backup was made, and none deleted" in capsys.readouterr().err
    assert run("restore", tmp_path / "nothing.db") == 1
    assert "there is no file" in capsys.readouterr().err
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))
    assert run("backup", tmp_path / "kept") == 1
    assert "There is no data in" in capsys.readouterr().err
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "somewhere")
    monkeypatch.setenv("CRON_SECRET", "a secret of the scheduler, long enough")
    assert run("backup", tmp_path / "kept") == 1
    assert "point-in-time recovery" in capsys.readouterr().err
    assert run("restore", tmp_path / "file") == 1
    assert "restore --mark TIME" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("backup", "there", "--keep", "0"), "'0' is no number from 1 on"),
        (("restore", "--mark", "noon"), "'noon' is no time like 2026-11-28T13:05 (UTC)"),
    ],
)
def test_a_wrong_call_is_said_in_words(words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(*words)
    assert says in capsys.readouterr().err


def test_a_disk_that_takes_no_more_leaves_the_old_ones(data: Path, tmp_path: Path) -> None:
    assert run("backup", tmp_path / "kept") == 0
    done = subprocess.run(
        [sys.executable, "-m", "vip_manager", "backup", str(tmp_path / "kept"), "--keep", "1"],
        cwd=page.ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert done.returncode == 1
    assert done.stderr.startswith("No backup was made, and none deleted")
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_the_doctor_finds_all_well(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("doctor") == 0
    marks = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    parts = ["settings", "store", "twitch", "twitch", "clock", "channels", "subscriptions"]
    assert marks == [["ok", f"{part}:"] for part in parts]


def test_the_doctor_says_who_runs_and_changes_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (data / "vip.db").read_bytes()
    with DataDirLock(data):
        assert run("doctor") == 0
    assert f"process {os.getpid()} serves it" in capsys.readouterr().out
    assert (data / "vip.db").read_bytes() == before


def test_the_doctor_finds_what_is_missing_of_the_subscriptions(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in HOOKS.items():
        monkeypatch.setenv(name, value)
    assert run("doctor") == 1
    assert "bad   subscriptions: streamer: 0 stand; channel.channel_points" in capsys.readouterr().out


def test_the_doctor_finds_a_wrong_secret(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWITCH_CLIENT_SECRET", "another")
    assert run("doctor") == 1
    said = capsys.readouterr().out
    assert "bad   twitch: it does not take TWITCH_CLIENT_ID" in said
    assert "another" not in said


def test_the_doctor_finds_a_clock_that_is_wrong(
    data: Path, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(_: object) -> HandClock:
        clock = HandClock()
        clock.wrong = timedelta(hours=1)
        return clock

    monkeypatch.setattr("vip_manager.doctor.clock_of", wrong)
    assert run("doctor") == 1
    assert "bad   clock: Twitch's is 360" in capsys.readouterr().out


def test_the_doctor_finds_tokens_that_do_not_open(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APP_SECRET", "quite another root secret of the tests")
    assert run("doctor") == 1
    assert "bad   channels: streamer: the owner has to sign in" in capsys.readouterr().out


def test_the_doctor_finds_a_damaged_file_and_goes_on(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "vip.db").write_bytes(b"no database" * 1000)
    assert run("doctor") == 1
    said = capsys.readouterr().out
    assert "bad   store:" in said
    assert "ok    twitch:" in said


def test_the_doctor_finds_a_twitch_that_does_not_answer(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWITCH_API_URL", "http://127.0.0.1:1/helix")
    assert run("doctor") == 1
    assert "bad   twitch: http://127.0.0.1:1/helix does not answer" in capsys.readouterr().out


def test_the_doctor_in_a_sandbox_that_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    assert run("doctor") == 0
    assert "note  twitch: the sandbox's Twitch is part of the program, which does not run" in capsys.readouterr().out
    assert not (tmp_path / "data").exists()
    monkeypatch.setenv("TWITCH_CLIENT_ID", "alone")
    assert run("doctor") == 2


def test_in_firestore_what_google_has_restored_is_marked(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", tmp_path / "all.ndjson") == 0
    project = emulator.new_project()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", emulator.running().address)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)
    monkeypatch.setenv("CRON_SECRET", "a scheduler's secret of the tests")
    assert run("import", tmp_path / "all.ndjson") == 0
    assert run("doctor") == 0
    said = capsys.readouterr().out
    assert "ok    store: Firestore answers in" in said
    assert "restored" not in said
    assert run("restore", "--mark", "2026-01-01T12:00", "--lost-at", "2026-01-02T12:00Z") == 0
    assert "Channels to be compared with Twitch: 1." in capsys.readouterr().out
    assert run("verify") == 0
    assert run("doctor") == 0
    assert "note  channels: streamer: restored, and not compared with Twitch yet" in capsys.readouterr().out
