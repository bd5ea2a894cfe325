#!/usr/bin/env python3
"""Plays the transcripts in this folder against a running server: python3 play.py URL [FILE ...]

Without FILEs it plays the transcripts without a member `server`, each in its own room. With FILEs it plays those, and the
server must meet their requirements. Needs only Python 3.8. Exits with 1 if an answer differs, with 2 if no server answers.
"""
import http.client
import json
import pathlib
import re
import secrets
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

PATIENCE = 10
ABSENT = "{absent}"
KINDS = {
    "text": lambda value: isinstance(value, str) and value != "",
    "sentence": lambda value: isinstance(value, str) and re.fullmatch(r"[A-Z].*\.", value, re.S) is not None,
    "time": lambda value: isinstance(value, str)
    and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value) is not None,
    "ms": lambda value: type(value) in (int, float) and value > 0,
    "object": lambda value: isinstance(value, dict),
}


class Mismatch(Exception):
    pass


class Cannot(Exception):
    """This player lacks what a step needs."""


def filled_in(value, names):
    """Replaces each {name} by its stored value."""
    if isinstance(value, str):
        return re.sub(r"\{([a-z][a-z0-9_.]*)\}", lambda found: str(names.get(found[1], found[0])), value)
    if isinstance(value, list):
        return [filled_in(each, names) for each in value]
    if isinstance(value, dict):
        return {name: filled_in(each, names) for name, each in value.items()}
    return value


def match(found, expected, names, where="the answer"):
    """Raises Mismatch if `found` differs from `expected`. Stores named values."""

    def wrong():
        return Mismatch(f"{where} is {json.dumps(found)}, not {json.dumps(expected)}")

    placeholder = re.fullmatch(r"\{(?:([a-z]+):)?([a-z0-9_.]+)\}", expected) if isinstance(expected, str) else None
    if placeholder:
        kind, name = placeholder.groups()
        if kind is None and name not in KINDS:
            if name not in names or found != names[name]:
                raise wrong()
        elif not KINDS[kind or name](found):
            raise wrong()
        elif kind:
            names[name] = found
    elif isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            raise wrong()
        for at, each in enumerate(expected):
            match(found[at], each, names, f"{where}[{at}]")
    elif isinstance(expected, dict):
        if not isinstance(found, dict):
            raise wrong()
        for member, each in expected.items():
            if each == ABSENT and member in found:
                raise Mismatch(f"{where}.{member} is there: {json.dumps(found[member])}")
            if each != ABSENT and member not in found:
                raise Mismatch(f"{where} has no {member}: {json.dumps(found)}")
            if each != ABSENT:
                match(found[member], each, names, f"{where}.{member}")
    elif isinstance(found, bool) != isinstance(expected, bool) or found != expected:
        raise wrong()


class Stream(threading.Thread):
    """An event stream, read line by line."""

    def __init__(self, connection, response):
        super().__init__(daemon=True)
        self.socket, self.response, self.status, self.events = connection.socket, response, response.status, []
        if self.status == 200:
            self.start()

    def run(self):
        last, fields = "", {}
        try:
            for raw in self.response:
                line = raw.decode().rstrip("\r\n")
                name, _, value = line.partition(":")
                if line and name:
                    fields[name] = value[1:] if value.startswith(" ") else value
                elif not line:
                    last = fields.get("id", last)
                    if "data" in fields and fields.get("event") != "presence":
                        data = json.loads(fields["data"])
                        self.events.append({"id": last, "event": fields.get("event", "message"), "data": data})
                    fields = {}
        except (OSError, ValueError, AttributeError):
            pass  # It was closed.

    def close(self):
        # Not the connection: that would wait for the line that is being read.
        self.socket.shutdown(socket.SHUT_RDWR)


class Player:
    def __init__(self, url, room):
        self.address, self.names = urlsplit(url).netloc, {"room": room}
        self.begun, self.streams, self.calls = {}, {}, ThreadPoolExecutor(max_workers=16)

    def http(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.connect()
        connection.socket = connection.sock  # The connection itself forgets it behind an answer without an end.
        connection.request(method, path, None if body is None else body.encode(), headers or {})
        return connection, connection.getresponse()

    def bearer(self, name):
        return {} if name is None else {"authorization": f"Bearer {self.names.get(name, name)}"}

    def send(self, request, name):
        said = filled_in(request, self.names)
        text = said if isinstance(said, str) else json.dumps(said)
        connection, response = self.http("POST", "/rpc", {"content-type": "application/json", **self.bearer(name)}, text)
        answer = response.read().decode()
        connection.close()
        if response.status not in (200, 204):
            raise Mismatch(f"the server answered {response.status}: {answer}")
        return json.loads(answer) if answer else None

    def take(self, step):
        if "begin" in step:
            self.begun[step["begin"]] = self.calls.submit(self.send, step["send"], step.get("as"))
            time.sleep(0.1)  # It has arrived before the next step is taken.
        elif "end" in step:
            match(self.begun[step["end"]].result(PATIENCE), step["expect"], self.names)
        elif "send" in step:
            match(self.send(step["send"], step.get("as")), step["expect"], self.names)
        elif "http" in step:
            connection, response = self.http(**filled_in(step["http"], self.names))
            text = response.read().decode()
            connection.close()
            match(response.status, step["expect"]["status"], self.names, "the status")
            if "body" in step["expect"]:
                match(json.loads(text), step["expect"]["body"], self.names, "the body")
        elif "stream" in step:
            query = f"?after={step['after']}" if "after" in step else ""
            head = {"last-event-id": str(step["last_event_id"])} if "last_event_id" in step else {}
            path = f"/rooms/{self.names['room']}/events{query}"
            stream = Stream(*self.http("GET", path, {**head, **self.bearer(step.get("as"))}))
            self.streams[step["stream"]] = stream
            match(stream.status, step["status"], self.names, "the status")
        elif "events" in step:
            events, until = self.streams[step["events"]].events, time.monotonic() + PATIENCE
            while len(events) < len(step["expect"]) and time.monotonic() < until:
                time.sleep(0.01)
            match(events, step["expect"], self.names, "the events")
        elif "close" in step:
            self.streams[step["close"]].close()
        else:
            raise Cannot(f"this player cannot {', '.join(step)}")


def play(transcript, url):
    player = Player(url, f"golden-{secrets.token_hex(6)}")
    for at, step in enumerate(transcript["steps"]):
        try:
            player.take(step)
        except Mismatch as mismatch:
            raise Mismatch(f"step {at + 1}: {mismatch}") from mismatch


def main(url, *names):
    try:
        http.client.HTTPConnection(urlsplit(url).netloc, timeout=5).connect()
    except (OSError, http.client.InvalidURL) as why:
        print(f"No server answers at {url}: start one there. ({why})", file=sys.stderr)
        return 2
    here = pathlib.Path(__file__).parent
    files = [pathlib.Path(name) for name in names] or sorted(here.glob("*.json"))
    failed = 0
    for file in files:
        transcript = json.loads(file.read_text("utf-8"))
        if "steps" not in transcript:
            continue
        if not names and "server" in transcript:
            print(f"skipped  {transcript['title']}: it asks for {json.dumps(transcript['server'])}")
            continue
        try:
            play(transcript, url)
            print(f"ok       {transcript['title']}")
        except Cannot as why:
            print(f"skipped  {transcript['title']}: {why}")
        except Exception as why:  # Whatever a server does is a finding, not the end.
            failed += 1
            print(f"FAILED   {transcript['title']}: {type(why).__name__}: {why}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
