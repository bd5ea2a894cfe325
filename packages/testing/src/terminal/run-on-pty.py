"""Runs a command on a pseudo-terminal: run-on-pty.py COLUMNS ROWS CONTROLLING COMMAND…

Reads commands as lines of JSON: {"type": text}, {"resize": [columns, rows]}, {"signal": number}, {"hangUp": true}.
Writes the terminal's output to standard output. Exits with the command's exit code, or 128 and its signal.
CONTROLLING is 1 where the terminal controls the command: it then gets a SIGHUP when the terminal closes.
"""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios


def resize(descriptor, columns, rows):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def control_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


columns, rows, controlling, *command = sys.argv[1:]
master, slave = pty.openpty()
resize(slave, int(columns), int(rows))
child = subprocess.Popen(
    command,
    stdin=slave,
    stdout=slave,
    stderr=slave,
    start_new_session=controlling != "1",
    preexec_fn=control_terminal if controlling == "1" else None,
)
os.close(slave)

pending = b""
sources = [0, master]
while master in sources:
    ready, _, _ = select.select(sources, [], [], 0.05)
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            sources.remove(0)
            child.kill()
        pending += data
        *lines, pending = pending.split(b"\n")
        for line in lines:
            wanted = json.loads(line)
            if "type" in wanted:
                text = wanted["type"].encode()
                while text:
                    text = text[os.write(master, text[:512]) :]
            if "resize" in wanted:
                resize(master, *wanted["resize"])
            if "signal" in wanted:
                child.send_signal(wanted["signal"])
            if "hangUp" in wanted:
                sources.remove(master)
                os.close(master)
                break
    if master in ready and master in sources:
        try:
            output = os.read(master, 65536)
        except OSError:
            output = b""
        if not output:
            sources.remove(master)
        try:
            os.write(1, output)
        except BrokenPipeError:
            child.kill()
            sys.exit(1)

code = child.wait()
sys.exit(128 - code if code < 0 else code)
