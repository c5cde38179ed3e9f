"""The end of one errand, in real time.

Sockets wait in real time whatever clock a test hands in, so this does not
ask the `Clock` port.
"""

import time


class Deadline:
    """Counts down `within` seconds, for one errand and its thread.

    `doing` says for people what the errand waits for; the thread sets it,
    and it is read when the time is up.
    """

    def __init__(self, within: float) -> None:
        self.within = within
        self.doing = "nothing was sent yet"
        self._at = time.monotonic() + within

    def remaining(self) -> float:
        """Return the seconds left, 0 when there are none."""
        return max(0.0, self._at - time.monotonic())

    def left(self) -> float:
        """Return the seconds left. Raises TimeoutError for none."""
        remaining = self.remaining()
        if not remaining:
            raise TimeoutError(self.doing)
        return remaining

    def end_now(self) -> None:
        """Let the thread stop at its next look: nobody waits for it."""
        self._at = time.monotonic()
