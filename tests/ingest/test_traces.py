"""Which request brought an event."""

from tallystick.app.ingest.report import IngestReport, IngestTraces


def report(first_position: int, accepted: int) -> IngestReport:
    """Return the report of a request whose events stand from a position on."""
    return IngestReport(
        accepted=accepted,
        duplicate=1,
        conflict=0,
        rejected=0,
        duplicates=(0,),
        results=(),
        last_position=100,
        first_position=first_position,
    )


def test_an_event_has_the_trace_of_its_request() -> None:
    """By its position, in whatever order the answers were noted; what nobody noted has none."""
    traces = IngestTraces()
    traces.note(report(8, 2), "b")
    traces.note(report(3, 4), "a")
    traces.note(report(0, 0), "repeated")
    told = {position: traces.of(position) for position in range(1, 12)}
    assert told == {
        **dict.fromkeys((1, 2, 7, 10, 11), ""),
        **dict.fromkeys((3, 4, 5, 6), "a"),
        **dict.fromkeys((8, 9), "b"),
    }


def test_only_the_last_requests_are_remembered() -> None:
    """What counters took up long ago is forgotten first."""
    traces = IngestTraces(requests_max=2)
    for position in (1, 2, 3):
        traces.note(report(position, 1), str(position))
    assert [traces.of(position) for position in (1, 2, 3)] == ["", "2", "3"]
