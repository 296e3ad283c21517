"""What the services ask of the world: Twitch, the store, the clock; and the errors that come back.

VipManagerError
+-- TwitchError                 each says whether trying again can help (`temporary`)
|   +-- TwitchUnavailable       no answer, or 5xx: the effect may have happened all the same
|   |   +-- NothingDone         it did not come to the call itself: no effect
|   |   +-- Malformed           Twitch said something that can't be read
|   +-- RateLimited             429; `wait` says how long
|   +-- Unauthorized            the user's tokens are dead, or lack a scope: sign in again
|   +-- Rejected                Twitch said no, and will say no again
|       +-- NotFound            404
|       +-- AlreadyVipOrModerator, NoVipSlot, NoVipFeature, CannotBeVip, NotVip   (VIPs)
|       +-- RewardTitleTaken, TooManyRewards, ChannelPointsUnavailable            (rewards)
|       +-- NotOurs             403: another client's reward, or not allowed
|       +-- ChatNotAllowed      what is said or heard in chat, which the streamer may allow beside the rest
|       +-- NotSaid             Twitch took a message and did not show it
+-- DeliveryRefused             what was posted to us as Twitch's counts for nothing
|   +-- Forged                  not signed by Twitch
|   +-- Stale                   signed too long ago, or in time to come
+-- Undelivered                 a notice did not get to where it was to go
+-- Unwanted                    a notice is not to be told any more
+-- StoreError
    +-- Conflict                somebody else changed the record first: read again
    +-- StoreUnavailable        out of reach, full, locked
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from vip_manager.domain.account import Account, SignIn, TokenPair
from vip_manager.domain.api_token import ApiCall, ApiToken
from vip_manager.domain.audit import AuditEntry
from vip_manager.domain.books import Books, Flaw
from vip_manager.domain.channel import Channel
from vip_manager.domain.history import Wanted
from vip_manager.domain.outbox import Outbox, Why
from vip_manager.domain.redemption import Redemption, RedemptionState
from vip_manager.domain.session import VipSession


class VipManagerError(Exception):
    """Root of the errors that cross a port."""

    temporary = False


class TwitchError(VipManagerError):
    """Twitch did not do what was asked. The message is for the log and never holds a secret."""


class TwitchUnavailable(TwitchError):
    temporary = True


class NothingDone(TwitchUnavailable):
    """Twitch was never asked: no connection could be made, or no token was to be had."""


class Malformed(TwitchUnavailable):
    """Twitch sent something that can't be read. Where it answers a change, the change may have happened."""


class RateLimited(TwitchError):
    temporary = True

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class Unauthorized(TwitchError):
    """Nothing can be done for this user until they sign in again; work for them is kept."""


class Rejected(TwitchError):
    pass


class NotFound(Rejected):
    pass


class AlreadyVipOrModerator(Rejected):
    """422 on add. Twitch uses one code for both: look to tell them apart."""


class NoVipSlot(Rejected):
    """409: every VIP seat of the channel is taken."""


class NoVipFeature(Rejected):
    """425: the channel has not completed "Build a Community" yet."""


class CannotBeVip(Rejected):
    """400: the viewer is banned or blocked in the channel."""


class NotVip(Rejected):
    """422 on remove: there is nothing to remove."""


class RewardTitleTaken(Rejected):
    pass


class TooManyRewards(Rejected):
    pass


class ChannelPointsUnavailable(Rejected):
    """403: the broadcaster is neither affiliate nor partner."""


class NotOurs(Rejected):
    pass


class ChatNotAllowed(Rejected):
    """The streamer has not allowed it, or does not any more; all else that their token allows it allows as before."""


class NotSaid(Rejected):
    pass


class DeliveryRefused(VipManagerError):
    """The message is for the log and holds nothing of what was posted."""


class Forged(DeliveryRefused):
    pass


class Stale(DeliveryRefused):
    pass


class Undelivered(VipManagerError):
    """`why` is a domain.outbox.Why. `temporary`: trying again can help, and not before `wait` has passed. `arrived`: it
    may have arrived all the same."""

    def __init__(
        self, why: Why, *, temporary: bool = False, wait: timedelta | None = None, arrived: bool = False
    ) -> None:
        super().__init__(why)
        self.why = why
        self.temporary = temporary
        self.wait = wait
        self.arrived = arrived


class Unwanted(VipManagerError):
    """A notice is of no use any more, and nothing has gone wrong."""


class StoreError(VipManagerError):
    pass


class Conflict(StoreError):
    pass


class Taken(StoreError):
    """Another instance is at it (services/turns.py); nothing was done here."""

    temporary = True


class StoreUnavailable(StoreError):
    temporary = True


class Outgoing(Protocol):
    """Posts to addresses that people have typed."""

    async def post(self, url: str, headers: Mapping[str, str], content: bytes, gone: Set[int]) -> None:
        """`gone`: the answers by which that address is no more. Raises Undelivered."""


class Clock(Protocol):
    """Domain time may run ahead in the sandbox; sign-ins, signatures and timeouts use real time. Both aware, UTC."""

    def now(self) -> datetime: ...

    def real(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class TwitchUser:
    id: str
    login: str
    username: str
    avatar_url: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose token it is, as /oauth2/validate says."""

    user_id: str
    login: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reward:
    id: str
    title: str
    cost: int
    enabled: bool
    paused: bool
    skips_queue: bool
    prompt: str = ""

    @property
    def closed(self) -> bool:
        """Whether nobody can redeem it."""
        return self.paused or not self.enabled


class TwitchStatus(StrEnum):
    """A redemption's status on Twitch. FULFILLED and CANCELED are final."""

    UNFULFILLED = "UNFULFILLED"
    FULFILLED = "FULFILLED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class TwitchRedemption:
    id: str
    channel_id: str
    reward_id: str
    reward_title: str
    cost: int
    user_id: str
    login: str
    username: str
    status: TwitchStatus
    redeemed_at: datetime


@dataclass(frozen=True, slots=True)
class Listening:
    """The subscriptions stand: whatever happened before this moment may have been missed."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class Deaf:
    """The connection is lost and being made again. `error` is a sentence for the log."""

    channel_id: str
    error: str


@dataclass(frozen=True, slots=True)
class RedemptionEvent:
    """A redemption was made (`added`), or settled by somebody."""

    redemption: TwitchRedemption
    added: bool


@dataclass(frozen=True, slots=True)
class VipHint:
    """Somebody's VIP badge changed, by us or by hand. Says nothing for sure: look.

    `removed_at` is when Twitch says that the badge was taken (channel.vip.remove's message timestamp); None for every
    other hint, and where that timestamp can't be read.
    """

    channel_id: str
    user_id: str
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StreamHint:
    """The channel's stream began, or is over. May be late, repeated, or older than what is known.

    `live_since` is when it began (stream.online's `started_at`), None where it is over; `at` the message's timestamp,
    None where that can't be read.
    """

    channel_id: str
    live_since: datetime | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Revoked:
    """Twitch ended a subscription. `status` is Twitch's word for why, e.g. authorization_revoked."""

    channel_id: str
    status: str


@dataclass(frozen=True, slots=True)
class ChatCommand:
    """A viewer has asked in chat what is left of their VIP, in the message of that id. `sent_at`, where it is known, is
    real time."""

    channel_id: str
    message_id: str
    user_id: str
    login: str
    username: str
    sent_at: datetime | None = None


ChannelEvent = Listening | Deaf | RedemptionEvent | VipHint | StreamHint | Revoked | ChatCommand


@dataclass(frozen=True, slots=True)
class Challenge:
    """Twitch asks by webhook whether a subscription of ours is wanted: `text`, sent back as it is, says yes."""

    subscription_id: str
    channel_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What Twitch has posted to our webhook. The message keeps its id however often it is sent. `event` is None where
    it is of a type that we don't know, or nothing to us: most of what viewers write."""

    message_id: str
    subscription_id: str
    channel_id: str
    event: ChannelEvent | None


class SandboxRefused(Exception):
    """The simulated Twitch would not do it; the message says why, in words."""


class SandboxTwitch(Protocol):
    """What one can do behind the curtain of the sandbox. Every method may raise SandboxRefused."""

    async def redeem(self, channel: str, viewer: str, reward: str | None = None) -> None:
        """A viewer (by login) redeems the reward of that title, or the first that is open."""

    async def jump(self, seconds: float) -> None:
        """Domain time runs ahead by so much, from now on and after a restart."""

    async def viewers(self) -> list[str]:
        """Everybody's login."""

    async def stage(self, channel: str) -> dict[str, Any]:
        """A channel with all around it that matters there (simulator/stage.py says what)."""

    async def act(self, action: str, /, **wish: Any) -> dict[str, Any]:
        """Any action behind the curtain by its name (simulator/control.py lists them)."""

    async def add_fault(self, rule: Mapping[str, Any]) -> str:
        """Twitch misbehaves by that rule (simulator/faults.py) from now on; returns the rule's id."""

    async def remove_fault(self, rule_id: str) -> None:
        """A rule that is gone already is no error."""


class Twitch(Protocol):
    """Twitch on behalf of one user at a time: `channel_id` and `user_id` choose whose stored token is used.

    Any method may raise TwitchUnavailable, RateLimited or Unauthorized; further errors stand with the method. Tokens
    are refreshed as needed; a user whose tokens are dead is marked `reconnect` in the store before Unauthorized is
    raised. Calls that change something are never repeated by the adapter after a lost answer: that is the caller's
    decision.
    """

    def authorize_url(self, *, state: str, scopes: frozenset[str], redirect_uri: str) -> str:
        """Where the browser goes to sign in."""

    async def exchange_code(self, code: str, redirect_uri: str) -> TokenPair:
        """Raises Rejected where the code is used, old or not ours."""

    async def identify(self, access_token: str) -> Identity:
        """Raises Unauthorized where the token is dead."""

    async def revoke(self, access_token: str) -> None:
        """A token that is dead already is no error."""

    async def validate(self, user_id: str) -> Identity:
        """Validate the stored token, refreshing it once where it is dead."""

    async def users(self, as_user: str, *, ids: Sequence[str] = (), logins: Sequence[str] = ()) -> list[TwitchUser]:
        """Those that exist, in any order; at most 100 ids and logins together."""

    async def resolve_logins(self, logins: Sequence[str]) -> dict[str, str]:
        """Lower-case login -> user id, of those that exist; needs nobody's sign-in."""

    async def add_vip(self, channel_id: str, user_id: str) -> None:
        """Raises AlreadyVipOrModerator, NoVipSlot, NoVipFeature, CannotBeVip, NotFound."""

    async def remove_vip(self, channel_id: str, user_id: str) -> None:
        """Raises NotVip, NotFound."""

    async def vips(self, channel_id: str, user_ids: Sequence[str] = ()) -> list[TwitchUser]:
        """All VIPs (paged through), or those among at most 100 `user_ids`."""

    async def moderators(self, channel_id: str, user_ids: Sequence[str] = ()) -> list[TwitchUser]: ...

    async def live_since(self, channel_id: str) -> datetime | None:
        """When the channel's stream began, in whole seconds; None where Twitch lists none. The list lags by minutes."""

    async def rewards(self, channel_id: str) -> list[Reward]:
        """The channel's rewards that this client made. Raises ChannelPointsUnavailable."""

    async def reward(self, channel_id: str, reward_id: str) -> Reward:
        """One of them. Raises NotFound, ChannelPointsUnavailable."""

    async def create_reward(self, channel_id: str, title: str, cost: int, prompt: str) -> Reward:
        """With the request queue on. Raises RewardTitleTaken, TooManyRewards, ChannelPointsUnavailable, Rejected."""

    async def update_reward(
        self,
        channel_id: str,
        reward_id: str,
        *,
        title: str | None = None,
        cost: int | None = None,
        prompt: str | None = None,
        enabled: bool | None = None,
        paused: bool | None = None,
        skips_queue: bool | None = None,
    ) -> Reward:
        """Only what is given changes. Raises RewardTitleTaken, NotOurs, NotFound, Rejected."""

    async def delete_reward(self, channel_id: str, reward_id: str) -> None:
        """Twitch fulfils what is open of it: the points of that are gone. Raises NotFound, NotOurs."""

    def redemptions(
        self, channel_id: str, reward_id: str, status: TwitchStatus, *, newest_first: bool = False
    ) -> AsyncGenerator[TwitchRedemption, None]:
        """Paged through as it is read; close it where it is not read to the end. Raises NotOurs, NotFound."""

    async def redemption(self, channel_id: str, reward_id: str, redemption_id: str) -> TwitchRedemption:
        """Raises NotFound, NotOurs."""

    async def settle(
        self, channel_id: str, reward_id: str, redemption_id: str, status: TwitchStatus
    ) -> TwitchRedemption:
        """FULFILLED or CANCELED (points back). Raises NotFound where it is unknown or no longer open, NotOurs."""

    async def say(self, channel_id: str, text: str, reply_to: str = "") -> None:
        """In the channel's chat, as its broadcaster; `reply_to` is the id of the message that is answered.

        Raises ChatNotAllowed, NotSaid, Rejected; none of them says anything about the rest that the token allows.
        """

    def hear_chat(self, channel_id: str) -> None:
        """Where somebody reads `events` here: whether what viewers write is to be among them, and may be, is looked at
        again, in its own time; nothing else of it is touched."""

    def events(self, channel_id: str) -> AsyncGenerator[ChannelEvent, None]:
        """What happens in a channel, for as long as it is read; reconnects and resubscribes by itself.

        Yields Listening after each (re)subscription and Deaf when the connection is lost. Ends by raising Unauthorized.
        A malformed message is logged and skipped.
        """

    async def ping(self) -> None:
        """Raises TwitchError where Twitch does not answer, or is in trouble."""

    async def knock(self) -> None:
        """Any answer will do, be it a refusal or a 5xx: `skew` is fresh after it. Raises TwitchUnavailable where there
        is none."""

    def skew(self) -> timedelta | None:
        """Twitch's `Date` minus our real time, of the last answer; None before the first."""


class WebhookReceiver(Protocol):
    """What is posted to our webhook's address, by Twitch or by anybody."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Challenge | Delivery:
        """`headers` by lower-case names; `body` as it came over the wire, for it is signed so.

        Raises Forged, Stale; Malformed for what is signed and can't be read.
        """


class WebhookSubscriptions(Protocol):
    """EventSub's subscriptions that lead to our webhook's address, made with the program's own token. All that this
    client has by webhook are this program's. Every method raises TwitchUnavailable, RateLimited, Rejected."""

    async def subscribe(self, channel_id: str) -> frozenset[str]:
        """Has all of a channel's subscriptions made, and nothing doubled, broken, or led to an older address of ours.

        Returns the ids of those that Twitch has still to verify by a Challenge; nothing is missing where there is none.
        Raises Unauthorized where the streamer does not allow it any more; they are marked `reconnect` by then.
        """

    async def unsubscribe(self, subscription_id: str) -> None:
        """Gone already is no error."""

    async def unsubscribe_all(self, channel_id: str) -> None:
        """Whatever leads to a webhook of ours from that channel."""

    async def clean_up(self, keep: Callable[[str], Awaitable[bool]]) -> int:
        """Deletes those that lead to another address, and those of channels that `keep` does not want (by their id).
        Says how many. What `keep` raises passes through."""


class Accounts(Protocol):
    async def get(self, user_id: str) -> Account | None: ...

    async def all(self) -> list[Account]: ...

    async def sign_in(self, sign_in_id: str) -> SignIn | None: ...

    async def sign_ins(self, user_id: str) -> list[SignIn]:
        """Of that person, the newest first; those that are over may be among them."""

    async def forget_sign_ins(self, before: datetime) -> int:
        """Deletes those that ended before then; says how many."""


class Channels(Protocol):
    async def get(self, channel_id: str) -> Channel | None: ...

    async def by_login(self, login: str) -> Channel | None:
        """Logins are compared in lower case; where two channels claim one (a rename), the one saved last wins."""

    async def all(self) -> list[Channel]: ...

    async def served_by(self, user_id: str) -> list[Channel]:
        """Those that have named this person a member of their team, in the order of their logins."""

    async def due(self, now: datetime, limit: int) -> list[Channel]:
        """Those whose catch-up is due, the longest due first; before them, those that never had one."""


class Sessions(Protocol):
    """Lists are in order of time, oldest first, unless said otherwise."""

    async def get(self, session_id: str) -> VipSession | None: ...

    async def live_of(self, channel_id: str, user_id: str) -> VipSession | None: ...

    async def last_ended(self, channel_id: str, user_id: str) -> VipSession | None:
        """The viewer's session that ended last."""

    async def live(self, channel_id: str) -> list[VipSession]:
        """GRANTING, ACTIVE and ENDING ones, the soonest end first, those without an end last."""

    def due(self, now: datetime) -> AsyncGenerator[VipSession, None]:
        """Work for a sweep: ACTIVE past their end, and GRANTING or ENDING left unfinished; put-off ones only when their
        time has come. The longest due first. Some hundreds are read at once. Raises StoreError, also in the middle."""

    async def count_due(self, now: datetime) -> int: ...

    async def count_vip(self) -> int:
        """Of all channels: ACTIVE or ENDING, so with a badge."""
        ...

    def since(self, channel_id: str, since: datetime) -> AsyncGenerator[VipSession, None]:
        """All that were not over by then, each once: first those that are live now, then the others, the last that
        ended first. Some hundreds are read at once. Raises StoreError, also in the middle."""

    async def viewer(self, channel_id: str, login: str) -> str:
        """The id of whoever had the newest session by that login (lower case); empty where nobody had."""


class Redemptions(Protocol):
    async def get(self, redemption_id: str) -> Redemption | None: ...

    async def of_session(self, session_id: str) -> list[Redemption]: ...

    async def open(self, channel_id: str) -> list[Redemption]:
        """Not settled yet, oldest first."""

    async def near(self, redemption: Redemption, within: timedelta) -> Redemption | None:
        """Another one of the same viewer that was redeemed less than that before or after it, and that counts: not
        given back nor KEPT, and a later one only once it is more than RECEIVED."""

    async def undecided(self, channel_id: str) -> list[Redemption]:
        """KEPT, and not dismissed; oldest first."""

    async def due(self, now: datetime, limit: int) -> list[Redemption]:
        """Open ones that are not put off beyond now, the longest due first."""

    async def count_since(self, channel_id: str, since: datetime) -> tuple[int, int]:
        """How many were redeemed since then, and how many of these were given back."""

    def between(self, channel_id: str, since: datetime, until: datetime) -> AsyncGenerator[Redemption, None]:
        """All that were redeemed at `since` or later, and before `until`, oldest first. Some hundreds are read at once.
        Raises StoreError, also in the middle."""

    async def page(
        self, channel_id: str, limit: int, older_than: str = "", state: RedemptionState | None = None
    ) -> list[Redemption]:
        """The newest, in that state if one is named; or those that were made next before the one of that id, which
        counts as not named where the channel has none such. What it takes does not grow with how many there are."""

    async def viewer(self, channel_id: str, login: str) -> str:
        """The id of whoever redeemed last by that login (lower case); empty where nobody did."""


class AuditLog(Protocol):
    async def get(self, line_id: str) -> AuditEntry | None: ...

    async def latest(self, channel_id: str, limit: int) -> list[AuditEntry]:
        """Newest first."""

    async def page(
        self, channel_id: str, wanted: Wanted, limit: int, *, older_than: str = "", newer_than: str = ""
    ) -> list[AuditEntry]:
        """The newest of those that are wanted; or those next to a line, named by its id, on the side of the older or of
        the newer ones. Newest first in any case. A line that the channel does not have counts as not named. What it
        takes does not grow with how many lines there are."""

    def since(self, channel_id: str, since: datetime) -> AsyncGenerator[AuditEntry, None]:
        """Those of that moment and later ones, oldest first. Some hundreds are read at once. Raises StoreError, also in
        the middle."""


class ApiTokens(Protocol):
    async def get(self, token_id: str) -> ApiToken | None: ...

    async def of_channel(self, channel_id: str) -> list[ApiToken]:
        """The newest first."""


class ApiCalls(Protocol):
    async def get(self, call_id: str) -> ApiCall | None: ...

    async def forget(self, before: datetime) -> int:
        """Deletes those that expired before then; says how many."""


class Outboxes(Protocol):
    async def get(self, channel_id: str) -> Outbox | None: ...

    async def any(self) -> bool:
        """Whether there is one at all."""

    async def due(self, now: datetime, limit: int) -> list[Outbox]:
        """The longest due first."""


@dataclass(frozen=True, slots=True)
class Document:
    """One as it is stored: plain values, moments as datetimes or as texts."""

    collection: str
    id: str
    fields: Mapping[str, Any]


class Holdings(Protocol):
    """All that is stored of one channel, readable or not: its sessions, redemptions and the audit log's lines. Of
    somebody without a channel these are the lines about their sign-ins."""

    def pages(self, channel_id: str) -> AsyncGenerator[Sequence[Document], None]:
        """All of them, after the owner's account without its tokens and the channel itself; so many at once that memory
        does not grow with how many there are; lines the newest first. What is written meanwhile may be among them or
        not. Raises StoreError."""

    async def erase(self, channel_id: str) -> int:
        """Deletes some hundreds of them at most, with whatever else the store keeps for them; says how many. 0: nothing
        is left but the account and the channel. Raises StoreError."""


Record = Account | SignIn | Channel | VipSession | Redemption | ApiToken | ApiCall | Outbox
R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Record)


class Store(Protocol):
    """Durable documents. What `commit` has returned survives a kill -9 and a power cut.

    It does no locking for its callers, keeps no cache, and never changes a record by itself.
    """

    @property
    def accounts(self) -> Accounts: ...

    @property
    def channels(self) -> Channels: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def redemptions(self) -> Redemptions: ...

    @property
    def audit(self) -> AuditLog: ...

    @property
    def api_tokens(self) -> ApiTokens: ...

    @property
    def api_calls(self) -> ApiCalls: ...

    @property
    def outboxes(self) -> Outboxes: ...

    @property
    def holdings(self) -> Holdings: ...

    async def commit(self, first: R, /, *rest: Record | AuditEntry) -> R:
        """All of them or none, each by compare-and-set on `version` ("" creates); returns the first as it stands now.

        Raises Conflict where a record was changed or made by somebody else meanwhile, or where a viewer would get a
        second live session in a channel; TransitionRefused (domain/life.py), a fault of ours, where a redemption or
        session would go from its stored state to one that its life does not put next.
        """

    async def commit_two(self, first: R, second: S, /, *rest: Record | AuditEntry) -> tuple[R, S]:
        """The same, and the second as it stands now too: whoever goes on with both need not read it."""

    async def delete(self, record: Record) -> None:
        """Gone already is no error."""

    async def ping(self) -> None:
        """Raises StoreUnavailable."""


class Leases(Protocol):
    """What one instance at a time does, of all that share a store. A lease counts by the store's own clock, so that no
    instance's clock can cut it short; a holder who is gone keeps it until it has run out."""

    async def take(self, name: str, holder: str, lasts: timedelta) -> bool:
        """Has `holder` hold it for so long from now on: where nobody does, where it has run out, or where they hold it
        already. False: somebody else holds it."""

    async def give_up(self, name: str, holder: str) -> None:
        """That it is somebody else's, or gone, is no error."""


Touched = tuple[str, ...] | None
"""Documents that were written, each as `collection/id`, in their order; None: whatever may have been."""


@dataclass(frozen=True, slots=True)
class News:
    """Something of a channel is different now. `note` is the one that `Feed.publish` left last. `begins`: it is heard
    of from now on, and that is the number of its changes; of what was `touched` before that, nothing is known."""

    channel_id: str
    note: Mapping[str, Any]
    touched: Touched = None
    begins: int | None = None


class Feed(Protocol):
    """How the instances that share a store hear of each other's changes, within 2 s."""

    async def publish(self, channel_id: str, note: Mapping[str, Any] | None = None) -> None:
        """Something of that channel is different now. `note`, plain values, replaces the one that stood there; None
        leaves it. Raises StoreError."""

    async def renote(
        self, channel_id: str, noting: Callable[[Mapping[str, Any]], Mapping[str, Any]], *, changed: bool
    ) -> None:
        """Publishes what `noting` makes of the note that stands there, where that is another one or something has
        `changed` besides. It may be asked more than once, for somebody else may be faster. Raises StoreError."""

    async def note(self, channel_id: str) -> Mapping[str, Any]:
        """The last one; empty where there is none. Raises StoreError."""

    def number(self, channel_id: str) -> int | None:
        """Of its changes, as `note` found it last; None where it is not known."""

    def touched(self, channel_id: str) -> Touched:
        """What of that channel was written here since this was asked last. `publish` tells the others by itself."""

    async def forget(self, channel_id: str) -> None:
        """There is no such channel any more, and nothing is kept of it. Raises StoreError."""

    def follow(self, channel_ids: frozenset[str]) -> None:
        """From now on `news` is about these channels, and no others. A listener that is lost comes back by itself."""

    def followed(self, channel_id: str) -> bool:
        """Whether every change of that channel would be heard of by now: its listener stands."""

    def news(self) -> AsyncGenerator[News, None]:
        """What other instances have published about channels that are followed, for as long as it is read; once each
        where a listener stands again, for whatever was missed."""


class Shared(Protocol):
    """What instances that share a store need of each other."""

    @property
    def instance(self) -> str:
        """Names this instance among all that there are or were."""

    @property
    def leases(self) -> Leases: ...

    @property
    def feed(self) -> Feed: ...


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `most` in any `seconds`. `name` tells it from other rates of the same person or address."""

    name: str
    most: int
    seconds: int


class RateLimits(Protocol):
    """Counts who comes how often, together with the other instances where they share a counter."""

    async def hit(self, rate: Rate, who: str) -> timedelta | None:
        """None: it counts, and may be. Else it does not count, and may be after so long. Raises nothing, and never
        takes long: where the shared counter is out of reach, this process counts for itself. `who`, an address or a
        user's id, is kept only as a keyed hash."""


class Inspection(Protocol):
    """Reading a store whole, to see whether it is sound, and mending what no record shows."""

    async def mend(self, flaws: Sequence[Flaw], now: datetime) -> None:
        """Mends those of the flaws that say how, by compare-and-set; what somebody else changes meanwhile is left.
        `now` is for the audit log's lines. Raises StoreError."""

    async def books(self) -> Books:
        """All that is stored, as of one moment, and what of it is flawed. Raises StoreError where nothing can be
        read."""
