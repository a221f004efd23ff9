"""Prints the part of requirements.lock that some packages need: an image of one service holds no test tools and no other service.

Usage: python needs.py requirements.lock fingerpost-shared fingerpost-router >needs.txt
"""

import re
import sys
from pathlib import Path


def entries(lock: str) -> list[str]:
    """The lock's requirements, each with its hashes and the comment that says who needs it."""
    return [entry for entry in re.split(r"\n(?=[a-z0-9])", lock) if not entry.startswith("#")]


def name_of(entry: str) -> str:
    """The package that an entry pins."""
    return entry.partition("==")[0]


def needed_by(entry: str) -> set[str]:
    """The packages named in its `# via` comment."""
    comments = re.findall(r"^    #\s+(.+)$", entry, re.MULTILINE)
    return {comment.removeprefix("via").strip() for comment in comments}


def needs(lock: str, roots: set[str]) -> list[str]:
    """The entries that the roots need, directly or not; a root that the lock itself pins is among them."""
    wanted, known = set(roots), entries(lock)
    while more := {name_of(entry) for entry in known if needed_by(entry) & wanted} - wanted:
        wanted |= more
    return [entry for entry in known if name_of(entry) in wanted]


if __name__ == "__main__":
    print("\n".join(needs(Path(sys.argv[1]).read_text(encoding="utf-8"), set(sys.argv[2:]))))
