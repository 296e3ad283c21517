"""A webhook as the staff sees it."""

from dataclasses import dataclass

from vip_manager.domain.hook import Hook
from vip_manager.domain.notice import Event
from vip_manager.domain.outbox import Outbox, Standing
from vip_manager.services.written import millis


@dataclass(frozen=True, slots=True)
class StaffHook:
    """As the staff sees it: never its address. `host` is empty where that can't be read any more. `error` and `stopped`
    are an outbox.Why, empty where there is none; `failures` in a row. Times are milliseconds since 1970, 0 for never:
    `next_at` is when what did not arrive is tried again."""

    id: str
    name: str
    host: str
    form: str
    events: list[str]
    on: bool
    stopped: str = ""
    made_at: int = 0
    arrived_at: int = 0
    failed_at: int = 0
    failures: int = 0
    error: str = ""
    next_at: int = 0

    @staticmethod
    def of(hook: Hook, outbox: Outbox | None) -> "StaffHook":
        stands = outbox.standing(hook.id) if outbox else Standing(hook.id)
        return StaffHook(
            hook.id,
            hook.name,
            hook.host,
            hook.form.value,
            [event.value for event in Event if event in hook.events],
            hook.on,
            hook.stopped,
            millis(hook.made_at),
            millis(stands.arrived_at),
            millis(stands.failed_at) if stands.failures else 0,
            stands.failures,
            stands.error,
            millis(outbox.next_try(hook.id) if outbox else None),
        )
