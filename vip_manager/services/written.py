"""Numbers and times in the form that pictures carry."""

from datetime import datetime


def hours_text(hours: float) -> str:
    """24.0 -> "24", 1.5 -> "1.5"."""
    return f"{hours:.4f}".rstrip("0").rstrip(".")


def millis(at: datetime | None) -> int:
    """Milliseconds since 1970, as a browser counts; 0 for no time."""
    return round(at.timestamp() * 1000) if at else 0
