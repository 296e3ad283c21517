"""The form of an API answer."""

from starlette.responses import JSONResponse


def error(status: int, code: str, message: str) -> JSONResponse:
    """An error as the API gives it: `{"error": {"code", "message"}}`."""
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)
