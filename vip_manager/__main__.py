"""The command line: `python -m vip_manager ...`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path

from vip_manager import commands, doctor, recovery, restore_report
from vip_manager.bootstrap.adapters import SIMULATOR_PATH
from vip_manager.commands import CantOpen
from vip_manager.ports import SandboxRefused, StoreError, TwitchError
from vip_manager.settings import Settings, SettingsError, load
from vip_manager.simulator import alone
from vip_manager.simulator.remote import SandboxRemote


def main(arguments: list[str] | None = None) -> int:
    """0 where it was done, 1 where it was refused (and why, on standard error), 2 for a wrong call or settings."""
    parser = argparse.ArgumentParser(prog="python -m vip_manager", description="VIP for channel points.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    simulator = commands.add_parser("simulator", help="the Twitch simulator alone")
    simulator.add_argument("--port", type=int, default=9000)
    simulator.add_argument("--world", type=Path, help="the file that keeps its world; without one it forgets")
    simulator.set_defaults(run=_simulator)

    redeem = commands.add_parser("redeem", help="sandbox: a viewer redeems a reward")
    redeem.add_argument("--channel", required=True, metavar="LOGIN")
    redeem.add_argument("--viewer", required=True, metavar="LOGIN")
    redeem.add_argument("--reward", metavar="TITLE", help="without it, the first reward that is open")
    redeem.add_argument("--simulator", metavar="URL", help="where the simulator is, if not in the running program")
    redeem.set_defaults(run=_redeem)

    verify = commands.add_parser("verify", help="whether the stored data is sound")
    verify.add_argument("--repair", action="store_true", help="mend what can be mended without harm, and say what")
    verify.set_defaults(run=_verify)

    token = commands.add_parser("token", help="a personal API token for a channel's owner, shown this once")
    token.add_argument("--channel", required=True, metavar="LOGIN")
    what = token.add_mutually_exclusive_group()
    what.add_argument("--read-only", action="store_true", help="it may look, and change nothing")
    what.add_argument("--revoke", action="store_true", help="end all tokens of that channel instead")
    token.add_argument("--name", default="Command line", help="what it is called on the page of the settings")
    token.set_defaults(run=_token)

    export = commands.add_parser("export", help="all data as lines of JSON, for either kind of store")
    export.add_argument("file", metavar="FILE", help="a new file; - is standard output")
    export.set_defaults(run=_export)

    import_ = commands.add_parser("import", help="an export, into a place that holds no data yet")
    import_.add_argument("file", metavar="FILE", help="- is standard input")
    import_.set_defaults(run=_import)

    reseal = commands.add_parser("reseal", help="after a change of APP_SECRET: seals anew what the previous one sealed")
    reseal.set_defaults(run=_reseal)

    look = commands.add_parser("doctor", help="settings, store, Twitch, clock, subscriptions: a line each")
    look.set_defaults(run=_doctor)

    backup = commands.add_parser("backup", help="a copy of the data, whole and checked, beside a running server")
    backup.add_argument("directory", type=Path, metavar="DIR", help="where backups are kept; made where it is missing")
    backup.add_argument("--keep", type=_count, default=14, metavar="N", help="so many of them stay (14)")
    backup.set_defaults(run=_backup)

    restore = commands.add_parser("restore", help="puts a backup back, to be compared with Twitch at the next start")
    what = restore.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a backup; the server must not run")
    what.add_argument(
        "--mark", type=_moment, metavar="TIME", help="the data was put back by other means, to how it stood then"
    )
    restore.add_argument(
        "--lost-at", type=_moment, metavar="TIME", help="when the program last worked on what is lost, if you know"
    )
    restore.set_defaults(run=_restore)

    given = parser.parse_args(arguments)
    run: int = given.run(given)
    return run


def _simulator(given: argparse.Namespace) -> int:
    alone.serve(given.port, given.world)
    return 0


def _redeem(given: argparse.Namespace) -> int:
    try:
        where = given.simulator or f"http://127.0.0.1:{load().port}{SIMULATOR_PATH}"
    except SettingsError as error:
        return _refuse(str(error), 2)
    try:
        asyncio.run(_redeem_at(where, given))
    except SandboxRefused as refused:
        return _refuse(str(refused), 1)
    print(f"{given.viewer} has redeemed in {given.channel}'s channel.")  # noqa: T201
    return 0


async def _redeem_at(where: str, given: argparse.Namespace) -> None:
    async with SandboxRemote(where) as remote:
        await remote.redeem(given.channel, given.viewer, given.reward)


def _verify(given: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        sound, said = await commands.verify(settings, repair=given.repair)
        print("\n".join(said))  # noqa: T201
        return 0 if sound else 1

    return _with_data(run)


def _token(given: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        if given.revoke:
            print(f"{await commands.revoke_tokens(settings, given.channel)} tokens were revoked.")  # noqa: T201
            return 0
        token = await commands.make_token(settings, given.channel, given.name, read_only=given.read_only)
        # Alone on standard output, for a script to take.
        print(token)  # noqa: T201
        print("It is not shown again.", file=sys.stderr)  # noqa: T201
        return 0

    return _with_data(run)


def _export(given: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        done = await commands.export(settings, given.file)
        # Not to standard output, which may be the file.
        print(f"{done.documents} documents exported.", file=sys.stderr)  # noqa: T201
        if not done.unreadable:
            return 0
        unreadable = "\n".join(f"  {problem}" for problem in done.unreadable)
        return _refuse(f"These can't be read, so an import will refuse them. See verify.\n{unreadable}", 1)

    return _with_data(run)


def _import(given: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        print(f"{await commands.import_(settings, given.file)} documents imported.")  # noqa: T201
        return 0

    return _with_data(run)


def _doctor(_: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        well = True
        async for line in doctor.examined(settings):
            print(line)  # noqa: T201
            well = well and line.mark is not doctor.Mark.BAD
        return 0 if well else 1

    return _with_data(run)


def _backup(given: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        made = recovery.back_up(settings, given.directory, given.keep)
        print(f"{made.path} ({made.size / 1e6:.1f} MB), checked. {made.pruned} older ones were deleted.")  # noqa: T201
        print(_WITH_SECRET if settings.app_secret else _NOT_OF_SANDBOX)  # noqa: T201
        return 0

    return _with_data(run)


_WITH_SECRET = "APP_SECRET is not in it: keep it elsewhere. Without it all streamers sign in again."  # noqa: S105
_NOT_OF_SANDBOX = (
    "The sandbox's own secret (app-secret) and its simulated Twitch (twitch.json) are not in it. Without that secret "
    "the streamers sign in again; that Twitch is not our data."
)


def _restore(given: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        if given.mark:
            marked = await recovery.mark(settings, given.mark, given.lost_at)
            print("\n".join(restore_report.marked(given.mark, marked)))  # noqa: T201
        else:
            done = await recovery.restore(settings, given.file, given.lost_at)
            print("\n".join(restore_report.lines(done)))  # noqa: T201
        return 0

    return _with_data(run)


def _moment(text: str) -> datetime:
    """As ISO 8601 has it; without a time zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time like 2026-11-28T13:05 (UTC)") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _reseal(given: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        done = await commands.reseal(settings)
        print(f"{done.sealed} people's Twitch tokens are sealed with APP_SECRET now.")  # noqa: T201
        if done.without:
            print(f"{done.without} others have none that open: they sign in with Twitch again.")  # noqa: T201
        if done.subscriptions:
            print(f"{done.subscriptions} subscriptions were ended; the running program makes them anew.")  # noqa: T201
        print("APP_SECRET_PREVIOUS can go now.")  # noqa: T201
        return 0

    return _with_data(run)


def _with_data(command: Callable[[Settings], Coroutine[None, None, int]]) -> int:
    async def until_told_to_stop(settings: Settings) -> int:
        task = asyncio.current_task()
        assert task is not None
        # So that it leaves behind what Ctrl-C would leave: no draft, and nothing half written.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await command(settings)

    try:
        return asyncio.run(until_told_to_stop(load()))
    except asyncio.CancelledError:
        return _refuse("Told to stop.", 128 + signal.SIGTERM)
    except SettingsError as error:
        return _refuse(str(error), 2)
    except (CantOpen, StoreError) as error:
        return _refuse(str(error), 1)
    except TwitchError as error:
        return _refuse(f"Twitch did not do it: {error}. Run it again.", 1)


def _refuse(message: str, code: int) -> int:
    print(message, file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
