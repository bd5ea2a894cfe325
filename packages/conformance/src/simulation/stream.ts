import { isMidsentenceError, type Message, type Seq } from '@midsentence/core'
import type { RoomSubscription } from '@midsentence/core/hub'
import type { Person } from './plan.ts'
import type { Life } from './server.ts'
import { pause, type Stage } from './stage.ts'

/** How long a message travels to its reader. */
const TRAVEL_MS = 3
/** A line that broke is tried again after this. */
const AGAIN_MS = 700

/**
 * One reader's event stream: it is cut, falls silent, stalls, and goes on behind the last message it brought. What it
 * brings must be the room, one message after another.
 */
export class Stream {
  readonly #stage: Stage
  readonly #person: Person
  readonly #token: string
  #life: Life | undefined
  #listening: RoomSubscription | undefined
  #link = 0
  #after: Seq
  #down = false
  #over = false
  readonly #take: (message: Message) => void

  constructor(stage: Stage, person: Person, token: string, after: Seq, take: (message: Message) => void = () => {}) {
    this.#stage = stage
    this.#person = person
    this.#token = token
    this.#after = after
    this.#take = take
    void this.#keep()
  }

  /** Up to here it brought everything. */
  get after(): Seq {
    return this.#after
  }

  get up(): boolean {
    return this.#listening !== undefined && this.#life === this.#stage.server.life && !this.#down
  }

  cut(ms: number, silent: boolean): void {
    if (this.#over) return
    const { clock, trace } = this.#stage
    trace.line(this.#person.name, `the stream is ${silent ? 'dead without a word' : 'cut'} for ${ms} ms`)
    this.#down = true
    this.#link++
    // What is silent is not known to be dead by the server.
    if (!silent) this.#listening?.close()
    this.#listening = undefined
    clock.after(ms, () => {
      this.#down = false
    })
  }

  close(): void {
    this.#over = true
    this.#listening?.close()
  }

  /** Nothing befalls it any more: it must have brought everything. */
  finish(): void {
    this.close()
  }

  async #keep(): Promise<void> {
    while (!this.#over) {
      const { life } = this.#stage.server
      if (life && !this.#down && (life !== this.#life || !this.#listening)) {
        // A session that has left has no stream; whoever comes in anew opens another.
        await this.#open(life).catch(error => {
          if (!isMidsentenceError(error)) throw error
        })
      }
      await pause(this.#stage, AGAIN_MS)
    }
  }

  async #open(life: Life): Promise<void> {
    const link = ++this.#link
    const { clock, plan, trace } = this.#stage
    const stalls = this.#person.slow
    let brought = 0
    const session = life.hub.enter(this.#token)
    const listening = await session.subscribe(
      {
        messages: batch => {
          for (const message of batch) clock.after(TRAVEL_MS, () => link === this.#link && this.#bring(message))
          if (stalls === undefined || ++brought % 2 === 1) return true
          clock.after(stalls, () => link === this.#link && listening.resume())
          return false
        },
        missed: (from, to) => this.#stage.found('L3', `${this.#person.name} was told that ${from} to ${to} are gone.`),
        presence: () => {},
        ended: () => {
          if (link === this.#link) this.#listening = undefined
        },
      },
      this.#after,
    )
    if (this.#over || link !== this.#link) return listening.close()
    trace.line(this.#person.name, `the stream goes on behind ${this.#after} (seed ${plan.seed})`)
    this.#life = life
    this.#listening = listening
    listening.resume()
  }

  #bring(message: Message): void {
    if (this.#over) return
    if (message.seq !== this.#after + 1) {
      this.#stage.found('V2', `${this.#person.name}'s stream brought ${message.seq} behind ${this.#after}.`)
    }
    this.#after = message.seq
    this.#take(message)
  }
}
