import { isMidsentenceError } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'
import type { CallRecorder } from '../../history/index.ts'
import type { PlannedAction, PlannedClient } from '../plan.ts'
import type { ServerProcess } from '../server.ts'
import type { SimulatedClient, SimulationContext } from '../simulation-context.ts'

/** A legacy client: its messages ignore holds. Its session ends with the server's process. */
export class LegacyDialectClient implements SimulatedClient {
  readonly client: PlannedClient
  readonly #context: SimulationContext
  readonly #joined: (session: string) => void
  #session: HubSession | undefined
  #recorder: CallRecorder | undefined
  #process: ServerProcess | undefined
  #joining: Promise<void> | undefined

  /** `joined` is called with the id of each session that ignores holds. */
  constructor(context: SimulationContext, client: PlannedClient, joined: (session: string) => void) {
    this.#context = context
    this.client = client
    this.#joined = joined
  }

  async join(): Promise<void> {
    const { server, recorder } = this.#context
    const { process } = server
    const session = await server.join(this.client.name, { legacy: true })
    if (!session) return
    this.#session = session
    this.#process = process
    const { session_id, sender_id, cursor } = session.joinResult
    this.#joined(session_id)
    this.#recorder = recorder.caller({ session: session_id, name: sender_id, cursor })
    const listener = { messages: () => true, missed: () => {}, presence: () => {}, ended: () => {} }
    const subscription = await session.subscribe(listener)
    subscription.resume()
  }

  perform(action: PlannedAction): void {
    const isSending = ['append', 'push', 'publish', 'push-until-sent', 'hold-floor', 'batch', 'notify'].includes(
      action.kind,
    )
    if (isSending) void this.#send(`${this.client.name}.${action.id};`)
  }

  async finish(): Promise<void> {
    await this.#send(`${this.client.name}.end;`)
  }

  async #send(content: string): Promise<void> {
    const { server, trace } = this.#context
    // Two messages at the same time join once.
    if (this.#process !== server.process) {
      this.#joining ??= this.join().finally(() => {
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
      if (!isMidsentenceError(error)) throw error
      trace.line(this.client.name, `is refused: ${error.code}`)
    }
  }
}
