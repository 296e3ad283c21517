"""The personal API's services together."""

from vip_manager.ports import Clock, Store, Twitch
from vip_manager.services.access import Access
from vip_manager.services.api_calls import Calls
from vip_manager.services.api_tokens import Tokens
from vip_manager.services.api_vips import ApiVips
from vip_manager.services.changes import Changes
from vip_manager.services.expire import Expire
from vip_manager.services.gift import Gift
from vip_manager.services.turns import Turns


class PersonalApi:
    """`tokens` say who comes, `calls` that each counts once, `vips` do what is asked."""

    def __init__(
        self,
        store: Store,
        twitch: Twitch,
        clock: Clock,
        changes: Changes,
        turns: Turns,
        access: Access,
        gift: Gift,
        expire: Expire,
    ) -> None:
        self.tokens = Tokens(store, clock, changes, turns, access)
        self.calls = Calls(store, clock, turns)
        self.vips = ApiVips(store, twitch, clock, gift, expire)
