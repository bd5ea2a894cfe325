import { isMidsentenceError } from '@midsentence/core'
import type { HubSession, RoomSubscription } from '@midsentence/core/hub'
import type { CallRecorder } from '../../history/index.ts'
import { Device } from '../device.ts'
import type { PlannedAction, PlannedClient } from '../plan.ts'
import type { ServerProcess } from '../server.ts'
import { type SimulatedClient, type SimulationContext, sharedNames } from '../simulation-context.ts'

/** After how long the server notices that a client sleeps. */
const SERVER_NOTICES_MS = 45_000

/** A legacy client: its messages ignore holds. Its session ends with the server's process. */
export class LegacyDialectClient implements SimulatedClient {
  readonly client: PlannedClient
  readonly #context: SimulationContext
  readonly #joined: (session: string) => void
  readonly #device: Device
  #subscription: RoomSubscription | undefined
  #session: HubSession | undefined
  #recorder: CallRecorder | undefined
  #process: ServerProcess | undefined
  #joining: Promise<void> | undefined

  /** `joined` is called with the id of each session that ignores holds. */
  constructor(context: SimulationContext, client: PlannedClient, joined: (session: string) => void) {
    this.#context = context
    this.client = client
    this.#joined = joined
    this.#device = new Device(context.clock)
  }

  async join(): Promise<void> {
    const { server, recorder, plan } = this.#context
    const { process } = server
    const session = await server.joinLegacy(this.client.name)
    if (!session) return
    this.#session = session
    this.#process = process
    const { session_id, sender_id, cursor } = session.joinResult
    this.#joined(session_id)
    this.#recorder = recorder.caller({ session: session_id, name: sender_id, cursor, ...sharedNames(plan) })
    const listener = { messages: () => true, missed: () => {}, presence: () => {}, ended: () => {} }
    this.#subscription = await session.subscribe(listener)
    this.#subscription.resume()
  }

  perform(action: PlannedAction): void {
    const isSending = ['append', 'push', 'publish', 'push-until-sent', 'hold-floor', 'batch', 'notify'].includes(
      action.kind,
    )
    if (isSending) this.#device.whenAwake(() => void this.#send(`${this.client.name}.${action.id};`))
  }

  sleep(ms: number, clockStops: boolean): void {
    const { clock, trace } = this.#context
    trace.line(this.client.name, `sleeps for ${ms} ms`)
    this.#device.sleep(ms, clockStops)
    const subscription = this.#subscription
    clock.after(SERVER_NOTICES_MS, () => {
      if (this.#device.isAsleep) subscription?.close()
    })
  }

  async finish(): Promise<void> {
    await this.#send(`${this.client.name}.end;`)
  }

  async #send(content: string): Promise<void> {
    const { server, trace } = this.#context
    // Two messages at the same time join once.
    if (this.#process !== server.process) {
      this.#joining ??= this.join()
        .catch(error => this.#refused(error))
        .finally(() => {
          this.#joining = undefined
        })
      await this.#joining
    }
    const session = this.#session
    if (!session || this.#process !== server.process) return
    trace.line(this.client.name, `sends ${JSON.stringify(content)} past holds`)
    const { process } = this.#context.server
    const sending = session.sendUnconditionally(content).then(answer => {
      // If the server crashed meanwhile, no answer arrives.
      if (server.process !== process) return new Promise<never>(() => {})
      // It reads by its stream alone, so the history must not take the cursor of its answers.
      return { ...answer, cursor: session.joinResult.cursor }
    })
    try {
      await this.#recorder!.call({ action: 'push', content }, () => sending)
    } catch (error) {
      this.#refused(error)
    }
  }

  #refused(error: unknown): void {
    if (!isMidsentenceError(error)) throw error
    this.#context.trace.line(this.client.name, `is refused: ${error.code}`)
    // Others have taken its name: it joins again with its next message.
    if (error.code === 'session-unknown') this.#process = undefined
  }
}
