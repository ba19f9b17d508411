"""What can go wrong, by the kinds of the protocol.

An optimizer raises one of these to say more than that it broke; any other
exception is reported as ``broken``. The message is one line, lower case: what
was wrong, and what would be right.
"""

from __future__ import annotations


class Error(Exception):
    """An error that the host is told, with its kind."""

    kind = "broken"


class UnknownRun(Error):
    """A call on a run that was never made, or has ended."""

    kind = "unknown_run"


class WrongOrder(Error):
    """Ask twice, tell before ask, a checkpoint between them."""

    kind = "wrong_order"


class Invalid(Error):
    """Sizes or parameters. A refused tell may be sent again."""

    kind = "invalid"


class Diverged(Error):
    """There is no finite candidate to ask about: the trial ends as diverged."""

    kind = "diverged"


class BadState(Error):
    """A checkpoint that is damaged, or of another run."""

    kind = "bad_state"


class TooLarge(Error):
    """The optimizer does not take this many weights."""

    kind = "too_large"


class Broken(Error):
    """An error of the optimizer itself: a bug, or something it cannot go on from."""


def line(e: BaseException) -> str:
    """An exception in one line, as the protocol wants a message, and not so
    long that gRPC could not send it in a header."""
    text = " ".join(str(e).encode("utf-8", "replace").decode().split())
    text = "".join(c for c in text if c.isprintable())
    if len(text) > 500:
        text = text[:500] + "..."
    if isinstance(e, Error):
        return text
    return f"{type(e).__name__}: {text}" if text else type(e).__name__
