"""A clock that moves only when a test moves it."""


class FakeClock:
    def __init__(self, now: float = 1_000_000.0) -> None:
        self.time = now
        self.jumped = 0.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time - self.jumped

    def jump(self, seconds: float) -> None:
        """Set the clock, as NTP or somebody does."""
        self.time += seconds
        self.jumped += seconds

    def pass_time(self, seconds: float) -> None:
        self.time += seconds
