"""The review desk in a real browser over a real database: from a key to the next call on screen, and the first load.

5,000 pending calls read by the offline engine. Times are the browser's own: from the key's event to the frame after the
next call was put into the page; of a load, from navigation to its end, with an empty cache. The desk fetches the next
call while a reviewer reads; what a decision costs without that (the reviewer was quicker, or it was lost) is told
beside it, and so is the time until the decision was taken.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from pydantic import SecretStr

from bench.figures import judged, percentile, spread
from bench.load import CORPUS
from services.operator import embedded
from services.publisher.logic import received
from shared.contracts.messages import Group
from shared.settings import MongoSettings
from shared.storage.mongo import indexes
from shared.storage.mongo.call_documents import document_of
from shared.storage.mongo.calls import MongoCalls
from shared.storage.mongo.claims import MongoClaims
from shared.storage.mongo.connect import Mongo
from shared.storage.mongo.ledger import MongoLedger
from tests.browser.showroom import BROWSER_FLAGS, opened, read, system_browser
from tests.services.publisher.house import PASSWORD, START, House

PENDING, DECISIONS, LOADS = 5_000, 60, 9
_READING_MS = 700  # less than anybody takes to read a call
NEXT_WANTED_MS, LOAD_WANTED_MS, BYTES_WANTED = 150.0, 1_000.0, 150_000

_WATCH = """() => {
  Object.assign(window, { turns: [], taken: [] });
  let pressed = 0;
  addEventListener("keydown", () => { pressed = performance.now(); }, true);
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => turns.push(performance.now() - pressed))))
    .observe(document.querySelector(".panes"), { childList: true });
  new MutationObserver(() => { if (!document.body.dataset.sending) taken.push(performance.now() - pressed); })
    .observe(document.body, { attributeFilter: ["data-sending"] });
}"""
_RESTED = "!document.body.dataset.sending && !document.querySelector('#main.fresh')"
_LOADED = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const all = [page, ...performance.getEntriesByType("resource")];
  return [page.loadEventEnd, all.reduce((sum, entry) => sum + entry.transferSize, 0)];
}"""


async def run(pending: int = PENDING, decisions: int = DECISIONS, loads: int = LOADS) -> dict[str, Any]:
    """Both figures, beside what they have to reach."""
    with tempfile.TemporaryDirectory() as folder:
        server = embedded.start_mongo(Path(folder))
        mongo = Mongo(MongoSettings(url=SecretStr(embedded.mongo_url(server.port)), timeout_s=60))
        try:
            await indexes.provision(mongo)
            await _fill(mongo, pending)
            async with opened(_house(mongo)) as address, async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=system_browser(), args=BROWSER_FLAGS)
                figures = await _figures(browser, address, decisions, loads)
                await browser.close()
                return {"pending": pending, **figures}
        finally:
            await mongo.close()
            server.stop()


async def _figures(browser: Browser, address: str, decisions: int, loads: int) -> dict[str, Any]:
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    page = await context.new_page()
    await page.goto(f"{address}/review")
    await page.fill("[name=name]", "sara")
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    await page.wait_for_selector(".scripted .sheet")
    turns, taken = await _decide(page, decisions, ahead=True)
    await page.route("**/next?*", lambda route: route.abort())
    alone, _ = await _decide(page, decisions // 2, ahead=False)
    times, sizes = await _load(browser, context, address, loads)
    await context.close()
    half, slow = percentile(turns, 0.5), percentile(turns, 0.95)
    return {
        "next_call_ms": judged(round(half, 1), NEXT_WANTED_MS, at_least=False) | {"p95": round(slow, 1)},
        "decision_taken_ms": spread(taken),
        "next_call_not_fetched_ahead_ms": spread(alone),
        "first_load_ms": judged(percentile(times, 0.5), LOAD_WANTED_MS, at_least=False) | spread(times),
        "first_load_bytes": judged(max(sizes), BYTES_WANTED, at_least=False),
    }


async def _decide(page: Page, decisions: int, *, ahead: bool) -> tuple[list[float], list[float]]:
    """Approves and skips in turn: the time of each to the next call, and to the answer."""
    await page.reload()
    await page.wait_for_selector(".scripted .sheet")
    await page.evaluate(_WATCH)
    for number in range(decisions):
        before = await page.locator("main").get_attribute("data-id")
        if ahead and number:
            await page.wait_for_timeout(_READING_MS)
        await page.keyboard.press("KeyA" if number % 4 else "KeyS")
        await page.wait_for_function(
            f"([id, number]) => document.getElementById('main').dataset.id !== id && turns.length > number"
            f" && {_RESTED}",
            arg=[before, number],
            polling=100,
        )
    return list(await page.evaluate("turns")), list(await page.evaluate("taken"))


async def _load(browser: Browser, signed_in: BrowserContext, address: str, loads: int) -> tuple[list[float], list[int]]:
    """Loads the desk with an empty cache, again and again."""
    cookies: Any = await signed_in.cookies()
    times, sizes = [], []
    for _ in range(loads):
        context = await browser.new_context(viewport={"width": 1280, "height": 860})
        await context.add_cookies(cookies)
        page = await context.new_page()
        await page.goto(f"{address}/review", wait_until="load")
        await page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
        took, size = await page.evaluate(_LOADED)
        times.append(round(took, 1))
        sizes.append(int(size))
        await context.close()
    return times, sizes


async def _fill(mongo: Mongo, pending: int) -> None:
    """The labelled calls over and over, a minute apart, in twelve groups."""
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    calls = [row for row in rows if row["label"] == "casting_call"]
    now = START
    read_once = [event for row in calls if (event := read(row["id"], row["text"], now, Group(id="g@g.us")))]
    documents = []
    for number, event in enumerate(itertools.islice(itertools.cycle(read_once), pending)):
        message = event.message.model_copy(
            update={
                "message_id": f"b{number}",
                "sent_at": now - timedelta(minutes=number),
                "group": Group(id=f"{number % 12}@g.us", name=f"كاستنج {number % 12}"),
            }
        )
        call = received(event.model_copy(update={"call_id": f"c{number:06}", "message": message}), now)
        documents.append(document_of(call) | {"sent_revision": 0})
    for start in range(0, pending, 1_000):
        await mongo.collection("calls").insert_many(documents[start : start + 1_000])


def _house(mongo: Mongo) -> House:
    """The publisher of the tests, with its calls, ledger and claims in this database."""
    stores: dict[str, Any] = {"calls": MongoCalls(mongo), "ledger": MongoLedger(mongo), "claims": MongoClaims(mongo)}
    return House(**stores)
