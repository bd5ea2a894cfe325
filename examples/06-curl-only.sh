#!/bin/sh
# Two who have nothing but curl talk with each other over a midsentence server, whose URL is the first argument. Every
# step is a JSON-RPC call, and every answer also brings what the others said meanwhile. The drafts are kept by the server.
set -u
url=${1:-http://127.0.0.1:8890}
room=curl-$$
answer=

# fail SENTENCE
fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# rpc TOKEN METHOD [PARAMS]: calls, prints the answer, and keeps it to be looked at. The token says who calls.
rpc() {
  method=$2 params=${3-}
  call="{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$method\",\"params\":${params:-"{}"}}"
  answer=$(curl -sS --max-time 60 "$url/rpc" -H 'content-type: application/json' -H "authorization: Bearer $1" -d "$call") ||
    fail "No server answers at $url: start one with \"npm start\", or give the URL of yours."
  # Whoever reads a token is its owner: it is not for the screen.
  printf '%s %s\n  %s\n' "$method" "$params" "$answer" | sed 's/"token":"[^"]*"/"token":"..."/'
}

# has TEXT …: each of these must stand in the last answer.
has() {
  for text; do
    printf '%s' "$answer" | grep -qF -- "$text" || fail "The answer to $method should hold $text"
  done
}

# lacks TEXT: this must not.
lacks() {
  ! printf '%s' "$answer" | grep -qF -- "$1" || fail "The answer to $method should not hold $1"
}

# the NAME: the text that the last answer has for it.
the() {
  printf '%s' "$answer" | sed 's/.*"'"$1"'":"\([^"]*\)".*/\1/'
}

rpc '' join '{"username":"Ada","room":"'$room'"}'
has '"sender_id":"Ada"' '"cursor":0'
ada=$(the token)
rpc '' join '{"username":"Ben","room":"'$room'"}'
has '"sender_id":"Ben"'
ben=$(the token)

# A draft grows by segments. Nobody else sees it.
rpc "$ada" append '{"text":"The launch is on Friday, "}'
has '"status":1' '"suffix":"The launch is on Friday, "' '"messages":[]'
rpc "$ada" append '{"text":"at nine."}'
rpc "$ada" preview
has '"draft":"The launch is on Friday, at nine."' '"length":33'

# Ben is faster. With a key a call may be repeated as often as its answer is lost: it has one effect.
rpc "$ben" append '{"text":"The launch has moved to Monday."}'
rpc "$ben" push '{"key":"my first push"}'
has '"status":1' '"seq":1'
first=$(the message_id)
rpc "$ben" push '{"key":"my first push"}'
has "$first"

# So Ada's push is held: nothing is sent, the draft is kept, and what she had not read comes with the answer.
rpc "$ada" push
has '"status":0' '"held":true' '"content":"The launch has moved to Monday."'
rpc "$ada" undo
has '"status":1' '"suffix":"The launch is on Friday, "' '"messages":[]'
rpc "$ada" reset
rpc "$ada" append '{"text":"Monday it is."}'
rpc "$ada" push
has '"status":1' '"seq":2'
lacks '"crossed"'

# Ben waits for an answer; it is there already. His own message does not come back to him.
rpc "$ben" check '{"timeout_ms":25000}'
has '"status":1' '"content":"Monday it is."' '"sender_id":"Ada"'
lacks '"sender_id":"Ben"'
rpc "$ben" check '{"timeout_ms":0}'
has '"status":0' '"messages":[]'

# What cannot be is an error, with a sentence that says what to do.
rpc "$ben" push
has '"code":40001'

# The same messages as they come, for whoever would rather listen: here for two seconds, from the first one on.
method=events
answer=$(curl -sN --max-time 2 "$url/rooms/$room/events?after=0" -H "authorization: Bearer $ben")
printf 'events\n%s\n' "$answer"
has 'id: 1' 'id: 2' 'event: message' '"content":"The launch has moved to Monday."' '"content":"Monday it is."'

rpc "$ada" leave
rpc "$ben" leave
has '"status":1'
rpc "$ben" who
has '"code":40010'
echo 'Every answer was as it should be.'
