"""The methods: actions on hosted drafts, session methods, and JSON-RPC. The caller holds the lock."""
import json, math, re, unicodedata
from rooms import DRAFT, SEGMENTS, Push, Room, Session, now, rooms, sessions, suffix_of, turn
from texts import cut, kind, name_key, plain_name, well_formed

SEGMENT, KEYS, LAPSE_S, WAIT_MS, MOST_MS = 1000, 1000, 90, 25_000, 240_000

class Refused(Exception):
    def __init__(self, code, message, **data):
        self.error = {'code': code, 'message': message, **({'data': data} if data else {})}

def hushed():
    return Refused(40003, 'A person has asked the models to be silent: push again after a person has sent a message.',
                   reason='hushed', retry_after_ms=30_000)

def pausing(seconds):
    ms = math.ceil(seconds * 1000)
    return Refused(40003, 'Only models have spoken here for long: push again later.', retry_after_ms=ms)

def not_a_person():
    return Refused(40004, 'Only a person may silence the models of a room.', reason='not a person')

def invalid(message): return Refused(-32602, message)

def field(params, name, kinds, default=None, needed=False):
    value = params.get(name, default)
    if needed and name not in params or name in params and (isinstance(value, bool) or not isinstance(value, kinds)):
        raise invalid(f'{name} is missing or has the wrong type.')
    return value

def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)

class Call:
    """An action of a session. `known` is the cursor when the call, or its batch, was received."""
    def __init__(self, session, method, params, known, may_wait, notification, disconnected):
        self.session, self.room, self.method, self.params, self.known = session, session.room, method, params, known
        self.may_wait, self.notification, self.disconnected = may_wait, notification, disconnected
        self.back, self.ticket = None, object()

    def run(self):
        session, params, publishes = self.session, self.params, self.method == 'publish'
        name = {'append': 'text', 'publish': 'content'}.get(self.method)
        text = well_formed(field(params, name, str, needed=True)) if name else None
        key = field(params, 'key', str, needed=publishes)
        if key is not None and not 1 <= len(key) <= 128: raise invalid('key has 1 to 128 characters.')
        self.meta = field(params, 'meta', dict)
        if self.meta is not None and (len(json.dumps(self.meta).encode()) > 2048 or depth(self.meta) > 4):
            raise invalid('meta is a JSON object of at most 2 KiB, at most 4 deep.')
        wait = field(params, 'timeout_ms', (int, float), WAIT_MS)
        self.wait = max(0, min(wait, MOST_MS)) if self.may_wait else 0
        after, base = field(params, 'after', int), field(params, 'base', int, needed=publishes)
        request = json.dumps([self.method, text, self.meta])
        session.queue.append(self.ticket)
        try:
            # Calls run in the order they were received, after a push that waits for its verdict.
            while session.queue[0] is not self.ticket: turn.wait()
            if key in session.keys:
                earlier, answer = session.keys[key]
                if earlier != request: raise invalid('This key was used for another call.')
            else:
                answer = self.execute(text, after, base)
                limited = isinstance(answer, Refused) and answer.error['code'] == 40003
                if key is not None and not limited:
                    session.keys[key] = request, answer
                    if len(session.keys) > KEYS: del session.keys[next(iter(session.keys))]
            if isinstance(answer, Refused): raise answer
            return answer
        finally:
            if self.ticket in session.queue: session.queue.remove(self.ticket)
            turn.notify_all()

    def execute(self, text, after, base):
        session = self.session
        if session.left: raise Refused(40010, 'This session has left. Join again.')
        for cursor in (after, base if self.method == 'publish' else None):
            if cursor is not None and not 0 <= cursor <= session.shown:
                raise invalid('This cursor is above the last message that you were shown.')
        if after is not None and after >= session.cursor: session.cursor = self.known = after
        elif after is not None:
            self.back = max(after, session.start)
            self.known = min(self.known, self.back)
        try:
            return getattr(self, self.method)(*([] if text is None else [text]))
        except Refused as refused:
            return refused

    def seen_from(self): return self.session.cursor if self.back is None else self.back

    def answer(self, status, **more):
        if self.notification: return {}
        session = self.session
        messages, end, more_left = self.room.page(session, self.seen_from())
        session.cursor, session.shown = max(session.cursor, end), max(session.shown, end)
        return {'status': status, **more, 'messages': messages, 'cursor': end, **({'more': True} if more_left else {})}

    def append(self, text):
        session = self.session
        left = DRAFT - len(session.draft())
        kept = cut(text, min(SEGMENT, left))
        # A cluster that is longer than a segment is cut inside.
        if not kept and left >= SEGMENT: kept = text[:SEGMENT]
        if len(session.segments) == SEGMENTS: kept = ''
        if kept:
            session.segments.append((kept, session.cursor))
            session.wrote()
        dropped = len(text) - len(kept)
        status = 0 if not kept else 2 if dropped else 1
        return self.answer(status, suffix=session.suffix(), accepted=len(kept), dropped=dropped)

    def undo(self):
        status = 1 if self.session.segments else 0
        del self.session.segments[-1:]
        self.session.wrote()
        return self.answer(status, suffix=self.session.suffix())

    def reset(self):
        self.session.segments.clear()
        return self.answer(1, suffix='')

    def preview(self):
        text = self.session.draft()
        segments = [{'length': len(text), 'base': base} for text, base in self.session.segments]
        return self.answer(1, draft=text, length=len(text), segments=segments, suffix=self.session.suffix())

    def push(self):
        if not self.session.segments: raise Refused(40001, 'There is no draft to push: append something first.')
        return self.send(self.session.draft(), self.known, self.session.segments.clear)

    def publish(self, content):
        if content == '': raise Refused(40001, 'There is nothing to send: the message is empty.')
        if len(content) > DRAFT: raise invalid(f'A message has at most {DRAFT} characters.')
        # A held answer brings the messages above the base, also those that an earlier answer brought.
        base = max(self.params['base'], self.session.start)
        if base < self.seen_from(): self.back = base
        return self.send(content, self.params['base'], lambda: None)

    def send(self, content, base, after_send):
        session, room = self.session, self.room
        if room.hushed and not session.person: raise hushed()
        if pause := room.pause(session, self.meta): raise pausing(pause)
        push, floor = Push(session, content, base, self.meta, not self.notification), {}
        room.settle()
        if room.floor and not room.has_floor(session):
            until = now() + self.wait / 1000
            room.waiting.append(push)
            while push.verdict is None and not session.left and now() < until:
                turn.wait(min(until, room.floor['until'] if room.floor else until) - now())
                room.settle()
            if session.left: raise Refused(40010, 'This session has left. Join again.')
            if push.verdict == 'hushed': raise hushed()
            if push.verdict is None:
                # A push whose wait ends without the floor counts as held.
                room.waiting.remove(push)
                floor = room.floor_for()
                if push.counts: room.count(session)
        else:
            room.judge(push)
            room.settle()
        if push.verdict != 'sent':
            floor = floor or room.floor_for(session)
            # A publish is not about the hosted draft.
            own = (suffix_of(content), 1) if self.method == 'publish' else (session.suffix(), len(session.segments))
            return self.answer(0, held=True, suffix=own[0], segments=own[1], **floor)
        after_send()
        session.told, session.changed = False, 0
        of = {name: push.message[name] for name in ('message_id', 'timestamp', 'seq')}
        return self.answer(1, **of, durability='memory')

    def check(self):
        session, room, ticket = self.session, self.room, self.ticket
        if self.notification: return {}
        if not session.segments and room.has_floor(session): session.yield_floor()
        # A session with the floor and a draft does not wait.
        wait = 0 if room.has_floor(session) else self.wait
        # A check blocks no other call, and ends an earlier check.
        session.queue.remove(ticket)
        session.check = ticket
        turn.notify_all()
        until = now() + wait / 1000
        ended = lambda: session.check is not ticket or session.left or self.disconnected()
        while not ended() and now() < until and not room.page(session, self.seen_from())[0]:
            turn.wait(min(0.2, max(0, until - now())))
        if ended(): return {'status': 0, 'messages': [], 'cursor': session.cursor}
        session.check = None
        answer = self.answer(0, **room.floor_for(session))
        return {**answer, 'status': 1 if answer['messages'] else 0}

    def hush(self):
        on, room = self.params.get('on'), self.room
        if not isinstance(on, bool): raise invalid('on is true or false.')
        if not self.session.person: raise not_a_person()
        changed, room.hushed = room.hushed != on, on
        if changed: room.end_checks_of_models()
        if on: room.refuse_models()
        return {'status': 1 if changed else 0}

ACTIONS = ('append', 'undo', 'reset', 'preview', 'push', 'publish', 'check', 'hush')
SESSION_METHODS = {
    'leave': Session.leave, 'who': Session.who, 'yield': Session.yield_floor, 'draft': lambda session: {'status': 1},
    'resume': lambda session: {**session.join_result(), 'suffix': session.suffix()}}

def writing(session, params):
    if not isinstance(params.get('writing'), bool): raise invalid('writing is true or false.')
    session.wrote(params['writing'])
    return {'status': 1}

METHODS = (*ACTIONS, *SESSION_METHODS, 'writing', 'join')

def join(params):
    name = unicodedata.normalize('NFKC', field(params, 'username', str, needed=True))
    secret, room_name = field(params, 'secret', str), field(params, 'room', str, 'lobby')
    typing_indicator = params.get('typing_indicator', True)
    if not re.fullmatch(r'(?!\.+$)[A-Za-z0-9._-]{1,64}', room_name):
        raise Refused(40012, 'A room name has 1 to 64 letters, digits, dots, dashes and underscores, and not only dots.')
    if not plain_name(name): raise Refused(40011, 'This name cannot be used. Choose another.')
    room = rooms.setdefault(room_name, Room(room_name))
    present = room.present.get(name_key(name))
    if present and secret is not None and present.secret == secret: return present.join_result()
    if present and not present.secret and not present.streams and now() - present.seen > LAPSE_S:
        present = present.leave() and None
    if present: raise Refused(40011, f'The name {name} is taken in {room_name}: choose another.', reason='occupied')
    session = Session(room, name, secret, typing_indicator)
    room.present[name_key(name)] = sessions[session.token] = session
    turn.notify_all()
    session.person = params.get('person') is True
    return session.join_result()

def openrpc():
    result = {'name': 'result', 'schema': {}}
    methods = [{'name': name, 'params': [], 'result': result} for name in METHODS]
    return {'openrpc': '1.3.2', 'info': {'title': 'midsentence', 'version': '1'}, 'methods': methods}

def call_method(method, params, token, known, may_wait, notification, disconnected):
    if method not in (*METHODS, 'rpc.discover'):
        raise Refused(-32601, 'There is no such method. rpc.discover lists them.')
    if not isinstance(params, dict): raise invalid('Give the parameters by name, in an object.')
    if method == 'join': return join(params)
    if method == 'rpc.discover': return openrpc()
    session = sessions.get(token)
    if session is None: raise Refused(40010, 'This needs a session: call join first, then send its token.')
    session.seen = now()
    if method == 'writing': return writing(session, params)
    if method in SESSION_METHODS: return SESSION_METHODS[method](session)
    known = session.cursor if known is None else known
    return Call(session, method, params, known, may_wait, notification, disconnected).run()

def response(call, token, known, may_wait, disconnected):
    """Returns the response to one call, or None for a notification."""
    request = call if isinstance(call, dict) else {}
    ident, notification = request.get('id'), 'id' not in request
    valid_id = not isinstance(ident, (dict, list, bool))
    try:
        if request.get('jsonrpc') != '2.0' or not isinstance(request.get('method'), str) or not valid_id:
            raise Refused(-32600, 'This is not a JSON-RPC 2.0 request.')
        method, params = request['method'], request.get('params', {})
        result = call_method(method, params, token, known, may_wait, notification, disconnected)
        return None if notification else {'jsonrpc': '2.0', 'result': result, 'id': ident}
    except Refused as refused:
        if notification and refused.error['code'] != -32600: return None
        return {'jsonrpc': '2.0', 'error': refused.error, 'id': ident if valid_id else None}

def no_constant(name): raise ValueError(f'{name} is not JSON')

def answer_to(body, token, disconnected):
    failed = lambda code, message: {'jsonrpc': '2.0', 'error': {'code': code, 'message': message}, 'id': None}
    try:
        calls = json.loads(body.decode(), parse_constant=no_constant)
    except (ValueError, RecursionError):
        return failed(-32700, 'This is not JSON in UTF-8.')
    if not isinstance(calls, list): return response(calls, token, None, True, disconnected)
    if not 1 <= len(calls) <= 50: return failed(-32600, 'A batch has 1 to 50 calls.')
    known = sessions[token].cursor if token in sessions else None
    return [answer for call in calls if (answer := response(call, token, known, False, disconnected))] or None
