"""Run as a program beside a child where the kernel has no parent-death signal: waits for the parent's end, then ends the child."""

import contextlib
import os
import sys


def main() -> None:
    """Read standard input until the parent that holds its other end is gone, then signal the child named on the command line."""
    pid, death_signal = map(int, sys.argv[1:3])
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, death_signal)


if __name__ == "__main__":
    main()
