"""The running contact centre: channels in front, the conductor in the middle, the store behind.

Start reading at `contact_center.app` (what there is) and `contact_center.conductor` (what happens
to one delivery); docs/architecture.md follows a call through both.
"""

from typing import Final

VERSION: Final = "0.1.0"
"""As in pyproject.toml (a test holds the two together)."""
