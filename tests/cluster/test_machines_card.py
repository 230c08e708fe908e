"""The live page's card of all machines, in a real Chromium, at two real daemons that share a Redis."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import async_playwright, expect

from tests.asterisk.browser import QUIET, Seats, axe, chromium
from tests.asterisk.until import until
from tests.cluster.daemons import SOON, Machine
from tests.cluster.servers import Server, free_port
