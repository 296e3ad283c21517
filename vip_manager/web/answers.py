"""The form of an API answer."""

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler

from vip_manager.services.container import NotRunning

log = structlog.get_logger(__name__)

_CODES = {404: "not_found", 405: "method_not_allowed"}


def error(status: int, code: str, message: str) -> JSONResponse:
    """An error as the API gives it: `{"error": {"code", "message"}}`. A message may quote what was sent, and JSON may
    hold half a surrogate pair."""
    told = message.encode(errors="replace").decode()
    return JSONResponse({"error": {"code": code, "message": told}}, status_code=status)


def unauthorized(message: str) -> JSONResponse:
    """For whoever has to show a bearer, and shows none that is good."""
    answer = error(401, "unauthorized", message)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _refused(_: Request, exception: Exception) -> JSONResponse:
    assert isinstance(exception, HTTPException)
    answer = error(exception.status_code, _CODES.get(exception.status_code, "refused"), f"{exception.detail}.")
    answer.headers.update(exception.headers or {})
    return answer


def _failed(_: Request, exception: Exception) -> JSONResponse:
    log.error("request failed", error=type(exception).__name__)
    return error(500, "internal_error", "Something went wrong here. It was written down; try again.")


def _not_running(_: Request, __: Exception) -> JSONResponse:
    answer = error(503, "starting", "The server is starting or stopping. Try again in a moment.")
    answer.headers["Retry-After"] = "5"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def of_problem(request: Request, problem: Exception) -> Response:
    """As an API's Starlette would answer; 500 for what the server is to log."""
    return _not_running(request, problem) if isinstance(problem, NotRunning) else _failed(request, problem)


HANDLERS: dict[type[Exception] | int, ExceptionHandler] = {
    HTTPException: _refused,
    NotRunning: _not_running,
    Exception: _failed,
}
"""For an API's Starlette: what a route raises never reaches a client as it is."""
