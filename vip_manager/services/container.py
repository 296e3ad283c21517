"""The running program's services. Bootstrap fills it; handlers and routes, which Reflex and Starlette build, read
it."""

from dataclasses import dataclass

from vip_manager.ports import Clock, RateLimits, Store, Twitch
from vip_manager.services.access import Access
from vip_manager.services.accounts import AccountService
from vip_manager.services.api_tokens import ApiTokenService
from vip_manager.services.board import Board
from vip_manager.services.changes import Changes
from vip_manager.services.channels import ChannelService
from vip_manager.services.chat import ChatService
from vip_manager.services.connections import Connections
from vip_manager.services.dead_letters import DeadLetters
from vip_manager.services.deliveries import Deliveries
from vip_manager.services.download import Download
from vip_manager.services.dry_run import DryRun
from vip_manager.services.events import Events
from vip_manager.services.expire import Expire
from vip_manager.services.forget import Forget
from vip_manager.services.form_tokens import FormTokens
from vip_manager.services.gift import Gift
from vip_manager.services.grant import Grant
from vip_manager.services.health import Health
from vip_manager.services.herald import Herald
from vip_manager.services.history import History
from vip_manager.services.hooks import Hooks
from vip_manager.services.insights import Insights
from vip_manager.services.intake import Intake
from vip_manager.services.leave import Leave
from vip_manager.services.overlays import Overlays
from vip_manager.services.reach import Reach
from vip_manager.services.reconcile import Reconcile
from vip_manager.services.retire import Retire
from vip_manager.services.rewards import Rewards
from vip_manager.services.rule_book import RuleBook
from vip_manager.services.sandbox import Sandbox
from vip_manager.services.sockets import Sockets
from vip_manager.services.streams import Streams
from vip_manager.services.subscriptions import Subscriptions
from vip_manager.services.sweep import Sweep
from vip_manager.services.team import Roster
from vip_manager.services.turns import Turns
from vip_manager.services.upkeep import Upkeep
from vip_manager.services.visibility import Visibility
from vip_manager.services.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Services:
    """`sandbox` is None where Twitch is real, `subscriptions` and `deliveries` where events come over sockets."""

    clock: Clock
    store: Store
    twitch: Twitch
    access: Access
    form_tokens: FormTokens
    api_tokens: ApiTokenService
    rates: RateLimits
    sockets: Sockets
    accounts: AccountService
    channels: ChannelService
    rewards: Rewards
    changes: Changes
    turns: Turns
    reach: Reach
    connections: Connections
    board: Board
    events: Events
    intake: Intake
    grant: Grant
    gift: Gift
    expire: Expire
    reconcile: Reconcile
    streams: Streams
    dead_letters: DeadLetters
    retire: Retire
    visibility: Visibility
    overlays: Overlays
    departure: Leave
    forget: Forget
    download: Download
    history: History
    insights: Insights
    rule_book: RuleBook
    roster: Roster
    waiting: Waiting
    sweep: Sweep
    herald: Herald
    hooks: Hooks
    chat: ChatService
    upkeep: Upkeep
    health: Health
    dry_run: DryRun
    sandbox: Sandbox | None
    subscriptions: Subscriptions | None = None
    deliveries: Deliveries | None = None

    @property
    def clock_ahead(self) -> int:
        """Seconds that domain time runs ahead of the wall's."""
        return round((self.clock.now() - self.clock.real()).total_seconds())


_running: Services | None = None


class NotRunning(Exception):
    """Something asked for the services before they were built or after they were closed."""


def provide(services: Services | None) -> None:
    global _running
    _running = services


def running() -> Services:
    if _running is None:
        raise NotRunning("the program is starting or stopping")
    return _running
