"""Prints the part of requirements.lock that some packages need: an image of one service holds no test tools and no other service.

Usage: python needs.py requirements.lock shared services/router >needs.txt    (folders of the workspace, or names in the lock)
"""

import re
import sys
import tomllib
from pathlib import Path


def entries(lock: str) -> list[str]:
    """The lock's requirements, each with its hashes and the comment that says who needs it."""
    return [entry for entry in re.split(r"\n(?=[a-z0-9])", lock) if not entry.startswith("#")]


def name_of(requirement: str) -> str:
    """The package that a requirement is about, spelt as the lock does: `nats-py[nkeys]==2.16.0` is about `nats-py`."""
    return re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0].lower().replace("_", "-")


def needed_by(entry: str) -> set[str]:
    """The packages named in its `# via` comment."""
    comments = re.findall(r"^    #\s+(.+)$", entry, re.MULTILINE)
    return {comment.removeprefix("via").strip() for comment in comments}


def roots(what: str) -> set[str]:
    """What a folder of the workspace asks for, but for its own siblings; a name is itself."""
    project = Path(what) / "pyproject.toml"
    if not project.exists():
        return {what}
    asked = tomllib.loads(project.read_text(encoding="utf-8"))["project"].get("dependencies", [])
    return {name_of(requirement) for requirement in asked if not requirement.startswith("fingerpost-")}


def needs(lock: str, wanted: set[str]) -> list[str]:
    """The entries for these packages and for what they need. Exits with a sentence when the lock lacks one of them."""
    known = {name_of(entry): entry for entry in entries(lock)}
    if missing := wanted - known.keys():
        sys.exit(f"requirements.lock does not pin {', '.join(sorted(missing))}: export it again.")
    while more := {name for name, entry in known.items() if needed_by(entry) & wanted} - wanted:
        wanted = wanted | more
    return [entry for name, entry in known.items() if name in wanted]


if __name__ == "__main__":
    asked_for = set[str]().union(*map(roots, sys.argv[2:]))
    print("\n".join(needs(Path(sys.argv[1]).read_text(encoding="utf-8"), asked_for)))
