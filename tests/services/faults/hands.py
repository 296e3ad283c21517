"""What hands do on Twitch: to the viewer, the redemption, the reward and the channel."""

from dataclasses import replace

from tests.ledger.stage import TERMS
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


def make_moderator(scene: Scene, moderator: bool = True) -> None:
    scene.by_hand("moderator", channel=CHANNEL, viewer=VIEWER, moderator=moderator)


def unmake_moderator(scene: Scene) -> None:
    make_moderator(scene, False)


def fill_the_seats(scene: Scene, capacity: int = 1) -> None:
    scene.by_hand("channel", channel=CHANNEL, capacity=capacity)


def free_the_seats(scene: Scene) -> None:
    fill_the_seats(scene, 10)


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


def give_back(scene: Scene) -> None:
    """On the dashboard, like the next two."""
    scene.at_word(lambda here, person: here.dead_letters.give_back(person, CHANNEL_ID, scene.redemption_id))


def leave_it(scene: Scene) -> None:
    scene.at_word(lambda here, person: here.dead_letters.let_be(person, CHANNEL_ID, scene.redemption_id))


def try_again(scene: Scene) -> None:
    scene.at_word(lambda here, person: here.dead_letters.try_again(person, CHANNEL_ID, scene.redemption_id))


def late_is_never(scene: Scene) -> None:
    """In the terms of the reward."""
    scene.at_word(lambda here, person: here.rewards.change_reward(person, CHANNEL_ID, replace(TERMS, refund_after=0)))


def _settle(scene: Scene, status: str) -> None:
    scene.by_hand("settle", redemption_id=scene.redemption_id, status=status)


def _change_reward(scene: Scene, name: str) -> None:
    for reward in scene.channel.rewards.values():
        points.update_reward(scene.stage.sim, scene.channel, reward, {name: True})
