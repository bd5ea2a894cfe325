import { isMidsentenceError, type Journal, join, memoryJournal, type Participant } from '@midsentence/core'
import type { CallRecorder, RecordedCall } from '../../history/index.ts'
import { NO_FAULT } from '../network.ts'
import type { NetworkFault, PlannedAction, PlannedClient } from '../plan.ts'
import { pause, type SimulatedClient, type SimulationContext } from '../simulation-context.ts'
import { MAX_PUSHES } from './hosted-client.ts'
import { SimulatedTransport } from './simulated-transport.ts'

/** A client with a local draft: the participant of core with a journal. It can be killed and resumes mid-sentence. */
export class LocalClient implements SimulatedClient {
  readonly client: PlannedClient
  readonly #context: SimulationContext
  readonly #journal: Journal = memoryJournal()
  readonly #networkFaults: NetworkFault[] = []
  #participant: Participant | undefined
  #transport: SimulatedTransport | undefined
  #recorder: CallRecorder | undefined
  #session = ''
  #keys = 0
  #starts = 0

  constructor(context: SimulationContext, client: PlannedClient) {
    this.#context = context
    this.client = client
  }

  async join(): Promise<void> {
    const { clock, recorder, trace } = this.#context
    const transport = new SimulatedTransport(this.#context, this.client, () => this.#networkFaults.shift() ?? NO_FAULT)
    const start = ++this.#starts
    const participant = await join({
      transport,
      username: this.client.name,
      journal: this.#journal,
      clock,
      newKey: () => `${start}.${++this.#keys}`,
    })
    this.#transport = transport
    this.#participant = participant
    const { session, cursor } = transport.opened
    trace.line(this.client.name, `has joined, ${JSON.stringify({ start, cursor })}`)
    if (session.session_id === this.#session) return
    this.#session = session.session_id
    this.#recorder = recorder.caller({ session: session.session_id, name: session.sender_id, cursor })
  }

  perform(action: PlannedAction): void {
    this.#networkFaults.push(...action.networkFaults)
    const participant = this.#participant
    if (!participant) return this.#context.trace.line(this.client.name, 'is not running')
    void this.#run(participant, action)
  }

  disconnect(ms: number, silent: boolean): void {
    this.#transport?.disconnect(ms, silent)
  }

  kill(down: number): void {
    if (!this.#participant) return
    this.#context.trace.line(this.client.name, `is killed for ${down} ms`)
    this.#transport?.kill()
    this.#participant = undefined
    void this.#restart(down)
  }

  async finish(): Promise<void> {
    for (let tried = 0; !this.#participant && tried < 100; tried++) await pause(this.#context, 500)
    const participant = this.#participant
    if (!participant) return this.#context.report('J1', `${this.client.name} did not join again after a kill.`)
    await this.#pushUntilSent(participant, { id: -1, at: 0, client: 0, kind: 'push-until-sent', networkFaults: [] })
    for (let more = true; more; ) more = (await participant.preview()).more === true
  }

  async #restart(down: number): Promise<void> {
    for (let wait = down; !this.#participant; wait = 500) {
      await pause(this.#context, wait)
      try {
        await this.join()
      } catch (error) {
        if (!isMidsentenceError(error) || error.code !== 'unavailable') throw error
      }
    }
  }

  async #run(participant: Participant, action: PlannedAction): Promise<void> {
    const { kind, timeout_ms = 25_000 } = action
    switch (kind) {
      case 'append':
      case 'notify':
        return this.#call('append', () => participant.append(this.#text(action)))
      case 'undo':
      case 'reset':
      case 'preview':
        return this.#call(kind, () => participant[kind]())
      case 'check':
        return this.#call('check', () => participant.check({ timeout_ms }))
      case 'yield':
      case 'leave':
        // Not simulated here: the hosted clients leave and join again.
        return
      case 'batch':
        void this.#call('append', () => participant.append(this.#text(action)))
        void this.#call('push', () => participant.push({ timeout_ms }))
        return this.#call('append', () => participant.append(this.#text(action)))
      case 'push-until-sent':
      case 'hold-floor':
        return this.#pushUntilSent(participant, action)
      default:
        return this.#call('push', () => participant.push({ timeout_ms }))
    }
  }

  async #pushUntilSent(participant: Participant, action: PlannedAction): Promise<void> {
    await this.#call('append', () => participant.append(this.#text(action)))
    for (let tried = 0; tried < MAX_PUSHES; tried++) {
      let sent = false
      await this.#call('push', async () => {
        const answer = await participant.push()
        sent = answer.status === 1
        return answer
      })
      if (sent || participant !== this.#participant || !participant.view.draft.head) return
    }
    this.#context.report('P6', `${this.client.name} was held ${MAX_PUSHES} times in a row.`)
  }

  #text({ id }: PlannedAction): string {
    return `${this.client.name}${this.#starts}.${id}.${++this.#keys};`
  }

  async #call(action: RecordedCall['action'], make: () => Promise<unknown>): Promise<void> {
    const { name } = this.client
    const { trace } = this.#context
    trace.line(name, `${action}, local draft`)
    try {
      const answer = await this.#recorder!.call({ action }, make)
      trace.line(name, `reads ${JSON.stringify(answer)}`)
    } catch (error) {
      if (!isMidsentenceError(error)) throw error
      trace.line(name, `is refused: ${error.code}`)
      if (error.code !== 'no-draft' && error.code !== 'unavailable') {
        this.#context.report('W4', `${name}'s ${action} was refused with ${error.code}.`)
      }
    }
  }
}
