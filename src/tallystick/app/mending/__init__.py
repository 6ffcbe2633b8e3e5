"""Dead letters mended: rewritten by fixes, sent again through the gate, or given up."""

from tallystick.app.mending.discard_letters import (
    DiscardLetters,
    DiscardReport,
    discard_letters,
)
from tallystick.app.mending.fixes import (
    Default,
    Fix,
    MapValues,
    Rename,
    SetTime,
    SetValue,
    mend,
)
from tallystick.app.mending.ports import Positions, ReplayGate
from tallystick.app.mending.replay_letters import (
    Fate,
    MendedLetter,
    MendingParts,
    ReplayLetters,
    ReplayReport,
    preview_replay,
    replay_letters,
)
from tallystick.app.mending.selection import LETTERS_MAX, Selection

__all__ = [
    "LETTERS_MAX",
    "Default",
    "DiscardLetters",
    "DiscardReport",
    "Fate",
    "Fix",
    "MapValues",
    "MendedLetter",
    "MendingParts",
    "Positions",
    "Rename",
    "ReplayGate",
    "ReplayLetters",
    "ReplayReport",
    "Selection",
    "SetTime",
    "SetValue",
    "discard_letters",
    "mend",
    "preview_replay",
    "replay_letters",
]
