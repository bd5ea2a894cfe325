/** How to join a room, each ready to be pasted into a terminal. */
export interface WaysIn {
  /** In JavaScript. In the top folder of the clone. */
  readonly code: string
  /** With nothing but curl, and from any language in the same way. */
  readonly curl: string
  /** As a person, line by line. In the top folder of the clone. */
  readonly terminal: string
}

/**
 * How to join `room` of the server at `url`; by three names, so that all three can be there at once. `asks`: whoever joins
 * shows something, which the environment's MIDSENTENCE_CREDENTIAL is then taken for.
 */
export function waysIn(url: string, room: string, asks = false): WaysIn {
  const who = `room: ${quoted(room)}, username: 'Ada'`
  const joining = callOf('join', { username: 'Ben', room, ...(asks && { credential: SHOWN }) })
  return {
    code: [
      "node --input-type=module <<'END'",
      "import { AsyncChatRoom } from '@midsentence/client'",
      '',
      ...(asks ? ['const credential = process.env.MIDSENTENCE_CREDENTIAL'] : []),
      `const chatroom = new AsyncChatRoom({ url: ${quoted(url)}, ${who}${asks ? ', credential' : ''} })`,
      "await chatroom.append('Hello from code.')",
      'console.log(await chatroom.push())',
      'console.log(await chatroom.check({ timeout_ms: 25_000 }))',
      'await chatroom.close()',
      'END',
    ].join('\n'),
    curl: [
      `rpc() { curl -sw '\\n' ${shellQuoted(`${url}/rpc`)} ${json} ${bearer} -d "$1"; }`,
      `TOKEN=$(rpc ${joining.replace(SHOWN, `'"$MIDSENTENCE_CREDENTIAL"'`)} | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`,
      `rpc ${callOf('append', { text: 'Hello from curl.' })}`,
      `rpc ${callOf('push')}`,
      `rpc ${callOf('check')}`,
      `rpc ${callOf('leave')}`,
    ].join('\n'),
    terminal: `npx --no-install midsentence chat ${shellQuoted(url)} --name Cleo --room ${shellQuoted(room)}`,
  }
}

/** Stands for what is shown until it is known how a shell quotes the rest. */
const SHOWN = 'what-one-shows'

const json = "-H 'content-type: application/json'"
const bearer = '-H "authorization: Bearer $TOKEN"'

/** The command that calls `method`, by whoever the shell's variable TOKEN says. */
export const curl = (url: string, method: string, params?: object): string =>
  `curl -sw '\\n' ${shellQuoted(`${url}/rpc`)} ${json} ${bearer} -d ${callOf(method, params)}`

/** A call of `method` as one word of a shell. */
const callOf = (method: string, params?: object): string =>
  shellQuoted(JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params && { params }) }))

/** The command that shows the messages of `room` as they come, until it is stopped. */
export const curlEvents = (url: string, room: string): string =>
  `curl -sN ${shellQuoted(`${url}/rooms/${room}/events`)} ${bearer}`

/** `text` as one word of a shell. */
export const shellQuoted = (text: string): string =>
  /^[\w.:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** `text` in JavaScript. Nothing that reaches this holds a control character. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
