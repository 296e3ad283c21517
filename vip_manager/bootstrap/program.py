"""The whole program, put together."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.types import ASGIApp

from vip_manager import background, open_files
from vip_manager.bootstrap.adapters import (
    SIMULATOR_PATH,
    open_store,
    open_world,
    rates_of,
    root_secrets,
    session_cookie,
    shared_by,
    twitch_client,
    webhook_of,
)
from vip_manager.clock import clock_of
from vip_manager.outgoing.first_post import LatePoster
from vip_manager.ports import Clock, Outgoing
from vip_manager.services import container
from vip_manager.services.access import Access
from vip_manager.services.accounts import AccountService
from vip_manager.services.add import Add
from vip_manager.services.api_tokens import ApiTokenService
from vip_manager.services.at_hand import AtHand
from vip_manager.services.board import Board
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.chat import ChatOutlet, ChatService
from vip_manager.services.chat_answers import ChatAnswers
from vip_manager.services.chat_pace import ChatPace
from vip_manager.services.compare import Compare
from vip_manager.services.connections import Connections
from vip_manager.services.container import Services
from vip_manager.services.dead_letters import DeadLetters
from vip_manager.services.deliveries import Deliveries
from vip_manager.services.download import Download
from vip_manager.services.dry_run import DryRun
from vip_manager.services.events import Events
from vip_manager.services.expire import Expire
from vip_manager.services.forget import Forget
from vip_manager.services.form_tokens import FormTokens
from vip_manager.services.gauges import OFTEN, SELDOM, Gauges
from vip_manager.services.gift import Gift
from vip_manager.services.grant import Grant
from vip_manager.services.health import Health
from vip_manager.services.herald import Herald
from vip_manager.services.history import History
from vip_manager.services.hooks import HookOutlet, Hooks
from vip_manager.services.insights import Insights
from vip_manager.services.intake import Intake
from vip_manager.services.leave import Leave
from vip_manager.services.let_go import LetGo
from vip_manager.services.look import Look
from vip_manager.services.neighbours import Neighbours
from vip_manager.services.overlays import Overlays
from vip_manager.services.overtaken import Overtaken
from vip_manager.services.profiles import Profiles
from vip_manager.services.reach import Reach
from vip_manager.services.rebuild import Rebuild
from vip_manager.services.reconcile import Reconcile
from vip_manager.services.retire import Retire
from vip_manager.services.rewards import Rewards
from vip_manager.services.rule_book import RuleBook
from vip_manager.services.sandbox import Sandbox
from vip_manager.services.seats import SeatCount
from vip_manager.services.settle import Settle
from vip_manager.services.sockets import Sockets
from vip_manager.services.streams import Streams
from vip_manager.services.subscriptions import Subscriptions
from vip_manager.services.sweep import Sweep
from vip_manager.services.team import Roster
from vip_manager.services.turns import Turns
from vip_manager.services.upkeep import Upkeep
from vip_manager.services.visibility import Visibility
from vip_manager.services.vitals import Vitals
from vip_manager.services.waiting import Waiting
from vip_manager.settings import Settings
from vip_manager.store.sealing import FORMS, HOOKS, OVERLAYS, derived
from vip_manager.store.sqlite.store import SqliteStore
from vip_manager.twitch.eventsub.webhook import Receiver
from vip_manager.twitch.tokens import KNOWN_FOR
from vip_manager.web.invoker import invoker
from vip_manager.web.routes import api

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Program:
    """The running program's parts that a server mounts; `simulator` is None where Twitch is real."""

    services: Services
    neighbours: Neighbours | None
    api: ASGIApp
    simulator: ASGIApp | None


@asynccontextmanager
async def running_program(
    settings: Settings,
    *,
    clock: Clock | None = None,
    pace: ChatPace | None = None,
    outgoing: Outgoing | None = None,
    push: Callable[[], Awaitable[None]] | None = None,
) -> AsyncIterator[Program]:
    """Builds everything, runs the background, and closes in the reverse order. `clock` stands in for domain time, and
    `pace` for the one by which chat is spoken in, `outgoing` for what posts to webhooks. `push` is awaited after each
    sweep of the scheduler: whoever wants figures gets them before this process may sleep."""
    async with AsyncExitStack() as closing:
        world = open_world(settings)
        clock = clock or clock_of(world)
        store = await open_store(settings)
        closing.push_async_callback(store.close)
        shared = None if isinstance(store, SqliteStore) else shared_by(store)
        if shared:
            closing.push_async_callback(shared.aclose)
        neighbours = Neighbours(shared.feed) if shared else None
        if neighbours:
            closing.push_async_callback(neighbours.aclose)
        changes = Changes(neighbours)
        connections = Connections(changes, neighbours)
        turns = Turns(shared)
        reach = Reach(store, changes)
        closing.push_async_callback(reach.aclose)
        if not isinstance(store, SqliteStore):
            store.calls.on_unavailable = reach.failed
        twitch = twitch_client(
            settings,
            store,
            clock,
            on_reconnect_needed=lambda user_id: accounts.lost(user_id),
            sure=turns.sure,
            alone=lambda user_id: turns.of("tokens", user_id),
            tokens_known_for=KNOWN_FOR,
        )
        closing.push_async_callback(twitch.aclose)
        webhook = webhook_of(settings)
        rates = rates_of(settings)
        closing.push_async_callback(rates.aclose)
        access = Access(store, clock, session_cookie(settings), changes)
        settle = Settle(store, twitch, clock, changes, access)
        channels = ChannelService(store, twitch, clock, changes, turns)
        rewards = Rewards(store, twitch, clock, turns, channels)
        vitals = Vitals(clock, alone=neighbours is None)
        compare = Compare(twitch, clock, turns, channels, rewards, vitals)
        streams = Streams(store, twitch, clock, changes, channels, turns)
        seats = SeatCount(store, twitch, clock, connections, channels)
        overtaken = Overtaken(store, twitch, turns)
        add = Add(store, twitch, clock, changes, connections, access, seats, streams, overtaken)
        look = Look(store, twitch, clock, changes, connections, channels, access)
        expire = Expire(store, twitch, clock, changes, connections, turns, access, streams, overtaken)
        grant = Grant(store, twitch, clock, changes, connections, turns, settle, add, look, seats, expire, streams)
        gift = Gift(store, twitch, clock, changes, connections, turns, add, look, grant)
        intake = Intake(store, clock, changes)
        waiting = Waiting(store, twitch, clock, changes, turns, channels, seats, grant)
        rebuild = Rebuild(store, twitch, clock, changes, channels, turns)
        hooks = twitch.webhook_subscriptions(webhook) if webhook else None
        subscriptions = Subscriptions(hooks, store, clock, connections, channels) if hooks else None
        reconcile = Reconcile(
            store,
            twitch,
            clock,
            changes,
            connections,
            turns,
            intake,
            grant,
            channels,
            compare,
            look,
            waiting,
            streams,
            rebuild,
            subscriptions,
        )
        pace = pace or ChatPace()
        answers = ChatAnswers(store, twitch, clock, connections, rates, pace)
        events = Events(connections, intake, grant, reconcile, streams, waiting, vitals, answers)
        deliveries = None
        if webhook and hooks and subscriptions:
            deliveries = Deliveries(
                Receiver(webhook, clock),
                hooks,
                twitch,
                connections,
                events,
                reconcile,
                subscriptions,
                lost=lambda user_id: accounts.lost(user_id),
                lives=settings.expiry_tick_seconds > 0 and shared is None,
            )
            closing.push_async_callback(deliveries.aclose)
        dead_letters = DeadLetters(store, clock, changes, turns, grant, expire, rates, rebuild)
        profiles = Profiles(twitch, changes)
        closing.push_async_callback(profiles.aclose)
        accounts = AccountService(
            store,
            twitch,
            clock,
            changes,
            connections,
            reconcile,
            f"{settings.public_url}/api/auth/callback",
            settings.allowed_channels,
            connected=deliveries.connected if deliveries else None,
            by_webhook=webhook is not None,
        )
        # Where instances come and go, a channel's token is validated with its catch-up.
        validate = () if shared else (accounts.validate_all,)
        clean_up = (subscriptions.clean_up,) if subscriptions else ()
        api_tokens = ApiTokenService(store, clock, access, changes, turns)
        upkeep = Upkeep(shared, (accounts.resolve_allowed, *validate, access.sweep, api_tokens.sweep, *clean_up))
        retire = Retire(store, twitch, rewards, intake, dead_letters)
        forget = Forget(store, twitch, access, changes)
        let_go = LetGo(store, clock, changes, turns, grant, expire)
        leave = Leave(
            store, twitch, clock, changes, turns, channels, access, retire, dead_letters, let_go, forget, subscriptions
        )
        closing.push_async_callback(leave.aclose)
        if outgoing is None:
            outgoing = poster = LatePoster()
            closing.push_async_callback(poster.aclose)
        outlet = HookOutlet(store, clock, channels, outgoing, derived(root_secrets(settings), HOOKS))
        herald = Herald(store, clock, changes, (ChatOutlet(store, twitch, pace), outlet), alone=neighbours is None)
        closing.push_async_callback(herald.aclose)
        sweep = Sweep(
            store,
            twitch,
            clock,
            expire,
            grant,
            reconcile,
            channels,
            waiting,
            accounts,
            upkeep,
            leave,
            vitals,
            herald,
            Gauges(store, connections, SELDOM if shared else OFTEN),
        )
        tick = timedelta(seconds=settings.expiry_tick_seconds)
        health_of = Health(twitch, reconcile, changes, seats, vitals, rates, by_webhook=webhook is not None, tick=tick)
        sandbox = simulator = None
        if world:
            # Only the sandbox loads the simulator.
            from vip_manager.simulator.app import create_simulator
            from vip_manager.simulator.remote import SandboxRemote

            remote = SandboxRemote(f"http://127.0.0.1:{settings.port}{SIMULATOR_PATH}")
            closing.push_async_callback(remote.close)
            sandbox = Sandbox(remote, store, clock, sweep, changes)
            closing.push_async_callback(sandbox.aclose)
            simulator = create_simulator(
                world,
                public_base=SIMULATOR_PATH,
                public_hosts=[urlsplit(settings.public_url).hostname or ""],
                told=sandbox.stirred,
            )
        at_hand = AtHand(store, clock, changes, connections, keeps=neighbours is not None)
        board = Board(store, clock, changes, connections, profiles, reach, health_of, at_hand)
        services = Services(
            clock=clock,
            store=store,
            twitch=twitch,
            access=access,
            form_tokens=FormTokens(derived(root_secrets(settings), FORMS)),
            api_tokens=api_tokens,
            rates=rates,
            sockets=Sockets(open_files.sockets(settings.max_sockets)),
            accounts=accounts,
            channels=channels,
            rewards=rewards,
            changes=changes,
            turns=turns,
            reach=reach,
            connections=connections,
            board=board,
            events=events,
            intake=intake,
            grant=grant,
            gift=gift,
            expire=expire,
            reconcile=reconcile,
            streams=streams,
            dead_letters=dead_letters,
            rule_book=RuleBook(twitch, clock, channels, rewards, waiting),
            roster=Roster(store, twitch, clock, channels),
            waiting=waiting,
            retire=retire,
            visibility=Visibility(store, twitch, clock, channels),
            overlays=Overlays(store, clock, channels, board, derived(root_secrets(settings), OVERLAYS)),
            departure=leave,
            forget=forget,
            download=Download(store, clock),
            history=History(store, twitch),
            insights=Insights(store, clock, rates),
            sweep=sweep,
            herald=herald,
            hooks=Hooks(clock, channels, outlet, rates),
            chat=ChatService(store, twitch, clock, channels, rates, pace, changes, subscriptions),
            upkeep=upkeep,
            health=health_of,
            dry_run=DryRun(store, twitch, clock, connections, channels, subscriptions, seats, rates),
            sandbox=sandbox,
            subscriptions=subscriptions,
            deliveries=deliveries,
        )
        container.provide(services)
        closing.callback(container.provide, None)
        await closing.enter_async_context(
            background.running(
                services,
                port=settings.port,
                tick_seconds=settings.expiry_tick_seconds,
                others_version=store.others_version if isinstance(store, SqliteStore) else None,
                neighbours=neighbours,
                sockets=webhook is None,
            )
        )
        yield Program(services, neighbours, _api(settings, push), simulator)


def _api(settings: Settings, push: Callable[[], Awaitable[None]] | None) -> Starlette:
    return api(
        public_url=settings.public_url,
        secure=settings.https,
        session_cookie=session_cookie(settings),
        cron_secret=settings.cron_secret,
        invoker=invoker(settings.cron_invoker, settings.public_url),
        push=push,
    )
