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
    """The store was made with another Twitch application, or another Twitch. `elsewhere` says where else the data of
    this one could be: "let DATA_DIR name another directory"."""

    def __init__(self, place: str, made_with: Stamp, opened_with: Stamp, elsewhere: str) -> None:
        super().__init__(
            f"The data in {place} was made with {made_with}, but the program now runs with {opened_with}. "
            f"Use the TWITCH_CLIENT_ID and TWITCH_AUTH_URL it was made with, or {elsewhere}."
        )
        self.made_with = made_with
        self.opened_with = opened_with


class NoData(StoreError):
    """No program has ever worked there, and whoever only looks makes nothing."""

    def __init__(self, place: str) -> None:
        super().__init__(f"There is no data in {place}.")


class MadeByNewerProgram(StoreError):
    """What is stored has the shape of a later version of this program. `found` and `known` are data versions."""

    def __init__(self, place: str, found: int, known: int) -> None:
        super().__init__(
            f"The data in {place} was written by a newer version of VIP Manager (data version {found}, this program "
            f"knows up to {known}). Run the newer version, or restore a backup from before it."
        )
