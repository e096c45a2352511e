# SPDX-License-Identifier: ISC
"""reachd run as a program: signals, reload, hooks, descriptors, what it owes a service manager."""
import json

import lab.daemon as conf


def test_status_is_what_the_socket_says(make_world, make_reachd):
    world = make_world(gap=0)
    world.home.dial("203.0.113.27")
    daemon = make_reachd(world.home.router)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon), ca=world.ca.pem).start()
    daemon.wait_record(10, verified="203.0.113.27", current=True)
    done = daemon.command("status", "--json", "--socket", daemon.socket)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert [one["published"] for one in shown["records"]] == ["203.0.113.27"]
    assert daemon.stop() == 0
