import type { HttpStep, HttpTranscript, RpcStep, StreamStep } from './transcript.ts'

/** How many characters of an answer are shown after its request. */
const SHOWN = 300

/**
 * Returns shell lines that replay a transcript in a new room. The join lines store their tokens in variables. Requests
 * that overlapped run in the background, in their original order.
 */
export function curlLines({ url, room, steps }: HttpTranscript): string {
  let joins = 0
  const lines = steps.flatMap(step => {
    const joined = step.type === 'rpc' && /"token"\s*:\s*"\$T\d/.test(step.answer ?? '')
    const fresh = joined && Number(/\$T(\d+)/.exec(step.answer!)![1]) > joins
    if (fresh) joins++
    const asks = step.type === 'rpc' ? rpcLine(step, room) : streamLine(step, room)
    const line = fresh ? `T${joins}=$(${asks} | tee /dev/stderr | sed 's/.*"token" *: *"\\([^"]*\\)".*/\\1/')` : asks
    // Another request began before this one ended, so both must overlap again.
    const overlaps = !fresh && steps.some(({ began }) => began > step.began && began < (step.ended ?? Infinity))
    return [overlaps ? `${line} & sleep 0.2` : line, ...comment(step)]
  })
  const leaving = Array.from({ length: joins }, (_, at) => `rpc "$T${at + 1}" '${leave}' >/dev/null`)
  return [
    `URL=${quoted(url)}`,
    'ROOM="again-$$-$(date +%s)"',
    `rpc() { curl -sS --max-time 60 -w '\\n' "$URL/rpc" -H 'content-type: application/json' ${bearer} --data-raw "$2"; }`,
    `events() { curl -sSN --max-time 3 "$URL/rooms/$2" ${bearer} -H "last-event-id: $3"; }`,
    ...lines,
    'wait',
    ...leaving,
  ].join('\n')
}

const bearer = '$' + '{1:+-H "authorization: Bearer $1"}'
const leave = '{"jsonrpc":"2.0","id":"leave","method":"leave"}'

const rpcLine = ({ as, request }: RpcStep, room: string): string => `rpc ${whoOf(as)} ${bodyOf(request, room)}`

function streamLine({ as, room: asked, after, lastEventId = '' }: StreamStep, room: string): string {
  const place = asked === room ? '$ROOM' : encodeURIComponent(asked)
  const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
  return `events ${whoOf(as)} "${place}/events${query}" ${quoted(lastEventId)}`
}

const whoOf = (as: number | string): string => {
  if (typeof as === 'number') return as === 0 ? "''" : `"$T${as}"`
  // A token of the server's: no header can carry its controls.
  return withVariables(withoutControls(as), '')
}

const bodyOf = (request: string, room: string): string => withVariables(request, room)

/** Quotes `text` as one shell word, with variables for the room and the tokens. */
function withVariables(text: string, room: string): string {
  const known = room === '' ? /(\$T\d+)/ : new RegExp(`(\\$T\\d+|${room.replace(/[.]/g, '\\.')})`)
  const words = text.split(known).filter(part => part !== '')
  return (
    words.map(part => (part === room ? '"$ROOM"' : /^\$T\d+$/.test(part) ? `"${part}"` : quoted(part))).join('') || "''"
  )
}

function comment(step: HttpStep): string[] {
  if (step.type === 'events') return [`# ${step.status ?? 'no answer'}, ${step.events} events`]
  if (step.abandoned) return ['# disconnected before the answer']
  const { answer = '(nothing)' } = step
  const line = withoutControls(answer)
  return [`# ${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}`]
}

const withoutControls = (text: string): string => text.replace(/[^ -~\u00a0-\ud7ff\ue000-\uffff]+/g, ' ')

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
