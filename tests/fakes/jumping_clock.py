"""The real time, with a time of day that somebody sets wrong."""

import time


class JumpingClock:
    def __init__(self) -> None:
        self.wrong_by = 0.0

    def now(self) -> float:
        return time.time_ns() / 1e9 + self.wrong_by

    def monotonic(self) -> float:
        return time.monotonic()

    def jump(self, seconds: float) -> None:
        self.wrong_by += seconds
