"""Runs microburst before the API server until standard input closes.

    inject.py PORT UPSTREAM
"""

import os
import pathlib
import sys
import threading

from microburst.cli import main


def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
rules = pathlib.Path(__file__).with_name("faults.yml")
main(["--port", sys.argv[1], "--upstream", sys.argv[2], "--config", str(rules)])
