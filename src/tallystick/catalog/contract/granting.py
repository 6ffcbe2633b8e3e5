"""Whether a coupon may be given to whom it is given to."""

from collections.abc import Hashable, Iterator, Mapping

from tallystick.catalog.catalog import Catalog
from tallystick.catalog.documents import joined
from tallystick.kernel import Problem


def grant_problems(
    wanted: Catalog, stored: Catalog, *, paths: Mapping[tuple[str, Hashable], str]
) -> Iterator[Problem]:
    """
    Yield what speaks against each wanted grant.

    Args:
        wanted: what documents declare.
        stored: what stands already.
        paths: where each object stands in the documents, by list and key.

    Problems:
        unknown_reference: there is no such contract or account.
        wrong_value: an amount that is used up must know in which order documents use it: it is
            given to one contract.
    """
    coupons = {**stored.coupons, **wanted.coupons}
    contracts = stored.subscriptions.keys() | wanted.subscriptions.keys()
    accounts = stored.accounts.keys() | wanted.accounts.keys()
    for grant in wanted.coupon_grants.values():
        path = paths["coupon_grants", grant.key]
        for name, key, known in (
            ("subscription", grant.subscription, contracts),
            ("account", grant.account, accounts),
        ):
            if key is not None and key not in known:
                message = f'unknown {name} "{key}"'
                yield Problem(code="unknown_reference", message=message, field=joined(path, name))
        if grant.account is not None and coupons[grant.coupon].keeps_rest:
            message = (
                f'coupon "{grant.coupon}" is an amount that documents use up one after the other; '
                'give it to a "subscription"'
            )
            yield Problem(code="wrong_value", message=message, field=joined(path, "account"))
