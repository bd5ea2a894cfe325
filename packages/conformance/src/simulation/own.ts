import { isMidsentenceError, type Journal, join, memoryJournal, type Participant } from '@midsentence/core'
import type { Call, WitnessRecorder } from '../history/index.ts'
import { INSISTING } from './hosted.ts'
import { Line } from './line.ts'
import { FAIR } from './network.ts'
import type { Deed, Fate, Person } from './plan.ts'
import { type Actor, pause, type Stage } from './stage.ts'

/** One that keeps its own draft, by the participant of core, with a journal: it is killed and goes on mid-sentence. */
export class Own implements Actor {
  readonly person: Person
  readonly #stage: Stage
  readonly #journal: Journal = memoryJournal()
  readonly #fates: Fate[] = []
  #participant: Participant | undefined
  #line: Line | undefined
  #witness: WitnessRecorder | undefined
  #session = ''
  #keys = 0
  #lives = 0

  constructor(stage: Stage, person: Person) {
    this.#stage = stage
    this.person = person
  }

  async enter(): Promise<void> {
    const { clock, recording, trace } = this.#stage
    const line = new Line(this.#stage, this.person, () => this.#fates.shift() ?? FAIR)
    const life = ++this.#lives
    const participant = await join({
      transport: line,
      username: this.person.name,
      journal: this.#journal,
      clock,
      newKey: () => `${life}.${++this.#keys}`,
    })
    this.#line = line
    this.#participant = participant
    const { session, cursor } = line.welcome
    trace.line(this.person.name, `is here, ${JSON.stringify({ life, cursor })}`)
    if (session.session_id === this.#session) return
    this.#session = session.session_id
    this.#witness = recording.witness({ session: session.session_id, name: session.sender_id, cursor })
  }

  do(deed: Deed): void {
    this.#fates.push(...deed.fates)
    const participant = this.#participant
    if (!participant) return this.#stage.trace.line(this.person.name, 'is not here')
    void this.#act(participant, deed)
  }

  cut(ms: number, silent: boolean): void {
    this.#line?.cut(ms, silent)
  }

  kill(down: number): void {
    if (!this.#participant) return
    this.#stage.trace.line(this.person.name, `is killed for ${down} ms`)
    this.#line?.kill()
    this.#participant = undefined
    void this.#comeBack(down)
  }

  async finish(): Promise<void> {
    for (let tried = 0; !this.#participant && tried < 100; tried++) await pause(this.#stage, 500)
    const participant = this.#participant
    if (!participant) return this.#stage.found('J1', `${this.person.name} never came back.`)
    await this.#insist(participant, { n: -1, at: 0, who: 0, does: 'insist', fates: [] })
    for (let more = true; more; ) more = (await participant.preview()).more === true
  }

  async #comeBack(down: number): Promise<void> {
    for (let wait = down; !this.#participant; wait = 500) {
      await pause(this.#stage, wait)
      try {
        await this.enter()
      } catch (error) {
        if (!isMidsentenceError(error) || error.code !== 'unavailable') throw error
      }
    }
  }

  async #act(participant: Participant, deed: Deed): Promise<void> {
    const { does, timeout_ms = 25_000 } = deed
    switch (does) {
      case 'append':
      case 'notify':
        return this.#call('append', () => participant.append(this.#text(deed)))
      case 'undo':
      case 'reset':
      case 'preview':
        return this.#call(does, () => participant[does]())
      case 'check':
        return this.#call('check', () => participant.check({ timeout_ms }))
      case 'yield':
      case 'leave':
        // Its name stays its own: what is lost by leaving is tried by those whose draft is hosted.
        return
      case 'batch':
        void this.#call('append', () => participant.append(this.#text(deed)))
        void this.#call('push', () => participant.push({ timeout_ms }))
        return this.#call('append', () => participant.append(this.#text(deed)))
      case 'insist':
      case 'sit':
        return this.#insist(participant, deed)
      default:
        return this.#call('push', () => participant.push({ timeout_ms }))
    }
  }

  async #insist(participant: Participant, deed: Deed): Promise<void> {
    await this.#call('append', () => participant.append(this.#text(deed)))
    for (let tried = 0; tried < INSISTING; tried++) {
      let sent = false
      await this.#call('push', async () => {
        const answer = await participant.push()
        sent = answer.status === 1
        return answer
      })
      if (sent || participant !== this.#participant || !participant.view.draft.head) return
    }
    this.#stage.found('P6', `${this.person.name} insisted, and was held ${INSISTING} times.`)
  }

  #text({ n }: Deed): string {
    return `${this.person.name}${this.#lives}.${n}.${++this.#keys};`
  }

  async #call(action: Call['action'], make: () => Promise<unknown>): Promise<void> {
    const { name } = this.person
    const { trace } = this.#stage
    trace.line(name, `${action}, its own draft`)
    try {
      const answer = await this.#witness!.call({ action }, make)
      trace.line(name, `reads ${JSON.stringify(answer)}`)
    } catch (error) {
      if (!isMidsentenceError(error)) throw error
      trace.line(name, `is refused: ${error.code}`)
      if (error.code !== 'no-draft' && error.code !== 'unavailable') {
        this.#stage.found('W4', `${name}'s ${action} was refused with ${error.code}.`)
      }
    }
  }
}
