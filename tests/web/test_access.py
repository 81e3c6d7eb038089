"""The log of requests: what its operator finds there of a request, and what never stands in it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
from faulty import SOURCE, order
from test_serve import network

from rookery.hub.first_key import make_key
from rookery.hub.network import open_network
from rookery.partners.folder.write import rows_of, write_new_network


class Logged:
    """A served hub with its error stream in a file."""

    def __init__(self, folder: Path, *words: str):
        write_new_network(rows_of(network()), folder / "network")
        self.key = make_key(open_network(str(folder / "network")), folder / "hub.ledger", "shop", (), "live", "")
        self._errors = folder / "errors"
        command = [
            sys.executable, "-m", "rookery.cli", "serve", "--network", str(folder / "network"), "--ledger",
            str(folder / "hub.ledger"), "--port", "0", *words,
        ]  # fmt: skip
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ | {"PYTHONPATH": str(SOURCE)}
            )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().split()[0]

    def end(self) -> tuple[str, list[dict[str, Any]]]:
        """All that it has written, and the lines of requests in it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=60)
        text = self._errors.read_text()
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return text, [line for line in lines if line["event"] == "request"]


def place(hub: Logged, key: str, reference: str, **changes: Any) -> httpx.Response:
    body = order(reference)
    headers = {"authorization": f"Bearer {key}", "idempotency-key": f"words-{reference}"}
    said = {name: getattr(body, name) for name in ("reference", "owner", "ordered_at", "product")}
    said |= {"from_facility": "A", "to_facility": "B", "weight_g": 1000} | changes
    return httpx.post(f"{hub.address}/v1/orders", json=said, headers=headers, timeout=60)


def test_each_request_has_a_line_by_which_it_is_found_and_no_secret_stands_in_it(tmp_path: Path) -> None:
    hub = Logged(tmp_path)
    key_id, secret = hub.key.split("_")[1:]
    other = f"live_{key_id}_{'x' * len(secret)}"
    assert place(hub, hub.key, "private-1").status_code == 201
    broken = place(hub, hub.key, "private-2", weight_g="private-3")
    refused = place(hub, other, "private-4")
    httpx.get(f"{hub.address}/v1/orders?reference=private-5", headers={"authorization": f"Bearer {hub.key}"})
    httpx.get(f"{hub.address}/private-6")
    for shown in (other, hub.key):
        httpx.post(f"{hub.address}/signin", data={"key": shown}, headers={"origin": hub.address})
    text, lines = hub.end()
    assert "private" not in text and secret not in text and "xxxx" not in text
    told = [tuple(line.get(name, "") for name in ("method", "route", "status", "company", "mode", "key", "code"))
            for line in lines]  # fmt: skip
    assert told == [
        ("POST", "/v1/orders", 201, "shop", "live", key_id, ""),
        ("POST", "/v1/orders", 400, "shop", "live", key_id, "bad_request"),
        ("POST", "/v1/orders", 401, "", "live", key_id, "unauthorized"),
        ("GET", "/v1/orders", 200, "shop", "live", key_id, ""),
        ("GET", "", 404, "", "", "", "not_found"),
        ("POST", "/signin", 401, "", "live", key_id, "unauthorized"),
        ("POST", "/signin", 303, "shop", "live", key_id, ""),
    ]
    assert lines[1]["request_id"] == broken.json()["request_id"]
    assert lines[2]["request_id"] == refused.headers["request-id"]
    assert all(line["ms"] > 0 and line["level"] == "info" and line["timestamp"].endswith("Z") for line in lines)


def test_no_lines_are_written_where_none_are_wanted(tmp_path: Path) -> None:
    hub = Logged(tmp_path, "--no-access-log")
    assert place(hub, hub.key, "1").status_code == 201
    assert hub.end()[1] == []
