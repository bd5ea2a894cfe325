import { isMidsentenceError } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'
import type { WitnessRecorder } from '../history/index.ts'
import type { Deed, Person } from './plan.ts'
import type { Life } from './server.ts'
import type { Actor, Stage } from './stage.ts'

/** An old client, which knows no hold: what it says is sent at once, and it is known as long as its server lives. */
export class Free implements Actor {
  readonly person: Person
  readonly #stage: Stage
  readonly #came: (session: string) => void
  #session: HubSession | undefined
  #witness: WitnessRecorder | undefined
  #life: Life | undefined
  #entering: Promise<void> | undefined

  /** `came` is told of each session that speaks out of turn. */
  constructor(stage: Stage, person: Person, came: (session: string) => void) {
    this.#stage = stage
    this.person = person
    this.#came = came
  }

  async enter(): Promise<void> {
    const { server, recording } = this.#stage
    const { life } = server
    const session = await server.join(this.person.name, { legacy: true })
    if (!session) return
    this.#session = session
    this.#life = life
    const { session_id, sender_id, cursor } = session.joinResult
    this.#came(session_id)
    this.#witness = recording.witness({ session: session_id, name: sender_id, cursor })
    const listener = { messages: () => true, missed: () => {}, presence: () => {}, ended: () => {} }
    const listening = await session.subscribe(listener)
    listening.resume()
  }

  do(deed: Deed): void {
    const says = ['append', 'push', 'publish', 'insist', 'sit', 'batch', 'notify'].includes(deed.does)
    if (says) void this.#say(`${this.person.name}.${deed.n};`)
  }

  async finish(): Promise<void> {
    await this.#say(`${this.person.name}.end;`)
  }

  async #say(content: string): Promise<void> {
    const { server, trace } = this.#stage
    // Two that it says in one moment come in once.
    if (this.#life !== server.life) {
      this.#entering ??= this.enter().finally(() => {
        this.#entering = undefined
      })
      await this.#entering
    }
    const session = this.#session
    if (!session || this.#life !== server.life) return
    trace.line(this.person.name, `says ${JSON.stringify(content)} out of turn`)
    const { life } = this.#stage.server
    const speaking = session.sendUnconditionally(content).then(answer => {
      // Where the server died meanwhile nobody hears of it again.
      if (server.life !== life) return new Promise<never>(() => {})
      // It reads by its stream alone: of its answers only what became of its words is looked at.
      return { ...answer, cursor: session.joinResult.cursor }
    })
    try {
      await this.#witness!.call({ action: 'push', content }, () => speaking)
    } catch (error) {
      if (!isMidsentenceError(error)) throw error
      trace.line(this.person.name, `is refused: ${error.code}`)
    }
  }
}
