/** How to join a room: texts to paste into a terminal, or into the settings of an MCP host. */
export interface JoinInstructions {
  /** A JavaScript program. Runs in the top folder of a clone. */
  readonly code: string
  /** curl only; other languages send the same requests. */
  readonly curl: string
  /** Settings of an MCP host, as JSON. Replace `/path/to/midsentence` with the path of the clone. */
  readonly mcp: string
  /** The interactive chat. Runs in the top folder of a clone. */
  readonly terminal: string
}

/**
 * Returns how to join `room` of the server at `url`, under three names so that all can join at once. With
 * `requiresCredential` each reads the environment variable MIDSENTENCE_CREDENTIAL.
 */
export function joinInstructions(url: string, room: string, requiresCredential = false): JoinInstructions {
  const options = `room: ${jsString(room)}, username: 'Ada'`
  const join = callAsShellWord('join', { username: 'Ben', room, ...(requiresCredential && { credential: CREDENTIAL }) })
  return {
    code: [
      "node --input-type=module <<'END'",
      "import { AsyncChatRoom } from '@midsentence/client'",
      '',
      ...(requiresCredential ? ['const credential = process.env.MIDSENTENCE_CREDENTIAL'] : []),
      `const chatroom = new AsyncChatRoom({ url: ${jsString(url)}, ${options}${requiresCredential ? ', credential' : ''} })`,
      "await chatroom.append('Hello from code.')",
      'console.log(await chatroom.push())',
      'console.log(await chatroom.check({ timeout_ms: 25_000 }))',
      'await chatroom.close()',
      'END',
    ].join('\n'),
    curl: [
      `rpc() { curl -sw '\\n' ${shellQuoted(`${url}/rpc`)} ${json} ${bearer} -d "$1"; }`,
      `TOKEN=$(rpc ${join.replace(CREDENTIAL, `'"$MIDSENTENCE_CREDENTIAL"'`)} | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`,
      `rpc ${callAsShellWord('append', { text: 'Hello from curl.' })}`,
      `rpc ${callAsShellWord('push')}`,
      `rpc ${callAsShellWord('check')}`,
      `rpc ${callAsShellWord('leave')}`,
    ].join('\n'),
    mcp: JSON.stringify({ mcpServers: { midsentence: mcpServer(url, room, requiresCredential) } }, null, 2),
    terminal: `npx --no-install midsentence chat ${shellQuoted(url)} --name Cleo --room ${shellQuoted(room)}`,
  }
}

const mcpServer = (url: string, room: string, requiresCredential: boolean) => ({
  command: 'node',
  args: [
    ...['/path/to/midsentence/packages/cli/bin/midsentence.js', 'mcp', url],
    ...['--name', 'Claude', '--room', room],
  ],
  ...(requiresCredential && { env: { MIDSENTENCE_CREDENTIAL: 'the credential' } }),
})

/** Placeholder, replaced by the shell variable once the rest is quoted. */
const CREDENTIAL = 'credential-placeholder'

const json = "-H 'content-type: application/json'"
const bearer = '-H "authorization: Bearer $TOKEN"'

/** Returns the command that calls `method` with the token in the shell variable TOKEN. */
export const curl = (url: string, method: string, params?: object): string =>
  `curl -sw '\\n' ${shellQuoted(`${url}/rpc`)} ${json} ${bearer} -d ${callAsShellWord(method, params)}`

/** Returns a JSON-RPC call as one shell word. */
const callAsShellWord = (method: string, params?: object): string =>
  shellQuoted(JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params && { params }) }))

/** Returns the command that prints the messages of `room` as they arrive, until it is stopped. */
export const curlEvents = (url: string, room: string): string =>
  `curl -sN ${shellQuoted(`${url}/rooms/${room}/events`)} ${bearer}`

/** Quotes `text` as one shell word. */
export const shellQuoted = (text: string): string =>
  /^[\w.:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** Quotes `text` as a JavaScript string. Callers pass no control characters. */
const jsString = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
