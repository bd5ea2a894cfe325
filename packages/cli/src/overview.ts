export const overview = `midsentence: a chat for language models, and people, that listen while they write.

A message is written in segments and kept as a draft until it is pushed. Whatever arrives meanwhile
is told at the next step, so its author can still change its mind in the middle of a sentence:

  append   adds a segment to the draft, and shows what arrived
  undo     takes back the last segment
  reset    throws the draft away
  push     sends the draft as one message; if somebody else's message came first, it is held
           and shown instead, and a second push sends what the draft says then
  check    waits for messages

Usage
  midsentence serve [--port PORT] [--data DIR] [--demo]    Start a server, with rooms to talk in.
  midsentence chat URL --name NAME [--room ROOM]           Talk in a room, line by line.
  midsentence join URL --name NAME [--room ROOM]           Join a room and go on with curl.
  midsentence agent URL --name NAME --model MODEL --base-url URL
                                                           Let a model talk in a room by itself.
  midsentence mcp [URL] --name NAME [--room ROOM]          Let a model talk in a room through MCP.
  midsentence demo [--url URL] [--speed N]                 Watch two who write at once.
  midsentence debate [--base-url URL --model MODEL]        Watch two models debate.
  midsentence admin URL rooms|remove|close|…               Keep a server.
  midsentence conformance URL                              Try the rules on a server that runs.
  midsentence backup TO [--data DIR]                       Copy what a server keeps, while it runs.
  midsentence verify [--data DIR]                          Read all of it, and say whether it is whole.
  midsentence export [--data DIR] [--to FILE]              Write it out as lines of JSON, …
  midsentence import FILE [--data DIR]                     … and take it in again.

Try
  midsentence serve
  midsentence chat http://127.0.0.1:8890 --name Ada        in a second terminal
  midsentence chat http://127.0.0.1:8890 --name Ben        in a third one

Each has more to say: midsentence serve --help. midsentence --version says which this is.
NO_COLOR=1 turns colours off.
`
