"""Working tables of senders, beside the ledger's. They speak of the world outside and are not replayed."""

# state   behind: an earlier one of the endpoint and subject is not done; due: at due_ms, or under way until then;
#         sent; given_up: and why
# claimed_by   which claim it is under way by; blank: it waits
TABLES = (
    """CREATE TABLE IF NOT EXISTS delivery (
        id BIGINT PRIMARY KEY, endpoint TEXT NOT NULL, seq BIGINT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
        due_ms BIGINT NOT NULL, tries BIGINT NOT NULL, claimed_by TEXT NOT NULL, made_ms BIGINT NOT NULL,
        ended_ms BIGINT NOT NULL, why TEXT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS delivery_due ON delivery (endpoint, due_ms, id) WHERE state = 'due'",
    "CREATE INDEX IF NOT EXISTS delivery_open ON delivery (endpoint, subject, id) WHERE state IN ('due', 'behind')",
    "CREATE INDEX IF NOT EXISTS delivery_log ON delivery (endpoint, id)",
    "CREATE INDEX IF NOT EXISTS delivery_old ON delivery (ended_ms) WHERE state IN ('sent', 'given_up')",
    # Every attempt: when, how long, what came back. status 0: no answer, and `error` says why.
    """CREATE TABLE IF NOT EXISTS attempt (
        delivery BIGINT NOT NULL, number BIGINT NOT NULL, began_ms BIGINT NOT NULL, took_ms BIGINT NOT NULL,
        status BIGINT NOT NULL, error TEXT NOT NULL, response TEXT NOT NULL, PRIMARY KEY (delivery, number)
    )""",
    # Of each endpoint: when to look at it next, how often it failed in a row, until when it is left alone, and in
    # which version it said that it is gone.
    """CREATE TABLE IF NOT EXISTS lane (
        endpoint TEXT PRIMARY KEY, next_ms BIGINT NOT NULL, failures BIGINT NOT NULL, opens_ms BIGINT NOT NULL,
        gone_version BIGINT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS lane_next ON lane (next_ms)",
    """CREATE TABLE IF NOT EXISTS endpoint_secret (
        endpoint TEXT NOT NULL, version BIGINT NOT NULL, secret TEXT NOT NULL, PRIMARY KEY (endpoint, version)
    )""",
    # Replays, by who asked for them and its name for it: sent again it is answered as it was.
    """CREATE TABLE IF NOT EXISTS replay (
        company TEXT NOT NULL, name TEXT NOT NULL, words TEXT NOT NULL, made BIGINT NOT NULL, seq BIGINT NOT NULL,
        more BIGINT NOT NULL, PRIMARY KEY (company, name)
    )""",
    # How far the outbox was gone through. Whoever writes takes the lock of this row first.
    "CREATE TABLE IF NOT EXISTS tell_cursor (name TEXT PRIMARY KEY, seq BIGINT NOT NULL)",
    "INSERT INTO tell_cursor (name, seq) VALUES ('outbox', 0) ON CONFLICT (name) DO NOTHING",
)
