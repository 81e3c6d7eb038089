"""The pages in a real browser: signing in, finding a parcel, its why, at a phone's width, without a fault told."""

from collections.abc import Iterator
from typing import Any

import pytest
from served import Served, served
from test_pages import network, place_order

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(network(), tmp_path_factory.mktemp("browser") / "hub.ledger", ("shop", "network")) as one:
        place_order(one, "found-by-its-number")
        yield one


@pytest.fixture
def page(chromium: Any, hub: Served) -> Iterator[Any]:
    """A page of the shop's, signed in; a fault in it, or a word of the browser about one, fails the test."""
    context = chromium.new_context()
    page, faults = context.new_page(), []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda told: faults.append(told.text) if told.type in ("error", "warning") else None)
    enter(page, hub, "shop")
    yield page
    context.close()
    assert not faults


def enter(page: Any, hub: Served, company: str) -> None:
    page.goto(hub.address)
    page.fill("#key", hub.keys[company])
    page.keyboard.press("Enter")
    page.wait_for_selector("nav")


def is_wider(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_parcel_is_found_by_its_number_and_its_decision_laid_open(page: Any, size: dict[str, int]) -> None:
    page.set_viewport_size(size)
    assert not is_wider(page)
    page.fill("#q", "found-by-its-number")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/ord_*")
    assert not is_wider(page)
    page.click(".parcel a")
    page.wait_for_url("**/parcels/pcl_*")
    assert "Promised between" in page.inner_text("main") and not is_wider(page)
    page.click(".story .whylink")
    page.wait_for_url("**/why/dec_*")
    assert "Rule:" in page.inner_text("main") and not is_wider(page)


@pytest.mark.parametrize("path", ["/", "/orders", "/departures", "/companies", "/messages", "/api"])
def test_no_page_is_wider_than_a_phone(page: Any, hub: Served, path: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{hub.address}{path}")
    assert not is_wider(page)
    assert page.locator(".mode").is_visible() and page.locator(".who").get_by_text("shop").is_visible()


def test_an_open_page_shows_what_comes(page: Any, hub: Served) -> None:
    page.goto(f"{hub.address}/orders")
    page.wait_for_selector("#live:has-text('live')")  # no function in words: the pages' policy forbids eval
    place_order(hub, "came-while-it-was-open")
    page.wait_for_selector("text=came-while-it-was-open", timeout=15_000)


def test_everything_is_reached_by_the_keyboard(page: Any, hub: Served) -> None:
    page.goto(f"{hub.address}/orders")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href') ?? document.activeElement.tagName"))
    assert {"/", "/departures", "/companies", "/messages", "INPUT", "SELECT", "BUTTON"} <= reached


def test_without_a_script_the_pages_work_as_well(chromium: Any, hub: Served) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, hub, "network")
    page.fill("#q", "found-by-its-number")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/ord_*")
    page.click("text=Sign out")
    page.wait_for_selector("#key")
    context.close()
