"""
Proves the tests: breaks each guarantee of the design once, and requires its test to notice.

A test that stays green when its rule is broken says nothing. `make prove` copies the source,
plants one small break at a time (breaks.toml), runs the test named beside it against the copy, and
asks for a failed assertion; without the break the same test must pass.
"""
