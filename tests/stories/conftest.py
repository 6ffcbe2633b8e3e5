"""Fixtures of the stories."""

from tests.stories.installation import installation

__all__ = ["installation"]
