"""Which Twitch application and which Twitch a store belongs to. Ids, tokens and rewards mean nothing anywhere else."""

from dataclasses import dataclass

from vip_manager.ports import StoreError


@dataclass(frozen=True, slots=True)
class Stamp:
    """The client id, and the host that signs people in (`id.twitch.tv`, or the sandbox's name)."""

    client_id: str
    auth_host: str

    def __str__(self) -> str:
        return f"client id {self.client_id!r} at {self.auth_host!r}"


class WrongStamp(StoreError):
    """The store was made with another Twitch application, or another Twitch."""

    def __init__(self, place: str, made_with: Stamp, opened_with: Stamp) -> None:
        super().__init__(
            f"The data in {place} was made with {made_with}, but the program now runs with {opened_with}. "
            "Use the TWITCH_CLIENT_ID and TWITCH_AUTH_URL it was made with, or let DATA_DIR name another directory."
        )
        self.made_with = made_with
        self.opened_with = opened_with
