"""What can be called: actions on hosted drafts, doors of a room, and JSON-RPC around them. The caller has the lock."""
import json, re, unicodedata
from rooms import DRAFT, Push, Room, Session, now, rooms, sessions, turn
from texts import cut, kind, well_formed

SEGMENT, KEYS, LAPSE_S, WAIT_MS, MOST_MS = 1000, 1000, 90, 25_000, 240_000

class Refused(Exception):
    def __init__(self, code, message):
        self.error = {'code': code, 'message': message}

def invalid(message): return Refused(-32602, message)

def field(params, name, kinds, default=None, needed=False):
    value = params.get(name, default)
    if needed and name not in params or name in params and (isinstance(value, bool) or not isinstance(value, kinds)):
        raise invalid(f'{name} is missing, or is not what it should be.')
    return value

def deep(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(deep, inner), default=0)

class Call:
    """An action of a session. `known` is the cursor at its arrival, or at that of its batch."""
    def __init__(self, session, method, params, known, waits, silent, gone):
        self.session, self.room, self.method, self.params, self.known = session, session.room, method, params, known
        self.waits, self.silent, self.gone, self.back, self.ticket = waits, silent, gone, None, object()

    def run(self):
        session, params, publishes = self.session, self.params, self.method == 'publish'
        says = {'append': 'text', 'publish': 'content'}.get(self.method)
        said = well_formed(field(params, says, str, needed=True)) if says else None
        key = field(params, 'key', str, needed=publishes)
        if key is not None and not 1 <= len(key) <= 128: raise invalid('key has 1 to 128 characters.')
        self.meta = field(params, 'meta', dict)
        if self.meta is not None and (len(json.dumps(self.meta).encode()) > 2048 or deep(self.meta) > 4):
            raise invalid('meta is a JSON object of at most 2 KiB, at most 4 deep.')
        wait = field(params, 'timeout_ms', (int, float), WAIT_MS)
        self.wait = max(0, min(wait, MOST_MS)) if self.waits else 0
        after, base = field(params, 'after', int), field(params, 'base', int, needed=publishes)
        what = json.dumps([self.method, said, self.meta])
        session.queue.append(self.ticket)
        try:
            # In the order of arrival: behind a push that waits for its verdict.
            while session.queue[0] is not self.ticket: turn.wait()
            if key in session.keys:
                told, answer = session.keys[key]
                if told != what: raise invalid('This key was used for another call.')
            else:
                answer = self.fresh(said, after, base)
                if key is not None:
                    session.keys[key] = what, answer
                    if len(session.keys) > KEYS: del session.keys[next(iter(session.keys))]
            if isinstance(answer, Refused): raise answer
            return answer
        finally:
            if self.ticket in session.queue: session.queue.remove(self.ticket)
            turn.notify_all()

    def fresh(self, said, after, base):
        session = self.session
        if session.left: raise Refused(40010, 'This session has left. Join again.')
        for cursor in (after, base if self.method == 'publish' else None):
            if cursor is not None and not 0 <= cursor <= session.shown:
                raise invalid('Nobody showed you a message that far on.')
        if after is not None and after >= session.cursor: session.cursor = self.known = after
        elif after is not None:
            self.back = max(after, session.start)
            self.known = min(self.known, self.back)
        try:
            return getattr(self, self.method)(*([] if said is None else [said]))
        except Refused as refused:
            return refused

    def seen_from(self): return self.session.cursor if self.back is None else self.back

    def answer(self, status, **more):
        if self.silent: return {}
        session = self.session
        given, end, rest = self.room.page(session, self.seen_from())
        session.cursor, session.shown = max(session.cursor, end), max(session.shown, end)
        return {'status': status, **more, 'messages': given, 'cursor': end, **({'more': True} if rest else {})}

    def append(self, text):
        session = self.session
        left = DRAFT - len(session.draft())
        kept = cut(text, min(SEGMENT, left))
        # A first cluster that is longer than any segment is cut all the same.
        if not kept and left >= SEGMENT: kept = text[:SEGMENT]
        if kept: session.segments.append((kept, session.cursor))
        dropped = len(text) - len(kept)
        status = 0 if not kept else 2 if dropped else 1
        return self.answer(status, suffix=session.suffix(), accepted=len(kept), dropped=dropped)

    def undo(self):
        status = 1 if self.session.segments else 0
        del self.session.segments[-1:]
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
        return self.verdict(self.session.draft(), self.known, self.session.segments.clear)

    def publish(self, content):
        if content == '': raise Refused(40001, 'There is nothing to send: the message is empty.')
        if len(content) > DRAFT: raise invalid(f'A message has at most {DRAFT} characters.')
        return self.verdict(content, self.params['base'], lambda: None)

    def verdict(self, content, base, sent):
        session, room = self.session, self.room
        push, floor = Push(session, content, base, self.meta, not self.silent), {}
        room.settle()
        if room.floor and not room.has_floor(session):
            until = now() + self.wait / 1000
            room.waiting.append(push)
            while push.verdict is None and not session.left and now() < until:
                turn.wait(min(until, room.floor['until'] if room.floor else until) - now())
                room.settle()
            if session.left: raise Refused(40010, 'This session has left. Join again.')
            if push.verdict is None:
                # It waited in vain, which counts.
                room.waiting.remove(push)
                floor = room.floor_for()
                if push.counts: room.count(session)
        else:
            room.judge(push)
            room.settle()
        if push.verdict != 'sent':
            floor = floor or room.floor_for(session)
            return self.answer(0, held=True, suffix=session.suffix(), segments=len(session.segments), **floor)
        sent()
        of = {name: push.message[name] for name in ('message_id', 'timestamp', 'seq')}
        return self.answer(1, **of, durability='memory')

    def check(self):
        session, room, ticket = self.session, self.room, self.ticket
        if self.silent: return {}
        if not session.segments and room.has_floor(session): session.give_up()
        # Who has the floor and something to say is not kept waiting.
        wait = 0 if room.has_floor(session) else self.wait
        # It holds up nothing, and ends an earlier one.
        session.queue.remove(ticket)
        session.check = ticket
        turn.notify_all()
        until = now() + wait / 1000
        ended = lambda: session.check is not ticket or session.left or self.gone()
        while not ended() and now() < until and not room.page(session, self.seen_from())[0]:
            turn.wait(min(0.2, max(0, until - now())))
        if ended(): return {'status': 0, 'messages': [], 'cursor': session.cursor}
        session.check = None
        answer = self.answer(0, **room.floor_for(session))
        return {**answer, 'status': 1 if answer['messages'] else 0}

ACTIONS = ('append', 'undo', 'reset', 'preview', 'push', 'publish', 'check')
DOORS = {'leave': Session.leave, 'who': Session.who, 'yield': Session.give_up, 'draft': lambda session: {'status': 1},
         'resume': lambda session: {**session.entrance(), 'suffix': session.suffix()}}

def join(params):
    name = unicodedata.normalize('NFKC', field(params, 'username', str, needed=True))
    secret, called = field(params, 'secret', str), field(params, 'room', str, 'lobby')
    if not re.fullmatch(r'[A-Za-z0-9._-]{1,64}', called):
        raise Refused(40012, 'A room is called by 1 to 64 letters, digits, dots, dashes and underscores.')
    spaced = name != name.strip() or '  ' in name
    odd = spaced or ':' in name or name.startswith('*') or any(kind(c).startswith('C') for c in name)
    if odd or not 1 <= len(name) <= 64 or name.lower() in ('server', 'system'):
        raise Refused(40011, 'This name cannot be used. Choose another.')
    room = rooms.setdefault(called, Room(called))
    there = room.present.get(name.lower())
    if there and secret is not None and there.secret == secret: return there.entrance()
    if there and not there.secret and not there.streams and now() - there.seen > LAPSE_S: there = there.leave() and None
    if there: raise Refused(40011, f'The name {name} is taken in {called}: choose another.')
    session = Session(room, name, secret)
    room.present[name.lower()] = sessions[session.token] = session
    return session.entrance()

def discovered():
    result = {'name': 'result', 'schema': {}}
    methods = [{'name': name, 'params': [], 'result': result} for name in (*ACTIONS, *DOORS, 'join')]
    return {'openrpc': '1.3.2', 'info': {'title': 'midsentence', 'version': '1'}, 'methods': methods}

def act(method, params, token, known, waits, silent, gone):
    if method not in (*ACTIONS, *DOORS, 'join', 'rpc.discover'):
        raise Refused(-32601, 'There is no such method. rpc.discover tells which there are.')
    if not isinstance(params, dict): raise invalid('Give the parameters by name, in an object.')
    if method == 'join': return join(params)
    if method == 'rpc.discover': return discovered()
    session = sessions.get(token)
    if session is None: raise Refused(40010, 'This needs a session: call join first, then send its token.')
    session.seen = now()
    if method in DOORS: return DOORS[method](session)
    return Call(session, method, params, session.cursor if known is None else known, waits, silent, gone).run()

def response(call, token, known, waits, gone):
    """What is answered to one call; None for a notification."""
    request = call if isinstance(call, dict) else {}
    ident, silent = request.get('id'), 'id' not in request
    good = not isinstance(ident, (dict, list, bool))
    try:
        if request.get('jsonrpc') != '2.0' or not isinstance(request.get('method'), str) or not good:
            raise Refused(-32600, 'This is no JSON-RPC 2.0 request.')
        result = act(request['method'], request.get('params', {}), token, known, waits, silent, gone)
        return None if silent else {'jsonrpc': '2.0', 'result': result, 'id': ident}
    except Refused as refused:
        if silent and refused.error['code'] != -32600: return None
        return {'jsonrpc': '2.0', 'error': refused.error, 'id': ident if good else None}

def no_constant(name): raise ValueError(f'{name} is not JSON')

def answer_to(body, token, gone):
    failed = lambda code, message: {'jsonrpc': '2.0', 'error': {'code': code, 'message': message}, 'id': None}
    try:
        said = json.loads(body.decode(), parse_constant=no_constant)
    except (ValueError, RecursionError):
        return failed(-32700, 'This is not JSON in UTF-8.')
    if not isinstance(said, list): return response(said, token, None, True, gone)
    if not 1 <= len(said) <= 50: return failed(-32600, 'A batch has 1 to 50 calls.')
    known = sessions[token].cursor if token in sessions else None
    return [answer for call in said if (answer := response(call, token, known, False, gone))] or None
