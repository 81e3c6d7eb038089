"""What companies say about trust on a random day, in the order in which it is heard: good words and wrong ones."""

import hashlib
import json
import random
from typing import Any

from rookery.hub.message import Message
from rookery.units import instant_text, make_id

SENDERS = ("shop", "other", "haul")


class TrustDay:
    """One random word after the other, about companies, people, keys, connections, grants and requests.

    Whoever speaks may speak on any day, so that no message is rejected here and read there.
    """

    def __init__(self, seed: int):
        self.rng, self.count = random.Random(f"trust {seed}"), 0
        self.named: dict[str, list[tuple[str, str, str]]] = {"grant": [], "request": []}  # from, to, id
        self.keys = [f"{number:016d}" for number in range(5)]

    def say(self, heard: int) -> Message:
        """The next word. Ids of what it brings are known, since they depend on nothing else than sender and key."""
        self.count += 1
        kinds = ("company", "user", "key", "connection", "grant", "request")
        kind = self.rng.choices(kinds, (1, 2, 6, 8, 5, 7))[0]
        sender, key = self.rng.choice(SENDERS), f"t{self.count}"
        until = instant_text(heard + self.rng.choice((60, 1800, 90_000)))
        made: dict[str, Any] = getattr(self, f"_{kind}")(sender, until)
        sender = made.pop("sender", sender)
        if made["do"] in ("make", "draft", "ask") and kind in self.named:
            message_id = hashlib.sha256(f"{sender}\0{key}".encode()).digest()
            id_ = make_id(heard_at=heard, message_id=message_id, ordinal=1).hex()
            self.named[kind].append((sender, made["company"], id_))
        return Message(sender, key, kind, json.dumps(made).encode(), heard)

    def _company(self, sender: str, until: str) -> dict[str, Any]:
        do = self.rng.choice(("add", "suspend", "restore", "restore"))
        more = {"name": "North", "country": "BE", "roles": ["carrier"]} if do == "add" else {}
        return {"do": do, "company": "north", "sender": "network", **more}

    def _user(self, sender: str, until: str) -> dict[str, Any]:
        do = self.rng.choice(("add", "change", "remove"))
        more = {"name": "Mila", "role": self.rng.choice(("viewer", "admin"))} if do != "remove" else {}
        return {"do": do, "email": "mila@example.org", "company": self.rng.choice(("", "shop")), **more}

    def _key(self, sender: str, until: str) -> dict[str, Any]:
        do, (one, two) = (
            self.rng.choice(("make", "make", "rotate", "revoke", "token", "token", "token")),
            self.rng.sample(self.keys, 2),
        )
        made = {"id": one, "hash": "0" * 64}
        return {"do": do, "sender": self.rng.choice(("shop", "shop", sender))} | {
            "make": {**made, "scopes": ["orders:read"], "mode": "live", "version": "2026-11-28"},
            "rotate": {**made, "new_id": two, "until": until},
            "revoke": {"id": one},
            "token": {**made, "key": two, "expires_at": until},
        }[do]

    def _connection(self, sender: str, until: str) -> dict[str, Any]:
        words = ("invite", "accept", "decline", "suspend", "resume", "revoke")
        do = self.rng.choices(words, (6, 12, 0.5, 1, 3, 0.5))[0]
        more = {"expires_at": until} if do == "invite" and self.rng.random() < 0.3 else {}
        return {"do": do, "company": self.rng.choice(SENDERS), **more}

    def _grant(self, sender: str, until: str) -> dict[str, Any]:
        if self.named["grant"] and self.rng.random() < 0.3:
            by, _, id_ = self.rng.choice(self.named["grant"][-3:])
            return {"do": "revoke", "grant": id_, "sender": by}
        plain = {"kinds": ["parcel"], "profile": "carrier", "purpose": "care", "expires_at": until, "query": {}}
        return {"do": "make", "company": self.rng.choice(SENDERS), **plain}

    def _request(self, sender: str, until: str) -> dict[str, Any]:
        if not self.named["request"] or self.rng.random() < 0.4:
            plain = {"kind": "storage", "body": {"pallets": 3}, "expires_at": until}
            return {"do": self.rng.choice(("draft", "draft", "ask")), "company": self.rng.choice(SENDERS), **plain}
        by, to, id_ = self.rng.choice(self.named["request"][-3:])
        do = self.rng.choice(("change", "change", "send", "accept", "reject", "cancel", "close"))
        more = {"body": 1} if do == "change" else {"answer": "x"} if do == "accept" else {}
        return {"do": do, "request": id_, "sender": to if do in ("accept", "reject") else by, **more}
