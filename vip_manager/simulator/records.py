"""What the world is made of. Moments are RFC 3339 text, so that the saved file reads as it is."""

from dataclasses import dataclass, field

STARTING_POINTS = 1_000_000
MOST = 10**15
"""The greatest number that anybody may write: in Helix, behind the curtain, in a world of one's own."""
LONGEST_COOLDOWN_SECONDS = 604_800
"""API reference, Update Custom Reward."""
BY_HAND = "hand"
BY_API = "api"
UNFULFILLED = "UNFULFILLED"
FULFILLED = "FULFILLED"
CANCELED = "CANCELED"


@dataclass(slots=True)
class Client:
    id: str
    secret: str
    name: str


@dataclass(slots=True)
class User:
    """Of a `deleted` one everything stays but what was allowed: the login, and in channels badges, points and
    redemptions."""

    id: str
    login: str
    display_name: str
    created_at: str
    broadcaster_type: str = ""
    colour: str = "#9146ff"
    deleted: bool = False


@dataclass(slots=True)
class Reward:
    """`client_id` is None for a reward that the streamer made in Twitch's own dashboard: no client may manage it."""

    id: str
    client_id: str | None
    title: str
    cost: int
    prompt: str = ""
    is_enabled: bool = True
    is_paused: bool = False
    background_color: str = "#9147FF"
    is_user_input_required: bool = False
    is_max_per_stream_enabled: bool = False
    max_per_stream: int = 0
    is_max_per_user_per_stream_enabled: bool = False
    max_per_user_per_stream: int = 0
    is_global_cooldown_enabled: bool = False
    global_cooldown_seconds: int = 0
    should_redemptions_skip_request_queue: bool = False


@dataclass(slots=True)
class Redemption:
    """The reward's title, prompt and cost are those of the moment of redeeming. `times_settled` counts what really
    changed it, `late_settlements` the attempts that came when it was settled already. `stream_id` is empty where it was
    made while the channel was offline."""

    id: str
    channel_id: str
    user_id: str
    reward_id: str
    reward_title: str
    reward_prompt: str
    cost: int
    status: str
    redeemed_at: str
    user_input: str = ""
    times_settled: int = 0
    late_settlements: int = 0
    settled_by: str = ""
    settled_at: str = ""
    stream_id: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """A VIP's. `by` says who gave it: a hand (all permanent ones) or the API, and `client_id` which application did; it
    is empty where that was not written down."""

    by: str
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class VipChange:
    """`by`, `client_id` and `actor_id` say who did it: a hand, or which application with whose token. `origin` and
    `origin_client_id` say who had given the badge: by them a removal by the API of somebody else's VIP is found out.
    Client and actor are empty where they were not written down, and of a hand's doing."""

    at: str
    user_id: str
    added: bool
    by: str
    origin: str
    client_id: str = ""
    actor_id: str = ""
    origin_client_id: str = ""


@dataclass(frozen=True, slots=True)
class PointsChange:
    """`change` is below 0 where points were taken; `balance` is what was left. `why` is one of ledger.py's words."""

    at: str
    user_id: str
    change: int
    balance: int
    why: str
    redemption_id: str = ""


@dataclass(slots=True)
class Channel:
    """`vips`, `balances` and `rewards` are by the id of their user or reward. Get VIPs answers as the channel was
    `lag_seconds` ago."""

    id: str
    moderators: list[str] = field(default_factory=list)
    vips: dict[str, Badge] = field(default_factory=dict)
    bans: list[str] = field(default_factory=list)
    vip_capacity: int = 20
    community_unlocked: bool = True
    live_since: str | None = None
    stream_id: str = ""
    rewards: dict[str, Reward] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=dict)
    vip_changes: list[VipChange] = field(default_factory=list)
    ledger: list[PointsChange] = field(default_factory=list)
    lag_seconds: float = 0.0

    def points(self, user_id: str) -> int:
        return self.balances.get(user_id, STARTING_POINTS)

    def vip_by(self, user_id: str) -> str:
        """Who gave the badge; empty where there is none."""
        badge = self.vips.get(user_id)
        return "" if badge is None else badge.by


@dataclass(slots=True)
class Grant:
    """What a user has allowed a client. It outlives every token."""

    client_id: str
    user_id: str
    scopes: list[str]


@dataclass(slots=True)
class Code:
    code: str
    client_id: str
    user_id: str
    redirect_uri: str
    scopes: list[str]
    expires_at: str


@dataclass(slots=True)
class AccessToken:
    """`user_id` is None for an app token; `refresh_token` names the one it descends from."""

    token: str
    client_id: str
    user_id: str | None
    scopes: list[str]
    expires_at: str
    refresh_token: str | None = None


@dataclass(slots=True)
class RefreshToken:
    token: str
    client_id: str
    user_id: str
    scopes: list[str]


@dataclass(slots=True)
class Subscription:
    """An EventSub subscription, on a socket (with the user whose token made it) or of a webhook (with a callback and
    the secret that signs its messages). `number` is its place: the oldest has the lowest."""

    id: str
    number: int
    type: str
    version: str
    condition: dict[str, str]
    client_id: str
    created_at: str
    cost: int
    status: str
    user_id: str | None = None
    session_id: str = ""
    connected_at: str | None = None
    callback: str = ""
    secret: str = ""
    ended_at: str | None = None
