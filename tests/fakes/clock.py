"""A clock that moves only when a test moves it."""


class FakeClock:
    def __init__(self, now: float = 1_000_000.0) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def pass_time(self, seconds: float) -> None:
        self.time += seconds
