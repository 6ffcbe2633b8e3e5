"""
How hard the property tests try: `dev` at a desk, `ci` on every change, `nightly` at length.

`TALLYSTICK_TEST_PROFILE` chooses; without it `ci` where the variable CI is set, else `dev`.
Times are not judged (`deadline=None`): machines are shared, and a slow example is no wrong one.

`nightly` tries other examples every night, and ends within one also on two cores; `ci` tries the
same ones on every change, so that more of them find nothing that the first runs did not.

An example that asks both engines takes half a second to three, thousands of times what a pure one
takes; those properties are marked `@through_engines` and try fewer. One that bills a contract takes
a tenth of a second; those are marked `@fewer_examples`.
"""

import os

from hypothesis import HealthCheck, settings

_EXAMPLES = {"dev": 50, "ci": 100, "nightly": 2_000}
_EXAMPLES_THROUGH_ENGINES = {"dev": 5, "ci": 8, "nightly": 100}

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
_FEWER_EXAMPLES = {"dev": 5, "ci": 50, "nightly": 2_000}
fewer_examples = settings(max_examples=_FEWER_EXAMPLES[PROFILE])
"""For what takes some hundredths of a second and more for each; nights are long enough for all."""
