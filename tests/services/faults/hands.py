"""What hands do on Twitch: to the viewer, the redemption, the reward and the channel."""

from tests.services.faults.scene import CHANNEL, CHANNEL_ID, VIEWER, VIEWER_ID, Scene
from vip_manager.simulator import points


def redeem(scene: Scene) -> None:
    """And it is heard."""
    scene.redeem()


def redeem_unheard(scene: Scene) -> None:
    scene.redeem(heard=False)


def accept(scene: Scene) -> None:
    """In Twitch's own queue."""
    _settle(scene, "FULFILLED")


def refuse(scene: Scene) -> None:
    """In Twitch's own queue: the points go back."""
    _settle(scene, "CANCELED")


def give(scene: Scene) -> None:
    """VIP."""
    scene.by_hand("vip", channel=CHANNEL, viewer=VIEWER, vip=True)


def give_like_us(scene: Scene) -> None:
    """VIP, where nobody can tell it from an answer of ours that was lost."""
    give(scene)
    scene.known.unsure.add((CHANNEL_ID, VIEWER_ID, scene.stage.sim.world.now()))


def take(scene: Scene) -> None:
    """VIP."""
    scene.by_hand("vip", channel=CHANNEL, viewer=VIEWER, vip=False)


def take_and_give(scene: Scene) -> None:
    take(scene)
    give(scene)


def ban(scene: Scene) -> None:
    scene.by_hand("ban", channel=CHANNEL, viewer=VIEWER, banned=True)


def make_moderator(scene: Scene) -> None:
    scene.by_hand("moderator", channel=CHANNEL, viewer=VIEWER, moderator=True)


def fill_the_seats(scene: Scene) -> None:
    scene.by_hand("channel", channel=CHANNEL, capacity=1)


def lock_vips(scene: Scene) -> None:
    """“Build a Community” is not completed."""
    scene.by_hand("channel", channel=CHANNEL, community_unlocked=False)


def affiliate(scene: Scene, kind: str = "affiliate") -> None:
    """So that there are channel points, or with "" no more."""
    scene.by_hand("channel", channel=CHANNEL, broadcaster_type=kind)


def expire_tokens(scene: Scene) -> None:
    """The access tokens run out; refresh tokens live."""
    scene.by_hand("expire-tokens", user=CHANNEL)


def disconnect(scene: Scene) -> None:
    """In the streamer's settings on Twitch: no token lives."""
    scene.by_hand("disconnect", user=CHANNEL)


def lists_lag(scene: Scene, seconds: int = 60) -> None:
    """Of VIPs."""
    scene.by_hand("lag", channel=CHANNEL, seconds=seconds)


def lists_lag_no_more(scene: Scene) -> None:
    lists_lag(scene, 0)


def delete_reward(scene: Scene) -> None:
    for reward in list(scene.channel.rewards.values()):
        points.delete_reward(scene.stage.sim, scene.channel, reward)


def switch_queue_off(scene: Scene) -> None:
    """Twitch accepts what is redeemed by itself."""
    _change_reward(scene, "should_redemptions_skip_request_queue")


def pause_reward(scene: Scene) -> None:
    _change_reward(scene, "is_paused")


def _settle(scene: Scene, status: str) -> None:
    scene.by_hand("settle", redemption_id=scene.redemption_id, status=status)


def _change_reward(scene: Scene, name: str) -> None:
    for reward in scene.channel.rewards.values():
        points.update_reward(scene.stage.sim, scene.channel, reward, {name: True})
