"""Runs the API server until standard input closes, so that it never outlives who started it."""

import os
import sys
import threading

from ministack.app import main


def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
main()
