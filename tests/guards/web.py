"""Guards of our own door."""

from tests.guards.guard import Guard

GUARDS = (
    Guard(
        says="a token of another scope does nothing",
        file="monitor/web/auth.py",
        line="        if not token.scopes & self._scopes:",
        without="        if not token.scopes:",
        tests="tests/web/test_access.py",
    ),
    Guard(
        says="without tokens nothing can be changed",
        file="monitor/web/auth.py",
        line="        if not self._scopes & OPEN:",
        without="        if not self._scopes:",
        tests="tests/web/test_access.py",
    ),
    Guard(
        says="without tokens only this machine reads",
        file="monitor/web/auth.py",
        line="        if not is_loopback(peer(request)):",
        without="        if not peer(request):",
        tests="tests/web/test_access.py",
    ),
    Guard(
        says="a page of a stranger's name is not answered",
        file="monitor/web/outermost.py",
        line="        if not self._ours(scope):",
        without="        if not scope:",
        tests="tests/web/test_access.py",
    ),
    Guard(
        says="wrong tokens cannot be tried without end",
        file="monitor/web/limits.py",
        line='        _refuse(self._failures.wait(peer), "answer so many',
        without='        _ = (self._failures.wait(peer), "answer so many',
        tests="tests/web/test_access.py",
    ),
    Guard(
        says="a request's body is limited",
        file="monitor/web/outermost.py",
        line="        if self._left < 0:",
        without="        if self._left < -10**9:",
        tests="tests/web/test_problems.py",
    ),
    Guard(
        says="/probe starts no canary",
        file="monitor/web/routes/probe.py",
        line='        if entry.check.kind == "canary":',
        without="        if entry.check.kind is None:",
        tests="tests/web/test_probe_route.py",
    ),
    Guard(
        says="a key for another request is refused",
        file="monitor/web/idempotency.py",
        line="    if kept.request != asked:",
        without="    if not asked:",
        tests="tests/web/test_changes.py",
    ),
    Guard(
        says="nobody gets another's answer by its key",
        file="monitor/web/idempotency.py",
        line="_digest(by.name.encode(), given.encode())",
        without="_digest(given.encode())",
        tests="tests/web/test_changes.py",
    ),
    Guard(
        says="a request's head has a deadline",
        file="monitor/web/protocol.py",
        line="        self._within(self._allowed.head)\n\n    @override\n"
        "    def connection_lost",
        without="        pass\n\n    @override\n    def connection_lost",
        tests="tests/stories/test_web_floods.py",
    ),
    Guard(
        says="a request's body has a deadline",
        file="monitor/web/protocol.py",
        line="        self._within(self._allowed.body)",
        without="        self._in_time()",
        tests="tests/stories/test_web_floods.py",
    ),
    Guard(
        says="an answer nobody reads has a deadline",
        file="monitor/web/protocol.py",
        line="        self._stalled = self.loop.call_later("
        "self._allowed.read, self.drop)",
        without="        pass",
        tests="tests/stories/test_web_floods.py",
    ),
    Guard(
        says="connections are limited in all",
        file="monitor/web/door.py",
        line="        if len(self._open) >= self._overall and not"
        " self._drop_oldest():",
        without="        if len(self._open) < 0:",
        tests="tests/web/test_door.py",
    ),
    Guard(
        says="silent connections are limited for each peer",
        file="monitor/web/door.py",
        line="        if len(waiting) > self._per_peer:",
        without="        if len(waiting) < 0:",
        tests="tests/web/test_door.py",
    ),
    Guard(
        says="listeners are limited",
        file="monitor/web/routes/events.py",
        line="        if not self._hub.full:",
        without="        if self._hub:",
        tests="tests/web/test_event_stream.py",
    ),
    Guard(
        says="a revoked token hears no more events",
        file="monitor/web/routes/events.py",
        line="        while allowed():",
        without="        while True:",
        tests="tests/web/test_event_stream.py",
    ),
    Guard(
        says="a client without a certificate stays outside",
        file="monitor/daemon/tls.py",
        line="        context.verify_mode = ssl.CERT_REQUIRED",
        without="        context.verify_mode = ssl.CERT_OPTIONAL",
        tests="tests/stories/test_web_tls.py",
    ),
    Guard(
        says="a token that everybody may read is refused",
        file="monitor/daemon/tokens.py",
        line="        if os.fstat(file.fileno()).st_mode & stat.S_IROTH:",
        without="        if not file:",
        tests="tests/daemon/test_tokens.py",
    ),
)
