import { type Clock, memoryLog, type ScoreRecord, virtualClock } from '@midsentence/core'
import { type JoinRequest, openHub } from '@midsentence/core/hub'
import type { CoordinationPolicy } from '../policies/policy.ts'
import { randomFrom } from '../random.ts'
import { proseFrom } from '../scenarios/prose.ts'
import { dealTask, PERSON, type Scenario, type Task, type TaskMessage } from '../scenarios/scenario.ts'
import { drawWriter, type WriterProfile, type WriterTraits } from '../writers/writer.ts'
import { TurnGate } from './gate.ts'
import { authorNames, hasPart, type Lineup, lineupConduct, lineupTask, lineupWriter } from './lineup.ts'
import { type AuthorSession, type ObservedCall, observeCalls } from './observed-calls.ts'
import { pause } from './pause.ts'
import { SimulatedAuthor } from './simulated-author.ts'
import type { TraceEvent } from './trace.ts'

export interface RunSetting {
  readonly scenario: Scenario
  readonly policy: CoordinationPolicy
  /** The same seed gives the same task and the same authors under every policy. */
  readonly seed: number
  /** Participants, 2 to 24. */
  readonly participants: number
  readonly lineup: Lineup
  readonly profile: WriterProfile
  /** Keeps the score of the room. Default false. */
  readonly recorded?: boolean
  /** After how long a run ends without a result, in milliseconds. Default 30 minutes. */
  readonly limit_ms?: number
  /** One way between an author and the room, in milliseconds. Default 20. */
  readonly latency_ms?: number
  /** Opens the session of an author in another way than by `join`, for the cheats of tests. Calls are observed at the room. */
  readonly openSession?: (
    request: JoinRequest,
    join: (request: JoinRequest) => Promise<AuthorSession>,
  ) => Promise<AuthorSession>
}

export interface AuthorRun {
  readonly name: string
  /** Whether it has a part in the task. */
  readonly hasPart: boolean
  readonly writer: WriterTraits
  /** What it wants to say, as in `Task`, with what its lineup adds. */
  readonly plan: Task['plan']
  readonly trace: readonly TraceEvent[]
  /** Its calls, written down at the room, out of its reach. */
  readonly calls: readonly ObservedCall[]
}

/** A message as a reader outside of the room received it. */
export interface ObservedMessage extends TaskMessage {
  /** Milliseconds since the start of the run. */
  readonly at: number
}

export interface RunResult {
  readonly task: Task
  readonly authors: readonly AuthorRun[]
  readonly log: readonly ObservedMessage[]
  /** No author had anything to say at the end. */
  readonly isFinished: boolean
  /** When the last message was sent, or the limit, in milliseconds. */
  readonly end_ms: number
  readonly limit_ms: number
  /** The score of the room, if it was recorded. */
  readonly score: readonly ScoreRecord[]
}

const ROOM = 'arena'
/** How often the run looks whether it is at rest, in milliseconds. */
const STEP_MS = 500

/** Plays one task under one policy, over a hub, on a virtual clock. The same options give the same result. */
export async function run(options: RunSetting): Promise<RunResult> {
  const { scenario, policy, seed, participants, lineup, profile, recorded = false } = options
  const { limit_ms = 1_800_000, latency_ms = 20, openSession = (request, join) => join(request) } = options
  const clock = virtualClock()
  const names = authorNames.slice(0, participants)
  const isLast = (index: number) => index === participants - 1
  const parts = names.filter((_, index) => hasPart(lineup, isLast(index)))
  const prose = proseFrom(seed)
  const task = dealTask(scenario, parts, seed)

  let tokens = 0
  const hub = await openHub({
    clock,
    // Its id is part of each message's: a random one would make two scores of one seed differ.
    log: memoryLog({ id: `arena-${seed}`, now: () => clock.now() }),
    newToken: () => `token-${++tokens}`,
    policy: {
      room: () => policy.room,
      limits: () => ({}),
      access: () => ({ observable: true, recorded, typing_indicator: false }),
    },
  })
  const log: ObservedMessage[] = []
  const score: ScoreRecord[] = []
  const gate =
    policy.writes === 'any time' ? undefined : new TurnGate(clock, names, policy.writes === 'turns', policy.lease_ms)
  const authors: (AuthorRun & { readonly author: SimulatedAuthor })[] = []
  for (const [index, name] of names.entries()) {
    const random = randomFrom('author', seed, name)
    const writer = lineupWriter(lineup, isLast(index), drawWriter(profile, random))
    const { plan } = lineupTask(lineup, isLast(index), task, prose)
    const calls: ObservedCall[] = []
    const author = new SimulatedAuthor({
      name,
      session: await openSession({ room: ROOM, username: name }, async request =>
        observeCalls(await hub.join(request), clock, calls),
      ),
      plan,
      policy,
      writer,
      seed,
      clock,
      gate,
      latency_ms,
      ...lineupConduct(lineup, isLast(index)),
    })
    authors.push({ name, hasPart: parts.includes(name), writer, plan, trace: author.trace, calls, author })
  }
  hub.observe(ROOM, {
    messages: batch => {
      for (const { seq, sender_id, content } of batch) log.push({ seq, sender_id, content, at: clock.monotonic() })
    },
    draft: () => {},
    presence: () => {},
    ended: () => {},
  })

  if (recorded) {
    const watch = await hub.watch!(
      { room: ROOM },
      {
        records: batch => {
          score.push(...batch)
          return true
        },
        missed: () => {},
        ended: () => {},
      },
    )
    watch.resume()
  }

  let failure: { readonly error: unknown } | undefined
  const fail = (error: unknown) => {
    failure ??= { error }
  }
  let pendingNews = task.news?.length ?? 0
  if (pendingNews > 0) {
    const person = await hub.join({ room: ROOM, username: PERSON, person: true })
    // It reads at once. So the room holds it only while another has the floor.
    const say = async (content: string) => {
      await person.append({ text: content })
      while ((await person.push()).held);
      pendingNews--
    }
    let said = Promise.resolve()
    for (const { at_ms, content } of task.news!) {
      clock.after(at_ms, () => {
        said = said.then(() => say(content)).catch(fail)
      })
    }
  }

  for (const { author, name } of authors) {
    const isAbsent = lineup === 'absent' && name === names.at(-1)
    if (!isAbsent) author.run().catch(fail)
    // It is given turns all the same. It asks for no lock.
    else if (gate && policy.writes === 'turns') void beAbsent(gate, clock, name)
  }
  const isAtRest = () =>
    pendingNews === 0 &&
    authors.every(({ author, hasPart, name }) => !hasPart || (!author.isBusy && !task.plan(name, log)))
  let isFinished = false
  while (!isFinished && !failure && clock.monotonic() < limit_ms) {
    await clock.advance(STEP_MS)
    isFinished = isAtRest()
  }
  if (failure) throw failure.error
  // What the end of the room brings about, such as an answer to a check that waits, is no part of the run.
  const ended = authors.map(({ author: _, trace, calls, ...rest }) => ({
    ...rest,
    trace: [...trace],
    calls: [...calls],
  }))
  await hub.close()
  const end_ms = isFinished ? (log.at(-1)?.at ?? 0) : limit_ms
  return { task, authors: ended, log, isFinished, end_ms, limit_ms, score }
}

/** Keeps each turn to its end without doing anything. */
async function beAbsent(gate: TurnGate, clock: Clock, name: string): Promise<void> {
  for (;;) {
    await gate.enter(name)
    while (gate.isHolder(name)) await pause(clock, 1_000)
  }
}
