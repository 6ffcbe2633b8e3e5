"""What the page about the pipeline shows, as texts."""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.app.pipeline import PipelineHealth
from tallystick.kernel import counted
from tallystick.web.figures import age_text, grouped, seconds_text

SHOWN_MAX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineView:
    """The page's parts: figures with whether they are a worry, and rows of small tables."""

    figures: tuple[tuple[str, str, bool], ...]
    letters: tuple[tuple[str, str, str], ...]
    senders: tuple[tuple[str, str, str], ...]
    silent: tuple[tuple[str, str, str], ...]
    holes: tuple[tuple[str, str, str], ...]
    alerts: tuple[tuple[str, str, str], ...]


def pipeline_view(health: PipelineHealth) -> PipelineView:
    """Return a look at the pipeline as the page shows it."""
    flow, now = health.flow, health.checked_at
    waiting = sum(each.letters for each in health.letters)
    lag = max(0, flow.durable - flow.covered)
    behind = f"{counted(grouped(str(lag)), 'event')}, {flow.lag_seconds}\N{NO-BREAK SPACE}s"
    return PipelineView(
        figures=(
            ("Log position", grouped(str(flow.durable)), False),
            ("Behind", behind, flow.lag_seconds > 1),
            ("Waiting for the log", grouped(str(flow.queued)), False),
            ("Accepted", grouped(str(flow.accepted)), False),
            ("Duplicates", grouped(str(flow.duplicate)), False),
            ("Conflicts", grouped(str(flow.conflict)), flow.conflict > 0),
            ("Rejected", grouped(str(flow.rejected)), flow.rejected > 0),
            ("Dead letters", grouped(str(waiting)), waiting > 0),
            ("Differences", _told(health.differences), bool(health.differences)),
            ("Unattributed", grouped(str(health.unattributed)), health.unattributed > 0),
        ),
        letters=tuple(
            (each.code, grouped(str(each.letters)), age_text(each.oldest_at, now))
            for each in health.letters[:SHOWN_MAX]
        ),
        senders=tuple(
            (each.source, grouped(str(each.events)), age_text(each.newest_used_at, now))
            for each in health.senders[:SHOWN_MAX]
        ),
        silent=tuple(
            (each.subject, each.meter, seconds_text(int(each.gap_seconds.partition(".")[0])))
            for each in health.silent[:SHOWN_MAX]
        ),
        holes=tuple(
            (f"{each.source} {each.partition}", grouped(str(each.open)), grouped(str(each.lost)))
            for each in health.holes[:SHOWN_MAX]
        ),
        alerts=tuple(
            (
                " ".join(filter(None, (each.condition.value.replace("_", " "), each.about))),
                f"{grouped(str(each.value))} (from {grouped(str(each.threshold))})",
                age_text(each.opened_at, now),
            )
            for each in health.alerts[:SHOWN_MAX]
        ),
    )


def _told(differences: int | None) -> str:
    return "not compared" if differences is None else grouped(str(differences))
