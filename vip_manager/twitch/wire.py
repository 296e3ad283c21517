"""Twitch's JSON, read field by field into the port's own types. What can't be read says which field it was.

Shapes: https://dev.twitch.tv/docs/api/reference/ and https://dev.twitch.tv/docs/eventsub/eventsub-reference/.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from vip_manager.ports import Malformed, Reward, TwitchRedemption, TwitchStatus, TwitchUser

log = structlog.get_logger(__name__)

T = TypeVar("T")

MOST_WHOLE = 2**63 - 1
"""Beyond it no number of Twitch's is, and none can be stored."""


@dataclass(frozen=True, slots=True)
class JsonObject:
    """A JSON object and where it stands, for messages. Every reader raises Malformed.

    An absent field and a null are the same; with `default` either is allowed.
    """

    fields: Mapping[str, Any] = field(repr=False)
    where: str

    @classmethod
    def loads(cls, raw: str | bytes, where: str) -> "JsonObject":
        try:
            value = json.loads(raw)
        except (ValueError, RecursionError):
            raise Malformed(f"{where}: Twitch sent something that is not JSON") from None
        return cls.of(value, where)

    @classmethod
    def of(cls, value: object, where: str) -> "JsonObject":
        if not isinstance(value, dict):
            raise Malformed(f"{where}: Twitch sent something that is not a JSON object")
        return cls(value, where)

    def _wrong(self, key: str) -> Malformed:
        return Malformed(f"{self.where}: what Twitch sent has no readable {key!r}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.fields.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not _storable(value):
            raise self._wrong(key)
        return value

    def id(self, key: str) -> str:
        """A text that is not empty."""
        return self.text(key) or self._raise(key)

    def whole(self, key: str, default: int | None = None) -> int:
        value = self.fields.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MOST_WHOLE:
            raise self._wrong(key)
        return value

    def number(self, key: str, default: float) -> float:
        value = self.fields.get(key)
        if value is None:
            return default
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= MOST_WHOLE:
            raise self._wrong(key)
        return float(value)

    def flag(self, key: str) -> bool:
        value = self.fields.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key)
        return value

    def object(self, key: str) -> "JsonObject":
        value = self.fields.get(key)
        if not isinstance(value, dict):
            raise self._wrong(key)
        return JsonObject(value, f"{self.where}: {key}")

    def objects(self, key: str) -> list["JsonObject"]:
        value = self.fields.get(key)
        if not isinstance(value, list):
            raise self._wrong(key)
        return [JsonObject.of(item, f"{self.where}: {key}") for item in value]

    def readable(self, key: str, parse: Callable[["JsonObject"], T], id_key: str = "id") -> list[T]:
        """A list's items as `parse` reads them. One that can't be read is skipped; of it the log has its id only."""
        values = self.fields.get(key)
        if not isinstance(values, list):
            raise self._wrong(key)
        found: list[T] = []
        for value in values:
            try:
                found.append(parse(JsonObject.of(value, f"{self.where}: {key}")))
            except Malformed as error:
                item_id = value.get(id_key) if isinstance(value, dict) else None
                named = {"item_id": item_id} if isinstance(item_id, str) else {}
                log.warning("twitch_item_skipped", error=str(error), **named)
        return found

    def time(self, key: str) -> datetime:
        """RFC 3339, with up to nine digits of a second; UTC."""
        try:
            moment = datetime.fromisoformat(self.text(key))
            if moment.tzinfo is None:
                raise self._wrong(key)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._wrong(key) from None

    def scopes(self, key: str) -> frozenset[str] | None:
        """A list, or one text with spaces between: Twitch's documentation shows both. None where there is none."""
        value = self.fields.get(key)
        if value is None:
            return None
        if isinstance(value, str):
            return frozenset(value.split())
        if isinstance(value, list) and all(isinstance(scope, str) for scope in value):
            return frozenset(scope for scope in value if scope)
        raise self._wrong(key)

    def _raise(self, key: str) -> str:
        raise self._wrong(key)


def _storable(text: str) -> bool:
    """JSON can spell half a character, which no encoding has."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse_user(item: JsonObject) -> TwitchUser:
    """An item of Get Users."""
    login = item.text("login", default="")
    username = item.text("display_name", default="") or login
    return TwitchUser(item.id("id"), login, username, item.text("profile_image_url", default=""))


def parse_badge_holder(item: JsonObject) -> TwitchUser:
    """An item of Get VIPs or Get Moderators. Of deleted users only the id is left."""
    login = item.text("user_login", default="")
    return TwitchUser(item.id("user_id"), login, item.text("user_name", default="") or login)


def parse_reward(item: JsonObject) -> Reward:
    return Reward(
        id=item.id("id"),
        title=item.text("title"),
        cost=item.whole("cost"),
        enabled=item.flag("is_enabled"),
        paused=item.flag("is_paused"),
        skips_queue=item.flag("should_redemptions_skip_request_queue"),
        prompt=item.text("prompt", ""),
    )


def parse_status(item: JsonObject, unknown: TwitchStatus | None = None) -> TwitchStatus:
    """Helix says CANCELED, EventSub canceled, and EventSub's own sample cancelled.

    EventSub may also say "unknown" (https://dev.twitch.tv/docs/eventsub/eventsub-reference/, Channel Points Custom
    Reward Redemption Add Event): read as `unknown`, where that is given.
    """
    word = item.text("status").upper().replace("CANCELLED", "CANCELED")
    if word == "UNKNOWN" and unknown is not None:
        return unknown
    try:
        return TwitchStatus(word)
    except ValueError:
        raise Malformed(f"{item.where}: a redemption's status that is not known") from None


def parse_redemption(item: JsonObject, channel_id: str, unknown: TwitchStatus | None = None) -> TwitchRedemption:
    """A redemption as Helix and EventSub alike describe it; `unknown` as with `parse_status`."""
    reward = item.object("reward")
    login = item.text("user_login", default="")
    return TwitchRedemption(
        id=item.id("id"),
        channel_id=channel_id,
        reward_id=reward.id("id"),
        reward_title=reward.text("title", default=""),
        cost=reward.whole("cost", default=0),
        user_id=item.id("user_id"),
        login=login,
        username=item.text("user_name", default="") or login,
        status=parse_status(item, unknown),
        redeemed_at=item.time("redeemed_at"),
    )
