"""How long things last by a host's own clock, which is never mixed with ours.

A reading tells the host's time when it was taken; since then as much has
passed there as here.
"""

from monitor.domain.diagnosis.case import Case, Look


def passed(case: Case, look: Look | None) -> float:
    """Return the seconds since a check was looked at, 0 if not known."""
    seen = look.seen if look else None
    return max(0.0, case.now - seen.at) if seen else 0.0


def there(case: Case) -> float | None:
    """Return what the server's host takes for now, None if not known."""
    service, machine = case.service_reading, case.machine_reading
    if service is not None and service.now is not None:
        return service.now + passed(case, case.process)
    if machine is not None and machine.clock_offset is not None:
        return case.now + machine.clock_offset
    return None


def age(case: Case, at: float | None) -> float | None:
    """Return for how many seconds something of the host lasts.

    `at` is when it began, by the host's clock. What began in the future
    began now.
    """
    now = there(case)
    return None if now is None or at is None else max(0.0, now - at)


def uptime(case: Case) -> float | None:
    """Return for how many seconds the machine is up."""
    machine = case.machine_reading
    if machine is None or machine.uptime is None:
        return None
    return machine.uptime + passed(case, case.machine)
