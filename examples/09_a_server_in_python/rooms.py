"""Rooms and sessions: the log, holds, the floor and presence. All in memory, under one lock."""
import secrets, threading, time
from datetime import datetime, timezone
from texts import joined, name_key, shown_length

DRAFT, SEGMENTS, SUFFIX, PAGE = 20_000, 2_000, 80, 100
FLOOR_S, HOLDS, IDLE_REST, AWAY_S, WRITING_S, LAPS, PAUSE_S = 60, 3, 10, 30, 60, 50, 60
LOG, now = secrets.token_hex(16), time.monotonic
turn = threading.Condition(threading.RLock())
rooms, sessions = {}, {}

class Push:
    def __init__(self, session, content, base, meta, counts):
        self.session, self.content, self.base, self.meta, self.counts = session, content, base, meta, counts
        self.verdict = self.message = None

class Room:
    hushed = False

    def __init__(self, name):
        self.name, self.log, self.authors, self.present = name, [], [], {}
        self.floor, self.earned, self.waiting, self.rests, self.time = None, [], [], {}, ''
        self.models, self.model_at = [], 0

    def names(self): return {session.name for session in self.present.values()}

    def page(self, session, after):
        """Returns the messages of others after `after`, the new cursor, and whether there are more."""
        messages, size = [], 0
        for message, author in zip(self.log[after:], self.authors[after:]):
            if author == session.id: continue
            size += shown_length(message['content'])
            if messages and (len(messages) == PAGE or size > DRAFT): return messages, messages[-1]['seq'], True
            messages.append(message)
        return messages, len(self.log), False

    def judge(self, push):
        session = push.session
        newest = next((at + 1 for at in range(len(self.log) - 1, -1, -1) if self.authors[at] != session.id), 0)
        if newest > push.base:
            push.verdict = 'held'
            # A hold counts if a newer message than at the last hold caused it, and its answer can show all messages.
            if push.counts and newest > session.held_by and not self.page(session, push.base)[2]:
                session.held_by = newest
                self.count(session)
            return
        stamp = datetime.now(timezone.utc).isoformat(timespec='milliseconds').replace('+00:00', 'Z')
        self.time = max(self.time, stamp)
        push.message = {'message_id': secrets.token_hex(8), 'sender_id': session.name, 'content': push.content,
                        'timestamp': self.time, 'seq': len(self.log) + 1, 'base': push.base}
        self.log.append(push.message if push.meta is None else {**push.message, 'meta': push.meta})
        self.authors.append(session.id)
        session.holds, push.verdict = 0, 'sent'
        if session.person: self.hushed = False
        self.count_lap(session, push.meta)
        if self.has_floor(session): self.end_floor(1)

    def count_lap(self, session, meta):
        fresh = not by_model(session, meta) or now() - self.model_at >= PAUSE_S
        self.models, self.model_at = [] if fresh else self.models, now()
        if by_model(session, meta): self.models.append(session.name)

    def pause(self, session, meta):
        """Returns for how many seconds a model must pause, since only models have spoken for many laps."""
        left = self.model_at + PAUSE_S - now()
        full = len(self.models) >= LAPS * len({*self.models, session.name})
        return max(0, left) if full and by_model(session, meta) else 0

    def end_checks_of_models(self):
        for session in self.present.values():
            if not session.person: session.check = None
        turn.notify_all()

    def refuse_models(self):
        for push in [push for push in self.waiting if not push.session.person]:
            self.waiting.remove(push)
            push.verdict = 'hushed'
        if self.floor and not self.floor['session'].person: self.end_floor()
        self.settle()

    def count(self, session):
        session.holds += 1
        rests = self.rests.get(session.key, 0) > now()
        if session.holds < HOLDS or rests or self.has_floor(session) or session in self.earned: return
        self.earned.append(session)
        self.settle()

    def has_floor(self, session): return self.floor is not None and self.floor['session'] is session

    def end_floor(self, factor=IDLE_REST):
        floor, self.floor = self.floor, None
        floor['session'].holds = 0
        self.rests[floor['session'].key] = now() + (now() - floor['since']) * factor

    def settle(self):
        """While the floor is free, gives it to the next session that has earned it, else judges one waiting push."""
        if self.floor and self.floor['until'] <= now(): self.end_floor()
        while not self.floor and (self.earned or self.waiting):
            if self.earned:
                session = self.earned.pop(0)
                self.floor = {'session': session, 'since': now(), 'until': now() + FLOOR_S, 'shown': False}
                pushes = [push for push in self.waiting if push.session is session]
            else:
                pushes = self.waiting[:1]
            for push in pushes:
                self.waiting.remove(push)
                self.judge(push)
        turn.notify_all()

    def floor_for(self, session=None):
        """Returns the floor, or with `session` only its own. The time of a floor begins when its session reads of it."""
        if not self.floor or session and not self.has_floor(session): return {}
        if session and not self.floor['shown']: self.floor.update(shown=True, until=now() + FLOOR_S)
        return {'floor': {'name': self.floor['session'].name, 'for_ms': round((self.floor['until'] - now()) * 1000)}}

    def presence_changes(self, known):
        """Returns the presence of each participant for whom it differs from `known`, and updates `known`."""
        here = {name: {'present': False} for name in known}
        for one in self.present.values():
            state = one.presence()
            here[one.name] = {'present': 'away' not in state, **({'writing': True} if 'writing' in state else {})}
        changes = [{'sender_id': name, **state} for name, state in here.items() if known.get(name) != state]
        known.update(here)
        return changes

def by_model(session, meta): return not session.person and (meta or {}).get('by') == 'model'

def suffix_of(text):
    start = max(0, len(text) - SUFFIX)
    while 0 < start < len(text) and joined(text, start): start += 1
    return text[start:]

class Session:
    person = False

    def __init__(self, room, name, secret, typing_indicator=True):
        self.room, self.name, self.key, self.secret, self.seen = room, name, name_key(name), secret, now()
        self.id, self.token = secrets.token_hex(8), secrets.token_hex(32)
        self.cursor = self.shown = self.start = len(room.log)
        self.segments, self.keys, self.queue, self.check, self.left = [], {}, [], None, False
        self.holds = self.held_by = self.streams = 0
        self.told, self.changed, self.typing_indicator = False, 0, typing_indicator

    def draft(self): return ''.join(text for text, _ in self.segments)

    def suffix(self): return suffix_of(self.draft())

    def wrote(self, told=False):
        """Call when the draft changes. `told`: the client says that it writes a local draft."""
        self.told, self.changed = told, now()
        turn.notify_all()

    def presence(self):
        """Returns what others see of it."""
        if not self.streams and now() - self.seen > AWAY_S: return {'away': True}
        writing = self.typing_indicator and (self.segments or self.told) and now() - self.changed < WRITING_S
        return {'writing': True} if writing else {}

    def join_result(self):
        return {'session_id': self.id, 'token': self.token, 'room': self.room.name, 'sender_id': self.name,
                'cursor': self.cursor, 'log': LOG, 'policy': 'hold'}

    def leave(self):
        room, self.left = self.room, True
        room.present.pop(self.key, None)
        sessions.pop(self.token, None)
        room.waiting = [push for push in room.waiting if push.session is not self]
        room.earned = [other for other in room.earned if other is not self]
        return self.yield_floor()

    def yield_floor(self):
        mine = self.room.has_floor(self)
        if mine: self.room.end_floor()
        self.room.settle()
        return {'status': 1 if mine or self.left else 0}

    def who(self):
        self.room.settle()
        here = [{'sender_id': one.name, **one.presence()} for one in self.room.present.values()]
        return {'participants': here, **self.room.floor_for(), **({'hushed': True} if self.room.hushed else {})}
