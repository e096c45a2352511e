# SPDX-License-Identifier: ISC
"""Whoever ran another updater: its configuration, as `reachd import` takes it over, keeps the name at the address. What
is written is used as it is, but for the lab's addresses, which are none of the internet's, and the gap, which a daemon without
a past keeps first."""
import os
import subprocess

import pytest

from lab.world import PASSWORD, PROVIDER, SITE

A = "203.0.113.27"
GAP = 1.0
LIMIT = 20
INTERFACE = "pppoe-wanppp"

INADYN = """
period = 300
iface = %s
custom lab {
    username = lab
    password = "%s"
    ddns-server = %s
    ddns-path = "/nic/update?hostname=%%h&myip=%%i"
    hostname = %s
}
"""

DDCLIENT = """
daemon=300
use=if, if=%s
protocol=dyndns2, ssl=yes
login=lab, password='%s'
server=%s
%s
"""

DDNS_SCRIPTS = """
config service 'lab'
    option enabled '1'
    option ip_source 'interface'
    option ip_interface '%s'
    option password '%s'
    option username 'lab'
    option update_url 'https://[USERNAME]:[PASSWORD]@%s/nic/update?hostname=[DOMAIN]&myip=[IP]'
    option use_https '1'
    option domain '%s'
"""


def taken_over(daemon, text):
    """The configuration; its passwords lie in the daemon's folder."""
    path = daemon.file("theirs")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run([daemon.program, "import", "--secrets", daemon.folder, path], env=daemon.env,
                          capture_output=True, text=True, check=True)
    assert PASSWORD not in done.stdout + done.stderr
    ours = done.stdout.replace("    family    = ipv4\n", "    family    = ipv4\n    accept    = {\"203.0.113.0/24\"}\n")
    return ours.replace("    password-file =", "    gap           = %gs\n    password-file =" % GAP)


@pytest.mark.parametrize("theirs", [INADYN, DDCLIENT, DDNS_SCRIPTS], ids=["inadyn", "ddclient", "ddns-scripts"])
def test_their_configuration_as_ours(make_world, make_reachd, theirs):
    world = make_world(gap=GAP)
    world.home.dial(A)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "ddns", "providers.d")
    daemon = make_reachd(world.home.router, env={**os.environ, "REACHD_PROVIDERS": source})
    ours = taken_over(daemon, theirs % (INTERFACE, PASSWORD, PROVIDER, SITE))

    daemon.configure(ours, ca=world.ca.pem)
    daemon.start()
    daemon.wait_record(LIMIT, name=SITE, verified=A)
    assert [(one.path, one.query) for one in world.standin.requests] == [("/nic/update", {"hostname": SITE, "myip": A})]
    assert world.bind.get(SITE, "A") == [A]
    assert PASSWORD not in daemon.logs()
