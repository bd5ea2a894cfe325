import { isMidsentenceError, type VirtualClock, virtualClock } from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'
import fc from 'fast-check'
import { checkHistory, type Entry, type Recording, recording } from '../history/index.ts'
import { BrokenRule } from '../kit/broken-rule.ts'
import type { RuleId } from '../kit/rules.ts'
import { Racer } from './concurrent-client.ts'
import type { HubBench, HubPlace } from './hub-harness.ts'
import { type HubPlay, placeOf, places } from './hub-play.ts'
import { RaceLogs } from './race-logs.ts'
import { draftsAreFolds, heardOnce, saidOnce } from './race-rules.ts'
import { befalling, type Move, races } from './race-script.ts'

type Scheduler = ReturnType<typeof fc.scheduler> extends fc.Arbitrary<infer S> ? S : never

/** So long nobody lapses. */
const FOR_EVER_MS = 1e12
/** Longer than whatever waits. */
const LONG_MS = 300_000

interface Case {
  readonly place: Parameters<typeof placeOf>[0]
  readonly people: readonly (readonly Move[])[]
  readonly befalls: readonly Move[]
  readonly scheduler: Scheduler
}

/** Some people in one room of a hub whose logs take their time, all in an order that chance makes. */
export class Race {
  readonly clock: VirtualClock = virtualClock()
  readonly recording: Recording
  readonly racers: Racer[] = []
  readonly #bench: HubBench
  readonly #place: HubPlace
  readonly #logs: RaceLogs
  readonly #scheduler: Scheduler
  readonly #story: string[] = []
  readonly #restarts: number[] = []
  #hub: Hub | undefined
  #opening: Promise<void> = Promise.resolve()
  #forget: (() => void)[] = []
  #broken: BrokenRule | undefined
  #life = 0

  constructor(bench: HubBench, place: HubPlace, scheduler: Scheduler) {
    this.#bench = bench
    this.#place = place
    this.#scheduler = scheduler
    this.#logs = new RaceLogs(what => scheduler.schedule(Promise.resolve(), what))
    this.recording = recording(() => this.clock.monotonic())
  }

  get crashed(): boolean {
    return this.#restarts.length > 0
  }

  /** Opens a hub, over what those before it left. */
  start(): Promise<void> {
    const life = ++this.#life
    this.#opening = (async () => {
      const times = { lapse_ms: FOR_EVER_MS, unused_ms: FOR_EVER_MS, session_ms: FOR_EVER_MS }
      const hub = await this.#bench.open({ ...this.#place, ...this.#logs.open(), clock: this.clock, times })
      if (life !== this.#life) return
      this.#hub = hub
      if (life > 1) this.#restarts.push(this.clock.monotonic())
      const staying = this.racers.filter(({ left }) => !left)
      await Promise.all(staying.map(racer => racer.listen().catch(error => this.#lost(racer, error))))
    })()
    return this.#opening
  }

  async join(name: string): Promise<Racer | undefined> {
    const racer = this.#hub && new Racer(this, await this.#hub.join({ username: name }))
    if (!racer) return undefined
    this.racers.push(racer)
    await racer.listen()
    return racer
  }

  /** Nobody of the hub that is hears anything any more; another goes on. */
  crash(): void {
    this.tell('the hub dies, and another begins')
    this.#restarts.push(this.clock.monotonic())
    this.#hub = undefined
    this.#logs.crash()
    for (const forget of this.#forget.splice(0)) forget()
    void this.start()
  }

  onCrash(forget: () => void): void {
    this.#forget.push(forget)
  }

  /** The session of `token`, while there is a hub that has it. */
  enter(token: string): HubSession | undefined {
    return this.#hub?.enter(token)
  }

  /** Adds a line to the story; what is called adds to that line. */
  tell(line: string): (more: string) => void {
    const at = this.#story.push(line) - 1
    return more => {
      this.#story[at] += `  → ${more}`
      if (this.#story.length > at + 1) this.#story.push(`      (so ended: ${line})`)
    }
  }

  /** What a callback finds out counts once all is over. */
  broken(rule: RuleId, what: string): void {
    this.#broken ??= new BrokenRule(rule, what, this.#story)
  }

  #lost({ name }: Racer, error: unknown): void {
    this.broken(this.crashed ? 'G1' : 'A3', `${name} could not go on where it was: ${error}`)
  }

  /** Everything goes on until nothing is under way; undefined where something always is. */
  async finish(): Promise<void> {
    await this.#scheduler.waitFor(this.#opening)
    const open = () =>
      this.racers.some(({ calls, left }) => !left && calls.some(({ answer, error }) => !answer && !error))
    const ending = async (done: () => boolean) => {
      for (let tried = 0; tried < 20 && !done(); tried++) {
        await this.clock.advance(LONG_MS)
        await this.#scheduler.waitIdle()
      }
    }
    if (!this.crashed) {
      await ending(() => !open())
      if (open()) this.broken('P5', 'A call never ended.')
    }
    for (const racer of this.racers) {
      let finished = false
      const finish = racer.finish().catch(error => this.#lost(racer, error))
      void finish.then(() => {
        finished = true
      })
      await this.#scheduler.waitIdle()
      await ending(() => finished)
      if (!finished) this.broken('P5', `A call of ${racer.name} never ended.`)
    }
    for (let tried = 0; tried < 30; tried++) {
      for (const racer of this.racers) racer.readOn()
      await this.#scheduler.waitIdle()
    }
  }

  /** Throws the first rule that was broken. */
  async judge(policy: 'hold' | 'annotate'): Promise<void> {
    if (this.#broken) throw this.#broken
    const log: Entry[] = []
    if (this.#bench.logs === true) {
      for await (const record of this.#logs.room.records('lobby')) {
        if (record.type === 'message') log.push({ ...record.message, session: record.session })
      }
    }
    const history = this.recording.history({
      settings: { policy },
      restarts: this.#restarts,
      ...(this.#bench.logs === true && { log }),
    })
    for (const found of checkHistory(history)) this.broken(found.rule, found.what)
    saidOnce(this, log)
    for (const racer of this.racers) {
      heardOnce(this, racer, log)
      if (!this.crashed) draftsAreFolds(this, racer)
    }
    if (this.#broken) throw this.#broken
  }

  close(): Promise<void> | undefined {
    this.#logs.crash()
    return undefined
  }
}

/** Everybody at once; `dies`: now and then the hub does, between any two steps of its logs. */
export const raced = (dies: boolean): HubPlay<Case> => ({
  cases: fc.record({
    place: places,
    people: races,
    befalls: befalling(dies),
    scheduler: fc.scheduler(),
  }),
  async play(bench, { place, people, befalls, scheduler }) {
    const race = new Race(bench, placeOf(place), scheduler)
    await scheduler.waitFor(race.start())
    const here: (Racer | undefined)[] = []
    for (const [who] of people.entries()) here.push(await scheduler.waitFor(race.join(`p${who}`)))
    let n = 0
    for (const [who, moves] of people.entries()) {
      scheduler.scheduleSequence(
        moves.map(move => async () => {
          const racer = here[who]
          if (move.does !== 'leave') return racer?.do(move, ++n)
          if (!racer) return
          here[who] = undefined
          // Others go on meanwhile.
          void racer
            .leave()
            .then(() => race.join(racer.name))
            .then(
              next => {
                here[who] = next
              },
              error => {
                if (!isMidsentenceError(error)) throw error
              },
            )
        }),
      )
    }
    scheduler.scheduleSequence(
      befalls.map(({ does, much }) => async () => {
        if (does === 'crash') return race.crash()
        race.tell(`${much * 1000} ms pass`)
        await race.clock.advance(much * 1000)
      }),
    )
    await scheduler.waitIdle()
    await race.finish()
    await race.judge(place.policy)
  },
})
