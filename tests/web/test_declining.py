"""The page to which letters link: it asks first, and a POST needs no key."""

from tallystick.app.usage_alerts import LetterLinks
from tallystick.bootstrap import DataDirectory
from tests.serving import Served, Tenant

OWNER = "owner@acme.example"
ACME = {
    "key": "acme",
    "name": "Acme",
    "zone": "UTC",
    "currency": "EUR",
    "invoiced": True,
    "email": OWNER,
}


def link_of(served: Served, tenant: Tenant, *, language: str = "de", to: str = OWNER) -> str:
    """Return the path of a link as the worker of this installation makes it."""
    root = DataDirectory(root=served.log.parent / "data").webhook_root
    links = LetterLinks(root=root, public_url="https://bills.example.com")
    url = links.url(to, workspace=tenant.workspace, account="acme", language=language)
    return url.removeprefix("https://bills.example.com")


def declined(tenant: Tenant) -> list[str]:
    """Return who declined letters."""
    return [one["address"] for one in tenant.ask("GET", "/v1/declined-letters").json()["items"]]


def test_looking_declines_nothing_and_a_post_does(served: Served, tenant: Tenant) -> None:
    """What looks at every link of a letter changes nothing; mail programs POST without a page."""
    tenant.apply({"accounts": [ACME]})
    path = link_of(served, tenant)
    shown = tenant.ask("GET", path, token="")
    assert shown.status_code == 200
    assert 'lang="de" dir="ltr"' in shown.text
    assert "Nicht mehr senden" in shown.text
    assert declined(tenant) == []
    body = {"List-Unsubscribe": "One-Click"}
    answers = [tenant.ask("POST", path, token="", data=body) for _ in range(2)]
    assert [(one.status_code, "<button" in one.text) for one in answers] == [(200, False)] * 2
    assert declined(tenant) == [OWNER]
    assert OWNER not in shown.text + answers[0].text


def test_the_page_runs_as_its_language_does(served: Served, tenant: Tenant) -> None:
    """Arabic from right to left."""
    shown = tenant.ask("GET", link_of(served, tenant, language="ar"), token="")
    assert 'lang="ar" dir="rtl"' in shown.text


def test_a_wrong_link_is_told_nothing(served: Served, tenant: Tenant) -> None:
    """The same answer to no token, a changed one, and one of an address that nobody writes to."""
    tenant.apply({"accounts": [ACME]})
    path = link_of(served, tenant)
    for wrong in ("/letters", "/letters?token=AAAA", path[:-2] + "zz"):
        for method in ("GET", "POST"):
            answer = tenant.ask(method, wrong, token="")
            assert (answer.status_code, answer.text) == (404, "Not found."), wrong
    strange = tenant.ask("POST", link_of(served, tenant, to="x@y.example"), token="")
    assert (strange.status_code, strange.text) == (404, "Not found.")
    assert declined(tenant) == []


def test_one_link_is_not_used_without_end(served: Served, tenant: Tenant) -> None:
    """Five times at once; then it says how long to wait, and other links go on."""
    tenant.apply({"accounts": [ACME]})
    path = link_of(served, tenant)
    with tenant.client("") as client:
        answers = [client.post(path) for _ in range(12)]
        late = [one for one in answers if one.status_code == 429]
        assert late
        assert int(late[0].headers["retry-after"]) >= 1
        assert client.post(link_of(served, tenant, language="en")).status_code == 200
