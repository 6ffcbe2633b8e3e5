"""A day of 1,052 virtual machines, sampled every five minutes."""

import csv
import tarfile
from decimal import Decimal
from pathlib import Path

import pytest

from tests.metering.real_data import data_file
from tests.stories.catalog_file import write_catalog
from tests.stories.hosting import INPUTS
from tests.stories.installation import Installation

pytestmark = pytest.mark.shared

ARCHIVE = "planetlab/20110303.tar.gz"
MACHINES, SAMPLES, SECONDS = 1_052, 288, 300
VM_SECONDS = 90_892_800


def test_vm_seconds(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each sample stands for its 300 seconds, the last one too: 90,892,800 VM-seconds."""
    folder = tmp_path_factory.mktemp("planetlab")
    file, used = _as_csv(data_file(ARCHIVE), folder)
    story = installation.story("planetlab")
    level = {"event_type": "vm.cpu", "aggregation": "time_weighted", "hold_seconds_max": SECONDS}
    percent = {"expression": "data.cpu_percent / 100"}
    meters = [
        {"key": "vm", "value": "vm", "unit": "vm", **level},
        {"key": "cpu", "value": percent, "unit": "core", **level},
    ]
    story.apply(write_catalog(folder, meters=meters))
    assert story.bring_in(file, INPUTS / "planetlab.yaml")["accepted"] == MACHINES * SAMPLES
    asked = ("--start", "2011-03-03T00:00:00Z", "--end", "2011-03-05T00:00:00Z")
    (whole,) = story.answer("usage", "vm", *asked)["items"]
    assert Decimal(whole["quantity"]) == VM_SECONDS == MACHINES * SAMPLES * SECONDS
    hours = story.answer("usage", "vm", *asked, "--window", "hour")["items"]
    assert [int(item["quantity"]) for item in hours[:24]] == [MACHINES * 3600] * 24
    (busy,) = story.answer("usage", "cpu", *asked)["items"]
    assert Decimal(busy["quantity"]) == Decimal(used * SECONDS) / 100


def _as_csv(archive: Path, folder: Path) -> tuple[Path, int]:
    """Write a file a machine as rows of one file; return it, and the sum of all percentages."""
    target, total = folder / "samples.csv", 0
    with tarfile.open(archive) as packed, target.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["vm", "seconds", "cpu_percent"])
        for member in packed.getmembers():
            content = packed.extractfile(member)
            if content is None:
                continue
            for number, text in enumerate(content.read().split()):
                rows.writerow([Path(member.name).name, number * SECONDS, int(text)])
                total += int(text)
    return target, total
