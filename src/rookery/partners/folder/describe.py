"""The network format as a page for people, made from the declarations so that it cannot go stale."""

import inspect
from pathlib import Path

from rookery.journey.network.rows import File
from rookery.journey.network.whole import FILES
from rookery.partners.folder.check import RULES
from rookery.partners.folder.columns import Column, columns_of
from rookery.partners.folder.rules.cells import rule_of
from rookery.partners.folder.snapshot import FORMAT

EXAMPLE_ROWS_MAX = 3

_INTRODUCTION = """\
# The network format

<!-- Made by rookery.partners.folder.describe from the declarations; change those, not this page. -->

A network is a folder of CSV files, in the manner of GTFS: one file per kind of thing, one row per thing. It says
who takes part, where goods are handled, what runs when, what it carries and costs, what is sold, and where stock
lies. This page describes version {format} of the format. The examples are rows of one complete small network,
`tests/networks/tiny/`; copy it to begin.

## Files and cells

- UTF-8, with or without a byte order mark. Commas between cells, quotes as in RFC 4180, a header row first.
- Columns stand in any order. A column that may be blank may also be left out. Unknown columns and unknown `.csv`
  files are faults, so that a typing error is never ignored; files of other kinds are left alone.
- A file that is not required may be missing; that is the same as a file without rows.
- Spaces around a cell are dropped. A blank cell means the column's default. Lines with no text at all are ignored.
- Every row has a `source`: where the fact comes from, with its date, or the word `assumed`.
- A network is read whole or not at all: if anything is wrong, all faults of all files are listed, each with file,
  line, column, what was wanted, what was found and what to do.

| type | how it is written |
|---|---|
| text | anything; ids are one word without `*` and `/` |
| whole number | digits, such as `1500` |
| decimal number | with a point and at most six decimals, such as `0.125`; kept exactly, never as a float |
| degrees | a decimal number of degrees, such as `50.6374` |
| local time | `06:30`, `24:00`; `06:30+1` and `30:30` are both half past six on the next day |
| date | `2026-11-22` |
| weekdays | seven characters 1 or 0, Monday first: `1111100` is Monday to Friday |
| words | words separated by spaces; a lone `*` is any |
| yes or no | `yes` or `no` |

## Times

- All times are local to the facility in whose row they stand; `+N` counts days after the first stop's local day.
- A time that does not exist, when clocks go forward, moves forward by the gap. A time that comes twice, when they
  go back, is the first of the two.
- A row with `valid_from` and `valid_to` holds on both days and all between; blank is without an end.
- A calendar is open on a day if `calendar_exceptions.csv` says so. Without a row there: if its weekday is 1, the day
  is within its validity, and it is no holiday of its set.
- Only the packaged time-zone data is read, never the machine's.

## The most specific row

Where columns may hold `*`, several rows can match. The row that is exact in most columns is used; among equals, the
one that is exact further to the left. A facility is more exact than its country, and a country more than `*`.

## Selectors

A row about shared capacity names limited things by kind and id: `service:`, `facility:` (sort hours), `station:`
(deliveries), `warehouse:`, `stock:`. An id may end in `*` for any that begin so. For each holder and dimension an
exact id goes before a longer beginning, that before a shorter one, then a named dimension before `*`.
[Who may use what](sharing.md) explains these rows together.

## Prices

- The chargeable weight is the larger of the actual weight and the volume divided by the tariff's
  `divisor_cm3_per_kg`, rounded up to a multiple of `step_g`.
- The rates of one tariff, origin and destination are its weight breaks. A break reaches to the next one's lower end;
  the last one reaches to its `weight_g_below`, or has no end.
- The charge is the larger of `minimum` and `base` + `per_kg` x chargeable weight in kg. Surcharges come on top.
- Money is rounded once, half up, to the currency's smallest unit, when a charge is made.
- Amounts are compared in the network's currency. A currency is converted directly, by the inverse rate, or through
  one currency in the middle.

## Postcodes

A zone takes a postcode that lies between both ends of its range, compared as text; an end may be a beginning: `50`
to `51` takes 50000 to 51999. With both ends blank it takes the whole country. Zones of different facilities may
overlap: they are alternatives.

## The snapshot

A network that is read has a snapshot: the SHA-256 over the names and bytes of its files, the version of this format,
of the time-zone data and of the holiday sets. Equal snapshots give equal plans.

## What is checked

Besides the type of each cell:

{rules}

## The files

| file | required | what a row is |
|---|---|---|
{files}
"""


def format_page(examples: Path) -> str:
    """The page `docs/network-format.md`.

    examples  a network folder that has a row in every file, such as tests/networks/tiny
    """
    rules = "\n".join(f"- {_first_line(rule)}" for rule in RULES)
    files = "\n".join(
        f"| [{file.name}.csv](#{file.name}csv) | {'yes' if file.required else 'no'} | {_first_line(file.row)} |"
        for file in FILES
    )
    parts = [_INTRODUCTION.format(format=FORMAT, rules=rules, files=files)]
    return "\n".join(parts + [_section(file, examples) for file in FILES])


def _section(file: File, examples: Path) -> str:
    path = examples / f"{file.name}.csv"
    example = path.read_text(encoding="utf-8").splitlines()[: EXAMPLE_ROWS_MAX + 1]
    need = "Required." if file.required else "Not required."
    lines = [
        f"### {file.name}.csv",
        "",
        f"{_first_line(file.row)} {file.doc}".rstrip(),
        f"{need} Unique by {', '.join(f'`{name}`' for name in file.key)}.",
        "",
        "| column | type | unit | if blank | refers to | meaning |",
        "|---|---|---|---|---|---|",
        *(_line(file.name, column) for column in columns_of(file.row)),
        "",
        "```csv",
        *example,
        "```",
        "",
    ]
    return "\n".join(lines)


def _line(file: str, column: Column) -> str:
    ref = f"[{column.col.ref}](#{column.col.ref}csv)" if column.col.ref else ""
    cells = (f"`{column.name}`", column.kind.name, column.col.unit, _blank(column), ref, _meaning(file, column))
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _meaning(file: str, column: Column) -> str:
    """What the column says, and what its values must be beyond their type."""
    rule = rule_of(file, column)
    if rule is None or rule.told:
        return column.col.doc
    return f"{column.col.doc} ({rule.wanted})"


def _blank(column: Column) -> str:
    if column.mandatory:
        return "**mandatory**"
    text = column.text(column.default)
    return f"`{text}`" if text else "blank"


def _first_line(thing: object) -> str:
    """The first sentence or sentences of a docstring."""
    return (inspect.getdoc(thing) or "").splitlines()[0]
