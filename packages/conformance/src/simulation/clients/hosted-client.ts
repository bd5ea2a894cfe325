import { errorFromRpc, isMidsentenceError, type Seq } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'
import type { CallInput, CallRecorder, RecordedAnswer, RecordedCall } from '../../history/index.ts'
import { LostResponse, NO_FAULT } from '../network.ts'
import type { NetworkFault, PlannedAction, PlannedClient } from '../plan.ts'
import { pause, type SimulatedClient, type SimulationContext } from '../simulation-context.ts'
import { SimulatedStream } from './simulated-stream.ts'

/** The members of an answer that this client checks. */
interface HostedAnswer extends RecordedAnswer {
  readonly suffix?: string
  readonly draft?: string
}

type CallParams = Record<string, unknown>

/** After how many held pushes P6 is reported. More than P6 says, since a server that crashes forgets its hold counts. */
export const MAX_PUSHES = 40
/** The pause before a call is repeated. */
const RETRY_MS = 200

/**
 * A client with a hosted draft, over JSON-RPC. A keyed client makes one call at a time and repeats it until it is
 * answered, so it always knows its draft. An unkeyed client does not wait for answers and never repeats a call.
 */
export class HostedClient implements SimulatedClient {
  readonly client: PlannedClient
  readonly #context: SimulationContext
  readonly #keyed: boolean
  #session!: HubSession
  #recorder!: CallRecorder
  #stream: SimulatedStream | undefined
  #queue: Promise<void> = Promise.resolve()
  #cursor: Seq = 0
  #keys = 0
  #joins = 0
  /** The segments that the draft must have. Unused without keys. */
  #draft: string[] = []

  constructor(context: SimulationContext, client: PlannedClient) {
    this.#context = context
    this.client = client
    this.#keyed = client.kind === 'keyed'
  }

  async join(): Promise<void> {
    // With a secret: otherwise a client whose join answer is lost could not use its name again.
    const secret = `${this.client.name} ${this.#joins} `.padEnd(16, '*')
    const session = await this.#context.server.join(this.client.name, { secret })
    if (!session) throw new LostResponse()
    const { session_id, sender_id, cursor } = session.joinResult
    this.#session = session
    this.#cursor = cursor
    this.#draft = []
    this.#joins++
    this.#recorder = this.#context.recorder.caller({ session: session_id, name: sender_id, cursor })
    if (this.client.stallMs !== undefined) {
      this.#stream?.close()
      this.#stream = new SimulatedStream(this.#context, this.client, session.joinResult.token, cursor)
    }
  }

  perform(action: PlannedAction): void {
    if (this.#keyed) this.#queue = this.#queue.then(() => this.#run(action))
    else void this.#run(action)
  }

  disconnect(ms: number, silent: boolean): void {
    this.#stream?.disconnect(ms, silent)
  }

  async finish(): Promise<void> {
    await this.#queue
    await this.#pushUntilSent({ id: -1, at: 0, client: 0, kind: 'push-until-sent', networkFaults: [] })
    await this.#readToEnd()
    this.#stream?.close()
  }

  async #run(action: PlannedAction): Promise<void> {
    switch (action.kind) {
      case 'append':
        return void (await this.#append(action))
      case 'notify':
        return this.#keyed ? void (await this.#append(action)) : this.#notify(action)
      case 'push-until-sent':
        return this.#pushUntilSent(action)
      case 'hold-floor':
        return this.#holdFloor(action)
      case 'leave':
        return this.#leave()
      case 'batch':
        return void (await this.#batch(action))
      case 'yield':
        return void (await this.#call(action, 'yield', {}))
      case 'publish': {
        const content = this.#text(action)
        return void (await this.#call(action, 'publish', { content, base: this.#cursor }))
      }
      default:
        return void (await this.#call(action, action.kind, {}))
    }
  }

  #append(action: PlannedAction): Promise<HostedAnswer | undefined> {
    return this.#call(action, 'append', { text: this.#text(action) })
  }

  #text({ id }: PlannedAction): string {
    return `${this.client.name}${this.#joins}.${id};`
  }

  /** Pushes until the draft is sent, and reads every message before each push. */
  async #pushUntilSent(action: PlannedAction): Promise<void> {
    const { rewindBy: _, ...upToDate } = action
    const appended = await this.#append(action)
    if (!appended && !this.#keyed) return
    for (let tried = 0; tried < MAX_PUSHES; tried++) {
      await this.#readToEnd()
      const answer = await this.#call(upToDate, 'push', {})
      if (!answer || answer.status === 1) return
    }
    this.#context.report('P6', `${this.client.name} was held ${MAX_PUSHES} times in a row.`)
  }

  /** Pushes until it has the floor, then lets the others wait. */
  async #holdFloor(action: PlannedAction): Promise<void> {
    await this.#append(action)
    for (let tried = 0; tried < MAX_PUSHES; tried++) {
      const answer = await this.#call(action, 'push', {})
      if (!answer || answer.status === 1) return
      if (answer.floor?.name === this.client.name)
        return this.#context.trace.line(this.client.name, 'has the floor and sends nothing')
    }
  }

  async #readToEnd(): Promise<void> {
    for (let more = true; more; ) {
      const answer = await this.#call(plainAction, 'preview', {})
      more = answer?.more === true
    }
  }

  async #leave(): Promise<void> {
    const { name } = this.client
    await this.#call(plainAction, 'leave', {})
    for (;;) {
      try {
        return await this.join()
      } catch (error) {
        if (error instanceof LostResponse || isMidsentenceError(error)) await pause(this.#context, 500)
        else throw error
        this.#context.trace.line(name, 'cannot join again yet')
      }
    }
  }

  #notify(action: PlannedAction): void {
    const { network, trace } = this.#context
    const text = this.#text(action)
    trace.line(this.client.name, `appends by a notification ${JSON.stringify(text)}`)
    const request = JSON.stringify({ jsonrpc: '2.0', method: 'append', params: { text } })
    const { duplicateMs: _, ...fault }: NetworkFault = action.networkFaults[0] ?? NO_FAULT
    network.call(this.client.name, request, this.#session.joinResult.token, fault).catch(() => undefined)
  }

  /** Sends several calls as one batch, each with its own key. */
  async #batch(action: PlannedAction): Promise<void> {
    const text = this.#text(action)
    const key = () => (this.#keyed ? { key: this.#newKey() } : {})
    // Calls without a key send `after`, so that a repetition returns the messages of a lost answer.
    const from = () => (this.#keyed ? { after: this.#cursor } : {})
    const calls: [string, CallParams][] = [
      ['append', { text, ...key() }],
      ['check', from()],
      ['push', key()],
      ['preview', from()],
    ]
    const ids = calls.map((_, at) => at + 1)
    const requests = calls.map(([method, params], at) => ({ jsonrpc: '2.0', id: ids[at], method, params }))
    for (let attempt = 0; ; attempt++) {
      const reply = this.#send(action, attempt, JSON.stringify(requests), 0)
      const answers = calls.map(([method, params], at) =>
        this.#record(
          method,
          params,
          reply.then(text => resultOf((JSON.parse(text) as unknown[])[at])),
        ),
      )
      const settled = await Promise.allSettled(answers)
      if (
        !settled.some(
          ({ status, ...rest }) => status === 'rejected' && isUnknownOutcome((rest as { reason?: unknown }).reason),
        )
      ) {
        settled.forEach((outcome, at) => {
          if (outcome.status === 'fulfilled') this.#checkAnswer(calls[at]![0], calls[at]![1], outcome.value)
        })
        return
      }
      if (!this.#keyed) return
      await pause(this.#context, RETRY_MS)
    }
  }

  /** Makes one call and repeats it if the client is keyed. Undefined if its answer is lost or it was refused. */
  async #call(action: PlannedAction, method: string, own: CallParams): Promise<HostedAnswer | undefined> {
    const unkeyed = method === 'check' || method === 'preview' || method === 'yield' || method === 'leave'
    const params: CallParams = { ...own }
    if (method === 'publish' || (this.#keyed && !unkeyed)) params.key = this.#newKey()
    if (action.rewindBy !== undefined && !['publish', 'yield', 'leave'].includes(method)) {
      params.after = Math.max(0, this.#cursor - action.rewindBy)
    } else if (this.#keyed && (method === 'check' || method === 'preview')) params.after = this.#cursor
    const waits = method === 'push' || method === 'publish' || method === 'check'
    if (waits) params.timeout_ms = action.timeout_ms ?? (method === 'check' ? 5_000 : 25_000)
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    for (let attempt = 0; ; attempt++) {
      try {
        const wait = waits ? Number(params.timeout_ms) : 0
        const reply = this.#send(action, attempt, request, wait)
        const answer = await this.#record(
          method,
          params,
          reply.then(text => resultOf(JSON.parse(text))),
        )
        this.#checkAnswer(method, params, answer)
        return answer
      } catch (error) {
        if (!isUnknownOutcome(error)) {
          if (isMidsentenceError(error)) this.#checkRefusal(method, error.code)
          else throw error
          return undefined
        }
        // A keyed client may repeat its calls without a key too, since those only read.
        if (!this.#keyed) return undefined
        await pause(this.#context, RETRY_MS)
      }
    }
  }

  #send({ networkFaults }: PlannedAction, attempt: number, request: string, wait: number): Promise<string> {
    const { network, trace } = this.#context
    const { duplicateMs, ...once }: NetworkFault = networkFaults[attempt] ?? NO_FAULT
    // A call without a key must not arrive twice.
    const fault =
      duplicateMs === undefined || request.startsWith('[') || !request.includes('"key"')
        ? once
        : { ...once, duplicateMs }
    trace.line(this.client.name, `${attempt === 0 ? 'calls' : 'calls again'} ${request}`)
    return network.call(this.client.name, request, this.#session.joinResult.token, fault, wait)
  }

  async #record(method: string, params: CallParams, reply: Promise<HostedAnswer>): Promise<HostedAnswer> {
    const input: Writable<CallInput> = { action: method as RecordedCall['action'] }
    if (params.key !== undefined) input.key = params.key as string
    if (params.after !== undefined) input.after = params.after as Seq
    if (method === 'publish') {
      input.after = params.base as Seq
      input.content = params.content as string
    }
    // In a batch an append precedes the push, so its content is not known here.
    if (method === 'push' && this.#keyed && !this.#inBatch(params)) input.content = this.#draft.join('')
    const answer = await this.#recorder.call(input, () => reply)
    this.#context.trace.line(this.client.name, `reads ${JSON.stringify(answer)}`)
    return answer
  }

  /** Checks what an answer reports of the draft. */
  #checkAnswer(method: string, params: CallParams, answer: HostedAnswer): void {
    if (typeof answer.cursor === 'number') this.#cursor = Math.max(this.#cursor, answer.cursor)
    if (!this.#keyed) return
    const before = this.#draft.join('')
    if (method === 'append' && answer.status === 1) this.#draft.push(String(params.text))
    else if (method === 'undo') {
      const undone = this.#draft.pop() !== undefined
      if (undone !== (answer.status === 1)) this.#reportDraft('D3', `undo answered ${answer.status}`, before)
    } else if (method === 'reset') this.#draft = []
    else if (method === 'push' && answer.status === 1) this.#draft = []
    const draft = this.#draft.join('')
    if (method === 'preview' && answer.draft !== draft)
      this.#reportDraft('D1', `preview returned ${answer.draft}`, draft)
    if (answer.suffix !== undefined && method !== 'publish' && !draft.endsWith(answer.suffix)) {
      this.#reportDraft('S1', `${method} returned the suffix ${answer.suffix}`, draft)
    }
  }

  #checkRefusal(method: string, code: string): void {
    this.#context.trace.line(this.client.name, `is refused: ${code}`)
    if (code === 'no-draft' && (!this.#keyed || this.#draft.length === 0)) return
    // A repeated leave finds no session, and a leave ends the calls that still wait.
    if (code === 'session-unknown' && (!this.#keyed || method === 'leave')) return
    this.#context.report('W4', `${this.client.name}'s ${method} was refused with ${code}.`)
  }

  #reportDraft(rule: 'D1' | 'D3' | 'S1', what: string, draft: string): void {
    this.#context.report(rule, `${this.client.name} has the draft ${JSON.stringify(draft)}, but ${what}.`)
  }

  #inBatch(params: CallParams): boolean {
    return params.timeout_ms === undefined
  }

  #newKey(): string {
    return `${this.#joins}.${++this.#keys}`
  }
}

const plainAction: PlannedAction = { id: -1, at: 0, client: 0, kind: 'preview', networkFaults: [] }

/** Tells whether the outcome of a call is unknown, so that it may be repeated. */
const isUnknownOutcome = (error: unknown): boolean =>
  error instanceof LostResponse || (isMidsentenceError(error) && error.code === 'unavailable')

function resultOf(response: unknown): HostedAnswer {
  const { result, error } = response as { readonly result?: HostedAnswer; readonly error?: unknown }
  if (error !== undefined) throw errorFromRpc(error)
  return result!
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
