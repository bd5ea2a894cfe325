"""A midsentence server in Python 3.9 and newer, on the standard library alone: rooms, hosted drafts, holds, the floor and
event streams. One thread per request. Start it with `python3 examples/09_a_server_in_python [PORT]` (default 8891), and
test it with `midsentence conformance URL`."""
import json, re, select, socket, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from calls import answer_to
from rooms import DRAFT, LOG, now, sessions, turn

class Handler(BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = 'HTTP/1.1', True

    def log_message(self, *_): pass
    def token(self): return (self.headers.get('authorization') or '').replace('Bearer ', '', 1)

    def reply(self, status, value=None):
        body = b'' if value is None else json.dumps(value).encode()
        more = '' if value is None else f'content-type: application/json\r\ncontent-length: {len(body)}\r\n'
        # One write: with two, the second would wait for an acknowledgement of the first.
        self.wfile.write(f'HTTP/1.1 {status} {self.responses[status][0]}\r\n{more}\r\n'.encode() + body)

    def disconnected(self):
        """Returns whether the caller has disconnected."""
        readable = select.select([self.connection], [], [], 0)[0]
        return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b''

    def do_POST(self):
        length = int(self.headers.get('content-length') or 0)
        if length > 16 * DRAFT + 65_536:
            self.close_connection = True
            return self.reply(413, {'error': 'That is too long.'})
        body = self.rfile.read(length)
        if self.path != '/rpc': return self.reply(404, {'error': 'There is nothing here: POST /rpc.'})
        if not (self.headers.get('content-type') or '').lower().startswith('application/json'):
            return self.reply(415, {'error': 'Send JSON with content-type: application/json.'})
        with turn: answer = answer_to(body, self.token(), self.disconnected)
        self.reply(204 if answer is None else 200, answer)

    def do_GET(self):
        url, session = urlsplit(self.path), sessions.get(self.token())
        match = re.fullmatch('/rooms/([^/]+)/events', url.path)
        if not match: return self.reply(404, {'error': 'There is nothing here.'})
        if session is None: return self.reply(401, {'error': 'Send the token that join gave.'})
        if unquote(match[1]) != session.room.name: return self.reply(404, {'error': 'This token is for another room.'})
        cursor = self.headers.get('last-event-id') or parse_qs(url.query).get('after', [str(session.cursor)])[0]
        if not re.fullmatch('[0-9]{1,15}', cursor) or int(cursor) > session.shown:
            return self.reply(400, {'error': 'This cursor is above the last message that you were shown.'})
        self.close_connection = True
        at, known, told, silent = max(int(cursor), session.start), {}, 0, False
        event = lambda id, name, data: f'id: {id}\nevent: {name}\ndata: {json.dumps(data)}\n\n'
        head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n'
        welcome = {'log': LOG, 'cursor': at, 'sender_id': session.name}
        self.wfile.write((head + event(at, 'welcome', welcome)).encode())
        session.streams += 1
        try:
            while not session.left and not self.disconnected():
                with turn:
                    if len(session.room.log) == at and told: turn.wait(1)
                    new = session.room.log[at:]
                    at += len(new)
                    session.shown = max(session.shown, at)
                    # At most one change of a participant in a second.
                    changes = session.room.presence_changes(known) if now() - told >= 1 else []
                    told = now() if changes else told
                    was, silent = silent, session.room.hushed
                events = [event(one['seq'], 'message', one) for one in new]
                events += [event(at, 'presence', one) for one in changes]
                events += [event(at, 'hush', {'on': silent})] if silent != was else []
                self.wfile.write(''.join(events).encode())
        except OSError:
            pass  # The client has disconnected.
        finally:
            session.streams, session.seen = session.streams - 1, now()

class Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

if __name__ == '__main__':
    server = Server(('127.0.0.1', int(sys.argv[1]) if len(sys.argv) > 1 else 8891), Handler)
    print(f'A server in Python at http://127.0.0.1:{server.server_port}. Ctrl-C ends it.', flush=True)
    try: server.serve_forever()
    except KeyboardInterrupt: pass
