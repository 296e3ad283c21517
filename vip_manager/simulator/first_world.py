"""The world before anybody has done anything in it."""

from vip_manager.simulator.records import BY_HAND, Badge, Channel, Client, User
from vip_manager.simulator.world_parts import Parts

CLIENT_ID = "sandbox-client-id"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105  (the published secret of the sandbox, no secret at all)
_BORN = "2020-01-01T00:00:00Z"


def clients() -> list[Client]:
    return [Client(CLIENT_ID, CLIENT_SECRET, "VIP Manager sandbox")]


def users() -> list[User]:
    return [
        User("1001", "streamer", "Streamer", _BORN, "affiliate", "#9146ff"),
        User("1002", "secondstreamer", "SecondStreamer", _BORN, "partner", "#e91e8c"),
        User("2001", "mod", "Mod", _BORN, "", "#00a86b"),
        *(
            User(str(3000 + number), f"viewer{number}", f"Viewer{number}", _BORN, "", colour)
            for number, colour in enumerate(_VIEWER_COLOURS, 1)
        ),
        User("4001", "permanentvip", "PermanentVip", _BORN, "", "#d9480f"),
    ]


def channels() -> list[Channel]:
    return [
        Channel("1001", moderators=["2001"], vips={"4001": Badge(BY_HAND)}),
        Channel("1002", moderators=["2001"]),
    ]


def parts() -> Parts:
    return Parts(
        clients={client.id: client for client in clients()},
        users={user.id: user for user in users()},
        channels={channel.id: channel for channel in channels()},
    )


_VIEWER_COLOURS = (
    "#1c7ed6",
    "#e8590c",
    "#2f9e44",
    "#ae3ec9",
    "#f08c00",
    "#0c8599",
    "#e03131",
    "#6741d9",
    "#66a80f",
)
