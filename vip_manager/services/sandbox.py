"""Behind the curtain, where Twitch is simulated: what viewers, streamers and Twitch itself do. Absent where Twitch is
real.

Nothing in here acts for the product's staff: it is the world around the product that moves.
"""

import asyncio
from datetime import timedelta

import structlog

from vip_manager.domain.terms import InvalidInput, parse_login
from vip_manager.ports import Clock, SandboxRefused, SandboxTwitch, Store, StoreError
from vip_manager.services.changes import Changes
from vip_manager.services.mishaps import LAG_SECONDS, ONE_CHANNEL, Mishap, rules_of
from vip_manager.services.stage import TwitchPicture, twitch_picture
from vip_manager.services.sweep import Sweep

__all__ = ["Sandbox", "SandboxRefused", "TwitchIsReal"]

log = structlog.get_logger(__name__)

MOST_SEATS = 500
MOST_POINTS = 10_000_000
LONGEST_NUMBER = 20
LONGEST_SAID = 500


class TwitchIsReal(Exception):
    """There is no curtain to stand behind."""


class Sandbox:
    """Every method may raise SandboxRefused. Channels are named by their Twitch id, viewers by their login.

    `stirs` is the feed of what changed on Twitch's side, apart from the product's own: a change that the product
    forgets to announce must not reach its pages by way of this one.
    """

    def __init__(self, twitch: SandboxTwitch, store: Store, clock: Clock, sweep: Sweep, changes: Changes) -> None:
        self._twitch = twitch
        self._store = store
        self._clock = clock
        self._sweep = sweep
        self._changes = changes
        self._logins: dict[str, str] = {}
        self._rules: dict[tuple[Mishap, str], list[str]] = {}
        self._sweeping: asyncio.Task[None] | None = None
        self._sweep_again = False
        self.stirs = Changes()

    async def aclose(self) -> None:
        """A sweep that a jump has begun ends here; what it leaves is still due."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)

    def stirred(self) -> None:
        """Something happened on Twitch. Whose channel it was is not said, so all that were looked at count."""
        for channel_id in self._logins:
            self.stirs.announce(channel_id)

    async def channel_id(self, login: object) -> str:
        """Whose stage that is. Raises InvalidInput."""
        said = await self._twitch.stage(parse_login(login))
        channel = said["channel"]
        self._logins[channel["id"]] = channel["login"]
        return str(channel["id"])

    async def picture(self, channel_id: str) -> TwitchPicture:
        said = await self._twitch.stage(self._login(channel_id))
        living = set(said["faults"])
        on = [kind for (kind, where), rules in self._rules.items() if where in ("", channel_id) and living & set(rules)]
        if said["channel"]["lag_seconds"]:
            on.append(Mishap.LAG)
        return twitch_picture(said, [str(kind) for kind in on])

    async def viewers(self, channel_login: str) -> list[str]:
        """Who could redeem there."""
        return [login for login in await self._twitch.viewers() if login != channel_login]

    async def redeem(self, channel_id: str, viewer_login: object, reward_id: str = "") -> None:
        """A viewer redeems that VIP reward of the channel, or its first one. Raises InvalidInput."""
        channel = await self._store.channels.get(channel_id)
        if channel is None or not channel.channel_point_reward_id:
            raise InvalidInput("viewer", "Create the VIP reward first.")
        tier = channel.tier(reward_id or channel.channel_point_reward_id)
        if tier is None:
            raise InvalidInput("reward_id", "That reward is not there any more.")
        await self._twitch.redeem(channel.login, parse_login(viewer_login), tier.title)

    async def redeem_any(self, channel_id: str, viewer: object, title: str = "") -> None:
        """A viewer redeems the reward of that title, or the first that is open. Raises InvalidInput."""
        await self._twitch.redeem(self._login(channel_id), parse_login(viewer), title or None)

    async def vip(self, channel_id: str, viewer: object, on: bool) -> None:
        """The streamer gives or takes the badge by hand, on Twitch. Raises InvalidInput."""
        await self._act(channel_id, "vip", viewer=parse_login(viewer), vip=on)

    async def moderator(self, channel_id: str, viewer: object, on: bool) -> None:
        await self._act(channel_id, "moderator", viewer=parse_login(viewer), moderator=on)

    async def ban(self, channel_id: str, viewer: object, on: bool) -> None:
        await self._act(channel_id, "ban", viewer=parse_login(viewer), banned=on)

    async def points(self, channel_id: str, viewer: object, points: object) -> None:
        """From now on the viewer has so many. Raises InvalidInput."""
        await self._act(channel_id, "points", viewer=parse_login(viewer), points=_number("points", points, MOST_POINTS))

    async def say(self, channel_id: str, viewer: object, text: str) -> None:
        """A viewer writes in the chat. Raises InvalidInput."""
        wanted = " ".join(text.split())
        if not 1 <= len(wanted) <= LONGEST_SAID:
            raise InvalidInput("text", "Type what to say, at most {most, number} characters.", most=LONGEST_SAID)
        await self._act(channel_id, "say", viewer=parse_login(viewer), text=wanted)

    async def arrive(self, viewer: object) -> None:
        """Somebody new. Raises InvalidInput."""
        await self._twitch.act("viewer", login=parse_login(viewer))

    async def live(self, channel_id: str, on: bool) -> None:
        await self._act(channel_id, "channel", live=on)

    async def affiliate(self, channel_id: str, on: bool) -> None:
        await self._act(channel_id, "channel", broadcaster_type="affiliate" if on else "")

    async def seats(self, channel_id: str, seats: object) -> None:
        """How many VIPs the channel may have. Raises InvalidInput."""
        await self._act(channel_id, "channel", capacity=_number("seats", seats, MOST_SEATS))

    async def settle(self, redemption_id: str, accept: bool) -> None:
        """The streamer does it in Twitch's own queue."""
        await self._twitch.act("settle", redemption_id=redemption_id, status="FULFILLED" if accept else "CANCELED")

    async def evening(self, channel_id: str, on: bool) -> None:
        await self._act(channel_id, "evening", do="start" if on else "stop")

    async def cut_sockets(self, channel_id: str) -> None:
        await self._twitch.act("drop-sockets", user=self._login(channel_id), code=4000)

    async def move_sockets(self, channel_id: str) -> None:
        await self._twitch.act("reconnect-sockets", user=self._login(channel_id))

    async def kill_tokens(self, channel_id: str) -> None:
        """The streamer's access tokens; they can be refreshed."""
        await self._twitch.act("expire-tokens", user=self._login(channel_id))

    async def disconnect(self, channel_id: str) -> None:
        """As by Disconnect in Twitch's settings: nothing can be done for the streamer until they sign in again."""
        await self._twitch.act("disconnect", user=self._login(channel_id))

    async def switch(self, channel_id: str, mishap: Mishap, on: bool) -> None:
        """Twitch misbehaves so from now on, or no more."""
        if mishap is Mishap.LAG:
            await self._act(channel_id, "lag", seconds=LAG_SECONDS if on else 0)
        else:
            where = channel_id if mishap in ONE_CHANNEL else ""
            await self._mend(mishap, where)
            if on:
                await self._break(mishap, where)
        self.stirred()

    async def heal(self, channel_id: str) -> None:
        """Nothing misbehaves any more in that channel, nor anything everywhere. Rules that others made stay."""
        picture = await self.picture(channel_id)
        for mishap, where in list(self._rules):
            if where in ("", channel_id):
                await self._mend(mishap, where)
        if Mishap.LAG in picture.mishaps:
            await self.switch(channel_id, Mishap.LAG, False)
        self.stirred()

    async def jump(self, ahead: timedelta) -> None:
        """Time runs ahead, and what is due by then begins at once; nobody waits for it here."""
        await self._twitch.jump(ahead.total_seconds())
        for channel in await self._store.channels.all():
            self._changes.announce(channel.id)
        self._sweep_again = True
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = asyncio.create_task(self._sweep_what_is_due(), name="sweep after a jump")

    async def jump_to_next_end(self, channel_id: str) -> None:
        """To the moment at which the next VIP of the channel is over. Raises InvalidInput where nobody's will be."""
        now = self._clock.now()
        ends = [one.expires_at for one in await self._store.sessions.live(channel_id) if one.expires_at is not None]
        if not ends:
            raise InvalidInput("jump", "Nobody is VIP on a clock there, so nothing ends.")
        ahead = [end - now for end in ends if end > now]
        if not ahead:
            raise InvalidInput("jump", "Those whose time is up are ending; Twitch has not confirmed it yet.")
        await self.jump(min(ahead) + timedelta(seconds=1))

    async def _sweep_what_is_due(self) -> None:
        """One sweep, and another where a jump came while it ran: it takes up only what was due when it began."""
        while self._sweep_again:
            self._sweep_again = False
            try:
                await self._sweep.run()
            except StoreError as error:
                log.error("sweep after a jump stopped", error=str(error))
            except Exception:
                log.exception("sweep after a jump failed")

    async def _break(self, mishap: Mishap, where: str) -> None:
        made = self._rules.setdefault((mishap, where), [])
        for rule in rules_of(mishap, where):
            # Known at once, so that it can be taken away even where the next one fails.
            made.append(await self._twitch.add_fault(rule))

    async def _mend(self, mishap: Mishap, where: str) -> None:
        for rule in self._rules.pop((mishap, where), []):
            await self._twitch.remove_fault(rule)

    async def _act(self, channel_id: str, action: str, /, **wish: object) -> None:
        await self._twitch.act(action, channel=self._login(channel_id), **wish)

    def _login(self, channel_id: str) -> str:
        try:
            return self._logins[channel_id]
        except KeyError:
            raise SandboxRefused("Open the page anew: it does not say whose channel this is.") from None


def _number(field: str, value: object, most: int) -> int:
    digits = str(value).strip().replace(",", "").replace(" ", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER and int(digits) <= most):
        raise InvalidInput(field, "Type a whole number from 0 to {most, number}.", most=most)
    return int(digits)
