"""What the integration and end-to-end tests share: private servers, the program under test, the source tree."""

from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
