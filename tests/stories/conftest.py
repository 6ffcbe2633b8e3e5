"""Fixtures of the stories."""

from tests.stories.hosting import january
from tests.stories.installation import installation

__all__ = ["installation", "january"]
