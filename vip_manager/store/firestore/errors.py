"""Google's errors in the words of the port.

What a sentence says of an error is its kind and gRPC's own message, which names hosts and documents, never a field.
"""

import grpc
from google.api_core import exceptions as google_errors
from google.auth import exceptions as auth_errors

from vip_manager.ports import Conflict, StoreError, StoreUnavailable


class NotAllowed(StoreUnavailable):
    """Google does not let us in: the operator's to mend. Temporary all the same, and no record's fault: a role that was
    granted takes minutes to count everywhere, and work for which there is no store waits."""


PASSING = (
    google_errors.ServiceUnavailable,
    google_errors.Aborted,
    google_errors.DeadlineExceeded,
    google_errors.GatewayTimeout,
    google_errors.InternalServerError,
    google_errors.BadGateway,
    google_errors.Cancelled,
    google_errors.RetryError,
    google_errors.Unknown,
    auth_errors.TransportError,
    grpc.RpcError,
    OSError,
)
"""May be gone at the next try. OSError has TimeoutError in it."""

UNDONE = (google_errors.Aborted, auth_errors.TransportError)
"""Of those: the call had no effect for certain."""

EXPECTED = (google_errors.GoogleAPIError, auth_errors.GoogleAuthError, grpc.RpcError, OSError)
"""All that a call can raise without a fault of ours."""

_CONFLICTS = (google_errors.AlreadyExists, google_errors.FailedPrecondition, google_errors.NotFound)


def translated(error: Exception, place: str, *, conditional: bool = False) -> StoreError:
    """The port's error for one of EXPECTED. `place` says which database at which host; `conditional` that the call had
    conditions of ours, which may not hold."""
    said = _said(error)
    if isinstance(error, google_errors.PermissionDenied | google_errors.Unauthenticated):
        return NotAllowed(
            f"Google does not let this program into {place}: {said}. Grant its service account the role "
            "roles/datastore.user (Cloud Datastore User) in that project, and see that the database exists there."
        )
    if isinstance(error, google_errors.NotFound) and "The database" in said:
        return StoreUnavailable(f"{place} does not exist: {said}. Create it, or let FIRESTORE_DATABASE name another.")
    if isinstance(error, google_errors.FailedPrecondition) and "requires an index" in said:
        # Also while it is being built.
        return StoreUnavailable(f"{place} lacks an index: {said}. Deploy deploy/firestore.indexes.json.")
    if conditional and isinstance(error, _CONFLICTS):
        return Conflict(f"somebody else was first: {said}")
    if isinstance(error, auth_errors.RefreshError) and not error.retryable:
        return NotAllowed(f"Google does not take this program's credentials for {place}: {said}.")
    if isinstance(error, (*PASSING, google_errors.TooManyRequests, auth_errors.GoogleAuthError)):
        return StoreUnavailable(f"{place} is out of reach: {said}")
    return StoreError(f"{place} refused: {said}")


def _said(error: Exception) -> str:
    if isinstance(error, google_errors.GoogleAPICallError):
        return f"{type(error).__name__}: {error.message}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
