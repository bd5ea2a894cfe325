import { setMaxListeners } from 'node:events'
import {
  CHECK_MAX_MS,
  failureText,
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
import { type ActionAnswer, type Clock, type Message, MidsentenceError, systemClock } from '@midsentence/core'
import type { ResumeResult } from '@midsentence/core/hub'
import { ServerAddresses } from '@midsentence/core/rpc-client'
import { answerInTime } from '../call-limit.ts'
import { HostedFeed } from '../events/hosted-feed.ts'
import type { RoomClient } from '../room-client.ts'
import {
  expired,
  hostedReadCodes,
  isOutcomeUnknown,
  manyUndelivered,
  outcomeUnknown,
  rpcParams,
  toToolData,
  toWhoData,
} from './hosted-calls.ts'
import { readHostedTranscript } from './hosted-transcript.ts'

export interface HostedRoomOptions {
  /** Address of the midsentence server, or of several that share their rooms. */
  readonly url: string | readonly string[]
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

/** Longest time of a call other than a check, in milliseconds: two attempts take 30 s, and a push waits 25 s for a floor. */
const LIMIT_MS = 50_000
/** How long a check may take beyond its longest wait, in milliseconds. */
const CHECK_OVERTIME_MS = 2000
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

/** A call that the host waits for. */
interface PendingCall {
  /** What was sent to the server for it. */
  sent?: ToolCall
  /** Its limit is over: it has its answer. */
  expired: boolean
}

/** What `resume` tells of the session. */
type HostedSession = Pick<ResumeResult, 'sender_id' | 'cursor' | 'observable' | 'recorded' | 'head'>

class HostedRoomClient implements RoomClient {
  readonly feed: HostedFeed
  readonly #addresses: ServerAddresses
  readonly #token: string
  readonly #checkMaxMs: number
  readonly #clock: Clock
  readonly #closed = new AbortController()
  readonly #untilClosed = { signal: this.#closed.signal }
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
    checkMaxMs = CHECK_MAX_MS,
    clock = systemClock(),
    tellsDraft = false,
    onSession = () => {},
  }: HostedRoomOptions) {
    this.#tellsDraft = tellsDraft
    this.#checkMaxMs = checkMaxMs
    this.#onSession = onSession
    this.#addresses = new ServerAddresses([url].flat())
    this.#token = token
    this.#clock = clock
    // Each request listens to it.
    setMaxListeners(0, this.#closed.signal)
    this.feed = new HostedFeed({ addresses: this.#addresses, token, clock, resume: () => this.#resume() })
  }

  async call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult> {
    if (this.#calls >= MAX_CALLS) return { text: tooManyCalls, failed: true }
    this.#calls++
    const pending: PendingCall = { expired: false }
    const ms = tool === 'check' ? this.#checkMaxMs + CHECK_OVERTIME_MS : LIMIT_MS
    const late = () => this.#lateResult(tool, pending)
    return answerInTime(signal, { ms, clock: this.#clock, late }, signal =>
      this.#call(tool, args, signal, pending).finally(() => this.#calls--),
    )
  }

  giveAgain(result: ToolResult): void {
    this.#log?.giveAgain(result)
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

  async #call(tool: ToolName, args: unknown, signal: AbortSignal, pending: PendingCall): Promise<ToolResult> {
    try {
      const { data, hasCode, hushed } = await this.#inOrder(tool, () =>
        this.#run(tool, readArguments(tool, args, this.#checkMaxMs), signal, pending),
      )
      const { sender_id: name, observable = false, recorded = false } = this.#session!
      const notices = this.#starting?.of(tool, data) ?? []
      const shown = this.#log!.show(tool, data, {
        name,
        signal,
        hasCode,
        observable,
        recorded,
        notices,
        hushed,
        turn: undefined,
      })
      this.#starting = undefined
      return this.#withLateAnswer(shown)
    } catch (error) {
      if (signal.aborted) throw error
      this.#log?.noteFailure(error)
      const known = isOutcomeUnknown(error) ? this.#knownMessages(tool) : undefined
      return this.#withLateAnswer(known ?? { text: failureText(error), failed: true })
    }
  }

  /** Answers a call that took too long. What was sent for it is repeated under its key before the next call. */
  #lateResult(tool: ToolName, pending: PendingCall): ToolResult {
    pending.expired = true
    const { sent } = pending
    const silent = new MidsentenceError('unavailable', `The server at ${this.#addresses.url} does not answer.`)
    if (sent && 'key' in sent.params) {
      this.#lostCall = sent
      return { text: failureText(outcomeUnknown(tool, silent)), failed: true }
    }
    const nothing = { text: `* Nothing was done. ${silent.message} Call ${tool} again.`, failed: true as const }
    return this.#knownMessages(tool) ?? nothing
  }

  /** Answers a check that the server does not answer with messages that came before, if no result has shown them. */
  #knownMessages(tool: ToolName): ToolResult | undefined {
    const log = this.#log
    if (tool !== 'check' || !log?.hasNews(false)) return undefined
    const { sender_id: name, observable = false, recorded = false } = this.#session!
    const data: ToolData = { status: 0, cursor: log.cursor, messages: [] }
    return log.show(tool, data, { name, signal: undefined, hasCode: false, observable, recorded, turn: undefined })
  }

  /** Sends calls one after the other, because HTTP requests can overtake each other. Waits briefly for a check. */
  #inOrder<A>(tool: ToolName, run: () => Promise<A>): Promise<A> {
    const before = this.#last
    const done = before.then(run)
    const passed = done.then(ignore, ignore)
    this.#last = tool === 'check' ? before.then(() => Promise.race([passed, checkGrace()])) : passed
    return done
  }

  /** Runs a call to its end even after an abort, so that its messages are kept for the next call. */
  async #run(
    tool: ToolName,
    args: ToolArguments,
    signal: AbortSignal,
    pending: PendingCall,
  ): Promise<{ readonly data: ToolData; readonly hasCode: boolean; readonly hushed?: boolean | undefined }> {
    const params = rpcParams(tool, args)
    if (pending.expired) throw expired()
    await this.#loadSession()
    const log = this.#log!
    const hasCode = (tool === 'push' || tool === 'check') && log.acknowledge(args.read)
    if (log.isFull) {
      if (tool === 'check') return { data: { status: 0, cursor: log.cursor, messages: [] }, hasCode }
      throw new MidsentenceError('rate-limited', manyUndelivered)
    }
    const call: ToolCall = { tool, params: { ...params, ...this.#after(log, tool, hasCode) } }
    const repeated = await this.#repeatLostCall(call, pending)
    if (pending.expired) throw expired()
    if (!repeated) pending.sent = call
    const data = repeated ?? (await this.#send(call, signal))
    if ('renamed' in data && data.renamed !== undefined) this.#session = { ...this.#session!, sender_id: data.renamed }
    if ('present' in data) {
      const { hushed, ...who } = data
      return { data: who, hasCode, hushed }
    }
    // A push that is not refused tells that no person silences the models.
    const { hushed, writing } = tool === 'push' ? { hushed: false } : await this.#roomState()
    const isEmpty = tool === 'check' && data.messages.length === 0
    return { data: isEmpty && writing ? { ...data, writing } : data, hasCode, hushed }
  }

  /** The cursor of a call: a push is judged by it, and what another instance was given after it is given again. */
  #after(log: ReadLog, tool: ToolName, hasCode: boolean): object {
    if (tool === 'who') return {}
    if (tool === 'push') return { after: log.pushBase(hasCode, undefined) }
    const waits = tool === 'check' && log.hasNews(hasCode) ? { timeout_ms: 0 } : {}
    return { after: hasCode ? log.base : log.cursor, ...waits }
  }

  /** Asks whether a person silences the models, which only `who` tells, and who of the others writes. */
  async #roomState(): Promise<Pick<ResultExtras, 'hushed' | 'writing'>> {
    try {
      // The call before it has its answer: a `who` that fails must not lose it.
      const { writing = [], hushed } = toWhoData(await this.#rpc('who', {}, this.#untilClosed))
      const others = writing.filter(name => name !== this.#session!.sender_id)
      return { hushed, ...(others.length > 0 && { writing: others }) }
    } catch {
      return {}
    }
  }

  /** Repeats the call whose answer was lost, if there is one. Returns its answer if `next` asks for the same. */
  async #repeatLostCall(next: ToolCall, pending: PendingCall): Promise<ToolData | undefined> {
    const lost = this.#lostCall
    if (!lost) return undefined
    this.#lostCall = undefined
    const isSame = lost.tool === next.tool && lost.params.text === next.params.text
    if (isSame) pending.sent = lost
    try {
      const data = await this.#send(lost)
      // The caller has its answer already, so the next call asks again.
      if (pending.expired) this.#lostCall = lost
      if (isSame || pending.expired) return data
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
      return await this.#rpc(method, params, { waitMs, ...this.#untilClosed })
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw error
      return this.#rpc(method, { ...params, ...(method === 'check' && { timeout_ms: 0 }) })
    }
  }

  async transcript(): Promise<readonly Message[]> {
    return readHostedTranscript(this.#addresses, this.#token, await this.#resume())
  }

  /** Ends waiting checks and the event stream. A call that changes something goes on to its end. */
  async close(): Promise<void> {
    this.#closed.abort()
    this.feed.close()
  }

  #rpc(method: string, params: object, options: ServerCallOptions = {}): Promise<unknown> {
    return callServer(this.#addresses, method, params, { token: this.#token, clock: this.#clock, ...options })
  }

  async #resume(): Promise<ResumeResult> {
    return (await this.#rpc('resume', {}, { ...repeatable, ...this.#untilClosed })) as ResumeResult
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

const tooManyCalls = `Nothing was done: ${MAX_CALLS} of your calls wait for an answer. Make one call after the other.`
const ignore = () => {}
/** How long a call waits for a check before it, in milliseconds: enough for messages that are already there. */
const CHECK_GRACE_MS = 100
const checkGrace = () => new Promise<void>(resolve => setTimeout(resolve, CHECK_GRACE_MS))
