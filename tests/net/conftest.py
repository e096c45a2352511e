# SPDX-License-Identifier: ISC
"""Fixtures of the end-to-end tests. Run them by `make check-net`, or
`tests/net/enter.py /usr/bin/python3 -m pytest tests/net`, with REACHD=path of the program."""
import os

import pytest

from lab import netns, tools, world
from lab.daemon import Reachd


def pytest_collection_modifyitems(items):
    """Where no lab can be made, each test that needs one is skipped with the reason."""
    why = netns.refused()
    if why:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="no network namespaces here: " + why))


@pytest.fixture(scope="session")
def reachd_path():
    path = os.environ.get("REACHD") or os.path.join(tools.TOP, "build", "reachd")
    if not os.access(path, os.X_OK):
        pytest.fail("there is no program at %s: build first, or set REACHD" % path)
    return os.path.abspath(path)


@pytest.fixture
def make_world(tmp_path):
    """make_world(gap=…, …): the reference home, running; taken down after the test."""
    why = world.missing()
    if why:
        pytest.skip(why)
    made = []

    def make(**options):
        made.append(world.World(tmp_path / ("world%d" % len(made)), **options))
        return made[-1].start()

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def make_reachd(tmp_path, reachd_path):
    """make_reachd(netns): a daemon with a folder of its own, not configured yet; whatever
    becomes of it, it is gone after the test."""
    made = []

    def make(netns, **options):
        name = "reachd%d" % len(made)
        made.append(Reachd(netns, tmp_path / name, reachd_path, name=name, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
