"""Files that others put into a folder."""

from tallystick.integrations.watched_folder.collecting import collect_folder
from tallystick.integrations.watched_folder.finishing import finished_item, send_file
from tallystick.integrations.watched_folder.watched_folder import WatchedFolder

__all__ = ["WatchedFolder", "collect_folder", "finished_item", "send_file"]
