import {
  isMidsentenceError,
  type Journal,
  join,
  memoryJournal,
  type Participant,
  type SessionIdentity,
} from '@midsentence/core'
import { RpcTransport, ServerAddresses, SessionClient } from '@midsentence/core/rpc-client'
import type { CallRecorder, RecordedCall } from '../../history/index.ts'
import { Device } from '../device.ts'
import type { LoggedMessage } from '../logged-message.ts'
import { NO_FAULT } from '../network.ts'
import type { NetworkFault, PlannedAction, PlannedClient } from '../plan.ts'
import { ProcessClock } from '../process-clock.ts'
import { SESSION_MS } from '../server.ts'
import { pause, type SimulatedClient, type SimulationContext, sharedNames } from '../simulation-context.ts'
import { MAX_PUSHES } from './hosted-client.ts'
import { ParticipantTrace } from './participant-trace.ts'
import { SimulatedMessageStream } from './simulated-message-stream.ts'
import { SimulatedRpc } from './simulated-rpc.ts'

/** Errors after which the same join may succeed later. */
const TEMPORARY: readonly unknown[] = ['unavailable', 'name-taken', 'room-unavailable', 'session-unknown']
/** The pause before another attempt. */
const RETRY_MS = 500
/** The pause before another attempt for which a name or a place must be free. */
const OCCUPIED_MS = 3_000

/** One run of the program, from its join to its end. */
interface Run {
  readonly participant: Participant
  readonly clock: ProcessClock
  readonly messages: SimulatedMessageStream
}

/**
 * A client with a local draft: the participant, transport and session client of core, over a simulated network. It can
 * be killed and resumes with its journal.
 */
export class LocalClient implements SimulatedClient {
  readonly client: PlannedClient
  readonly #device: Device
  readonly #context: SimulationContext
  readonly #journal: Journal = memoryJournal()
  readonly #networkFaults: NetworkFault[] = []
  readonly #joinFaults: NetworkFault[]
  /** One trace for each first join. */
  readonly #traces: ParticipantTrace[] = []
  #run: Run | undefined
  #recorder!: CallRecorder
  /** The session that it has, until it has left. */
  #session: SessionIdentity | undefined
  #forgotten = false
  /** When the server last had a stream of it. */
  #lastUse = 0
  #keys = 0
  #starts = 0

  constructor(context: SimulationContext, client: PlannedClient) {
    this.#context = context
    this.client = client
    this.#joinFaults = [...(client.joinFaults ?? [])]
    this.#device = new Device(context.clock)
  }

  async join(): Promise<void> {
    const { network, trace, clientOverrides } = this.#context
    const start = ++this.#starts
    const clock = new ProcessClock(this.#device)
    const process = { planned: this.client, device: this.#device, clock }
    const rpc = new SimulatedRpc(this.#context, process, method => {
      if (network.reliable) return NO_FAULT
      return (method === 'publish' ? this.#networkFaults : this.#joinFaults).shift() ?? NO_FAULT
    })
    const addresses = new ServerAddresses(['simulated'])
    const sessions = new SessionClient(rpc, addresses, clock)
    let messages!: SimulatedMessageStream
    const transport = new RpcTransport({
      clock,
      rpc,
      client: sessions,
      secret: `${this.client.name} ${start} `.padEnd(16, '*'),
      openMs: undefined,
      stream: onLoss => {
        messages = new SimulatedMessageStream(
          this.#context,
          process,
          sessions,
          seq => this.#traces.at(-1)?.received(seq),
          onLoss,
        )
        return messages
      },
    })
    const correct = await join({
      transport,
      username: this.client.name,
      journal: this.#journal,
      clock,
      newKey: () => {
        const key = `${start}.${++this.#keys}`
        this.#traces.at(-1)!.pushed(key, this.#context.clock.monotonic())
        return key
      },
    })
    const participant = clientOverrides.participant?.(correct) ?? correct
    const run = { participant, clock, messages }
    trace.line(this.client.name, `has joined, ${JSON.stringify({ start, cursor: correct.view.cursor })}`)
    const { session, inbox } = correct.state
    this.#joined(session!, inbox.rejoined === undefined ? correct.view.cursor : inbox.through)
    this.#run = run
    correct.events$.subscribe(event => {
      if (event.type === 'joined') this.#joined(event.session, event.cursor)
      if (event.type === 'link.changed' && event.link.state === 'lost') void this.#end(run, event.link.reason)
    })
  }

  perform(action: PlannedAction): void {
    this.#networkFaults.push(...action.networkFaults)
    this.#device.whenAwake(() => {
      const participant = this.#run?.participant
      if (!participant) return this.#context.trace.line(this.client.name, 'is not running')
      void this.#perform(participant, action)
    })
  }

  disconnect(ms: number, silent: boolean): void {
    this.#run?.messages.stream.disconnect(ms, silent)
  }

  halfOpen(ms: number): void {
    this.#run?.messages.stream.halfOpen(ms)
  }

  sleep(ms: number, clockStops: boolean): void {
    this.#context.trace.line(this.client.name, `sleeps for ${ms} ms`)
    this.#device.sleep(ms, clockStops)
  }

  forget(): void {
    if (this.#session && this.#context.server.forget(this.#session.token)) this.#forgotten = true
  }

  kill(down: number): void {
    const run = this.#run
    if (!run) return
    this.#context.trace.line(this.client.name, `is killed for ${down} ms`)
    run.clock.end()
    run.messages.stream.close()
    this.#stopped(run)
    void this.#restart(down)
  }

  async finish(): Promise<void> {
    for (let tried = 0; !this.#run && tried < 1_000; tried++) await pause(this.#device, RETRY_MS)
    const participant = this.#run?.participant
    if (!participant) return this.#context.report('J1', `${this.client.name} did not join again after its end.`)
    await this.#pushUntilSent(participant, { id: -1, at: 0, client: 0, kind: 'push-until-sent', networkFaults: [] })
    // A participant that could not come back has another run.
    if (participant !== this.#run?.participant) return this.finish()
    for (let more = true; more; ) {
      const answer = await this.#call('preview', () => participant.preview())
      more = answer?.more === true
    }
  }

  check(log: readonly LoggedMessage[]): void {
    const { plan, report } = this.#context
    for (const trace of this.#traces) {
      for (const { rule, what } of trace.check(log, plan.settings.policy ?? 'hold')) report(rule, what)
    }
  }

  #joined(session: SessionIdentity, cursor: number): void {
    const { clock, plan, recorder, report } = this.#context
    const { name } = this.client
    const { session_id, sender_id } = session
    const before = this.#session
    this.#session = session
    if (!before) {
      this.#traces.push(new ParticipantTrace(name))
      this.#recorder = recorder.caller({ session: session_id, name, cursor, ...sharedNames(plan) })
    } else if (before.session_id !== session_id) {
      const lastUse = Math.max(this.#lastUse, this.#run?.messages.stream.lastOpen ?? 0)
      if (!this.#forgotten && clock.monotonic() - lastUse < (plan.session_ms ?? SESSION_MS)) {
        report('A3', `${name} has another session, although the server had its stream just now.`)
      }
      this.#recorder.replaced(session_id, cursor)
    }
    if (before?.session_id !== session_id) this.#forgotten = false
    this.#traces.at(-1)!.joined(session_id, sender_id, cursor, clock.monotonic())
  }

  /** Ends a run whose participant cannot come back into the room, and joins again once that is possible. */
  async #end(run: Run, reason: string): Promise<void> {
    if (run !== this.#run) return
    this.#context.trace.line(this.client.name, `cannot come back: ${reason}`)
    this.#stopped(run)
    this.#session = undefined
    this.#traces.at(-1)!.hasEnded = true
    await run.participant.close()
    run.clock.end()
    await this.#restart(RETRY_MS)
  }

  #stopped({ messages }: Run): void {
    this.#lastUse = Math.max(this.#lastUse, messages.stream.lastOpen)
    this.#run = undefined
  }

  async #restart(down: number): Promise<void> {
    for (let wait = down; !this.#run; ) {
      await pause(this.#device, wait)
      try {
        await this.join()
      } catch (error) {
        if (!isMidsentenceError(error) || !TEMPORARY.includes(error.code)) throw error
        this.#context.trace.line(this.client.name, `cannot join yet: ${error.code}`)
        wait = error.code === 'unavailable' ? RETRY_MS : OCCUPIED_MS
      }
    }
  }

  async #perform(participant: Participant, action: PlannedAction): Promise<void> {
    const { kind, timeout_ms = 25_000 } = action
    switch (kind) {
      case 'append':
      case 'notify':
        return void (await this.#call('append', () => participant.append(this.#text(action))))
      case 'undo':
      case 'reset':
      case 'preview':
        return void (await this.#call(kind, () => participant[kind]()))
      case 'check':
        return void (await this.#call('check', () => participant.check({ timeout_ms })))
      case 'yield':
      case 'leave':
      case 'who':
        // Not simulated here: the hosted clients do it.
        return
      case 'batch':
        void this.#call('append', () => participant.append(this.#text(action)))
        void this.#call('push', () => participant.push({ timeout_ms }))
        return void (await this.#call('append', () => participant.append(this.#text(action))))
      case 'push-until-sent':
      case 'hold-floor':
        return this.#pushUntilSent(participant, action)
      default:
        return void (await this.#call('push', () => participant.push({ timeout_ms })))
    }
  }

  async #pushUntilSent(participant: Participant, action: PlannedAction): Promise<void> {
    await this.#call('append', () => participant.append(this.#text(action)))
    for (let tried = 0; tried < MAX_PUSHES && participant === this.#run?.participant; ) {
      const answer = await this.#call('push', () => participant.push())
      if (answer?.status === 1 || !participant.view.draft.head) return
      // Without an answer it was not judged: the connection is down.
      if (answer) tried++
      else await pause(this.#device, RETRY_MS)
    }
    if (participant !== this.#run?.participant) return
    this.#context.report('P6', `${this.client.name} was held ${MAX_PUSHES} times in a row.`)
  }

  #text({ id }: PlannedAction): string {
    return `${this.client.name}${this.#starts}.${id}.${++this.#keys};`
  }

  /** Makes a call and records it. Undefined if it was refused. */
  async #call<A extends Awaited<ReturnType<Participant['append' | 'push' | 'check']>>>(
    action: RecordedCall['action'],
    make: () => Promise<A>,
  ): Promise<A | undefined> {
    const { name } = this.client
    const { clock, trace, plan, report } = this.#context
    const traced = this.#traces.at(-1)!
    trace.line(name, `${action}, local draft`)
    try {
      const answer = await this.#recorder.call({ action }, make)
      traced.answered(answer, clock.monotonic())
      trace.line(name, `reads ${JSON.stringify(answer)}`)
      return answer
    } catch (error) {
      if (!isMidsentenceError(error)) throw error
      const { code } = error
      trace.line(name, `is refused: ${code}`)
      // A participant that could not come back has ended, and a room may be full when its session is used again.
      const expected = code === 'no-draft' || code === 'unavailable' || code === 'session-unknown'
      if (!expected && !(code === 'room-unavailable' && plan.limit !== undefined)) {
        report('W4', `${name}'s ${action} was refused with ${code}.`)
      }
      return undefined
    }
  }
}
