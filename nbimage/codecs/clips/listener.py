"""Hear whether a decoder says that data is damaged."""

from __future__ import annotations

import re

_WRONG = re.compile(
    r"corrupt decoded frame|[Ee]rror while decoding MB|Error at MB|concealing \d+|damaged at|"
    r"slice CRC mismatch|slice mismatch|error count: |error y=|bad vlc|bad huffman|"
    r"Header size larger|Invalid NAL unit size|Error decoding (?:tile|slice|frame)"
)
"""Said only of data that is not as it was written."""
_REFUSED = re.compile(
    r"Error (?:submitting|while decoding|constructing|splitting|parsing)|Decoding error|"
    r"Could not find ref|Frame num gap|decode_slice_header error|[Ii]nvalid (?:data|undecodable)"
)
"""Said too of frames that refer to what lies before the first key frame that was read."""
_KEY = re.compile(r"\b(?:iskey|keyframe): ?1\b")
_NEXT = re.compile(
    r"(?:at [\d.]+ seconds)?(?:\[[^\]]* @ |(?:decoder|demuxer\S*) -> ).*|(?<=!)at [\d.]+ seconds|"
    r" *\(0x[0-9a-f]+\)"
)
"""What other threads said in the same line, and addresses in memory."""
_PREFIX = re.compile(r"^.*\[[^\]]* @ \w+\] *")


class Listener:
    """Listens to what ffmpeg says, line by line."""

    def __init__(self) -> None:
        self.alarms = 0
        self._keyed = False

    def hear(self, line: str) -> str:
        """Return what a line says of damage, or nothing."""
        found = _WRONG.search(line) or (self._keyed and _REFUSED.search(line))
        self._keyed = self._keyed or bool(_KEY.search(line))
        if not found:
            return ""
        self.alarms += 1
        return _PREFIX.sub("", line[: found.start()]) + _NEXT.split(line[found.start() :])[0]
