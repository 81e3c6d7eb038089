"""Signatures against the standard's vector and its own library; when a delivery is tried again."""

import datetime as dt
import json
import os
import re
from email.utils import format_datetime
from pathlib import Path
from random import Random

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from program_text import ROOT
from rookery.tell.schedule import WAITS_S, probe_ms, retry_after_ms, wait_ms
from rookery.tell.sign import headers, key_of, make_secret, signature

SHARED = Path(os.environ.get("ROOKERY_SHARED", ROOT.parent / "shared"))
VECTORS = SHARED / "standards" / "standard-webhooks" / "vectors.json"


def test_the_vector_of_the_standard() -> None:
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    made = signature(key, notice_id="msg_p5jXN8AQM9LWM0D4loKWxJek", sent_at=1614265330, body=body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.shared
@pytest.mark.skipif(not VECTORS.exists() and "shared" not in os.environ.get("ROOKERY_REQUIRE", ""), reason="no vectors")
def test_the_shared_vectors() -> None:
    for one in json.loads(VECTORS.read_text("utf-8"))["sign"]:
        made = signature(
            key_of(one["secret"]), notice_id=one["webhook-id"], sent_at=int(one["webhook-timestamp"]),
            body=one["payload"].encode(),
        )  # fmt: skip
        assert made == one["webhook-signature"]


def test_the_library_of_the_standard_verifies_either_of_two_secrets() -> None:
    secrets = [make_secret(), make_secret()]
    sent_at, body = int(dt.datetime.now(dt.UTC).timestamp()), '{"ä": 1}'.encode()
    made = headers([key_of(one) for one in secrets], notice_id="msg_1", sent_at=sent_at, body=body)
    told = {name.decode(): value.decode() for name, value in made}
    for secret in secrets:
        assert Webhook(secret).verify(body, told) == {"ä": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(make_secret()).verify(body, told)
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets[0]).verify(body + b" ", told)


def test_the_lines_on_the_page_verify_what_we_send() -> None:
    page = (ROOT / "docs" / "webhooks.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    space: dict[str, object] = {}
    exec(block, space)
    verify, secret = space["verify"], make_secret()
    sent_at, body = int(dt.datetime.now(dt.UTC).timestamp()), b"{}"
    assert callable(verify)
    for at, words, known, wrong in (
        (sent_at, body, secret, ""), (sent_at, b"[]", secret, "signature"), (sent_at, body, make_secret(), "signature"),
        (sent_at - 301, body, secret, "timestamp"),
    ):  # fmt: skip
        made = headers([key_of(known), key_of(make_secret())], notice_id="msg_1", sent_at=at, body=body)
        told = {name.decode(): value.decode() for name, value in made}
        if wrong:
            with pytest.raises(ValueError, match=wrong):
                verify(secret, told, words)
        else:
            verify(secret, told, words)


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_***", "whsec_a"])
def test_what_is_no_secret_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="wanted whsec_ and base64, found something else"):
        key_of(text)


def test_waits_grow_over_three_days_and_end() -> None:
    chance = Random(1)
    waits = [wait_ms(attempt, chance) for attempt in range(1, 11)]
    assert waits[-1] is None and sum(WAITS_S) > 3 * 86_400
    for found, wanted in zip(waits[:-1], WAITS_S, strict=True):
        assert found is not None and 0.8 * wanted <= found / 1000 <= 1.2 * wanted
    assert [round(probe_ms(n, chance) / 1000, -1) for n in (7, 8, 1000)] == pytest.approx([300] * 3, abs=60)


def test_a_receivers_wish_for_time_is_read_and_bounded() -> None:
    later = format_datetime(dt.datetime.fromtimestamp(1_000_060, dt.UTC), usegmt=True)
    told = {"120": 120_000, " 5 ": 5_000, later: 60_000, "999999999999": 86_400_000, "-5": 0, "soon": 0, "": 0, "٣": 0}
    for text, wanted in told.items():
        assert retry_after_ms(text, 1_000_000_000) == wanted, text
