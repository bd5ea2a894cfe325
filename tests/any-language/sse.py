"""Parses server-sent events from a URL as the HTML standard says, and prints the first COUNT as lines of JSON."""

import json
import sys
import urllib.request

url, count = sys.argv[1], int(sys.argv[2])
event_id, name, data = "", "", []
printed = 0


def field(line):
    """Processes one line; an empty line ends an event."""
    global event_id, name, data, printed
    if line == "":
        if data and (name or "message") == "message":
            print(json.dumps({"id": event_id, "event": name or "message", "data": "\n".join(data)}), flush=True)
            printed += 1
        name, data = "", []
        return
    key, colon, value = line.partition(":")
    if key == "":
        return
    value = value[1:] if value.startswith(" ") else value
    if key == "event":
        name = value
    elif key == "data":
        data.append(value)
    elif key == "id" and "\0" not in value:
        event_id = value


with urllib.request.urlopen(url) as stream:
    raw, after_cr = b"", False
    while printed < count:
        byte = stream.read(1)
        if not byte:
            break
        if byte == b"\n" and after_cr:
            after_cr = False
        elif byte in b"\r\n":
            after_cr = byte == b"\r"
            field(raw.decode("utf-8", "replace"))
            raw = b""
        else:
            after_cr = False
            raw += byte
