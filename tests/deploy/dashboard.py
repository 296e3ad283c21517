"""Makes Grafana's dashboard of `deploy/monitoring/panels.yaml`: `python -m tests.deploy.dashboard`."""

import json
from typing import Any

from tests.deploy.monitoring import FOLDER, Panel, panels

FILE = FOLDER / "dashboard.json"
_UNITS = {"short": "short", "s": "s", "percent": "percentunit", "bytes": "bytes"}
_WIDE, _HIGH = 12, 8
_CHOICE = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
_SOURCE = {"type": "prometheus", "uid": "${source}"}


def made() -> str:
    dashboard = {
        "uid": "vip-manager",
        "title": "VIP Manager",
        "schemaVersion": 39,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "browser",
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(number, one) for number, one in enumerate(panels())],
    }
    return json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel["title"],
        "datasource": _SOURCE,
        "gridPos": {"x": number % 2 * _WIDE, "y": number // 2 * _HIGH, "w": _WIDE, "h": _HIGH},
        "fieldConfig": {"defaults": {"unit": _UNITS[panel["unit"]], "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + at),
                "datasource": _SOURCE,
                "expr": query["expr"],
                "legendFormat": query["legend"] or "__auto",
            }
            for at, query in enumerate(panel["queries"])
        ],
    }


if __name__ == "__main__":
    FILE.write_text(made())
