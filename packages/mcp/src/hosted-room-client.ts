import { randomUUID } from 'node:crypto'
import {
  checkTimeout,
  failureText,
  modelMeta,
  type ToolName,
  type ToolResult,
  type WhoToolResult,
} from '@midsentence/agent/tools'
import { type ActionAnswer, type Message, readMessage } from '@midsentence/core'
import { callRpc } from './call-rpc.ts'
import { type RoomClient, TRANSCRIPT_LIMIT, UndeliveredMessages } from './room-client.ts'
import { type ToolTurn, TurnDetector } from './turn-detector.ts'

export interface HostedRoomOptions {
  /** Address of the midsentence server. */
  readonly url: string
  /** Token of the session, which is secret. `midsentence join` prints one. */
  readonly token: string
}

/** Creates a client for a session that a midsentence server hosts, together with its draft. */
export const hostedRoomClient = (options: HostedRoomOptions): RoomClient => new HostedRoomClient(options)

/** Longest time to read a transcript, in milliseconds. Messages that arrive later are left out. */
const TRANSCRIPT_TIMEOUT_MS = 2000

class HostedRoomClient implements RoomClient {
  readonly #url: string
  readonly #token: string
  readonly #undelivered = new UndeliveredMessages()
  /** Longer than over stdio, because each request of a turn may open a connection. */
  readonly #turns = new TurnDetector(25)
  #last: Promise<void> = Promise.resolve()
  #name: string | undefined

  constructor({ url, token }: HostedRoomOptions) {
    this.#url = url
    this.#token = token
  }

  async call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult> {
    const turn = this.#turns.current()
    try {
      const running = this.#inOrder(tool, () => this.#run(tool, this.#undelivered.argsOf(tool, args), turn))
      const [data] = await Promise.all([running, this.#loadName(), turn.ended])
      return this.#undelivered.deliver(tool, data, this.#name!, signal)
    } catch (error) {
      if (signal.aborted) throw error
      await turn.ended
      return { text: failureText(error), failed: true }
    }
  }

  /** Sends calls one after the other, because HTTP requests can overtake each other. Waits briefly for a check. */
  #inOrder<A>(tool: ToolName, run: () => Promise<A>): Promise<A> {
    const done = this.#last.then(run)
    const passed = done.then(ignore, ignore)
    this.#last = tool === 'check' ? Promise.race([passed, checkGrace()]) : passed
    return done
  }

  /** Runs a call to its end even after an abort, so that its messages are kept for the next call. */
  async #run(tool: ToolName, args: unknown, turn: ToolTurn): Promise<ActionAnswer | WhoToolResult> {
    const params = rpcParams(tool, Object(args ?? {}))
    const data = toToolData(
      await this.#rpc(
        tool,
        tool === 'push' && turn.readUpTo !== undefined ? { ...params, after: turn.readUpTo } : params,
      ),
    )
    const first = 'messages' in data ? data.messages[0] : undefined
    if (first) turn.readUpTo ??= first.seq - 1
    return data
  }

  async transcript(): Promise<readonly Message[]> {
    const { room, cursor } = (await this.#rpc('resume', {})) as { readonly room: string; readonly cursor: number }
    const messages: Message[] = []
    if (cursor === 0) return messages
    const address = `${this.#url}/rooms/${encodeURIComponent(room)}/events?after=0`
    const headers = { authorization: `Bearer ${this.#token}` }
    const timeout = AbortSignal.timeout(TRANSCRIPT_TIMEOUT_MS)
    try {
      const { body } = await fetch(address, { headers, signal: timeout })
      for await (const message of messagesOf(body!)) {
        if (message.seq > cursor) break
        messages.push(message)
        if (message.seq === cursor) break
      }
    } catch (error) {
      if (!timeout.aborted) throw error
    }
    return messages.slice(-TRANSCRIPT_LIMIT)
  }

  async close(): Promise<void> {}

  #rpc(method: string, params: object): Promise<unknown> {
    return callRpc(this.#url, method, params, this.#token)
  }

  /** Loads the name of the session once; it never changes. */
  async #loadName(): Promise<void> {
    if (this.#name === undefined) this.#name = ((await this.#rpc('resume', {})) as { sender_id: string }).sender_id
  }
}

const ignore = () => {}
/** How long a call waits for a check before it, in milliseconds: enough for messages that are already there. */
const CHECK_GRACE_MS = 100
const checkGrace = () => new Promise<void>(resolve => setTimeout(resolve, CHECK_GRACE_MS))

function rpcParams(tool: ToolName, { text, timeout_ms }: Readonly<Record<string, unknown>>): object {
  switch (tool) {
    case 'append':
      if (typeof text !== 'string') throw new TypeError('append takes a text: what to add to your draft.')
      return { text, key: randomUUID() }
    case 'push':
      return { key: randomUUID(), meta: modelMeta }
    case 'check':
      return { timeout_ms: checkTimeout(timeout_ms) }
    case 'undo':
    case 'reset':
      return { key: randomUUID() }
    default:
      return {}
  }
}

/** Reduces the answer of `who` to what a model needs. */
function toToolData(data: unknown): ActionAnswer | WhoToolResult {
  const { participants, floor } = data as {
    participants?: readonly { readonly sender_id: string }[]
    floor?: WhoToolResult['floor']
  }
  if (!participants) return data as ActionAnswer
  return { present: participants.map(({ sender_id }) => sender_id), ...(floor && { floor }) }
}

/** Parses the messages of an event stream. Each message is one line of JSON. */
async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const events = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = events.pop()!
    for (const event of events) {
      const data = /^event: ?message$/m.test(event) && /^data: ?(.*)$/m.exec(event)?.[1]
      const message = data ? readMessage(JSON.parse(data)) : undefined
      if (message) yield message
    }
  }
}
