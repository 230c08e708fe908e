"""The figures of `/metrics`: what the daemon's parts count anyway, read when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator

from agi_screen.base.figures import Figure, Histogram, counter, gauge, one_of
from agi_screen.base.verdict import CaptchaResult, Level, Verdict
from agi_screen.base.ways import Way
from agi_screen.cluster.shared import BOUNDS as WAIT_BOUNDS
from agi_screen.daemon import Daemon
from agi_screen.health import PARTS, Health, unscreened
from agi_screen.inbound.ami import AmiState
from agi_screen.pulse import BOUNDS as PULSE_BOUNDS
from agi_screen.sharing import RESULTS
from agi_screen.trail.board.tally import CAPTCHA_BOUNDS, DECIDE_BOUNDS_US, MICROSECONDS, spread

MODES = ("enforce", "monitor", "off")


def figures(daemon: Daemon, health: Health) -> Iterator[Figure | Histogram]:
    """All of them; labels are words of ours alone."""
    yield from _calls(daemon)
    yield from _captcha(daemon)
    yield from _level(daemon)
    yield from _records(daemon)
    yield from _ami(daemon)
    yield from _memory(daemon)
    yield from _shared(daemon)
    yield from _loop(daemon)
    yield from _health(health)


def _calls(daemon: Daemon) -> Iterator[Figure | Histogram]:
    tally = daemon.trail.board.tally
    verdicts = {str(verdict): 0.0 for verdict in Verdict}
    yield counter("calls", "Calls by the judge's verdict.", {**verdicts, **tally.by_verdict()}, "verdict")
    last = {**verdicts, **tally.by_last_verdict()}
    yield counter("calls_final", "Calls by the verdict that the dialplan was told last.", last, "verdict")
    let = "Callers let through unscreened, by why."
    yield counter("let_through", let, unscreened(daemon), "error")
    agi = daemon.agi.counts
    odd = {name: agi[name] for name in ("aborted", "no_such_route")}
    yield counter("sessions_failed", "AGI sessions that ended without a verdict for another reason.", odd, "error")
    yield gauge("sessions", "AGI sessions open now.", daemon.agi.open_sessions)
    yield gauge("calls_followed", "Calls whose end is awaited by AMI.", len(daemon.tracker))
    text = "From the request being read to the verdict."
    bounds = [bound / MICROSECONDS for bound in DECIDE_BOUNDS_US]
    counts = spread(tally.decide, DECIDE_BOUNDS_US)
    yield Histogram("decide_seconds", text, bounds, counts, tally.decide_us / MICROSECONDS)


def _captcha(daemon: Daemon) -> Iterator[Figure | Histogram]:
    tally = daemon.trail.board.tally
    results = {str(result): tally.captchas[result] for result in CaptchaResult if result is not CaptchaResult.SKIPPED}
    yield counter("captchas", "CAPTCHAs by how they ended.", results, "result")
    refused = {error: tally.errors[error] for error in ("captcha_full", "captcha_limit")}
    yield counter("captchas_refused", "Suspected callers who were offered no CAPTCHA.", refused, "error")
    ways = {str(way): tally.ways[way] for way in Way}
    yield counter("captcha_ways", "The way on of who did not pass.", ways, "way")
    signals = {signal.name: tally.conduct[signal.name] for signal in daemon.settings.signals}
    seen = {name: count for name, count in signals.items() if count}
    yield counter("captcha_conduct", "CAPTCHAs in which a signal of conduct saw something.", seen, "signal")
    counts = spread(tally.captcha_times, CAPTCHA_BOUNDS)
    yield Histogram("captcha_seconds", "How long a CAPTCHA lasted.", CAPTCHA_BOUNDS, counts, tally.captcha_seconds)
    yield gauge("in_captcha", "Callers in the CAPTCHA now.", daemon.captcha.running)
    most = daemon.settings.config.captcha.max_concurrent
    yield gauge("captcha_capacity", "Callers the CAPTCHA takes at a time.", most)
    prompts = daemon.captcha.prompts
    whole = {**dict.fromkeys(prompts.incomplete, 0.0), **dict.fromkeys(prompts.voices, 1.0)}
    yield gauge("prompts_whole", "Whether all prompts of a language are there.", whole, "language")


def _level(daemon: Daemon) -> Iterator[Figure]:
    levels = one_of([str(level) for level in Level], str(daemon.judge.level))
    yield gauge("attack_level", "The attack level in force: 1 for the one that is.", levels, "level")
    since = daemon.judge.memory.level.change.since
    yield gauge("attack_level_since_timestamp_seconds", "When the level in force began.", since)
    held = float(daemon.judge.memory.level.override is not None)
    yield gauge("attack_level_by_hand", "Whether a person set the level.", held)
    yield gauge("mode", "The mode: 1 for the one that is.", one_of(MODES, daemon.settings.config.mode), "mode")


def _records(daemon: Daemon) -> Iterator[Figure]:
    recorder = daemon.recorder
    counters = recorder.counters
    yield gauge("records_waiting", "Records not written yet.", recorder.waiting)
    yield gauge("records_ok", "Whether the last round of records was written.", float(recorder.state == "ok"))
    yield counter("records_written", "Records written.", counters.written)
    yield counter("records_failures", "Rounds of records that could not be written.", counters.failures)
    yield counter("records_lost", "Records pushed out of a full backlog.", counters.lost)
    names = ("calls", "call_ends", "feedback", "callers", "audit")
    purged = {name: float(daemon.retention.purged[name]) for name in names}
    yield counter("purged", "Rows deleted because [privacy] keeps them no longer.", purged, "what")
    late = daemon.retention.state.startswith("behind")
    yield gauge("purge_ok", "Whether the last deletion of old rows was done.", float(not late))
    hook = daemon.webhook
    news = {"sent": hook.counters.sent, "failed": hook.counters.failed, "dropped": hook.counters.dropped}
    yield counter("webhook_news", "News for the webhook: sent, attempts that failed, given up.", news, "result")
    state = hook.state.partition(":")[0]
    yield gauge("webhook", "The webhook: 1 for how it is.", one_of(("off", "ok", "failing"), state), "state")


def _ami(daemon: Daemon) -> Iterator[Figure]:
    ami = daemon.ami
    yield gauge(
        "ami", "The connection to AMI: 1 for how it is.", one_of([str(s) for s in AmiState], ami.state), "state"
    )
    since = ami.status.since
    yield gauge("ami_since_timestamp_seconds", "Since when the connection is as it is.", since)
    events = {"taken": ami.counters.events, "skipped": ami.counters.skipped, "oversized": ami.counters.oversized}
    yield counter("ami_events", "AMI events by what became of them.", events, "result")
    sent = {"sent": ami.counters.sent, "dropped": ami.counters.dropped}
    yield counter("ami_user_events", "Events of ours for AMI.", sent, "result")
    yield counter("ami_losses", "How often the connection was lost.", ami.counters.losses)


def _memory(daemon: Daemon) -> Iterator[Figure]:
    memory, buckets = daemon.judge.memory, daemon.judge.meters.buckets
    if buckets is not None:
        stats = buckets.stats()
        yield gauge("buckets_used", "Token buckets that are not full.", stats.used)
        yield gauge("buckets_capacity", "Token buckets there is room for.", buckets.capacity)
        yield counter("buckets_evicted", "Token buckets that gave way in a full table.", stats.evicted)
    yield gauge("callers_remembered", "Callers of whom something is remembered.", len(memory.callers))
    yield gauge("blocks_remembered", "Number blocks that are counted.", len(memory.blocks))
    yield gauge("passes", "Passes of callers who solved the CAPTCHA.", len(daemon.passes))
    yield gauge("list_entries", "Entries of a list in force.", daemon.judge.lists.sizes, "list")


def _shared(daemon: Daemon) -> Iterator[Figure | Histogram]:
    """Nothing where no state is shared."""
    if daemon.sharing is None:
        return
    shared = daemon.sharing.shared
    yield gauge("shared_ok", "Whether Redis answers calls now.", float(shared.state == "ok"))
    results = {name: shared.counts[name] for name in RESULTS}
    yield counter("shared_calls", "Calls decided with what all machines know, or without.", results, "result")
    text = "How long calls waited for Redis."
    yield Histogram("shared_seconds", text, WAIT_BOUNDS, shared.waits, shared.waited)
    yield counter("shared_overdue", "Calls that waited over twice the deadline.", shared.overdue)
    yield gauge("shared_untold", "Callers of whom this machine knows news that it could not tell yet.", shared.untold)
    yield counter("shared_news_lost", "Callers whose news will never be told.", shared.news.lost)
    yield counter("shared_losses", "How often a Redis server stopped answering.", shared.losses)
    yield counter("shared_late", "Replies that came after the deadline.", shared.counts["late"])
    if daemon.machines is not None:
        yield gauge("nodes", "Machines that share their state, by how they are.", daemon.machines.counts(), "state")
    if (lists := daemon.list_sharing) is not None:
        yield gauge("shared_lists_ok", "Whether the lists are those of all machines.", float(lists.state == "ok"))
        changes = {name: lists.counts[name] for name in ("told", "taken", "refused")}
        yield counter(
            "shared_list_changes", "Changes of the lists told to other machines, or of theirs.", changes, "result"
        )
    yield counter("shared_refused", "Errors that Redis answered.", shared.counts["refused"])


def _loop(daemon: Daemon) -> Iterator[Figure | Histogram]:
    pulse = daemon.pulse
    text = "How late the event loop came to its beat, four times a second."
    yield Histogram("loop_lag_seconds", text, PULSE_BOUNDS, spread(pulse.counts, PULSE_BOUNDS), pulse.sum)
    yield counter("clock_jumps", "How often the machine's clock was set while the daemon ran.", pulse.jumps)
    yield gauge("loop_lag_worst_seconds", "The latest beat of the last minute.", pulse.worst)
    yield counter("loop_stalls", "Times the event loop stood still for [watchdog] stall.", daemon.watchdog.stalls)


def _health(health: Health) -> Iterator[Figure]:
    now, degraded = health.now(), health.degraded
    yield gauge("part_ok", "Whether a part of the daemon works now.", {p: float(not now[p]) for p in PARTS}, "part")
    told = {part: float(part in degraded) for part in PARTS}
    yield gauge("degraded", "Whether the webhook was told that a part does not work.", told, "part")
