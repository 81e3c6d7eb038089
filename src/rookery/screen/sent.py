"""What was answered to a file of messages, for people."""

from collections.abc import Iterator

from rookery.hub.lending import amounts_text
from rookery.hub.others import Fate, Other
from rookery.hub.send import Answered, Sent
from rookery.hub.spaces import SpaceTold
from rookery.units import counted, instant_text

SHOWN_MAX = 40  # answers, and plans that one message decided besides; all of them are in --answers
WIDTH = 80


def sent_lines(sent: Sent) -> list[str]:
    """What was answered, message by message, what each decided of others, and how many ended how."""
    lines = [line for one in sent.answers[:SHOWN_MAX] for line in _answer_lines(one)]
    if len(sent.answers) > SHOWN_MAX:
        lines.append(f"... and {len(sent.answers) - SHOWN_MAX:,} more; write all of them with --answers FILE")
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(sent.outcomes.items()))
    seen = sum(one.seen for one in sent.answers)
    again = f"; {seen:,} of them had been done before" if seen else ""
    lines.append(f"{counted(len(sent.answers), 'message')}: {outcomes or 'none'}{again}")
    if sent.outcomes["waiting"]:
        lines.append("what waits for a round is decided with the first message after it, such as a `clock`")
    for sender, count in sorted(sent.busy.items()):
        lines.append(f"{sender} was sent away at the door {count:,} times, and came again")
    return lines


def _answer_lines(one: Answered) -> list[str]:
    about = f", {one.about}" if one.about else ""
    expires = f", until {instant_text(one.expires_at)}" if one.expires_at else ""
    lines = [f"line {one.line}: {one.kind} of {one.sender}: {_answer_word(one)}{about}{expires}"]
    if one.decided_at:
        lines.append(f"  decided as of {instant_text(one.decided_at)}: the hub's clock never goes back")
    if one.text:
        lines.append(f"  {one.text}")
    lines += [f"  {refusal}" for refusal in one.refusals]
    for space in one.spaces:
        lines.append(f"  {space.resource}: {amounts_text(space.amounts.items())}, {_stands_text(space)}")
    for other in one.others[:SHOWN_MAX]:
        lines += _other_lines(other)
    if len(one.others) > SHOWN_MAX:
        lines.append(f"  ... and {len(one.others) - SHOWN_MAX:,} others; write all of them with --answers FILE")
    return lines


def _stands_text(space: SpaceTold) -> str:
    if space.stands == "borrowed" and not space.until:
        return "borrowed, can be recalled at any time"
    return f"{space.stands} until {instant_text(space.until)}" if space.until else space.stands


def _answer_word(one: Answered) -> str:
    """What a sender was answered, in one word."""
    if one.kind == "hold_space" and one.outcome == "done":
        return "waits" if any(space.stands == "waits" for space in one.spaces) else "held"
    return one.comes_to or one.outcome


def _other_lines(other: Other) -> Iterator[str]:
    """A plan of another message: one line if that fits, else more, with what became of it in order.

    What is borrowed of what it comes to stands below.
    """
    name = f"order {other.reference} of {other.sender}" if other.reference else f"{other.about} of {other.sender}"
    texts = []
    for number, fate in enumerate(other.fates):
        before = other.fates[number - 1].what if number else ""
        texts.append(_fate_text(fate, before, is_last=fate is other.fates[-1]))
    if len(name) + sum(len(text) + 2 for text in texts) + 2 <= WIDTH:
        yield f"  {name}: {'; '.join(texts)}"
    else:
        yield f"  {name}:"
        yield f"    {'; '.join(texts)}"
    for space in other.fates[-1].spaces:
        yield f"    {_stands_text(space)}: {space.resource}"


def _fate_text(fate: Fate, before: str, *, is_last: bool) -> str:
    """What became of a plan; `before`: what became of it before that."""
    at = f" at {instant_text(fate.at)}" if fate.at else ""
    until = f" until {instant_text(fate.until)}" if fate.until else ""
    match fate.what:
        case "waits" if fate.rounds:
            unserved = f"not served{at}" if fate.rounds == 1 else f"not served by {fate.rounds:,} rounds"
            waits = f", waits for {instant_text(fate.until)}" if is_last else ""
            return f"{unserved} ({fate.refusals[0].code}){waits}"
        case "waits":
            return f"{'waits' if is_last else 'waited'} for the round of {instant_text(fate.until)}"
        case "held":
            return f"held{at}{until if is_last else ''}"
        case "expired":
            return f"expired{at}{' before anybody asked' if before == 'held' else ''}"
        case "refused":
            return f"refused{at}: {_reason(fate)}"
        case "moved":
            return "travels another way" + ("" if before else f": {_reason(fate)}")
        case "case":
            owner = "the network's operator" if fate.why == "*" else fate.why
            return f"a case for {owner}" + ("" if before else f": {_reason(fate)}")
    return _moved_text(fate, " and ".join(fate.resources), until)


def _moved_text(fate: Fate, what: str, until: str) -> str:
    """Of a plan that had to move, or need not any more."""
    texts = {
        "booked": "booked",
        "free": f"free again: {fate.why}",
        "firm": f"firm, nobody can recall it: {what}",
        "recalled": f"recalled: {what}",
        "cut": f"has lost {what}",
        "lent": f"can be recalled{until or ' at any time'}: {what}",
        "fallback": "uses its standby",
        "standby": f"has lost its standby: {fate.why}" if fate.why else f"has lost its standby: {what}",
        "retimed": f"other times: {what}",
    }
    return texts[fate.what]


def _reason(fate: Fate) -> str:
    """The binding reason, as short as it can be said."""
    first = fate.refusals[0]
    lack, more = first.lack, f" and {len(fate.refusals) - 1} more" if len(fate.refusals) > 1 else ""
    if lack is not None and lack.limit in ("capacity", "claim", "ceiling", "allotment") and lack.dimension:
        return f"{first.code}, {lack.most:,} of {lack.asked:,} {lack.dimension} to be had{more}"
    if lack is not None and lack.limit == "round":
        return f"{first.code}, a request before it did not fit{more}"
    return f"{first.code}, {first.found}{more}" if first.found else f"{first.code}{more}"
