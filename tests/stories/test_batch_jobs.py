"""Accounting logs of batch systems: a supercomputer's 18,239 jobs, a grid's 188,041."""

import pytest

from tests.metering.real_data import data_file
from tests.stories.catalog_file import write_catalog
from tests.stories.hosting import MAPPINGS
from tests.stories.installation import Installation

pytestmark = pytest.mark.shared

JOBS = "jobs/NASA-iPSC-1993-3.1-cln.swf.zip"
GRID_JOBS = "jobs/LCG.swf.gz"


def test_node_seconds(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Run time times processors is 474,238,015 node-seconds, over all jobs and over 69 users."""
    log = data_file(JOBS)
    story = installation.story("supercomputer")
    meter = {"event_type": "batch.job", "aggregation": "sum", "value": "node_seconds"}
    meters = [
        {"key": "jobs", "event_type": "batch.job", "aggregation": "count", "unit": "job"},
        {"key": "node_seconds", "unit": "node.second", **meter},
    ]
    story.apply(write_catalog(tmp_path_factory.mktemp("jobs"), meters=meters))
    told = story.bring_in(log, MAPPINGS / "batch-jobs-nasa-ipsc.yaml")
    assert told["accepted"] == 18_239
    asked = ("--start", "1993-10-01T00:00:00Z", "--end", "1994-02-01T00:00:00Z")
    covered = ("--position", str(told["last_position"]))
    (jobs,) = story.answer("usage", "jobs", *asked, *covered)["items"]
    (whole,) = story.answer("usage", "node_seconds", *asked)["items"]
    assert (jobs["quantity"], whole["quantity"]) == ("18239", "474238015")
    users = story.answer("usage", "node_seconds", *asked, "--group-by", "subject")["items"]
    assert len(users) == 69
    assert sum(int(item["quantity"]) for item in users) == 474_238_015


def test_cpu_seconds_of_a_grid(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Computed from each job, 1,502,530,759 CPU-seconds; 1,009,538,099 of them are of group 4."""
    log = data_file(GRID_JOBS)
    story = installation.story("grid")
    used: dict[str, object] = {
        "event_type": "grid.job",
        "aggregation": "sum",
        "value": {"expression": "data.run_time * data.processors"},
        "unit": "core.second",
        "dimensions": ["group"],
    }
    of_four = [{"expression": "data.group == 4"}]
    meters = [{"key": "cpu", **used}, {"key": "cpu_of_four", **used, "filters": of_four}]
    story.apply(write_catalog(tmp_path_factory.mktemp("grid"), meters=meters))
    assert story.bring_in(log, MAPPINGS / "batch-jobs-lcg.yaml")["accepted"] == 188_041
    asked = ("--start", "2005-11-20T00:00:00Z", "--end", "2005-12-06T00:00:00Z")
    (whole,) = story.answer("usage", "cpu", *asked)["items"]
    assert (whole["quantity"], whole["events"]) == ("1502530759", 188_041)
    groups = {
        item["group"]["group"]: int(item["quantity"])
        for item in story.answer("usage", "cpu", *asked, "--group-by", "group")["items"]
    }
    assert len(groups) == 28
    assert groups["4"] == 1_009_538_099
    assert sum(groups.values()) == 1_502_530_759
    (four,) = story.answer("usage", "cpu_of_four", *asked)["items"]
    assert four["quantity"] == "1009538099"
    days = story.answer("usage", "cpu", *asked, "--window", "day")["items"]
    assert sum(int(item["quantity"]) for item in days) == 1_502_530_759
