"""Minutes in which Twitch fails, as an operator sees them: `python -m benchmarks.outage [MINUTES] [DIRECTORY]`.

Starts the product and Debian's Prometheus with the alerts of deploy/monitoring, lets a viewer redeem every ten seconds,
and has VIPs come to their end meanwhile. Then every call to Twitch fails for so many minutes (10 unless told), and
works again. Prints what Prometheus saw, a line every half minute: which alerts fire, and what the figures are; at the
end what became of every redemption. DIRECTORY (`outage` unless told) has pictures of the pages that an operator would
look at, the log and the figures at the end.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import yaml
from playwright.async_api import Browser, Page, StorageState, ViewportSize, async_playwright

from tests.product import Product, free_port

MONITORING = Path(__file__).resolve().parent.parent / "deploy" / "monitoring"
TOKEN = "a bearer of this run, 0123456789"
EVERY = 10.0
VIEWERS = 9
TELLS = 30.0
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
WIDE: ViewportSize = {"width": 1440, "height": 900}
BEFORE, AFTER = 120.0, 300.0
"""Seconds of a good time, so that alerts know what that is."""
FIGURES = {
    "vip": "max(vip_sessions_active)",
    "redeemed": "sum(vip_redemptions_total)",
    "granted or extended": 'sum(vip_grants_total{outcome=~"granted|extended"})',
    "put off": 'sum(vip_grants_total{outcome="put_off"}) + sum(vip_removals_total{outcome="put_off"})',
    "removed": 'sum(vip_removals_total{outcome="removed"})',
    "Twitch fails": 'sum(rate(vip_twitch_call_duration_seconds_count{outcome="unavailable"}[1m])) '
    "/ sum(rate(vip_twitch_call_duration_seconds_count[1m]))",
}


class Prometheus:
    def __init__(self, directory: Path, target: int) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        config = yaml.safe_load((MONITORING / "prometheus.yaml").read_text())
        config["global"] = {"scrape_interval": "5s", "evaluation_interval": "10s"}
        config["rule_files"] = [str(MONITORING / "alerts.yaml")]
        config["scrape_configs"][0]["static_configs"] = [{"targets": [f"localhost:{target}"]}]
        (directory / "metrics-token").write_text(TOKEN)
        self._config = directory / "prometheus.yaml"
        self._config.write_text(yaml.safe_dump(config))
        self._directory = directory

    async def start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "prometheus",
            f"--config.file={self._config}",
            f"--storage.tsdb.path={self._directory / 'series'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=error",
        )

    async def figures(self, client: httpx.AsyncClient) -> dict[str, float]:
        found = {}
        for name, query in FIGURES.items():
            answer = await client.get(f"{self.base}/api/v1/query", params={"query": query})
            rows = answer.json()["data"]["result"]
            found[name] = round(float(rows[0]["value"][1]), 2) if rows else 0.0
        return found

    async def firing(self, client: httpx.AsyncClient) -> list[str]:
        alerts = (await client.get(f"{self.base}/api/v1/alerts")).json()["data"]["alerts"]
        return sorted({one["labels"]["alertname"] for one in alerts if one["state"] == "firing"})


class Evening:
    """Viewers redeem, one after the other; `made` are the redemptions' ids."""

    def __init__(self, client: httpx.AsyncClient, base: str) -> None:
        self._client = client
        self._control = f"{base}/sandbox/twitch/control"
        self.made: list[str] = []

    async def control(self, action: str, **wish: Any) -> Any:
        answer = await self._client.post(f"{self._control}/{action}", json=wish)
        answer.raise_for_status()
        return answer.json()

    async def heal(self) -> None:
        (await self._client.delete(f"{self._control}/faults")).raise_for_status()

    async def audit(self) -> Any:
        return (await self._client.get(f"{self._control}/audit")).json()

    async def go_on(self) -> None:
        number = 0
        while True:
            # Three redeem once: their end comes while nobody answers.
            viewer = f"viewer{1 + (number if number < VIEWERS else number % (VIEWERS - 3))}"
            number += 1
            await self.control("points", viewer=viewer, channel="streamer", points=100_000)
            self.made.append((await self.control("redeem", channel="streamer", viewer=viewer))["id"])
            await asyncio.sleep(EVERY)


async def signed_in(page: Page, base: str) -> StorageState:
    await page.goto(f"{base}/")
    for step in ("Sign in with Twitch", "Connect with Twitch"):
        await page.get_by_role("link", name=step).first.click()
        await page.locator('button[value="streamer"]').click()
        await page.wait_for_url("**/dashboard**")
    await page.get_by_role("button", name="Create the reward").click()
    await page.get_by_text("Who is VIP").first.wait_for()
    return await page.context.storage_state()


async def pictures(browser: Browser, state: StorageState, base: str, to: Path, name: str) -> None:
    context = await browser.new_context(viewport=WIDE, storage_state=state)
    page = await context.new_page()
    addresses = {"dashboard": f"{base}/dashboard", "health": f"{base}/dashboard/health"}
    for part, address in addresses.items():
        await page.goto(address)
        # The page's socket stays open: there is no end of loading to wait for.
        await page.wait_for_timeout(2000)
        await page.screenshot(path=to / f"{name}-{part}.png", full_page=True)
    await context.close()


async def watched(prometheus: Prometheus, client: httpx.AsyncClient, since: float, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(min(TELLS, max(until - time.monotonic(), 0.1)))
        figures = ", ".join(f"{name} {value:g}" for name, value in (await prometheus.figures(client)).items())
        firing = ", ".join(await prometheus.firing(client)) or "none"
        print(f"{(time.monotonic() - since) / 60:5.1f} min  {what:6}  {figures}; alerts: {firing}", flush=True)


async def run(minutes: float, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as kept:
        directory = Path(kept)
        product = Product(directory, {"METRICS_TOKEN": TOKEN, "LOG_FORMAT": "json"}, cold=True)
        prometheus = Prometheus(directory, product.port)
        with product.running():
            process = await prometheus.start()
            try:
                await evening(product, prometheus, minutes, to)
            finally:
                process.terminate()
                await process.wait()
        shutil.copy(product.output, to / "log.txt")


async def evening(product: Product, prometheus: Prometheus, minutes: float, to: Path) -> None:
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        state = await signed_in(await browser.new_page(), product.base)
        evening, since = Evening(client, product.base), time.monotonic()
        redeeming = asyncio.create_task(evening.go_on())
        await watched(prometheus, client, since, BEFORE, "well")
        await evening.control("jump", seconds=int(23.9 * 3600))
        await evening.control("faults", do="status", status=503, times=-1)
        await watched(prometheus, client, since, minutes * 60 * 0.8, "fails")
        await pictures(browser, state, product.base, to, "fails")
        await watched(prometheus, client, since, minutes * 60 * 0.2, "fails")
        await evening.heal()
        await watched(prometheus, client, since, AFTER, "again")
        redeeming.cancel()
        await asyncio.sleep(2 * EVERY)
        await pictures(browser, state, product.base, to, "again")
        figures = await client.get(f"{product.base}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        (to / "metrics.txt").write_text(figures.text)
        told(await evening.audit(), evening.made)
        await browser.close()


def told(audit: Any, made: list[str]) -> None:
    ours = [one for one in audit["redemptions"] if one["id"] in made]
    states: dict[str, int] = {}
    for one in ours:
        states[one["status"]] = states.get(one["status"], 0) + 1
    print(f"\n{len(made)} redemptions: {json.dumps(states)}")
    print(f"settled more than once: {sum(one['times_settled'] > 1 for one in ours)}")
    print(f"Twitch's audit: {audit['verdict'] or 'nothing wrong'}")


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    asyncio.run(run(float(given.get(0, 10)), Path(given.get(1, "outage"))))
