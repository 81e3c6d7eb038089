"""The examples of docs/api.md, run against a hub of the built-in network at the hour that they speak of."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from served import Served, served

from rookery.hub import clock
from rookery.hub.network import open_network
from rookery.units import read_instant

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
CURLS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
(PYTHON,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        at = read_instant("2026-11-28T09:00+01:00")
        patch.setattr(clock, "time", SimpleNamespace(time=lambda: at, time_ns=lambda: at * 10**9))
        ledger = tmp_path_factory.mktemp("page") / "hub.ledger"
        with served(open_network("backbone"), ledger, ("plaza",)) as one:
            yield one


def run(hub: Served, words: str) -> Any:
    """What is answered to an example; without curl what it would send is sent."""
    if shutil.which("curl"):
        env = os.environ | {"HUB": hub.address, "KEY": hub.keys["plaza"]}
        done = subprocess.run(["sh", "-c", words], capture_output=True, env=env, timeout=120, check=True)
        return msgspec.json.decode(done.stdout)
    _, *rest = shlex.split(words.replace("\\\n", " ").replace("$HUB", "").replace("$KEY", hub.keys["plaza"]))
    of = {name: [rest[n + 1] for n, one in enumerate(rest) if one == name] for name in ("-H", "-d", "-X")}
    headers = {name.lower().replace("-", "_"): value for name, value in (one.split(": ", 1) for one in of["-H"])}
    path = next(one for one in rest if one.startswith("/"))
    body = of["-d"][0].encode() if of["-d"] else None
    return hub.call(next(iter(of["-X"]), "GET"), path, body, company="", **headers).body


def json_of(page: str, field: str) -> Any:
    """The first answer on the page that has a field."""
    shown = (msgspec.json.decode(one) for one in re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    return next(one for one in shown if field in one)


def test_the_examples_with_curl_are_answered_as_the_page_says(hub: Served) -> None:
    quote, order, refused, wrong, orders, parcels, companies, spaces, departures, version = CURLS
    quoted = run(hub, quote)
    assert quoted["journeys"] and quoted["grams"] == 800
    first, again = run(hub, order), run(hub, order)
    assert first["status"] == "booked" and first["id"].startswith("ord_")
    assert again == first | {"replayed": True}
    told = run(hub, refused)
    assert json_of(PAGE, "refusal_code") == told
    assert json_of(PAGE, "errors")["errors"] == run(hub, wrong)["errors"]
    other = run(hub, order.replace('"weight_g": 800', '"weight_g": 900'))
    assert (other["status"], other["code"]) == (409, "conflict")
    assert first["id"] in [one["order"] for one in run(hub, orders)["data"]]
    assert first["id"] in [one["order"] for one in run(hub, parcels)["data"]]
    carriers = run(hub, companies)["data"]
    assert carriers and all("carrier" in one["roles"] and one["status"] == "active" for one in carriers)
    assert run(hub, spaces) == {"data": [], "has_more": False, "next_cursor": ""}
    leaving = run(hub, departures)["data"]
    assert leaving and all(one["stops"][0]["facility"] == "HKG" and one["status"] == "runs" for one in leaving)
    assert run(hub, version)["network"] == "backbone"


def test_the_description_has_the_examples_of_the_page(hub: Served) -> None:
    paths = hub.call("GET", "/v1/openapi.json", company="").body["paths"]
    told = {path: paths[path]["post"]["requestBody"]["content"]["application/json"]["example"]
            for path in ("/v1/quotes", "/v1/orders", "/v1/orders/batch")}  # fmt: skip
    quote, order = (msgspec.json.decode(re.findall(r"-d '(.*?)'", words, re.DOTALL)[0]) for words in CURLS[:2])
    assert told == {"/v1/quotes": quote, "/v1/orders": order, "/v1/orders/batch": {"orders": [order]}}


def test_the_example_in_python_runs(hub: Served, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(PYTHON, "docs/api.md", "exec"), {"address": hub.address, "key": hub.keys["plaza"]})
    quoted, placed, listed, refused = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\d+ journeys, prices in [A-Z]{3}", quoted)
    assert listed == "['A-1002'] False"
    assert placed.startswith("booked ord_") and refused.startswith("not_found facility NOWHERE")
