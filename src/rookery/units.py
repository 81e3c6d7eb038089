"""Ids, instants, money and quantities: integers inside, text only at the edge.

An instant is an int of seconds since 1970-01-01T00:00Z. An amount of money is an int of minor units with
the currency's own exponent. A rate is an int of micro-units (1e-6). An id is 16 bytes.
"""

import datetime as dt
import hashlib
import re
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow, Underflow
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]

MICRO = 1_000_000
DAY_S = 86_400
MINUTE_S = 60
STEP_MIN = 15  # a clock changes once at most within so many minutes
UTC = dt.UTC
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()

# ISO 4217 exponents that are not 2.
_EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLF": 4, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0,
    "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "UYW": 4, "VND": 0,
    "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip

_EXACT = Context(prec=40, traps=[InvalidOperation, Inexact, Overflow, Underflow])  # refuses what it had to round

_BASE32 = "0123456789abcdefghijklmnopqrstuv"  # RFC 4648, base32hex
_TWO = [one + other for one in _BASE32 for other in _BASE32]
ID_TEXT = re.compile(r"[a-z]{3}_[0-9a-v]{26}")


def make_id(*, heard_at: int, message_id: bytes, ordinal: int) -> bytes:
    """A 16-byte id that rises with time: 48 bits of milliseconds, then 80 bits of SHA-256.

    heard_at    seconds since the epoch, 0 or more
    message_id  the message that caused the thing
    ordinal     which thing of that message, from 0
    Law         the same input gives the same bytes
    """
    digest = hashlib.sha256(b"%b%d" % (message_id, ordinal)).digest()
    return (heard_at * 1000).to_bytes(6, "big") + digest[:10]


class FreshIds:
    """Ids of what one cause brings, one after the other: the same each time that it is done.

    cause  what tells it from all others, such as the sender and the key of a message
    made   the ids so far
    """

    __slots__ = ("_heard_at", "_message_id", "made")

    def __init__(self, *, heard_at: int, cause: str):
        self._heard_at, self._message_id = heard_at, hashlib.sha256(cause.encode()).digest()
        self.made: list[bytes] = []

    def __call__(self) -> bytes:
        """The next one."""
        id_ = make_id(heard_at=self._heard_at, message_id=self._message_id, ordinal=len(self.made) + 1)
        self.made.append(id_)
        return id_


def id_text(prefix: str, id_: bytes) -> str:
    """The id as people see it: a prefix and 26 base32 characters that sort like the bytes."""
    bits = int.from_bytes(id_) << 2  # 26 characters of 5 bits
    return f"{prefix}_{''.join([_TWO[bits >> shift & 1023] for shift in range(120, -1, -10)])}"


def id_instant(id_: bytes) -> int:
    """When the message was heard that brought what an id is of, in seconds since the epoch."""
    return int.from_bytes(id_[:6]) // 1000


def read_id(text: str) -> tuple[str, bytes]:
    """Prefix and bytes of an id's text.

    Raises  ValueError: not three letters, an underscore and 26 characters of 0-9a-v, or another's last letter
    """
    if not ID_TEXT.fullmatch(text):
        raise ValueError(f"id {text!r}: wanted a prefix such as ord_ and 26 characters of 0-9a-v")
    bits = int(text[4:], 32)  # the same digits; 26 of them have two bits more than an id
    if bits & 3:
        raise ValueError(f"id {text!r}: wanted one as it was told, found letters that no id ends in; copy it again")
    return text[:3], (bits >> 2).to_bytes(16, "big")


def read_any_id(text: str) -> tuple[str, bytes]:
    """Prefix and bytes of an id's text; of 32 hexadecimal digits, as answers had them once, the prefix is blank.

    Raises  ValueError: neither
    """
    if re.fullmatch(r"[0-9a-fA-F]{32}", text):
        return "", bytes.fromhex(text)
    return read_id(text)


# --- time


@cache
def time_zone(name: str) -> ZoneInfo:
    """The zone from the packaged time-zone data; the machine's own is never read.

    Raises  ValueError: the data has no zone of that name
    """
    if not re.fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", name):
        raise ValueError(f"time zone {name!r}: wanted an IANA name such as Europe/Brussels")
    place = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    try:
        with place.open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    except (OSError, ValueError) as fault:
        raise ValueError(f"time zone {name!r}: wanted an IANA name such as Europe/Brussels, found none") from fault


def zone_country(name: str) -> str:
    """ISO 3166 code of the country that a time zone is listed for in the packaged data; ZZ where it is for none."""
    countries, links = _zone_countries()
    return countries.get(name) or countries.get(links.get(name, ""), "ZZ")


@cache
def _zone_countries() -> tuple[dict[str, str], dict[str, str]]:
    """Countries by zone, and zones by their other names."""
    folder = files("tzdata").joinpath("zoneinfo")
    rows = [line.split("\t") for line in folder.joinpath("zone.tab").read_text("utf-8").splitlines()]
    links = [line.split() for line in folder.joinpath("tzdata.zi").read_text("utf-8").splitlines()]
    countries = {row[2]: row[0] for row in rows if not row[0].startswith("#")}
    return countries, {link[2]: link[1] for link in links if link[0] == "L"}


def tzdata_version() -> str:
    """Version of the packaged time-zone data, part of every snapshot: `2026b, tzdata 2026.2`."""
    return f"{tzdata.IANA_VERSION}, tzdata {tzdata.__version__}"


def local_instant(day: dt.date, minutes: int, zone: ZoneInfo) -> int:
    """The instant of a local wall-clock time.

    minutes  after the day's first midnight; 1440 and more reach into later days
    Law      a time that does not exist moves forward by the gap; one that comes twice means the first
    """
    days, minute = divmod(minutes, 1440)
    if days:
        day += dt.timedelta(days=days)
    wall = dt.datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    return int(wall.timestamp())  # fold=0: before a gap's offset, first of a pair


def local_minutes(day: dt.date, zone: ZoneInfo) -> list[int]:
    """The instant of each of the 1440 minutes of a day, as `local_instant` tells it.

    Between two that lie as far apart as on any day, none is asked for: no clock changes twice within such a step.
    """
    out: list[int] = []
    for begin in range(0, 1440, STEP_MIN):
        first, end = local_instant(day, begin, zone), local_instant(day, begin + STEP_MIN, zone)
        if end - first == STEP_MIN * MINUTE_S:
            out += range(first, end, MINUTE_S)
        else:
            out += [local_instant(day, begin + n, zone) for n in range(STEP_MIN)]
    return out


def local_day(instant: int, zone: ZoneInfo) -> dt.date:
    """The local day on which an instant falls."""
    return dt.datetime.fromtimestamp(instant, zone).date()


def read_instant(text: str) -> int:
    """Seconds since the epoch of an ISO 8601 time with an offset; fractions are cut.

    Raises  ValueError: not such a time, or without an offset
    """
    return read_clock(text)[0]


def read_clock(text: str) -> tuple[int, int]:
    """As read_instant, and the offset from UTC in minutes."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    offset = None if moment is None else moment.utcoffset()
    if moment is None or offset is None:
        raise ValueError(f"wanted a time with its offset such as 2026-11-22T17:30+01:00, found {text!r}")
    passed = moment - EPOCH
    return passed.days * DAY_S + passed.seconds, (offset.days * DAY_S + offset.seconds) // MINUTE_S


def instant_text(instant: int, zone: dt.tzinfo = UTC) -> str:
    """ISO 8601 to the minute (to the second where it has any), with the offset; Z for UTC."""
    moment = dt.datetime.fromtimestamp(instant, zone)
    text = moment.isoformat(timespec="seconds" if instant % 60 else "minutes")
    return text.removesuffix("+00:00") + "Z" if zone is UTC else text


@lru_cache(4096)  # of a departure programs are told again and again
def stamp_text(instant: int) -> str:
    """RFC 3339 to the second, in UTC: how programs are told a time."""
    return dt.datetime.fromtimestamp(instant, UTC).isoformat(timespec="seconds")[:-6] + "Z"


def span_text(seconds: int) -> str:
    """A span as people say it: 45 min, 5 h 10 min, 3 d 4 h."""
    sign, minutes = ("-" if seconds < 0 else ""), abs(seconds) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{sign}{days} d {hours} h" if hours else f"{sign}{days} d"
    if hours:
        return f"{sign}{hours} h {rest} min" if rest else f"{sign}{hours} h"
    return f"{sign}{rest} min"


def share_text(ppm: int) -> str:
    """A probability as people say it, never rounded up: 97 %, from 99 on 99.4 %."""
    percent, tenths = divmod(ppm // 1000, 10)
    return f"{percent}.{tenths} %" if tenths and percent == 99 else f"{percent} %"


# --- money and quantities


def counted(count: int, noun: str) -> str:
    """So many of a thing: 1 fault, 1,200 faults. Of nouns that take an s."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def exponent(currency: str) -> int:
    """Number of decimals of a currency, ISO 4217."""
    return _EXPONENTS.get(currency, 2)


def read_micro(text: str) -> int:
    """A decimal number as micro-units.

    Raises  ValueError: not a decimal number, more than six decimals, or too large for 64 bits
    """
    try:
        value = _EXACT.multiply(Decimal(text.strip()), Decimal(MICRO))
    except ArithmeticError:
        raise ValueError(f"wanted a decimal number with at most six decimals, found {text!r}") from None
    if not value.is_finite() or value != value.to_integral_value() or abs(value) >= 2**63:
        raise ValueError(f"wanted a decimal number with at most six decimals, found {text!r}")
    return int(value)


def micro_text(micro: int) -> str:
    """Micro-units as a decimal number, without trailing zeros."""
    text = f"{'-' if micro < 0 else ''}{abs(micro) // MICRO}.{abs(micro) % MICRO:06d}"
    return text.rstrip("0").rstrip(".")


def round_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest integer; halves go up. denominator > 0."""
    return (2 * numerator + denominator) // (2 * denominator)


def minor_of_micro(micro: int, currency: str) -> int:
    """Micro-units of a currency as minor units, rounded half up: the one rounding, when a charge is made."""
    scale: int = 10 ** (6 - exponent(currency))
    return (2 * micro + scale) // (2 * scale)


def money_text(minor: int, currency: str) -> str:
    """Minor units as a decimal string with the currency: `12.30 EUR`, `500 JPY`."""
    return f"{amount_text(minor, currency)} {currency}"


def amount_text(minor: int, currency: str) -> str:
    """Minor units as a decimal string: `12.30`, `500`."""
    places = exponent(currency)
    if not places:
        return str(minor)
    return f"{'-' if minor < 0 else ''}{abs(minor) // 10**places}.{abs(minor) % 10**places:0{places}d}"


def read_minor(text: str, currency: str) -> int:
    """A decimal amount as minor units of a currency.

    Raises  ValueError: not a decimal number, or more decimals than the currency has
    """
    micro = read_micro(text)
    scale: int = 10 ** (6 - exponent(currency))
    if micro % scale:
        raise ValueError(f"wanted at most {exponent(currency)} decimals for {currency}, found {text!r}")
    return micro // scale


def read_mass(text: str) -> int:
    """Grams of a weight with its unit: 350g, 1.2kg, 3t. Rounded up to whole grams.

    Raises  ValueError: not such a weight
    """
    found = re.fullmatch(r"([0-9.]+) ?(g|kg|t)", text.strip())
    if not found:
        raise ValueError(f"weight {text!r}: wanted a number with its unit such as 350g or 1.2kg")
    return -(-read_micro(found[1]) * {"g": 1, "kg": 1000, "t": MICRO}[found[2]] // MICRO)


def co2_text(milligrams: int) -> str:
    """Kilograms of CO2e as a number of two digits, which is more than most factors deserve: 0.41, 4.7, 120."""
    kilograms = milligrams / 1e6
    if kilograms >= 9.95:
        return f"{kilograms:,.0f}"
    return f"{kilograms:#.2g}" if kilograms >= 0.001 or not milligrams else "<0.001"


def mass_text(grams: int) -> str:
    """Grams as people say it: 350 g, 1.25 kg, 12.4 t."""
    if abs(grams) < 1000:
        return f"{grams} g"
    if abs(grams) < 1_000_000:
        return f"{micro_text(grams * 1000)} kg"
    return f"{grams / 1e6:,.1f} t"
