"""As whom PostgreSQL runs: it refuses root, so root hands it to a user namespace or to an unprivileged user."""

import os
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fingerpost_local.failure import CannotStart

_NOBODY = 65534
_NAMESPACE = ("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")


@dataclass(frozen=True)
class Identity:
    """How to start PostgreSQL's programs: what stands before the command, and the user to become first, if any."""

    prefix: tuple[str, ...] = ()
    user: int | None = None

    def own(self, path: Path) -> None:
        """Give a file or an empty folder to that user."""
        if self.user is not None:
            os.chown(path, self.user, self.user)


def choose_identity(directory: Path, binaries: Path) -> Identity:
    """Ourselves, if we are not root; else a user namespace; else `nobody`. Raises `CannotStart` where none of them can work."""
    if os.geteuid() != 0:
        return Identity()
    if namespaces_work():
        return Identity(prefix=_NAMESPACE)
    return unprivileged(directory, binaries)


def namespaces_work() -> bool:
    """Whether this kernel and this container allow root a user namespace of its own."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0  # noqa: S603


def unprivileged(directory: Path, binaries: Path) -> Identity:
    """`nobody`, who must be able to reach the data folder and the programs; the data folder itself is opened for passing through."""
    directory.chmod(0o711)
    for path in (directory, binaries):
        closed = _first_closed(path)
        if closed is not None:
            raise CannotStart(
                f"PostgreSQL does not run as root and {closed} is closed to other users: run this as an ordinary user, "
                f"or keep the data (--data DIR) and the installation in folders that everybody may enter."
            )
    return Identity(user=_NOBODY)


def _first_closed(path: Path) -> Path | None:
    folders: Sequence[Path] = [path.resolve(), *path.resolve().parents]
    return next((folder for folder in reversed(folders) if not folder.stat().st_mode & stat.S_IXOTH), None)
