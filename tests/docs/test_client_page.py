"""The page on quotas from Python runs against a server, over a line that can be cut."""

import doctest
from pathlib import Path

from tallystick.client import Endpoint, LocalQuotas
from tests.client.quota_tenants import entitle
from tests.client.relay import relay
from tests.serving import Tenant
from tests.waiting import wait_until

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quotas" / "client.md"


def _know(quotas: LocalQuotas, account: str) -> None:
    quotas.consume(account, "sso")
    wait_until(lambda: quotas.knows(account), seconds_max=10, waiting_for="entitlements")


def test_the_page_says_what_is_so(tenant: Tenant, tmp_path: Path) -> None:
    """What the page says that an example answers is what it answers."""
    key = entitle(tenant).key
    with relay(tenant.url) as line:
        failed, tried = doctest.testfile(
            str(PAGE),
            module_relative=False,
            globs={
                "endpoint": Endpoint(url=line.url, key=key),
                "folder": tmp_path,
                "know": _know,
                "cut": line.cut,
                "mend": line.mend,
            },
        )
    assert failed == 0
    assert tried > 15
