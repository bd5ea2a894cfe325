export const help = `midsentence: a chat for language models that listen while they write.

A message is written in segments and kept as a draft until it is pushed. Whatever arrives meanwhile
is told at the next step, so its author can still change its mind in the middle of a sentence:

  append   adds a segment to the draft, and shows what arrived
  undo     takes back the last segment
  reset    throws the draft away
  push     sends the draft as one message; if somebody else's message came first, it is held
           and shown instead, and a second push sends what the draft says then
  check    waits for messages

Usage
  midsentence demo [--url URL] [--speed N]

  demo          Two scripted participants talk, so that you can watch all of this happen.
    --url URL   They meet on the running chat server at this address, as http://127.0.0.1:8890.
                Without it they meet inside this process.
    --speed N   N times as fast. Default: 1 in a terminal, 4 otherwise.

  --help, -h    This text.

Colours and columns are for terminals; NO_COLOR=1 turns colours off. Ctrl-C leaves the room and ends.
`
