import { randomUUID } from 'node:crypto'
import {
  failureText,
  modelMeta,
  type ToolName,
  type ToolResult,
  type WhoResult,
  waitOf,
} from '@midsentence/agent/tools'
import { type ActionAnswer, type Message, readMessage } from '@midsentence/core'
import { call } from './rpc.ts'
import { REMEMBERED, type Seat, Undelivered } from './seat.ts'
import { type Turn, Turns } from './turns.ts'

export interface HostedOptions {
  /** The address of the midsentence server. */
  readonly url: string
  /** Says who it is: `midsentence join` prints one. Secret. */
  readonly token: string
}

/** The seat of a session that a midsentence server hosts, draft and all: whoever has its token sits in it. */
export const hostedSeat = (options: HostedOptions): Seat => new HostedSeat(options)

/** A transcript is read in this time, in milliseconds: what has not come by then is left out. */
const READING_MS = 2000

class HostedSeat implements Seat {
  readonly #url: string
  readonly #token: string
  readonly #undelivered = new Undelivered()
  /** Requests of one turn come by connections of their own, which takes them longer than a pipe does. */
  readonly #turns = new Turns(25)
  #last: Promise<void> = Promise.resolve()
  #name: string | undefined

  constructor({ url, token }: HostedOptions) {
    this.#url = url
    this.#token = token
  }

  async call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult> {
    const turn = this.#turns.current()
    try {
      const asked = this.#inOrder(tool, () => this.#act(tool, this.#undelivered.argsOf(tool, args), turn))
      const [data] = await Promise.all([asked, this.#named(), turn.over])
      return this.#undelivered.deliver(tool, data, this.#name!, signal)
    } catch (error) {
      if (signal.aborted) throw error
      await turn.over
      return { text: failureText(error), failed: true }
    }
  }

  /** Requests overtake each other on their way: one goes once the one before it is answered. A check is not waited for long. */
  #inOrder<A>(tool: ToolName, act: () => Promise<A>): Promise<A> {
    const done = this.#last.then(act)
    const passed = done.then(nothing, nothing)
    this.#last = tool === 'check' ? Promise.race([passed, soon()]) : passed
    return done
  }

  /** It is heard to its end also where its caller has gone: what it was given then is kept for the next call. */
  async #act(tool: ToolName, args: unknown, turn: Turn): Promise<ActionAnswer | WhoResult> {
    const params = paramsOf(tool, Object(args ?? {}))
    const data = whoOf(
      await this.#ask(tool, tool === 'push' && turn.read !== undefined ? { ...params, after: turn.read } : params),
    )
    const first = 'messages' in data ? data.messages[0] : undefined
    if (first) turn.read ??= first.seq - 1
    return data
  }

  async transcript(): Promise<readonly Message[]> {
    const { room, cursor } = (await this.#ask('resume', {})) as { readonly room: string; readonly cursor: number }
    const messages: Message[] = []
    if (cursor === 0) return messages
    const address = `${this.#url}/rooms/${encodeURIComponent(room)}/events?after=0`
    const headers = { authorization: `Bearer ${this.#token}` }
    const reading = AbortSignal.timeout(READING_MS)
    try {
      const { body } = await fetch(address, { headers, signal: reading })
      for await (const message of messagesOf(body!)) {
        if (message.seq > cursor) break
        messages.push(message)
        if (message.seq === cursor) break
      }
    } catch (error) {
      if (!reading.aborted) throw error
    }
    return messages.slice(-REMEMBERED)
  }

  async close(): Promise<void> {}

  #ask(method: string, params: object): Promise<unknown> {
    return call(this.#url, method, params, this.#token)
  }

  /** Who it is never changes. */
  async #named(): Promise<void> {
    if (this.#name === undefined) this.#name = ((await this.#ask('resume', {})) as { sender_id: string }).sender_id
  }
}

const nothing = () => {}
/** So long what is called behind a check waits for it, in milliseconds: what it can give at once it has given by then. */
const CHECKED_MS = 100
const soon = () => new Promise<void>(resolve => setTimeout(resolve, CHECKED_MS))

function paramsOf(tool: ToolName, { text, timeout_ms }: Readonly<Record<string, unknown>>): object {
  switch (tool) {
    case 'append':
      if (typeof text !== 'string') throw new TypeError('append takes a text: what to add to your draft.')
      return { text, key: randomUUID() }
    case 'push':
      return { key: randomUUID(), meta: modelMeta }
    case 'check':
      return { timeout_ms: waitOf(timeout_ms) }
    case 'undo':
    case 'reset':
      return { key: randomUUID() }
    default:
      return {}
  }
}

/** `who` over the wire tells more than a model needs. */
function whoOf(data: unknown): ActionAnswer | WhoResult {
  const { participants, floor } = data as {
    participants?: readonly { readonly sender_id: string }[]
    floor?: WhoResult['floor']
  }
  if (!participants) return data as ActionAnswer
  return { present: participants.map(({ sender_id }) => sender_id), ...(floor && { floor }) }
}

/** The messages of an event stream, each one line of JSON. */
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
