"""Links in letters, as the worker makes them and the owner reads them: of one data directory."""

from tallystick.app.usage_alerts import LetterLinks
from tallystick.bootstrap import DataDirectory, Settings


def letter_links(settings: Settings) -> LetterLinks:
    """Return what makes and reads links in letters; without a public address it makes none."""
    root = DataDirectory(root=settings.data).webhook_root
    return LetterLinks(root=root, public_url=settings.public_url)
