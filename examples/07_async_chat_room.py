#!/usr/bin/env python3
"""AsyncChatRoom for Python 3.9 and newer, on the standard library alone. Each action is a JSON-RPC call; the server
keeps the draft. As a program it plays a conversation on the server at the first argument, and checks it."""
import json, math, os, re, secrets, sys, time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class RoomError(Exception):
    """An error of the room. Its text says what to do; `code` is the JSON-RPC code."""
    def __init__(self, text, code=None):
        super().__init__(text)
        self.code = code


class AsyncChatRoom:
    """Each action returns the messages that arrived, then sentences after "* ", or "". The constructor joins, and raises
    if that fails. Later, actions wait until the server is back. Use it from one thread at a time."""

    def __init__(self, url=None, username=None, room='lobby'):
        self.url = (url or os.environ.get('MIDSENTENCE_URL') or 'http://127.0.0.1:8890').rstrip('/')
        name = username or os.environ.get('MIDSENTENCE_NAME') or 'guest-' + secrets.token_hex(3)
        # With the secret, a repeated join finds the same session after a lost answer or a long pause.
        self._hello = {'username': name, 'room': room, 'secret': secrets.token_hex(16)}
        self._closed = False
        self._join(retry_s=1)

    def append(self, text): return self._act('append', text=text)
    def undo(self): return self._act('undo')
    def reset(self): return self._act('reset')
    def preview(self): return self._act('preview')
    def push(self): return self._act('push')

    def check(self, timeout=math.inf):
        """Waits for messages, at most `timeout` seconds. Then returns ""."""
        until = time.monotonic() + timeout
        while True:
            left = until - time.monotonic()
            text = self._act('check', max(left, 1), timeout_ms=max(0, round(min(left, 25) * 1000)))
            if text or left <= 25:
                return text

    def close(self):
        """Leaves the room and drops the draft. Never raises."""
        self._closed = True
        try:
            self._call('leave', {}, retry_s=0)
        except (RoomError, OSError):
            pass

    def _join(self, retry_s=math.inf):
        self._token = None
        joined = self._call('join', self._hello, retry_s)
        self._token, self.name, self._cursor = joined['token'], joined['sender_id'], joined['cursor']

    def _act(self, method, retry_s=math.inf, **params):
        if self._closed:
            return '* You have left this room. Open it again to go on.'
        try:
            # `key` gives a repeated call one effect; `after` repeats the messages of a lost answer.
            answer = self._call(method, {**params, 'key': secrets.token_hex(16), 'after': self._cursor}, retry_s)
        except (RoomError, OSError) as error:
            return '* ' + lines(self._joined_again() if getattr(error, 'code', None) == 40010 else str(error), ' ')
        self._cursor = answer['cursor']
        return shown(method, answer, self.name)

    def _joined_again(self):
        try:
            self._join()
        except RoomError as error:
            return str(error)
        return ('The room was restarted and you joined it again. Your draft is gone: append it again. '
                'You have not seen what was said meanwhile.')

    def _call(self, method, params, retry_s):
        """Repeats a call until it is answered. Raises OSError after `retry_s` seconds."""
        until, pause = time.monotonic() + retry_s, 0.1
        while True:
            try:
                # The server gets four seconds more than the call asks for.
                return self._ask(method, params, min(60, until - time.monotonic() + 4))
            except (OSError, HTTPException, ValueError) as error:
                if time.monotonic() + pause > until:
                    raise ConnectionError(f'No midsentence server answers at {self.url}: start one there.') from error
            time.sleep(pause)
            pause = min(2 * pause, 2)

    def _ask(self, method, params, timeout):
        call = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params}).encode()
        headers = {'Content-Type': 'application/json', 'Authorization': f'Bearer {self._token or ""}'}
        try:
            with urlopen(Request(self.url + '/rpc', call, headers), timeout=timeout) as response:
                answer = json.load(response)
        except HTTPError as error:
            if error.code == 429 or error.code >= 500:
                raise
            raise RoomError(f'{self.url} answers with {error.code}: give the URL of a midsentence server.') from error
        if 'result' in answer:
            return answer['result']
        code, text = answer['error']['code'], answer['error']['message']
        raise ConnectionError(text) if code == 40013 else RoomError(text, code)


# No message and no name may look like a line of another participant.
INDENT, REPLACED = '\n    ', '\ufffd'
LINE_BREAK = re.compile('\r\n|[\n\r\v\f\x85\u2028\u2029]')
CONTROL = re.compile('[\0-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]')
INVISIBLE = re.compile('[:\u02f8\u0589\u05c3\u2236\ua789\ufe13\ufe55\uff1a\t\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f'
                    '\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U00013441\U00013442\U00016fe4'
                    '\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]')
HIDDEN = ('\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f'
          '\ufeff\uffa0\ufff0-\ufffc\U00013441\U00013442\U00016fe4\U0001bca0-\U0001bca3\U0001d159'
          '\U0001d173-\U0001d17a\U000e0000-\U000e0fff')
# Flags, and the selectors and joiners that emoji and scripts need, stay. Other characters that do not show are escaped.
NEEDED = re.compile('(\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074'
                    '|\U000e0077\U000e006c\U000e0073)\U000e007f|(?<=[^\\s' + HIDDEN + '])(?:[\ufe0e\ufe0f][\u200c\u200d]?'
                    '|[\u200c\u200d\u180b-\u180d\u180f]))|[' + HIDDEN + ']')
QUOTE = re.compile('["\u02ba\u02dd\u02ee\u201c-\u201f\u2033\u2036\u275d\u275e\u301d-\u301f\uff02]')
EDGES = re.compile('^[*\\s]+|\\s+$')


def lines(text, between):
    safe = [NEEDED.sub(lambda found: found[1] or f'\\u{{{ord(found[0]):x}}}', CONTROL.sub(REPLACED, line))
            for line in LINE_BREAK.split(text)]
    # Of empty lines in a row one is left.
    shown = (line for at, line in enumerate(safe) if len(safe) < 3 or line.strip() or not at or safe[at - 1].strip())
    return between.join(shown)


def plain(name):
    visible = INVISIBLE.sub(REPLACED, CONTROL.sub(REPLACED, LINE_BREAK.sub(REPLACED, name)))
    return EDGES.sub(lambda found: REPLACED * len(found[0]), visible) or REPLACED


def quoted(name):
    return '"' + QUOTE.sub("'", plain(name)) + '"'


def shown(method, answer, name):
    """Renders an answer as text, for the participant called `name`."""
    output = [plain(message['sender_id']) + ': ' + lines(message['content'], INDENT) for message in answer['messages']]
    output += ['* ' + sentence for sentence in sentences(method, answer, name)]
    if method == 'preview':
        draft = answer['draft']
        output.append(f'* Your draft so far:{INDENT}{lines(draft, INDENT)}' if draft else '* Your draft is empty.')
    return '\n'.join(output)


def sentences(method, answer, name):
    """Yields the sentences of an answer: its outcome, and what to do."""
    floor, arrived = answer.get('floor'), answer['messages']
    time_left = floor and count(max(1, math.ceil(floor['for_ms'] / 1000)), 'more second')
    if method == 'append' and answer['status'] == 2:
        end = f' Your draft now ends with "{lines(answer["suffix"], " ")}".' if answer['suffix'] else ''
        kept, missing = count(answer['accepted'], 'character'), count(answer['dropped'], 'character')
        yield f'Too long: {kept} kept, {missing} missing.{end} Append the rest.'
    elif method == 'append' and answer['status'] == 0:
        yield 'Nothing was kept: the text is empty, or your draft is full. Append some words, or push, undo or reset.'
    elif method == 'undo' and answer['status'] == 0:
        yield 'There is nothing to undo: your draft is empty.'
    elif 'held' in answer and floor and floor['name'] != name:
        yield (f'Not sent yet: {quoted(floor["name"])} has the floor for {time_left}. Your draft is kept. '
               'Push again to wait for it.')
    elif 'held' in answer:
        came = count(len(arrived), 'message') if arrived else 'messages'
        yield (f'Not sent yet: {came} arrived while you were writing. Your draft is kept. '
               'Push again to send it as it is, or undo, append or reset first.')
    elif 'crossed' in answer:
        crossed = count(len(answer['crossed']) + answer.get('crossed_more', 0), 'message')
        yield f'Sent, but it crossed {crossed} that you had not seen. Read, and say more if that changes anything.'
    elif floor:
        yield f'You have the floor for {time_left}: push to send your draft.'
    if 'missed' in answer:
        missed = count(answer['missed']['to'] - answer['missed']['from'] + 1, 'message')
        yield f'{missed} can no longer be had. Ask the others if you need to know.'
    if 'more' in answer:
        yield 'There are more messages than fit here. Check to read on.'


def count(n, noun):
    return f'{n} {noun}{"" if n == 1 else "s"}'


def play(url):
    """Plays the conversation. Exits if an action prints another text."""
    room = 'python-' + secrets.token_hex(4)
    chatroom, chatgpt = AsyncChatRoom(url, 'Claude', room), AsyncChatRoom(url, 'ChatGPT', room)
    read = []

    def prints(text, expected=''):
        print(text)
        if text != expected:
            sys.exit(f'That should have been {expected!r}.')

    def chatgpt_says(text):
        read.extend([chatgpt.check(timeout=0), chatgpt.append(text), chatgpt.push()])

    chatgpt_says('anyone here?')
    prints(chatroom.check(), 'ChatGPT: anyone here?')
    prints(chatroom.append("yeah, i'm here"))
    prints(chatroom.push())
    prints(chatroom.append("what's up?"))
    prints(chatroom.push())
    chatgpt_says('oh, hi claude, what are you up to?')
    prints(chatroom.check(), 'ChatGPT: oh, hi claude, what are you up to?')
    chatgpt_says('did anything interesting recently?')
    prints(chatroom.append('nothing much'), 'ChatGPT: did anything interesting recently?')
    prints(chatroom.undo())
    prints(chatroom.append('I started using this cool app'))
    prints(chatroom.push())

    # "nothing much" was never sent.
    read.append(chatgpt.check())
    expected = ["Claude: yeah, i'm here", "Claude: what's up?", 'Claude: I started using this cool app']
    prints('\n'.join(filter(None, read)), '\n'.join(expected))
    chatroom.close()
    chatgpt.close()


if __name__ == '__main__':
    try:
        play(sys.argv[1] if len(sys.argv) > 1 else None)
    except (RoomError, OSError) as error:
        sys.exit(str(error))
