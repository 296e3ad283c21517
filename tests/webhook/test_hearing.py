"""Subscriptions are made, verified and looked after, and what Twitch posts becomes VIP."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.responses import PlainTextResponse

from tests.background.listening import counted_once
from tests.house import Serve, until
from tests.webhook.hook_house import HookHouse, becomes
from vip_manager.services.connections import Hearing
from vip_manager.services.subscriptions import LOOKS_AGAIN
from vip_manager.twitch.eventsub.messages import REDEMPTION_ADD, STREAM_ONLINE, TYPES, VIP_ADD, VIP_REMOVE

EVERY = dict.fromkeys(TYPES, "enabled")


async def test_connecting_subscribes_at_once_and_twitch_verifies_each(house: HookHouse) -> None:
    await house.connect()
    await house.hears()
    assert await house.statuses() == EVERY
    assert len(await house.listed()) == len(TYPES)
    challenges = await house.attempts("webhook_callback_verification")
    assert [one["answer"] for one in challenges] == [200] * len(TYPES)


async def test_a_redemption_becomes_vip_and_what_we_did_is_heard_too(open_house: HookHouse) -> None:
    made = await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await until(becomes(open_house, "viewer1"), "viewer1 to become VIP")
    await counted_once(open_house, made["id"])

    async def echoed() -> bool:
        return {line["type"] for line in await open_house.attempts()} >= {REDEMPTION_ADD, VIP_ADD}

    await until(echoed, "our own change to be told")
    assert {line["answer"] for line in await open_house.attempts()} == {204}


async def test_a_badge_that_is_taken_by_hand_ends_our_claim(open_house: HookHouse) -> None:
    await open_house.redemption_becomes_vip("viewer1")
    await open_house.control("vip", channel="streamer", viewer="viewer1", vip=False)

    async def aside() -> bool:
        session = await open_house.live("3001")
        return session is None or session.state == "aside"

    await until(aside, "the claim to end")


@pytest.mark.parametrize("do", ["duplicate", "twin"])
async def test_a_message_that_comes_twice_counts_once(open_house: HookHouse, do: str) -> None:
    await open_house.control("faults", do=do, event=REDEMPTION_ADD)
    made = await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await counted_once(open_house, made["id"])

    async def both() -> bool:
        return [line["type"] for line in await open_house.attempts()].count(REDEMPTION_ADD) == 2

    await until(both, "both messages to be answered")
    assert {line["answer"] for line in await open_house.attempts()} == {204}


async def test_a_storm_of_what_was_taken_changes_nothing(open_house: HookHouse) -> None:
    made = await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await counted_once(open_house, made["id"])
    before = len(await open_house.entries())
    sent = (await open_house.control("storm", times=5))["sent"]
    assert sent >= 5

    async def all_came() -> bool:
        return bool(len(await open_house.attempts()) > sent)

    await until(all_came, "the storm to pass")
    assert len(await open_house.entries()) == before
    await counted_once(open_house, made["id"])


async def test_out_of_order_and_late_all_are_vip(open_house: HookHouse) -> None:
    await open_house.control("faults", do="reorder", event=REDEMPTION_ADD, seconds=60)
    await open_house.control("faults", do="late", event=REDEMPTION_ADD, seconds=0.05, after=1)
    viewers = {"viewer1", "viewer2", "viewer3"}
    for viewer in sorted(viewers):
        await open_house.control("redeem", channel="streamer", viewer=viewer)

    async def all_of_them() -> bool:
        return await open_house.vips() >= viewers

    await until(all_of_them, "all viewers to be VIP")


async def test_a_settlement_that_comes_before_its_redemption(open_house: HookHouse) -> None:
    await open_house.control("faults", do="reorder", event=REDEMPTION_ADD, seconds=60)
    made = await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await open_house.control("settle", redemption_id=made["id"], status="CANCELED")

    async def both() -> bool:
        return len(await open_house.attempts()) >= 2

    async def given_back() -> bool:
        redemption = await open_house.services.store.redemptions.get(made["id"])
        return redemption is not None and not redemption.open

    await until(both, "both messages to be answered")
    await until(given_back, "what was redeemed to be known as given back")
    await open_house.not_due()
    assert "viewer1" not in await open_house.vips()


async def test_subscriptions_outlive_a_restart_and_are_not_made_again(open_house: HookHouse) -> None:
    before = {one["id"] for one in await open_house.listed()}
    await open_house.restart()
    await open_house.not_due()
    assert {one["id"] for one in await open_house.listed()} == before
    assert open_house.services.connections.of("1001").hearing is Hearing.LIVE


async def test_after_a_change_of_the_address_all_lead_to_the_new_one(open_house: HookHouse, serve: Serve) -> None:
    old = {one["id"] for one in await open_house.listed()}
    open_house.public = serve(open_house.served)
    await open_house.restart()
    await open_house.not_due()
    await open_house.hears()
    listed = await open_house.listed()
    assert len(listed) == len(TYPES)
    assert await open_house.statuses() == EVERY
    assert not old & {one["id"] for one in listed}


async def test_after_a_change_of_the_secret_the_one_before_counts(open_house: HookHouse) -> None:
    open_house.app_secret, open_house.app_secret_previous = (
        "another root secret, long enough too",
        (open_house.app_secret,),
    )
    await open_house.restart()
    await open_house.control("redeem", channel="streamer", viewer="viewer1")
    await until(becomes(open_house, "viewer1"), "viewer1 to become VIP")


async def test_what_is_doubled_narrow_or_broken_is_mended(open_house: HookHouse) -> None:
    by_type = {one["type"]: one["id"] for one in await open_house.listed()}
    reward = (await open_house.channel()).channel_point_reward_id
    await open_house.not_due()
    await open_house.subscribe(REDEMPTION_ADD, reward_id=reward)
    await open_house.as_app("DELETE", params={"id": by_type[VIP_ADD]})
    await open_house.control("revoke", subscription=by_type[VIP_REMOVE], status="notification_failures_exceeded")
    await until(open_house.due, "the channel to be due")
    await open_house.services.sweep.run()
    await open_house.hears()
    listed = await open_house.listed()
    assert len(listed) == len(TYPES)
    assert {one["id"] for one in listed} >= set(by_type.values()) - {by_type[VIP_ADD], by_type[VIP_REMOVE]}


async def test_while_twitch_has_not_verified_it_is_not_called_live(house: HookHouse) -> None:
    api, house.served.app = house.served.app, PlainTextResponse("no", status_code=500)
    await house.connect()

    async def failed() -> bool:
        statuses = (await house.statuses()).values()
        return len(statuses) == len(TYPES) and set(statuses) == {"webhook_callback_verification_failed"}

    await until(failed, "the challenges to fail")
    assert house.services.connections.of("1001").hearing is Hearing.CONNECTING
    at = (await house.channel()).catch_up_at
    assert at is not None
    assert at - house.clock.now() <= LOOKS_AGAIN[0]
    house.served.app = api
    house.clock.ahead += LOOKS_AGAIN[0]
    await house.services.sweep.run()
    await house.hears()
    assert await house.statuses() == EVERY


async def test_ever_longer_until_it_is_looked_at_again(house: HookHouse) -> None:
    house.served.app = PlainTextResponse("no", status_code=500)
    await house.connect()
    pauses = []
    for _ in range(5):
        at = (await house.channel()).catch_up_at
        assert at is not None
        pauses.append(round((at - house.clock.now()).total_seconds() / 5) * 5)
        house.clock.ahead += timedelta(minutes=10)
        await house.services.sweep.run()
    assert pauses == [15, 30, 60, 600, 600]


async def test_two_who_subscribe_at_once_make_each_only_once(house: HookHouse) -> None:
    await house.connect()
    for one in await house.listed():
        await house.as_app("DELETE", params={"id": one["id"]})
    subscriptions = house.services.subscriptions
    assert subscriptions is not None
    await asyncio.gather(*(subscriptions.ensure("1001") for _ in range(3)))
    await subscriptions.ensure("1001")
    await house.hears()
    assert len(await house.listed()) == len(TYPES)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_subscribing_that_fails_does_not_keep_redemptions_from_being_found(house: HookHouse, status: int) -> None:
    await house.fault("*", "/eventsub/subscriptions", "status", times=-1, status=status)
    await house.open()
    assert house.services.connections.of("1001").hearing is Hearing.CONNECTING
    made = await house.redeemed("viewer1")
    house.clock.ahead += LOOKS_AGAIN[0]
    await house.services.sweep.run()
    await counted_once(house, made.id)
    await house.heal_twitch()
    await house.not_due()
    await house.hears()


async def test_what_was_made_and_its_answer_lost_is_found_and_not_made_again(house: HookHouse) -> None:
    await house.fault("POST", "/eventsub/subscriptions", "lose_answer", times=3)
    await house.connect()
    house.clock.ahead += LOOKS_AGAIN[0]
    await house.services.sweep.run()
    await house.hears()
    assert len(await house.listed()) == len(TYPES)


async def test_a_streamer_who_allows_it_no_more_is_asked_to_sign_in(house: HookHouse) -> None:
    await house.fault(
        "POST",
        "/eventsub/subscriptions",
        "status",
        times=-1,
        status=403,
        message="subscription missing proper authorization",
    )
    await house.connect()
    account = await house.services.store.accounts.get("1001")
    assert account is not None
    assert account.reconnect
    assert house.services.connections.of("1001").hearing is Hearing.RECONNECT
    await house.heal_twitch()
    await house.connect()
    await house.hears()


async def test_the_clean_up_leaves_what_is_wanted_and_nothing_else(open_house: HookHouse) -> None:
    wanted = {one["id"] for one in await open_house.listed()}
    await open_house.subscribe(STREAM_ONLINE, "1002")
    await open_house.subscribe(STREAM_ONLINE, "1001", callback=f"{open_house.public}/before/eventsub")
    assert len(await open_house.listed()) == len(TYPES) + 2
    subscriptions = open_house.services.subscriptions
    assert subscriptions is not None
    await subscriptions.clean_up()
    assert {one["id"] for one in await open_house.listed()} == wanted
    account = await open_house.services.store.accounts.get("1001")
    assert account is not None
    await open_house.services.store.commit(replace(account, reconnect=True))
    await subscriptions.clean_up()
    assert await open_house.listed() == []


async def test_of_a_channel_that_is_not_known_nothing_is_wanted(open_house: HookHouse) -> None:
    await open_house.subscribe(STREAM_ONLINE, "1002")

    async def verified() -> bool:
        found = [one for one in await open_house.listed() if one["condition"]["broadcaster_user_id"] == "1002"]
        return [one["status"] for one in found] == ["enabled"]

    await until(verified, "the subscription to stand")
    await open_house.control("channel", channel="secondstreamer", live=True)

    async def gone() -> bool:
        return len(await open_house.listed()) == len(TYPES)

    await until(gone, "the subscription to be deleted")

    async def answered() -> bool:
        return [line["answer"] for line in await open_house.attempts()] == [204]

    await until(answered, "Twitch to write down what it was answered")


async def test_of_a_channel_that_may_not_be_managed_redemptions_are_kept_until_it_may(open_house: HookHouse) -> None:
    account = await open_house.services.store.accounts.get("1001")
    assert account is not None
    await open_house.services.store.commit(replace(account, reconnect=True))
    made = await open_house.control("redeem", channel="streamer", viewer="viewer1")

    async def kept() -> bool:
        return await open_house.services.store.redemptions.get(made["id"]) is not None

    await until(kept, "the redemption to be written down")
    assert REDEMPTION_ADD in await open_house.statuses()
    await open_house.connect()
    await counted_once(open_house, made["id"])
    await open_house.hears()


async def test_a_challenge_that_is_signed_with_another_secret_is_not_answered(house: HookHouse) -> None:
    await house.connect()
    await house.hears()
    made = await house.subscribe(REDEMPTION_ADD, "1001", reward_id="another", secret="no secret of ours")

    async def refused() -> bool:
        found = [one["status"] for one in await house.listed() if one["id"] == made]
        return found == ["webhook_callback_verification_failed"]

    await until(refused, "the challenge to be refused")
    assert (await house.attempts("webhook_callback_verification"))[-1]["answer"] == 403


async def test_of_a_channel_that_has_left_nothing_is_posted_any_more(open_house: HookHouse) -> None:
    await open_house.subscribe(STREAM_ONLINE, "1002")
    person = await open_house.services.access.named("1001")
    assert person
    await open_house.services.departure.begin(person, "1001", "streamer", delete_data=True)
    assert await open_house.services.departure.go_on("1001")
    assert {one["condition"]["broadcaster_user_id"] for one in await open_house.listed()} == {"1002"}
    assert await open_house.services.store.channels.get("1001") is None
