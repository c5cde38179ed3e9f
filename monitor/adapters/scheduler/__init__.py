"""APScheduler's one door: late runs run, none is dropped."""

from monitor.adapters.scheduler.scheduler import ApScheduler

__all__ = ["ApScheduler"]
