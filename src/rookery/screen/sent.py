"""What was answered to a file of messages, for people."""

from rookery.hub.send import Answered, Sent
from rookery.units import counted, instant_text

SHOWN_MAX = 40  # answers; the others are in --answers


def sent_lines(sent: Sent) -> list[str]:
    """What was answered, message by message, and how many ended how."""
    lines = [line for one in sent.answers[:SHOWN_MAX] for line in _answer_lines(one)]
    if len(sent.answers) > SHOWN_MAX:
        lines.append(f"... and {len(sent.answers) - SHOWN_MAX:,} more; write all of them with --answers FILE")
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(sent.outcomes.items()))
    seen = sum(one.seen for one in sent.answers)
    again = f"; {seen:,} of them had been done before" if seen else ""
    lines.append(f"{counted(len(sent.answers), 'message')}: {outcomes or 'none'}{again}")
    for sender, count in sorted(sent.busy.items()):
        lines.append(f"{sender} was sent away at the door {count:,} times, and came again")
    return lines


def _answer_lines(one: Answered) -> list[str]:
    about = f", {one.about}" if one.about else ""
    expires = f", until {instant_text(one.expires_at)}" if one.expires_at else ""
    lines = [f"line {one.line}: {one.kind} of {one.sender}: {one.outcome}{about}{expires}"]
    if one.text:
        lines.append(f"  {one.text}")
    lines += [f"  {refusal}" for refusal in one.refusals]
    for space in one.spaces:
        amounts = ", ".join(f"{amount:,} {dimension}" for dimension, amount in space.amounts.items())
        until = f" until {instant_text(space.until)}" if space.until else ""
        if space.stands == "borrowed" and not space.until:
            until = ", can be recalled at any time"
        lines.append(f"  {space.resource}: {amounts}, {space.stands}{until}")
    return lines
