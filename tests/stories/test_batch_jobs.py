"""Three months of a supercomputer's accounting log: node-seconds of 18,239 jobs."""

import pytest

from tests.metering.real_data import data_file
from tests.stories.catalog_file import write_catalog
from tests.stories.hosting import MAPPINGS
from tests.stories.installation import Installation

pytestmark = pytest.mark.shared

JOBS = "jobs/NASA-iPSC-1993-3.1-cln.swf.zip"


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
