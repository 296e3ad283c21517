"""A webhook as the staff sees it, and how all of them do."""

from dataclasses import dataclass

from vip_manager.domain.hook import Hook
from vip_manager.domain.outbox import Standing
from vip_manager.services.written import millis


@dataclass(frozen=True, slots=True)
class StaffHook:
    """As the staff sees it: never its address. `error` and `stopped` are an outbox.Why, empty where there is none;
    times are milliseconds since 1970, 0 for never."""

    id: str
    host: str
    form: str
    events: list[str]
    on: bool
    stopped: str = ""
    arrived_at: int = 0
    failed_at: int = 0
    error: str = ""

    @staticmethod
    def of(hook: Hook, standing: Standing) -> "StaffHook":
        return StaffHook(
            hook.id,
            hook.host,
            hook.form.value,
            sorted(hook.events),
            hook.on,
            hook.stopped,
            millis(standing.arrived_at),
            millis(standing.failed_at) if standing.failures else 0,
            standing.error,
        )
