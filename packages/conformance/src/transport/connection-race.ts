import fc from 'fast-check'
import type { TransportScenario } from './scenario.ts'
import {
  type ConversationTrace,
  type ScriptAction,
  type ScriptActor,
  scriptActions,
  settleAll,
  startAction,
  uniqueTexts,
} from './script.ts'

type Scheduler = ReturnType<typeof fc.scheduler> extends fc.Arbitrary<infer S> ? S : never

/** An event on one connection, or time that passes for all. */
interface ConnectionEvent {
  readonly who: number
  readonly does: 'cut' | 'heal' | 'duplicate' | 'pass'
  readonly ms: number
}

/** Two or three clients that act at once, and events on their connections, in a random order. */
export interface ConnectionRace {
  readonly people: readonly (readonly ScriptAction[])[]
  readonly events: readonly ConnectionEvent[]
  readonly scheduler: Scheduler
}

export const connectionRaces: fc.Arbitrary<ConnectionRace> = fc.record({
  people: fc.array(fc.array(scriptActions, { minLength: 2, maxLength: 7, size: 'max' }), {
    minLength: 2,
    maxLength: 3,
  }),
  events: fc.array(
    fc.record({
      who: fc.nat(2),
      does: fc.constantFrom('cut' as const, 'heal' as const, 'heal' as const, 'duplicate' as const, 'pass' as const),
      ms: fc.integer({ min: 1, max: 6000 }),
    }),
    { maxLength: 6, size: 'max' },
  ),
  scheduler: fc.scheduler(),
})

/** Plays a race to its end: frames have arrived, connections are restored, calls are answered, messages are read. */
export async function playRace(
  scenario: TransportScenario,
  { people, events, scheduler }: ConnectionRace,
): Promise<ConversationTrace> {
  const { faults, delay, pass } = scenario.harness
  const observer = await scenario.join('Observer')
  const actors: ScriptActor[] = []
  for (const who of people.keys())
    actors.push({ joinedAt: 0, client: await scenario.join(`Client ${who}`), cut: false })
  delay?.(() => scheduler.schedule(Promise.resolve(), 'a frame'))
  const nextText = uniqueTexts()
  for (const [who, actions] of people.entries()) {
    const { client } = actors[who]!
    scheduler.scheduleSequence(
      actions.map(does => async () => {
        // A push of an empty draft ends before it races with anything.
        if (does === 'push') startAction(client, 'append', nextText(who))
        startAction(client, does, nextText(who))
      }),
    )
  }
  scheduler.scheduleSequence(
    events.map(({ who, does, ms }) => async () => {
      const actor = actors[who % actors.length]!
      if (does === 'pass') return pass?.(ms)
      actor.cut ||= does === 'cut' && faults !== undefined
      faults?.[does]?.(actor.client.peer)
    }),
  )
  await scheduler.waitIdle()
  delay?.(undefined)
  await settleAll(scenario, observer, actors)
  return { observer, actors }
}
