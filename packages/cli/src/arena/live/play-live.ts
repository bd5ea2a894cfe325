import { setMaxListeners } from 'node:events'
import { type ConverseEvent, converse, type ModelSettings } from '@midsentence/agent'
import {
  authorNames,
  type CoordinationPolicy,
  dealTask,
  type ObservedMessage,
  PERSON,
  type RunResult,
  type Scenario,
  type WriterTraits,
} from '@midsentence/arena'
import { AsyncChatRoom } from '@midsentence/client'
import { type Clock, linkSignals, MidsentenceError, systemClock } from '@midsentence/core'
import { type RunningServer, startServer } from '@midsentence/server'
import { endpointModel } from '../../agent/endpoint-model.ts'
import type { EndpointOptions } from '../../agent/parse-endpoint.ts'
import { livePolicy } from './live-policy.ts'
import { LiveTrace } from './live-trace.ts'

export interface LiveSetting {
  readonly scenario: Scenario
  readonly policy: CoordinationPolicy
  /** Deals the task. It does not seed the models. */
  readonly seed: number
  readonly participants: number
  /** Dealt to the participants in turn, from another one on with each seed. */
  readonly endpoints: readonly EndpointOptions[]
  readonly settings: Pick<ModelSettings, 'temperature' | 'maxOutputTokens'>
  /** Tokens of a run. Each participant may use an equal part, and the run ends when one has used it. */
  readonly budget_tokens: number
  /** After how long a run ends without a result, in milliseconds. */
  readonly limit_ms: number
  /** How long all have to be silent until the run ends, in milliseconds. Default 3,000. */
  readonly quiet_ms?: number
}

/**
 * Why a run ended. `stuck`: all wait for a message, and the task is not done. Only a run that ended `at rest` is finished.
 */
export type LiveEnding = 'at rest' | 'stuck' | 'time' | 'budget'

export interface LiveAuthor {
  readonly name: string
  readonly endpoint: EndpointOptions
  readonly live: LiveTrace
}

export interface LiveResult {
  readonly ending: LiveEnding
  readonly authors: readonly LiveAuthor[]
  readonly result: RunResult
}

const ROOM = 'arena'
const QUIET_MS = 3_000
/** How often a run looks whether it is over, in milliseconds. */
const STEP_MS = 50

/** The rules that hold in every task. */
const rules =
  'A program reads the messages, so keep to the form that is asked for, word for word. Besides that, write at most three sentences. ' +
  'Where it is not up to you to say something now, or the task is done, answer with a single dash: do not thank, confirm or sum up.'

/** A model's own pace is in the times of its events. */
const anyWriter: WriterTraits = {
  ...{ first_token_ms: 0, input_tokens_per_s: Number.POSITIVE_INFINITY, output_tokens_per_s: Number.POSITIVE_INFINITY },
  ...{ notices: 1, repairs: 1, keeps: 1 },
}

/** Deals the endpoints to the authors of a run. Each has each place equally often over the seeds. */
export const dealEndpoints = (endpoints: readonly EndpointOptions[], participants: number, seed: number) =>
  authorNames
    .slice(0, participants)
    .map((name, index) => ({ name, endpoint: endpoints[(index + seed - 1) % endpoints.length]! }))

/**
 * Plays one task with models at endpoints, over a hub in this process. `onEvent` receives the events of all of them. Rejects with a
 * sentence if a model or the room fails, and with the reason of `signal`.
 */
export async function playLive(
  setting: LiveSetting,
  signal: AbortSignal,
  onEvent: (name: string, event: ConverseEvent) => void = () => {},
): Promise<LiveResult> {
  const { scenario, policy, seed, participants, endpoints, settings, budget_tokens, limit_ms } = setting
  const { quiet_ms = QUIET_MS } = setting
  const clock = systemClock()
  const server = await startServer({
    port: 0,
    legacyDialect: false,
    limits: false,
    rooms: {
      policy: {
        room: () => policy.room,
        limits: () => ({}),
        // The run observes what is sent. So the models read that observers see their drafts.
        access: () => ({ observable: true, typing_indicator: false }),
      },
    },
  })
  let start = clock.monotonic()
  const elapsed = () => clock.monotonic() - start
  const dealt = dealEndpoints(endpoints, participants, seed)
  const authors: LiveAuthor[] = dealt.map(author => ({ ...author, live: new LiveTrace(elapsed) }))
  const task = dealTask(
    scenario,
    authors.map(({ name }) => name),
    seed,
  )
  const log: ObservedMessage[] = []
  const stopped = linkSignals([signal])
  // Each participant listens to it more than once.
  setMaxListeners(0, stopped.signal)
  const conversations: Promise<unknown>[] = []
  let failure: { readonly error: unknown } | undefined
  const fail = (error: unknown) => {
    failure ??= { error }
  }
  let ending: LiveEnding | undefined
  try {
    const rooms = authors.map(({ name }) => new AsyncChatRoom({ url: server.url, username: name, room: ROOM }))
    await Promise.all(rooms.map(room => room.participant()))
    server.hub.observe(ROOM, {
      messages: batch => {
        for (const { seq, sender_id, content } of batch) log.push({ seq, sender_id, content, at: elapsed() })
      },
      draft: () => {},
      presence: () => {},
      ended: () => {},
    })
    start = clock.monotonic()
    const news = bringNews(server, task.news ?? [], clock, fail)
    for (const [index, { name, endpoint, live }] of authors.entries()) {
      const conversation = converse({
        model: endpointModel(endpoint),
        room: rooms[index]!,
        persona: `${task.brief!(name)}\n\n${rules}`,
        ...livePolicy(policy)!,
        begins: true,
        budget: { turns: Number.POSITIVE_INFINITY, tokens: Math.floor(budget_tokens / participants) },
        settings,
        signal: stopped.signal,
        onEvent(event) {
          live.add(event)
          onEvent(name, event)
          if (event.type !== 'left') return
          if (event.reason === 'budget') ending ??= 'budget'
          else if (event.reason !== 'stopped') fail(new MidsentenceError('unavailable', event.sentence))
        },
      })
      conversations.push(conversation.catch(fail))
    }
    for (let quietSince: number | undefined; !ending; ) {
      await new Promise<void>(resolve => setTimeout(resolve, STEP_MS))
      signal.throwIfAborted()
      if (failure) throw failure.error
      const isQuiet = news.pending === 0 && authors.every(({ live }) => live.isIdle)
      quietSince = isQuiet ? (quietSince ?? elapsed()) : undefined
      if (quietSince !== undefined && elapsed() - quietSince >= quiet_ms)
        ending ??= authors.some(({ name }) => task.plan(name, log)) ? 'stuck' : 'at rest'
      if (elapsed() >= limit_ms) ending ??= 'time'
    }
  } finally {
    stopped.abort()
    stopped.unlink()
    await Promise.all(conversations)
    await server.close()
  }
  const isFinished = ending === 'at rest'
  const end_ms = isFinished ? (log.at(-1)?.at ?? 0) : limit_ms
  const traced = authors.map(({ name, live: { trace, calls } }) => ({
    ...{ name, hasPart: true, writer: anyWriter, plan: task.plan, trace, calls },
  }))
  return { ending, authors, result: { task, authors: traced, log, isFinished, end_ms, limit_ms, score: [] } }
}

/** Sends what a person says, each at its time. Returns how much is left to say. */
function bringNews(
  { hub }: RunningServer,
  news: readonly { readonly at_ms: number; readonly content: string }[],
  clock: Clock,
  fail: (error: unknown) => void,
): { readonly pending: number } {
  const left = { pending: news.length }
  let before: Promise<unknown> = Promise.resolve()
  const say = async (content: string) => {
    // A session that only waits for its news would lapse. A new one has read everything: it is held only by another's floor.
    const person = await hub.join({ room: ROOM, username: PERSON, person: true })
    await person.append({ text: content })
    while ((await person.push()).held);
    await person.leave()
    left.pending--
  }
  for (const { at_ms, content } of news)
    clock.after(at_ms, () => {
      before = before.then(() => say(content)).catch(fail)
    })
  return left
}
