import { type Clock, memoryLog, memorySessions, virtualClock } from '@midsentence/core'
import { checkHistory, type Entry, recording } from '../history/index.ts'
import { CrashableLogs } from '../kit/crashable-logs.ts'
import { Free } from './free.ts'
import { Hosted } from './hosted.ts'
import { Network } from './network.ts'
import { Own } from './own.ts'
import type { Disaster, Person, Plan } from './plan.ts'
import { type Sabotage, Server } from './server.ts'
import type { Actor, Stage, Violation } from './stage.ts'
import { textsOnce } from './texts-once.ts'
import { Trace } from './trace.ts'

export interface PlayOptions {
  /** Writes down what happens. */
  readonly traced?: boolean
  /** What is wrong with the server. */
  readonly sabotage?: Sabotage
}

export interface Played {
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  /** How many messages the room has at the end. */
  readonly messages: number
}

/** Long enough for every wait to end once nothing befalls anybody any more. */
const AFTERWARDS_MS = 2_000_000
/** One looks so often whether all is done. */
const STEP_MS = 20_000

/** Plays a history to its end, and says which rules it broke. */
export async function play(plan: Plan, { traced = false, sabotage = {} }: PlayOptions = {}): Promise<Played> {
  const clock = virtualClock()
  const trace = new Trace(traced ? clock : undefined)
  const durability = 'flushed'
  const logs = new CrashableLogs(
    {
      log: { ...memoryLog(`simulated ${plan.seed}`), durability },
      sessions: { ...memorySessions(), durability },
    },
    plan.flush_ms > 0 ? { flush: () => after(clock, plan.flush_ms) } : {},
  )
  const server = new Server(plan, clock, logs, sabotage)
  const network = new Network(clock, server, trace)
  const violations: Violation[] = []
  const stage: Stage = {
    plan,
    clock,
    server,
    network,
    trace,
    recording: recording(() => clock.monotonic()),
    found: (rule, what) => {
      trace.line('rule', `${rule}: ${what}`)
      violations.push({ rule, what })
    },
  }
  const free: string[] = []
  const restarts: number[] = []
  await server.start()
  const actors = plan.people.map(person => actorOf(stage, person, free))
  await entered(stage, actors)
  for (const deed of plan.deeds) clock.after(deed.at, () => actors[deed.who]?.do(deed))
  for (const disaster of plan.disasters) clock.after(disaster.at, () => befall(stage, actors, disaster, restarts))
  const last = Math.max(0, ...plan.deeds.map(({ at }) => at), ...plan.disasters.map(endOf))
  await clock.advance(last + 1)

  network.fair = true
  trace.line('', 'From here on nothing befalls anybody.')
  let finished = false
  const finishing = Promise.all(actors.map(actor => actor.finish())).then(() => {
    finished = true
  })
  for (let waited = 0; !finished && waited < AFTERWARDS_MS; waited += STEP_MS) await clock.advance(STEP_MS)
  if (finished) await finishing
  else stage.found('O1', 'Somebody still waits for an answer, long after everything is well again.')

  const messages = await server.messages()
  const sessions: string[] = []
  for await (const record of logs.room.records('lobby')) if (record.type === 'message') sessions.push(record.session)
  const log: Entry[] = messages.map((message, at) => ({ ...message, session: sessions[at]! }))
  const history = stage.recording.history({ settings: plan.settings, log, free, restarts })
  for (const { rule, what } of [...checkHistory(history), ...textsOnce(log)]) stage.found(rule, what)
  server.life?.clock.end()
  return { violations, trace: trace.lines, messages: messages.length }
}

function actorOf(stage: Stage, person: Person, free: string[]): Actor {
  if (person.manner === 'own') return new Own(stage, person)
  if (person.manner === 'free') return new Free(stage, person, session => free.push(session))
  return new Hosted(stage, person)
}

/** Comes in one after another: what a join writes takes its time. */
async function entered({ clock, plan }: Stage, actors: readonly Actor[]): Promise<void> {
  for (const actor of actors) {
    const entering = actor.enter()
    await clock.advance(plan.flush_ms + 1)
    await entering
  }
}

function befall(stage: Stage, actors: readonly Actor[], disaster: Disaster, restarts: number[]): void {
  const { clock, server, trace } = stage
  switch (disaster.type) {
    case 'crash':
    case 'restart': {
      if (!server.life) return
      const { down } = disaster
      const how =
        disaster.type === 'crash' ? `dies: ${disaster.room} and ${disaster.sessions} unflushed writes stay` : 'ends'
      trace.line('server', `${how}; it is back in ${down} ms`)
      const ending =
        disaster.type === 'crash'
          ? server.crash(disaster.room, disaster.sessions)
          : server.stop(() => new Promise(resolve => clock.after(stage.plan.flush_ms * 20 + 1, () => resolve())))
      const back = Math.max(down, disaster.type === 'restart' ? stage.plan.flush_ms * 20 + 2 : 0)
      restarts.push(clock.monotonic())
      clock.after(back, () => {
        void ending
          .then(() => server.start())
          .then(() => {
            restarts.push(clock.monotonic())
            trace.line('server', 'is back')
          })
      })
      return
    }
    case 'cut':
      return actors[disaster.who]?.cut?.(disaster.ms, disaster.silent === true)
    case 'killed':
      return actors[disaster.who]?.kill?.(disaster.down)
    case 'clock':
      trace.line('server', `its wall clock jumps by ${disaster.by} ms`)
      return server.jump(disaster.by)
  }
}

const endOf = (disaster: Disaster): number => {
  const lasts = { crash: 'down', restart: 'down', killed: 'down', cut: 'ms' } as Record<string, string>
  const field = lasts[disaster.type]
  return disaster.at + 10_000 + (field ? Number((disaster as unknown as Record<string, number>)[field]) : 0)
}

const after = (clock: Clock, ms: number): Promise<void> => new Promise(resolve => void clock.after(ms, resolve))
