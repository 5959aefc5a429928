"""One file of each kind that is read, with what it holds, and other programs that read it.

``python -m tests.kinds`` writes the table of kinds and doors into ``docs/formats.md``.
"""

from tests.kinds import astronomy, earth, medicine, microscopy, pictures  # which add theirs
from tests.kinds.kind import HEAVY, KINDS, Content, Kind

__all__ = [
    "HEAVY",
    "KINDS",
    "Content",
    "Kind",
    "astronomy",
    "earth",
    "medicine",
    "microscopy",
    "pictures",
]
