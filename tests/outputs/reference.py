"""What a scrape must say, written slowly and plainly for every scrape.

Nothing is kept but the board and the counts: so nothing can go stale in it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict

from monitor.domain.backend import BackendReading
from monitor.domain.canary.reading import CanaryReading, Result
from monitor.domain.diagnosis.cause import CAUSES
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health
from monitor.domain.joblog.kinds import WORDS, is_bad
from monitor.domain.joblog.reading import JobsReading, LogReading
from monitor.domain.kernel.slot import slot
from monitor.domain.machine.reading import MachineReading
from monitor.domain.network import NetworkReading
from monitor.domain.observation import (
    CheckKey,
    Kind,
    Observation,
    Reading,
)
from monitor.domain.service.reading import ServiceReading
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.entry import Entry
from monitor.engine.events import Looked, Skipped
from monitor.outputs.metrics.canaries import BOUNDS
from monitor.outputs.metrics.hosts import GRAVE
from tests.fakes.ward import FakeWard

Line = tuple[str, dict[str, str], float | None]
Sample = tuple[str, tuple[tuple[str, str], ...], float]
_DONE = {Result.OK, Result.COLD, Result.SLOW, Result.UNVERIFIED}
_CANARY_SKIPS = ("overlap", "target_busy", "host_busy", "busy", "budget")


class Reference:
    def __init__(
        self, board: Board, planned: set[str], ward: FakeWard
    ) -> None:
        self.board = board
        self.ward = ward
        self.planned = planned
        self.checks: dict[CheckKey, Check] = {}
        self.counts: defaultdict[CheckKey, Counter[str]]
        self.counts = defaultdict(Counter)
        self.took: defaultdict[CheckKey, list[float]] = defaultdict(list)
        self.expiry: dict[CheckKey, float] = {}
        self.xids: dict[CheckKey, tuple[tuple[str, int, int], ...]] = {}
        self.events: dict[CheckKey, dict[str, int]] = {}
        self.cpu: dict[CheckKey, tuple[int, float | None]] = {}
        self.rewired()

    def rewired(self) -> None:
        now = {e.check.key: e.check for e in self.board.entries()}
        for key, check in self.checks.items():
            if key not in now or now[key].labels != check.labels:
                self.counts.pop(key, None)
                self.took.pop(key, None)
                self.xids.pop(key, None)
                self.events.pop(key, None)
            if now.get(key) is not check:
                self.expiry.pop(key, None)
                self.cpu.pop(key, None)
        self.checks = now

    def looked(self, event: Looked) -> None:
        key, seen = event.check.key, event.seen
        counts = self.counts[key]
        counts["runs"] += 1
        counts["failures"] += bool(seen.reason)
        reading = seen.reading
        if isinstance(reading, NetworkReading) and reading.certificate:
            self.expiry[key] = reading.certificate.not_after
        if isinstance(reading, MachineReading) and reading.kernel:
            self.xids[key] = reading.kernel.counts
        if isinstance(reading, LogReading):
            self.events[key] = dict(reading.counts)
        if isinstance(reading, ServiceReading):
            self._spent(key, reading)
        if isinstance(reading, CanaryReading):
            counts[f"result {reading.result}"] += 1
            produced = _DONE | {Result.INVALID_OUTPUT}
            if reading.result in produced and reading.duration is not None:
                self.took[key].append(reading.duration)
        else:
            cut = seen.reason == "timeout"
            counts[f"result {'timeout' if cut else 'error'}"] += 1

    def _spent(self, key: CheckKey, reading: ServiceReading) -> None:
        server = reading.server
        if server is None:
            if not reading.gaps:
                self.cpu.pop(key, None)
            return
        pid, before = self.cpu.get(key, (0, None))
        spent = server.cpu_seconds
        if spent is None and pid == server.pid:
            spent = before
        self.cpu[key] = (server.pid, spent)

    def skipped(self, event: Skipped) -> None:
        self.counts[event.check.key][f"skip {event.reason}"] += 1

    def samples(self, now: float) -> list[Sample]:
        found = [*self._targets(now), *_causes()]
        for entry in self.board.entries():
            canary = entry.check.kind == "canary"
            write = self._canary if canary else self._probe
            found += [
                (f"facefusion_{name}", tuple(sorted(labels.items())), value)
                for name, labels, value in write(entry, now)
                if value is not None
            ]
        return sorted(found)

    def _targets(self, now: float) -> Iterator[Sample]:
        for t in self.board.targets.values():
            who = {"target": t.name, "host": t.host, "url": t.url}
            who |= {"dialect": t.dialect, **dict(t.labels)}
            yield "facefusion_target_info", tuple(sorted(who.items())), 1.0
            me = ("target", t.name)
            health = self.ward.health(t.name, now)
            cause = self.ward.diagnosis(t.name).cause
            yield "facefusion_diagnosis", (("cause", cause), me), 1.0
            page = self.ward.page(t.name)
            if page and not page.withheld:
                severity = ("severity", page.severity.value)
                paged = (("cause", page.cause), severity, me)
                yield "facefusion_page", paged, 1.0
            for state in Health:
                labels = (("state", state.value), me)
                yield "facefusion_health", labels, float(state is health)
            planned = float(t.name in self.planned)
            yield "facefusion_maintenance", (me,), planned

    def _probe(self, entry: Entry, now: float) -> Iterator[Line]:
        key, counts = entry.check.key, self.counts[entry.check.key]
        me = {} if key.kind is Kind.MONITOR else {key.kind.value: key.subject}
        labels = {**me, "probe": entry.check.kind}
        yield "probe_runs_total", labels, counts["runs"]
        yield "probe_failures_total", labels, counts["failures"]
        for reason in {"overlap"} | _skips(counts):
            why = {**labels, "reason": reason}
            yield "probe_skipped_total", why, counts[f"skip {reason}"]
        ran = entry.seen.at if entry.seen else None
        yield "probe_last_run_timestamp_seconds", labels, ran
        name = "probe_last_success_timestamp_seconds"
        yield name, labels, entry.last_success
        name = "tls_certificate_expiry_timestamp_seconds"
        yield name, me, self.expiry.get(key)
        yield "process_cpu_seconds_total", me, self.cpu.get(key, (0, None))[1]
        if entry.check.kind == "logs":
            for kind in WORDS:
                count = self.events.get(key, {}).get(kind, 0)
                shown = count if count or is_bad(kind) else None
                yield "log_events_total", {**me, "kind": kind}, shown
        if key in self.xids:
            yield from self._xids(key)
        if entry.check.kind == "status":
            said = self.board.server(key.subject)
            if said:
                who = {**me, "version": said.version, "dialect": said.dialect}
                yield "server_info", who, 1
        if entry.check.kind == "gpu":
            yield from self._known(key.subject)
        seen = entry.fresh(now)
        if seen is not None:
            yield from self._shown(entry.check.kind, seen, me, labels)

    def _xids(self, key: CheckKey) -> Iterator[Line]:
        gpus = [known.gpu for known in self.board.gpus(key.subject).values()]
        total = Counter({(g.uuid, x): 0 for g in gpus for x in GRAVE})
        for bus_id, xid, count in self.xids[key]:
            here = [g.uuid for g in gpus if slot(g.pci_bus_id) == slot(bus_id)]
            total["".join(here[-1:]), xid] += count
        for (uuid, xid), count in total.items():
            which = {"host": key.subject, "uuid": uuid, "xid": str(xid)}
            yield "gpu_xid_errors_total", which, count

    def _shown(
        self,
        kind: str,
        seen: Observation,
        me: dict[str, str],
        labels: dict[str, str],
    ) -> Iterator[Line]:
        yield "probe_success", labels, not seen.reason
        yield "probe_duration_seconds", labels, seen.duration
        reading = seen.reading
        if isinstance(reading, StatusReading | BackendReading):
            for phase, seconds in asdict(reading.phases).items():
                where = {**labels, "phase": phase}
                yield "probe_phase_duration_seconds", where, seconds
        if kind == "status" and seen.health is not Health.UNKNOWN:
            yield "up", me, not seen.reason
        if isinstance(reading, StatusReading):
            yield "status_code", me, reading.code
            yield "queue_size", me, reading.queue_size
        if isinstance(reading, NetworkReading):
            where = {**labels, "phase": "connect"}
            trip = reading.tcp_round_trip
            yield "probe_phase_duration_seconds", where, trip
            yield "ping_round_trip_seconds", me, reading.ping_round_trip
            yield "ping_loss_ratio", me, reading.ping_loss
        if isinstance(reading, GpuReading):
            for gpu in reading.gpus:
                which = {**me, "uuid": gpu.uuid}
                heat = gpu.temperature_celsius
                yield "gpu_temperature_celsius", which, heat
                yield "gpu_memory_used_bytes", which, gpu.memory_used_bytes
            for fault in reading.faults:
                which = {**me, "uuid": fault.uuid, "fault": fault.fault}
                yield "gpu_fault", which, 1
            for uuid, owner, held in reading.owners:
                which = {**me, "uuid": uuid, "owner": owner}
                yield "gpu_process_memory_bytes", which, held
        yield from self._seen_there(reading, me)

    def _seen_there(
        self, reading: Reading | None, me: dict[str, str]
    ) -> Iterator[Line]:
        if isinstance(reading, MachineReading):
            yield "host_boot_time_seconds", me, reading.boot_time
            yield "host_load1", me, reading.load1
            yield "host_cpus", me, reading.cpus
            yield "host_memory_total_bytes", me, reading.memory_total_bytes
            free = reading.memory_available_bytes
            yield "host_memory_available_bytes", me, free
            for disk in reading.disks:
                where = {**me, "path": disk.path}
                yield "host_disk_total_bytes", where, disk.total_bytes
                yield "host_disk_free_bytes", where, disk.free_bytes
        if isinstance(reading, JobsReading):
            for status, count in reading.counts:
                yield "jobs", {**me, "status": status}, count
        if isinstance(reading, ServiceReading):
            server = reading.server
            if server is not None or not reading.gaps:
                yield "process_running", me, server is not None
            if server is not None:
                yield "process_start_time_seconds", me, server.started_at
                resident = server.resident_bytes
                yield "process_resident_memory_bytes", me, resident

    def _known(self, host: str) -> Iterator[Line]:
        for known in self.board.gpus(host).values():
            gpu = known.gpu
            who = {"host": host, "uuid": gpu.uuid, "gpu": str(gpu.index)}
            who |= {"name": gpu.name, "pci_bus_id": gpu.pci_bus_id}
            who |= {"driver_version": known.driver_version}
            yield "gpu_info", {**who, "cuda_version": known.cuda_version}, 1

    def _canary(self, entry: Entry, now: float) -> Iterator[Line]:
        check, counts = entry.check, self.counts[entry.check.key]
        me = {"target": check.key.subject}
        labels = me | dict(check.labels)
        for result in Result:
            how = {**labels, "result": result.value}
            yield "canary_runs_total", how, counts[f"result {result}"]
        for reason in {*_CANARY_SKIPS} | _skips(counts):
            why = {**me, "canary": labels["canary"], "reason": reason}
            yield "canary_skipped_total", why, counts[f"skip {reason}"]
        took = self.took[check.key]
        name = "canary_duration_seconds"
        for bound in BOUNDS:
            within = {**labels, "le": f"{float(bound)}"}
            yield f"{name}_bucket", within, sum(t <= bound for t in took)
        yield f"{name}_bucket", {**labels, "le": "+Inf"}, len(took)
        yield f"{name}_count", labels, len(took)
        yield f"{name}_sum", labels, sum(took)
        ran = entry.seen.at if entry.seen else None
        yield "canary_last_run_timestamp_seconds", labels, ran
        yield "canary_interval_seconds", labels, check.interval
        for name, limit in zip(
            ("low", "high"), check.benchmark or (), strict=False
        ):
            which = {**labels, "bound": name}
            yield "canary_benchmark_seconds", which, limit
        seen = entry.fresh(now)
        run = seen.reading if seen else None
        if isinstance(run, CanaryReading):
            produced = run.result in _DONE | {Result.INVALID_OUTPUT}
            last = run.duration if produced else None
            yield "canary_last_duration_seconds", labels, last
            yield "canary_success", labels, run.result in _DONE
            yield "canary_output_valid", labels, run.output_valid
            yield "canary_benchmark_ratio", labels, run.ratio
            yield "canary_baseline_seconds", labels, run.baseline
        elif seen and seen.health is not Health.UNKNOWN:
            yield "canary_success", labels, 0


def _causes() -> Iterator[Sample]:
    for word, row in CAUSES.items():
        if word != "none":
            runbook = ("runbook", f"deploy/runbooks/{word}.md")
            severity = ("severity", row.severity.value)
            labels = (("cause", word), runbook, severity)
            yield "facefusion_cause_info", labels, 1.0


def _skips(counts: Counter[str]) -> set[str]:
    return {n.removeprefix("skip ") for n in counts if n.startswith("skip ")}
