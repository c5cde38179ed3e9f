"""Our own httpx transport: a connection a request, exact phases, bounds.

httpx's pool distorts the tail (p99 77 ms, facts/probing.md §4.2) and does
not say where the time went; a monitor needs both to be right.
"""

import asyncio
import base64
from typing import override

import httpx

from monitor.adapters.http.decode import decode
from monitor.adapters.http.dial import Dialer, Streams
from monitor.adapters.http.exchange import Exchange, Head, Headers
from monitor.adapters.http.flaws import FAILURES, Flaw, flaw_of, overdue
from monitor.adapters.http.names import Resolve, SystemNames
from monitor.adapters.http.stopwatch import Stopwatch
from monitor.adapters.http.trust import trust
from monitor.domain.answer import NoAnswer
from monitor.domain.quote import quote
