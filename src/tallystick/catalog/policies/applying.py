"""
Quota policies among documents: each becomes the version of a plan that it declares.

A policy has no version.  Where it says what the newest version of its plan is, that one stands;
else it is the next version.  A plan that holds what a policy cannot say is not followed by one made
of a policy: what it holds would be lost without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.catalog.catalog import Catalog
from tallystick.catalog.documents import Documents, placed_in_order
from tallystick.catalog.fields import Fields
from tallystick.catalog.plan import PlanVersion
from tallystick.catalog.policies.form import form_of
from tallystick.catalog.policies.reading import plan_from_policy
from tallystick.catalog.policies.telling import policy_of_plan
from tallystick.catalog.read import catalog_from_documents
from tallystick.catalog.write import plan_document
from tallystick.kernel import Done, Outcome, PlanKey, Problem, Refused

LIST = "quota_policies"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What policies may refer to: what is stored, under what stands in the same documents."""

    catalog: Catalog
    at: datetime

    def newest(self, key: PlanKey) -> PlanVersion | None:
        """Return the newest version of a plan."""
        found = [one for one in self.catalog.plan_versions.values() if one.plan == key]
        return max(found, key=lambda one: one.version, default=None)


def with_policies(documents: Documents, *, stored: Catalog, at: datetime) -> Outcome[Documents]:
    """
    Return documents in which each quota policy stands as a version of a plan.

    Problems:
        those of `catalog_from_documents` about all else; unknown_reference, wrong_value,
        missing_field and others in policies, each with its place; untold: the plan holds what a
        policy cannot say.
    """
    policies = documents.lists.get(LIST, ())
    others = {name: items for name, items in documents.lists.items() if name != LIST}
    if not policies:
        return Done(documents)
    rest = replace(documents, lists=others)
    read = catalog_from_documents(rest, stored=stored, at=at)
    if isinstance(read, Refused):
        return read
    known = _Known(catalog=_merged(stored, read.value), at=at)
    problems: list[Problem] = []
    plans, places = list(others.get("plans", ())), dict(documents.places)
    for index, policy in enumerate(policies):
        path = f"{LIST}[{index}]"
        plan = _plan(policy, path, known, problems)
        if plan is not None:
            if path in places:
                places[f"plans[{len(plans)}]"] = places[path]
            plans.append(plan)
    if problems:
        return Refused(placed_in_order(problems, documents.places))
    return Done(Documents(lists={**others, "plans": plans}, places=places))


def _plan(
    policy: object, path: str, known: _Known, problems: list[Problem]
) -> Mapping[str, object] | None:
    """Return the plan version that a policy declares; what is wrong is noted."""
    fields = Fields(policy, path=path, problems=problems)
    plan = plan_from_policy(fields, known.catalog.features, known.catalog.meters)
    fields.finish()
    if not fields.sound or not isinstance(policy, Mapping):
        return None
    plan["policy_form"] = [f"{name}={text}" for name, text in form_of(policy)]
    newest = known.newest(PlanKey(str(plan["key"])))
    version = 1 if newest is None else newest.version
    read = _read({**plan, "version": version}, known)
    if isinstance(read, Refused):
        problems += [_below(path, one) for one in read.problems]
        return None
    if newest is None:
        return {**plan, "version": version}
    if read.value == newest:
        return plan_document(newest)
    untold = policy_of_plan(newest, known.catalog.features, known.catalog.meters).untold
    if untold:
        message = (
            f"plan {newest.plan}@{newest.version} holds what a quota policy cannot say: "
            f"{', '.join(untold)}; publish the next version as a catalog file"
        )
        problems.append(Problem(code="untold", message=message, field=f"{path}.plan_id"))
        return None
    return {**plan, "version": version + 1}


def _read(plan: Mapping[str, object], known: _Known) -> Outcome[PlanVersion]:
    documents = Documents(lists={"plans": [plan]})
    read = catalog_from_documents(documents, stored=known.catalog, at=known.at)
    if isinstance(read, Refused):
        return read
    return Done(next(iter(read.value.plan_versions.values())))


def _below(path: str, problem: Problem) -> Problem:
    """Say of the policy what is wrong with the plan that is made of it."""
    inner = problem.field.removeprefix("plans[0]").removeprefix(".")
    return replace(problem, field=path, message=f"as a plan, {inner}: {problem.message}")


def _merged(stored: Catalog, read: Catalog) -> Catalog:
    return replace(
        stored,
        units=stored.units | read.units,
        meters={**stored.meters, **read.meters},
        products={**stored.products, **read.products},
        features={**stored.features, **read.features},
        price_books={**stored.price_books, **read.price_books},
        plan_versions={**stored.plan_versions, **read.plan_versions},
    )
