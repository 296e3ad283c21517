"""The scheduler, known by its service account."""

from vip_manager.web import cron
from vip_manager.web.google_certificates import GoogleCertificates
from vip_manager.web.google_identity import GoogleIdentity


def invoker(account: str, public_url: str) -> GoogleIdentity | None:
    """It names as audience the route or the program. None where no account is named."""
    if not account:
        return None
    return GoogleIdentity(account, (f"{public_url}{cron.PATH}", public_url), GoogleCertificates())
