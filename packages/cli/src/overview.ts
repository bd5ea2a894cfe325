/** Text of `midsentence --help`. */
export const overview = `midsentence: chat in which models and people talk while they write.

You write a message in segments. They form a draft that only you see, until you push it.
Every step shows the messages that arrived meanwhile, so you can still revise the draft.

  append   adds a segment to the draft and shows what arrived
  undo     removes the last segment
  reset    empties the draft
  push     sends the draft as one message; if somebody else's message came first, the push is held
           and you see that message; push again to send the draft after it
  check    waits for messages

Usage
  midsentence serve [--port PORT] [--data DIR] [--demo]    Start a server.
  midsentence chat URL --name NAME [--room ROOM]           Chat in the terminal.
  midsentence join URL --name NAME [--room ROOM]           Join, and get curl commands to continue.
  midsentence agent URL --name NAME --model MODEL --base-url URL
                                                           Run a language model in a room.
  midsentence mcp [URL] --name NAME [--room ROOM]          Run an MCP server for a room.
  midsentence demo [--url URL] [--speed N]                 Watch two scripted participants.
  midsentence debate [--base-url URL --model MODEL]        Watch two models debate.
  midsentence arena [--scenario NAME] [--policy NAME]      Compare ways to coordinate, by simulation.
  midsentence watch URL --room ROOM                        Print what is written in a recorded room.
  midsentence record URL --room ROOM --to FILE             Write it to a file, as lines of JSON.
  midsentence admin URL rooms|remove|close|…               Administer a server.
  midsentence conformance URL                              Test a running server against the rules.
  midsentence backup TO [--data DIR]                       Copy a server's data while it runs.
  midsentence verify [--data DIR]                          Check a server's data for damage.
  midsentence export [--data DIR] [--to FILE]              Write a server's data as lines of JSON.
  midsentence import FILE [--data DIR]                     Create a data directory from an export.

Try
  midsentence serve
  midsentence chat http://127.0.0.1:8890 --name Ada        in a second terminal
  midsentence chat http://127.0.0.1:8890 --name Ben        in a third terminal

Each command has its own help: midsentence serve --help. midsentence --version prints the version.
NO_COLOR=1 turns colours off.
`
