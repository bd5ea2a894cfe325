import type { PresentParticipant } from '@midsentence/core/hub'
import type { SimulationContext } from '../simulation-context.ts'

/** The name of a client in the room, as far as answers told it. */
export class KnownName {
  readonly #client: string
  readonly #context: SimulationContext
  /** How often the server had started when it joined. */
  readonly #starts: number
  #name: string
  #isSure = true
  /** The name that an answer to a call told last. A join tells its name too. */
  #told: string | undefined

  /** `name`: the one that its join returned. */
  constructor(context: SimulationContext, client: string, name: string) {
    this.#client = client
    this.#context = context
    this.#starts = context.server.starts
    this.#name = name
  }

  get name(): string {
    return this.#name
  }

  /** Records that an answer was lost, which may have told a name. */
  answerLost(): void {
    this.#isSure = false
  }

  /** Takes the name that an answer told. */
  told(name: string): void {
    if (name === this.#told && this.isSure) {
      this.#context.report('A4', `${this.#client} was told its name ${name} again.`)
    }
    this.#told = name
    this.#name = name
  }

  /** Checks the name that the server says that the session has. */
  check(name: string): void {
    if (name === this.#name || !this.isSure) return
    this.#context.report('A4', `${this.#client} has the name ${name}, but no answer said so.`)
  }

  /** Checks who has a name and a place in the room. `isHere`: the client must be among them. */
  checkPresent(participants: readonly PresentParticipant[], isHere: boolean): void {
    const { plan, report } = this.#context
    const names = participants.map(({ sender_id }) => sender_id)
    const listed = names.join(', ')
    if (new Set(names.map(name => name.toLowerCase())).size < names.length) report('A2', `The room has ${listed}.`)
    if (names.length > (plan.limit ?? Number.POSITIVE_INFINITY)) {
      report('A7', `The room has ${listed}, but its limit is ${plan.limit}.`)
    }
    if (isHere && this.isSure && !names.includes(this.#name)) {
      report('A4', `${this.#name} is here, but the room has ${listed}.`)
    }
  }

  /** Whether no answer that told the name may be lost. A server that starts again forgets what it had to tell. */
  get isSure(): boolean {
    return this.#isSure && this.#starts === this.#context.server.starts
  }
}
