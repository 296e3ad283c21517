"""What the staff asked for and can't have."""

from vip_manager.domain.reasons import Refusal


class Refused(Exception):
    """It was not done for that viewer, and why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal
