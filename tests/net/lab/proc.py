# SPDX-License-Identifier: ISC
"""A process of the lab with its output at hand: lines with the time at which they came."""
import collections
import os
import pty
import re
import signal
import subprocess
import threading
import time

from .wait import STRETCH, NotInTime

Line = collections.namedtuple("Line", "at text")


class Proc:
    """Starts argv inside a namespace (None: where we are), stdout and stderr together. With
    terminal=True it writes as to a person at a terminal."""

    def __init__(self, netns, argv, name, env=None, cwd=None, on_line=None, terminal=False):
        self.name = name
        self.lines = []
        self._changed = threading.Condition()
        self._on_line = on_line
        self._ended = False
        self.started = time.monotonic()
        command = netns.command(*argv) if netns else list(argv)
        ours, theirs = pty.openpty() if terminal else os.pipe()
        try:
            self.popen = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL,
                                          stdout=theirs, stderr=subprocess.STDOUT,
                                          start_new_session=True)
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        self._stream = open(ours, "rb")
        self.pid = self.popen.pid  # nsenter becomes the program: the same process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self._stream:
            try:
                for raw in self._stream:
                    self._take(raw.decode("utf-8", "replace").rstrip("\r\n"))
            except OSError:
                pass  # EIO is how a terminal ends
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _take(self, text):
        with self._changed:
            self.lines.append(Line(time.monotonic(), text))
            self._changed.notify_all()
        if self._on_line:
            self._on_line(text)

    def alive(self):
        return self.popen.poll() is None

    def text(self):
        with self._changed:
            return "\n".join(line.text for line in self.lines)

    def mark(self):
        """A place in the output, for `since`."""
        with self._changed:
            return len(self.lines)

    def find(self, pattern, since=0):
        with self._changed:
            found = [line for line in self.lines[since:] if re.search(pattern, line.text)]
        return found

    def wait_for(self, pattern, limit, since=0):
        """The first line from `since` on that holds the regular expression."""
        end = time.monotonic() + limit * STRETCH
        seen = since
        with self._changed:
            while True:
                for line in self.lines[seen:]:
                    if re.search(pattern, line.text):
                        return line
                seen = len(self.lines)
                left = end - time.monotonic()
                if left <= 0 or self._ended:
                    break
                self._changed.wait(left)
            tail = "\n  ".join(line.text for line in self.lines[-60:])
        raise NotInTime("%s: no line /%s/ %s; its last lines:\n  %s" % (
            self.name, pattern, "before it ended" if self._ended else "within %g s" % limit, tail))

    def signal(self, number):
        if self.alive():
            self.popen.send_signal(number)

    def wait(self, limit):
        """The exit status; a negative number is a signal."""
        try:
            status = self.popen.wait(limit * STRETCH)
        except subprocess.TimeoutExpired:
            raise NotInTime("%s did not end within %g s" % (self.name, limit)) from None
        self._reader.join(2)
        return status

    def stop(self, limit=5):
        self.signal(signal.SIGTERM)
        try:
            return self.wait(limit)
        except NotInTime:
            self.kill9()
            raise

    def kill9(self):
        self.signal(signal.SIGKILL)
        self.popen.wait()
        self._reader.join(2)

    def open_files(self):
        """How many descriptors it has open now."""
        return len(os.listdir("/proc/%d/fd" % self.pid))


def running(program):
    """Whether any process here was started with this path."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                if program.encode() in file.read():
                    return True
        except OSError:
            pass
    return False
