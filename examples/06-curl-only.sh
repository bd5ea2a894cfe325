#!/bin/sh
# Two participants chat by curl alone over a midsentence server, whose URL is the first argument. Each step is a
# JSON-RPC call, and each answer also brings the messages that arrived meanwhile. The server keeps the drafts.
set -u
url=${1:-http://127.0.0.1:8890}
room=curl-$$
answer=

# fail SENTENCE: prints it and exits.
fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# rpc TOKEN METHOD [PARAMS]: calls, prints the answer and stores it in $answer. The token identifies the caller.
rpc() {
  method=$2 params=${3-}
  call="{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"$method\",\"params\":${params:-"{}"}}"
  answer=$(curl -sS --max-time 60 "$url/rpc" -H 'content-type: application/json' -H "authorization: Bearer $1" -d "$call") ||
    fail "No server answers at $url: start one with \"npm start\", or give the URL of yours."
  # A token is a secret: do not print it.
  printf '%s %s\n  %s\n' "$method" "$params" "$answer" | sed 's/"token":"[^"]*"/"token":"..."/'
}

# has TEXT …: exits unless the last answer contains each text.
has() {
  for text; do
    printf '%s' "$answer" | grep -qF -- "$text" || fail "The answer to $method lacks $text"
  done
}

# lacks TEXT: exits if the last answer contains the text.
lacks() {
  ! printf '%s' "$answer" | grep -qF -- "$1" || fail "The answer to $method should not contain $1"
}

# the NAME: prints the string of this name in the last answer.
the() {
  printf '%s' "$answer" | sed 's/.*"'"$1"'":"\([^"]*\)".*/\1/'
}

rpc '' join '{"username":"Ada","room":"'$room'"}'
has '"sender_id":"Ada"' '"cursor":0'
ada=$(the token)
rpc '' join '{"username":"Ben","room":"'$room'"}'
has '"sender_id":"Ben"'
ben=$(the token)

# A draft grows by segments. Other participants do not see it.
rpc "$ada" append '{"text":"The launch is on Friday, "}'
has '"status":1' '"suffix":"The launch is on Friday, "' '"messages":[]'
rpc "$ada" append '{"text":"at nine."}'
rpc "$ada" preview
has '"draft":"The launch is on Friday, at nine."' '"length":33'

# Ben is faster. A call with a key may be repeated after a lost answer: it has one effect.
rpc "$ben" append '{"text":"The launch has moved to Monday."}'
rpc "$ben" push '{"key":"my first push"}'
has '"status":1' '"seq":1'
first=$(the message_id)
rpc "$ben" push '{"key":"my first push"}'
has "$first"

# Ada's push is held: nothing is sent, the draft is kept, and the answer brings the message that she had not read.
rpc "$ada" push
has '"status":0' '"held":true' '"content":"The launch has moved to Monday."'
rpc "$ada" undo
has '"status":1' '"suffix":"The launch is on Friday, "' '"messages":[]'
rpc "$ada" reset
rpc "$ada" append '{"text":"Monday it is."}'
rpc "$ada" push
has '"status":1' '"seq":2'
lacks '"crossed"'

# Ben checks for messages. His own are not among them.
rpc "$ben" check '{"timeout_ms":25000}'
has '"status":1' '"content":"Monday it is."' '"sender_id":"Ada"'
lacks '"sender_id":"Ben"'
rpc "$ben" check '{"timeout_ms":0}'
has '"status":0' '"messages":[]'

# An impossible call returns an error, with a sentence that says what to do.
rpc "$ben" push
has '"code":40001'

# The same messages as an event stream: here for two seconds, from the first message.
method=events
answer=$(curl -sN --max-time 2 "$url/rooms/$room/events?after=0" -H "authorization: Bearer $ben")
printf 'events\n%s\n' "$answer"
has 'id: 1' 'id: 2' 'event: message' '"content":"The launch has moved to Monday."' '"content":"Monday it is."'

rpc "$ada" leave
rpc "$ben" leave
has '"status":1'
rpc "$ben" who
has '"code":40010'
echo 'All answers are as expected.'
