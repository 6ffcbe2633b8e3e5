"""
How hard the property tests try: `dev` at a desk, `ci` on every change, `nightly` at length.

`TALLYSTICK_TEST_PROFILE` chooses; without it `ci` where the variable CI is set, else `dev`.
Times are not judged (`deadline=None`): machines are shared, and a slow example is no wrong one.

`nightly` tries other examples every night, and ends within one also on two cores.

An example that asks both engines takes half a second to three, thousands of times what a pure one
takes; those properties are marked `@through_engines` and try fewer.
"""

import os

from hypothesis import HealthCheck, settings

_EXAMPLES = {"dev": 50, "ci": 500, "nightly": 2_000}
_EXAMPLES_THROUGH_ENGINES = {"dev": 5, "ci": 15, "nightly": 60}

for _name, _examples in _EXAMPLES.items():
    settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,
        derandomize=_name == "ci",
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )

PROFILE = os.environ.get("TALLYSTICK_TEST_PROFILE", "ci" if os.environ.get("CI") else "dev")
settings.load_profile(PROFILE)
through_engines = settings(max_examples=_EXAMPLES_THROUGH_ENGINES[PROFILE])
fewer_examples = settings(max_examples=_EXAMPLES[PROFILE] // 10)
"""For what takes a tenth of a second and more for each."""
