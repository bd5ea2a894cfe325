import { isMidsentenceError, type MidsentenceError, type Seq } from '@midsentence/core'
import type { WhoResult } from '@midsentence/core/hub'
import type { CallInput, CallRecorder, RecordedCall } from '../../history/index.ts'
import { Device } from '../device.ts'
import { LostResponse, NO_FAULT } from '../network.ts'
import type { NetworkFault, PlannedAction, PlannedClient } from '../plan.ts'
import { SESSION_MS } from '../server.ts'
import { pause, type SimulatedClient, type SimulationContext, sharedNames } from '../simulation-context.ts'
import { batchOf, type CallParams } from './batch.ts'
import { ExpectedDraft } from './expected-draft.ts'
import { type HostedAnswer, isSessionUnknown, resultOf } from './hosted-answer.ts'
import { joinOnce, joinRepeatedly, type NewSession, type SimulatedSession } from './join-repeatedly.ts'
import { KnownName } from './known-name.ts'
import { SimulatedStream } from './simulated-stream.ts'

/** After how many held pushes P6 is reported. More than P6 says, since a server that crashes forgets its hold counts. */
export const MAX_PUSHES = 40
/** The pause before a call is repeated. */
const RETRY_MS = 200
/** The pause after the server said that it cannot answer now, or that the room is full. */
const REFUSED_MS = 1_000

/**
 * A client with a hosted draft, over JSON-RPC. A keyed client makes one call at a time and repeats it until it is
 * answered, so it always knows its draft. An unkeyed client does not wait for answers and never repeats a call.
 */
export class HostedClient implements SimulatedClient {
  readonly client: PlannedClient
  readonly #device: Device
  readonly #context: SimulationContext
  readonly #keyed: boolean
  readonly #label: string
  readonly #joinFaults: NetworkFault[]
  #session!: SimulatedSession
  #recorder!: CallRecorder
  #name!: KnownName
  /** When it began the last call that was answered. */
  #lastUse = 0
  #forgotten = false
  #rejoining: Promise<void> | undefined
  #stream: SimulatedStream | undefined
  #queue: Promise<void> = Promise.resolve()
  #cursor: Seq = 0
  #keys = 0
  #joins = 0
  /** Unused without keys. */
  readonly #draft: ExpectedDraft

  /** `label`: part of the texts and secrets of a visitor, which has the name of another client. Default: its name. */
  constructor(context: SimulationContext, client: PlannedClient, label = client.name) {
    this.#context = context
    this.client = client
    this.#keyed = client.kind === 'keyed'
    this.#label = label
    this.#joinFaults = [...(client.joinFaults ?? [])]
    this.#device = new Device(context.clock)
    this.#draft = new ExpectedDraft(client.name, context.report)
  }

  async join(): Promise<void> {
    const { name } = this.client
    const request = { name, secret: this.#secret, faults: this.#joinFaults }
    this.#begin(await joinRepeatedly(this.#context, this.#device, request))
  }

  /** With it a client whose join answer is lost reaches its session again. A new one for each session. */
  get #secret(): string {
    return `${this.#label} ${this.#joins} `.padEnd(16, '*')
  }

  /** Joins if that is possible now. */
  async tryJoin(): Promise<boolean> {
    const request = { name: this.client.name, secret: this.#secret }
    const joined = await joinOnce(this.#context, this.#device, request)
    if (joined) this.#begin(joined)
    return joined !== undefined
  }

  /** Resolves when it has done everything that it was asked to do. */
  idle(): Promise<void> {
    return this.#queue
  }

  perform(action: PlannedAction): void {
    this.#device.whenAwake(() => {
      if (this.#keyed) this.#queue = this.#queue.then(() => this.#run(action))
      else void this.#run(action)
    })
  }

  disconnect(ms: number, silent: boolean): void {
    this.#stream?.disconnect(ms, silent)
  }

  halfOpen(ms: number): void {
    this.#stream?.halfOpen(ms)
  }

  sleep(ms: number, clockStops: boolean): void {
    this.#context.trace.line(this.client.name, `sleeps for ${ms} ms`)
    this.#device.sleep(ms, clockStops)
  }

  forget(): void {
    if (this.#context.server.forget(this.#session.token)) this.#forgotten = true
  }

  async finish(): Promise<void> {
    await this.#queue
    await this.#readToEnd()
    await this.#checkPresence()
    await this.#pushUntilSent({ id: -1, at: 0, client: 0, kind: 'push-until-sent', networkFaults: [] })
    await this.#readToEnd()
    if (this.#keyed) await this.#checkName()
    this.#stream?.close()
  }

  /** Leaves for good. */
  async leave(): Promise<void> {
    await this.#call(plainAction, 'leave', {})
    this.#stream?.close()
  }

  #begin(session: NewSession): void {
    const { session_id, sender_id, cursor } = session
    const { recorder, plan } = this.#context
    this.#session = session
    this.#name = new KnownName(this.#context, this.client.name, sender_id)
    this.#cursor = cursor
    this.#draft.clear()
    this.#joins++
    this.#lastUse = session.askedAt
    this.#forgotten = false
    this.#recorder = recorder.caller({
      session: session_id,
      name: this.client.name,
      cursor,
      direct: true,
      ...sharedNames(plan),
    })
    if (this.client.stallMs === undefined) return
    this.#stream?.close()
    const process = { planned: this.client, device: this.#device, clock: this.#device }
    this.#stream = SimulatedStream.ofSession(this.#context, process, session)
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
      case 'who':
        await this.#readToEnd()
        return this.#checkPresence()
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
    return `${this.#label}${this.#joins}.${id};`
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
      if (answer.floor?.name === this.#name.name)
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
    await this.#call(plainAction, 'leave', {})
    await this.#rejoin()
  }

  #rejoin(): Promise<void> {
    this.#rejoining ??= this.join().finally(() => {
      this.#rejoining = undefined
    })
    return this.#rejoining
  }

  async #checkName(): Promise<void> {
    const session = await this.#ask<SimulatedSession>('resume')
    if (session) this.#name.check(session.sender_id)
  }

  async #checkPresence(): Promise<void> {
    const present = await this.#ask<WhoResult>('who')
    if (present) this.#name.checkPresent(present.participants, this.#keyed)
  }

  /** Makes a call that the history does not record. Undefined if it is refused or its answer is lost. */
  async #ask<A>(method: 'who' | 'resume'): Promise<A | undefined> {
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method })
    try {
      return resultOf<A>(JSON.parse(await this.#send(plainAction, 0, request, 0)))
    } catch (error) {
      if (error instanceof LostResponse || isMidsentenceError(error)) return undefined
      throw error
    }
  }

  #notify(action: PlannedAction): void {
    const { network, trace } = this.#context
    const text = this.#text(action)
    trace.line(this.client.name, `appends by a notification ${JSON.stringify(text)}`)
    const request = JSON.stringify({ jsonrpc: '2.0', method: 'append', params: { text } })
    const { duplicateMs: _, ...fault }: NetworkFault = action.networkFaults[0] ?? NO_FAULT
    const call = { client: this.client.name, device: this.#device, text: request, token: this.#session.token, fault }
    network.call(call).catch(() => undefined)
  }

  /** Sends several calls as one batch, each with its own key. */
  async #batch(action: PlannedAction): Promise<void> {
    const text = this.#text(action)
    const calls = batchOf(text, this.#keyed ? () => this.#newKey() : undefined, this.#cursor)
    const requests = calls.map(([method, params], at) => ({ jsonrpc: '2.0', id: at + 1, method, params }))
    // At a change of the room's owner a repetition makes the calls that were not made, after the others.
    let isMixed = false
    for (let attempt = 0; ; attempt++) {
      const reply = this.#send(action, attempt, JSON.stringify(requests), 0)
      const answers = calls.map(([method, params], at) => {
        const answer = reply.then(text => resultOf((JSON.parse(text) as unknown[])[at]))
        return this.#record(method, params, answer)
      })
      const settled = await Promise.allSettled(answers)
      const errors = settled.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
      if (!errors.some(error => this.#isRepeatable(error))) {
        settled.forEach((outcome, at) => {
          if (outcome.status === 'fulfilled' && !isMixed) this.#checkAnswer(calls[at]![0], calls[at]![1], outcome.value)
        })
        if (isMixed && settled[3]?.status === 'fulfilled') this.#draft.take(settled[3].value)
        if (errors.some(isSessionUnknown)) await this.#replaceSession('batch')
        return
      }
      this.#name.answerLost()
      if (!this.#keyed) return
      isMixed ||= this.#context.plan.cluster !== undefined || errors.length < calls.length
      await pause(this.#device, RETRY_MS)
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
        if (!this.#isRepeatable(error)) {
          if (isMidsentenceError(error)) await this.#refused(method, error)
          else throw error
          return undefined
        }
        this.#name.answerLost()
        // A keyed client may repeat its calls without a key too, since those only read.
        if (!this.#keyed) return undefined
        await pause(this.#device, isMidsentenceError(error) ? REFUSED_MS : RETRY_MS)
      }
    }
  }

  #send({ networkFaults, server }: PlannedAction, attempt: number, request: string, wait: number): Promise<string> {
    const { network, trace } = this.#context
    const { duplicateMs, ...once }: NetworkFault = networkFaults[attempt] ?? NO_FAULT
    // A call without a key must not arrive twice.
    const fault =
      duplicateMs === undefined || request.startsWith('[') || !request.includes('"key"')
        ? once
        : { ...once, duplicateMs }
    trace.line(this.client.name, `${attempt === 0 ? 'calls' : 'calls again'} ${request}`)
    const { token } = this.#session
    const from = { client: this.client.name, device: this.#device, token, server }
    return network.call({ ...from, text: request, fault, waitMs: wait })
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
    if (method === 'push' && this.#keyed && params.timeout_ms !== undefined) input.content = this.#draft.text
    const from = this.#context.clock.monotonic()
    const answer = await this.#recorder.call(input, () => reply)
    this.#lastUse = Math.max(this.#lastUse, from)
    this.#context.trace.line(this.client.name, `reads ${JSON.stringify(answer)}`)
    return answer
  }

  /** Checks what an answer reports of the draft. */
  #checkAnswer(method: string, params: CallParams, answer: HostedAnswer): void {
    if (typeof answer.cursor === 'number') this.#cursor = Math.max(this.#cursor, answer.cursor)
    if (answer.renamed !== undefined) this.#name.told(answer.renamed)
    if (this.#keyed) this.#draft.follow(method, params.text, answer)
  }

  async #refused(method: string, { code }: MidsentenceError): Promise<void> {
    this.#context.trace.line(this.client.name, `is refused: ${code}`)
    if (code === 'no-draft' && (!this.#keyed || this.#draft.text === '')) return
    // A repeated leave finds no session, and a leave ends the calls that still wait.
    if (code === 'session-unknown') return method === 'leave' ? undefined : this.#replaceSession(method)
    if (code === 'room-unavailable' && this.#isVisitor) return
    this.#context.report('W4', `${this.client.name}'s ${method} was refused with ${code}.`)
  }

  get #isVisitor(): boolean {
    return this.#label !== this.client.name
  }

  /** Tells whether a call may be repeated: its outcome is unknown, or it had none. A visitor does not wait for a place. */
  #isRepeatable(error: unknown): boolean {
    if (!isMidsentenceError(error)) return error instanceof LostResponse
    return error.code === 'unavailable' || (error.code === 'room-unavailable' && !this.#isVisitor)
  }

  /** Joins again, since the server does not know the session any more. A visitor does not. */
  async #replaceSession(method: string): Promise<void> {
    const { clock, plan, report } = this.#context
    const expired = clock.monotonic() - this.#lastUse >= (plan.session_ms ?? SESSION_MS)
    if (this.#keyed && !expired && !this.#forgotten) {
      report('A3', `${this.client.name}'s ${method} found no session, although it was used just now.`)
    }
    this.#stream?.close()
    if (!this.#isVisitor) await this.#rejoin()
  }

  #newKey(): string {
    return `${this.#joins}.${++this.#keys}`
  }
}

const plainAction: PlannedAction = { id: -1, at: 0, client: 0, kind: 'preview', networkFaults: [] }

type Writable<T> = { -readonly [K in keyof T]: T[K] }
