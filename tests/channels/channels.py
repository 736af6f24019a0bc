#!/usr/bin/env python3
"""Where CI uses oakum: the hooks, the action, examples/ci.   usage: channels.py OAKUM [TEST…]

Each file is judged by its schema, and what it runs is run. What others install is fetched once (tools.sh); a test that lacks it is
skipped, and so is the whole then (77), with the reasons; OAK_CI makes that a failure."""
import os
import sys
import unittest

try:
    import yaml  # noqa: F401
except ImportError:
    print("skipped: no PyYAML (python3-yaml)")
    sys.exit(1 if os.environ.get("OAK_CI") else 77)

import place

MODULES = ["actions", "cluster", "gitlab", "precommit"]


def main():
    place.OAKUM = os.path.abspath(sys.argv[1])
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(sys.argv[2:] or MODULES)
    try:
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    finally:
        place.forget()
    if not result.wasSuccessful() or result.testsRun == 0:
        return 1
    for test, why in result.skipped:
        print(f"skipped: {test.id()}: {why}")
    return (1 if os.environ.get("OAK_CI") else 77) if result.skipped else 0


if __name__ == "__main__":
    sys.exit(main())
