"""Personal data: kept beside the log, put back for readers, and erased for good."""

from tallystick.app.personal.choose_values import Choice, Whose, choice_of
from tallystick.app.personal.commit_values import Salts, ValueUse, commit_values
from tallystick.app.personal.erasing import (
    Erased,
    EraseValues,
    erase_values,
)
from tallystick.app.personal.ports import (
    Chosen,
    DurableLog,
    ErasureStore,
    EventSpan,
    KeptText,
    PersonalEvents,
    PersonalStore,
    PersonalUse,
    PersonalValue,
    UseGroup,
)
from tallystick.app.personal.preview_erasure import (
    ErasedPath,
    ErasurePreview,
    preview_erasure,
)
from tallystick.app.personal.protect_events import IdentifiedLog, ProtectedEvents
from tallystick.app.personal.read_back import ReadableEvent, read_back
from tallystick.app.personal.show_personal import PathState, show_personal

__all__ = [
    "Choice",
    "Chosen",
    "DurableLog",
    "EraseValues",
    "Erased",
    "ErasedPath",
    "ErasurePreview",
    "ErasureStore",
    "EventSpan",
    "IdentifiedLog",
    "KeptText",
    "PathState",
    "PersonalEvents",
    "PersonalStore",
    "PersonalUse",
    "PersonalValue",
    "ProtectedEvents",
    "ReadableEvent",
    "Salts",
    "UseGroup",
    "ValueUse",
    "Whose",
    "choice_of",
    "commit_values",
    "erase_values",
    "preview_erasure",
    "read_back",
    "show_personal",
]
