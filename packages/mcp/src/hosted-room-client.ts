import { createHmac, randomUUID } from 'node:crypto'
import {
  failureText,
  lettersOf,
  modelMeta,
  type ReadCodes,
  ReadLog,
  type ResultExtras,
  readArguments,
  resultText,
  StartNotices,
  type ToolArguments,
  type ToolData,
  type ToolName,
  type ToolResult,
  type WhoToolResult,
} from '@midsentence/agent/tools'
import { callServer, type ServerCallOptions } from '@midsentence/client'
import {
  type ActionAnswer,
  type Clock,
  isMidsentenceError,
  type Message,
  MidsentenceError,
  readMessage,
  type Seq,
  systemClock,
} from '@midsentence/core'
import type { ResumeResult } from '@midsentence/core/hub'
import { HostedFeed } from './events/hosted-feed.ts'
import { type RoomClient, TRANSCRIPT_LIMIT } from './room-client.ts'

export interface HostedRoomOptions {
  /** Address of the midsentence server. */
  readonly url: string
  /** Token of the session, which is secret. `midsentence join` prints one. */
  readonly token: string
  /** Longest wait of a check, in milliseconds. Default 55,000. */
  readonly checkMaxMs?: number
  /** The first result tells of a draft from before: for a client whose start is that of the model. Default false. */
  readonly tellsDraft?: boolean
  /** Default `systemClock()`. */
  readonly clock?: Clock
  /** Called once the server has confirmed that the token belongs to a session. */
  onSession?(): void
}

/** Creates a client for a session that a midsentence server hosts, together with its draft. */
export const hostedRoomClient = (options: HostedRoomOptions): RoomClient => new HostedRoomClient(options)

/** Longest time to read a transcript, in milliseconds. Messages that arrive later are left out. */
const TRANSCRIPT_TIMEOUT_MS = 2000
/** How long a push waits for another participant's floor, in milliseconds: the server's default. */
const FLOOR_WAIT_MS = 25_000
/** Longest wait of one call of a check, in milliseconds: a dead connection is noticed 15 s later. */
const CHECK_SLICE_MS = 15_000
/** A check that ends this long before its time ended for a reason, in milliseconds. */
const EARLY_MS = 100

/** Calls of one participant that wait or run at once. */
export const MAX_CALLS = 50

const repeatable: ServerCallOptions = { repeatable: true, retryRefused: true }

/** One call of a tool. */
interface ToolCall {
  readonly tool: ToolName
  readonly params: Readonly<Record<string, unknown>>
}

/** What `resume` tells of the session. */
type HostedSession = Pick<ResumeResult, 'sender_id' | 'cursor' | 'observable' | 'head'>

class HostedRoomClient implements RoomClient {
  readonly feed: HostedFeed
  readonly #url: string
  readonly #token: string
  readonly #checkMaxMs: number | undefined
  readonly #clock: Clock
  #log: ReadLog | undefined
  readonly #onSession: () => void
  readonly #tellsDraft: boolean
  #starting: StartNotices | undefined
  #last: Promise<void> = Promise.resolve()
  #calls = 0
  /** Checks that wait. */
  #checks = 0
  #isEnding = false
  #session: HostedSession | undefined
  /** A call whose answer was lost. It is repeated under its key before any other call. */
  #lostCall: ToolCall | undefined
  /** The answer to such a call, for the next result. */
  #lateAnswer = ''

  constructor({
    url,
    token,
    checkMaxMs,
    clock = systemClock(),
    tellsDraft = false,
    onSession = () => {},
  }: HostedRoomOptions) {
    this.#tellsDraft = tellsDraft
    this.#checkMaxMs = checkMaxMs
    this.#onSession = onSession
    this.#url = url
    this.#token = token
    this.#clock = clock
    this.feed = new HostedFeed({ url, token, clock, resume: () => this.#resume() })
  }

  async call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult> {
    if (this.#calls >= MAX_CALLS) return { text: tooManyCalls, failed: true }
    this.#calls++
    try {
      return await this.#call(tool, args, signal)
    } finally {
      this.#calls--
    }
  }

  async endCheckElsewhere(): Promise<void> {
    if (this.#checks > 0 || this.#isEnding) return
    this.#isEnding = true
    await this.#endCheck()
    this.#isEnding = false
  }

  /** Ends the check that waits at the server, so that the next message is given to the next call. Never rejects. */
  async #endCheck(): Promise<void> {
    const end = async () => {
      await this.#loadSession()
      const log = this.#log!
      // A later check ends an earlier one. What it brings is kept for the next call.
      if (!log.isFull) await this.#send({ tool: 'check', params: { timeout_ms: 0, after: log.cursor } })
    }
    await this.#inOrder('append', end).catch(ignore)
  }

  async #call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult> {
    try {
      const { data, hasCode } = await this.#inOrder(tool, () =>
        this.#run(tool, readArguments(tool, args, this.#checkMaxMs), signal),
      )
      const { sender_id: name, observable = false } = this.#session!
      const notices = this.#starting?.of(tool, data) ?? []
      const shown = this.#log!.show(tool, data, { name, signal, hasCode, observable, notices, turn: undefined })
      this.#starting = undefined
      return this.#withLateAnswer(shown)
    } catch (error) {
      if (signal.aborted) throw error
      return this.#withLateAnswer({ text: failureText(error), failed: true })
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
  async #run(
    tool: ToolName,
    args: ToolArguments,
    signal: AbortSignal,
  ): Promise<{ readonly data: ToolData; readonly hasCode: boolean }> {
    const params = rpcParams(tool, args)
    await this.#loadSession()
    const log = this.#log!
    const hasCode = (tool === 'push' || tool === 'check') && log.acknowledge(args.read)
    if (log.isFull) {
      if (tool === 'check') return { data: { status: 0, cursor: log.cursor, messages: [] }, hasCode }
      throw new MidsentenceError('rate-limited', manyUndelivered)
    }
    const call: ToolCall = { tool, params: { ...params, ...this.#after(log, tool, hasCode) } }
    const data = (await this.#repeatLostCall(call)) ?? (await this.#send(call, signal))
    const isEmpty = !('messages' in data) || data.messages.length === 0
    if ('renamed' in data && data.renamed !== undefined) this.#session = { ...this.#session!, sender_id: data.renamed }
    return { data: tool === 'check' && isEmpty ? await this.#withWriters(data) : data, hasCode }
  }

  /** The cursor of a call: a push is judged by it, and what another instance was given after it is given again. */
  #after(log: ReadLog, tool: ToolName, hasCode: boolean): object {
    if (tool === 'who') return {}
    if (tool === 'push') return { after: log.pushBase(hasCode, undefined) }
    const waits = tool === 'check' && log.hasNews(hasCode) ? { timeout_ms: 0 } : {}
    return { after: hasCode ? log.base : log.cursor, ...waits }
  }

  /** Adds who is writing to a check that brought nothing, and whether a person silences the models. */
  async #withWriters(data: ToolData): Promise<ToolData> {
    // The check has its answer: a `who` that fails must not lose it.
    const who = await this.#rpc('who', {}).then(toWhoData, () => ({ present: [] }) as ReturnType<typeof toWhoData>)
    const { writing = [], hushed } = who
    const others = writing.filter(name => name !== this.#session!.sender_id)
    return { ...data, ...(others.length > 0 && { writing: others }), ...(hushed && { hushed }) }
  }

  /** Repeats the call whose answer was lost, if there is one. Returns its answer if `next` asks for the same. */
  async #repeatLostCall(next: ToolCall): Promise<ToolData | undefined> {
    const lost = this.#lostCall
    if (!lost) return undefined
    this.#lostCall = undefined
    const isSame = lost.tool === next.tool && lost.params.text === next.params.text
    try {
      const data = await this.#send(lost)
      if (isSame) return data
      this.#lateAnswer = `* Your earlier ${lost.tool} is answered now:\n${resultText(lost.tool, { ...data, messages: [] }, this.#session!.sender_id)}`
    } catch (error) {
      if (isSame || this.#lostCall) throw error
      this.#lateAnswer = `* Your earlier ${lost.tool} is answered now:\n${failureText(error)}`
    }
    return undefined
  }

  async #send({ tool, params }: ToolCall, signal?: AbortSignal): Promise<ToolData> {
    try {
      const data = toToolData(await this.#request(tool, params, signal))
      if ('cursor' in data) this.#log!.add(this.#withHistory(data))
      return data
    } catch (error) {
      if (!('key' in params) || !isOutcomeUnknown(error)) throw error
      this.#lostCall = { tool, params }
      throw outcomeUnknown(tool, error)
    }
  }

  #request(tool: ToolName, params: ToolCall['params'], signal: AbortSignal | undefined): Promise<unknown> {
    if (tool === 'check') return this.#check(params, signal)
    if (tool === 'preview') return this.#read(tool, params, 0)
    return this.#rpc(tool, params, { ...repeatable, waitMs: tool === 'push' ? FLOOR_WAIT_MS : 0 })
  }

  /** Waits in slices, so that a dead connection is noticed soon. */
  async #check(params: ToolCall['params'], signal: AbortSignal | undefined): Promise<unknown> {
    // Without it a message would be given to a call that was cancelled, and other instances would not know.
    const end = () => void this.#endCheck()
    signal?.addEventListener('abort', end)
    this.#checks++
    try {
      for (let left = signal?.aborted ? 0 : Number(params.timeout_ms); ; left -= CHECK_SLICE_MS) {
        const ms = Math.min(left, CHECK_SLICE_MS)
        const began = this.#clock.monotonic()
        const answer = await this.#read('check', { ...params, timeout_ms: ms }, ms)
        // A message, a floor or another check ended it early.
        const isOver = (answer as ActionAnswer).status === 1 || this.#clock.monotonic() - began < ms - EARLY_MS
        if (isOver || left <= CHECK_SLICE_MS || signal?.aborted) return answer
      }
    } finally {
      this.#checks--
      signal?.removeEventListener('abort', end)
    }
  }

  /** Makes a call without a key. If its answer was lost, asks once more, with the messages that it brought. */
  async #read(method: string, params: object, waitMs: number): Promise<unknown> {
    try {
      return await this.#rpc(method, params, { waitMs })
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw error
      return this.#rpc(method, { ...params, ...(method === 'check' && { timeout_ms: 0 }) })
    }
  }

  async transcript(): Promise<readonly Message[]> {
    const { room, cursor } = await this.#resume()
    const messages: Message[] = []
    if (cursor === 0) return messages
    const address = `${this.#url}/rooms/${encodeURIComponent(room)}/events?after=0`
    const headers = { authorization: `Bearer ${this.#token}` }
    const timeout = AbortSignal.timeout(TRANSCRIPT_TIMEOUT_MS)
    let began = false
    try {
      const { body } = await fetch(address, { headers, signal: timeout })
      began = true
      for await (const message of messagesOf(body!)) {
        if (message.seq > cursor) break
        messages.push(message)
        if (messages.length > TRANSCRIPT_LIMIT) messages.shift()
        if (message.seq === cursor) break
      }
    } catch (error) {
      if (!timeout.aborted || !began) throw error
    }
    return messages
  }

  async close(): Promise<void> {}

  #rpc(method: string, params: object, options: ServerCallOptions = {}): Promise<unknown> {
    return callServer(this.#url, method, params, { token: this.#token, clock: this.#clock, ...options })
  }

  async #resume(): Promise<ResumeResult> {
    return (await this.#rpc('resume', {}, repeatable)) as ResumeResult
  }

  /** Loads what is known of the session once. */
  async #loadSession(): Promise<void> {
    if (this.#session) return
    const session = await this.#resume()
    this.#session = session
    this.#log = new ReadLog(session.cursor, this.#clock, hostedReadCodes(this.#token))
    if (this.#tellsDraft) this.#starting = new StartNotices({ name: session.sender_id, suffix: session.suffix })
    this.#onSession()
  }

  /** Counts the messages from before the join. */
  #withHistory(data: Exclude<ToolData, WhoToolResult>): Exclude<ToolData, WhoToolResult> {
    const history = data.messages.filter(({ seq }) => seq <= (this.#session!.head ?? 0)).length
    return { ...data, history }
  }

  #withLateAnswer(result: ToolResult): ToolResult {
    const late = this.#lateAnswer
    this.#lateAnswer = ''
    return late === '' ? result : { ...result, text: `${late}\n${result.text}` }
  }
}

/** Codes of a session that each instance verifies: they are derived from its token. */
const hostedReadCodes = (token: string): ReadCodes => {
  const letters = (seq: Seq) => lettersOf(createHmac('sha256', token).update(`read ${seq}`).digest())
  return { of: seq => `${seq}-${letters(seq)}`, has: (seq, given) => letters(seq) === given }
}

const tooManyCalls = `Nothing was done: ${MAX_CALLS} of your calls wait for an answer. Make one call after the other.`
const manyUndelivered =
  'Nothing was done: many messages wait for you. Call check until it brings no more, then call again.'

const isOutcomeUnknown = (error: unknown): error is MidsentenceError =>
  isMidsentenceError(error) && error.data.unknown === true

function outcomeUnknown(tool: ToolName, cause: MidsentenceError): MidsentenceError {
  const again = tool === 'append' ? 'append again with the same text' : `${tool} again`
  return new MidsentenceError(
    'unavailable',
    `It is not certain yet whether this ${tool} took effect. ${cause.problem} Call ${again} to find out: it is done only once.`,
    { cause, data: cause.data },
  )
}

const ignore = () => {}
/** How long a call waits for a check before it, in milliseconds: enough for messages that are already there. */
const CHECK_GRACE_MS = 100
const checkGrace = () => new Promise<void>(resolve => setTimeout(resolve, CHECK_GRACE_MS))

function rpcParams(tool: ToolName, { text, timeout_ms }: ToolArguments): Readonly<Record<string, unknown>> {
  switch (tool) {
    case 'append':
      return { text, key: randomUUID() }
    case 'push':
      return { key: randomUUID(), meta: modelMeta }
    case 'check':
      return { timeout_ms }
    case 'undo':
    case 'reset':
      return { key: randomUUID() }
    default:
      return {}
  }
}

const toToolData = (data: unknown): ToolData =>
  'participants' in (data as object) ? toWhoData(data) : (data as ToolData)

/** Reduces the answer of `who` to what a model needs. */
function toWhoData(data: unknown): WhoToolResult & Pick<ResultExtras, 'hushed'> {
  const { participants, floor, hushed } = data as {
    participants: readonly { readonly sender_id: string; readonly writing?: true }[]
    floor?: WhoToolResult['floor']
    hushed?: true
  }
  const writing = participants.filter(each => each.writing).map(({ sender_id }) => sender_id)
  const present = participants.map(({ sender_id }) => sender_id)
  return { present, ...(writing.length > 0 && { writing }), ...(floor && { floor }), ...(hushed && { hushed }) }
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
