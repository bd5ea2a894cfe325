import fc from 'fast-check'
import type { Stage } from './scenario.ts'
import { type Action, type Actor, act, actions, said, settled, type Trace } from './script.ts'

type Scheduler = ReturnType<typeof fc.scheduler> extends fc.Arbitrary<infer S> ? S : never

/** What befalls a line, or everybody. */
interface Weather {
  readonly who: number
  readonly does: 'cut' | 'heal' | 'duplicate' | 'pass'
  readonly ms: number
}

/** Two or three who act at once, and what befalls their lines meanwhile, in an order that chance makes. */
export interface LineRace {
  readonly people: readonly (readonly Action[])[]
  readonly weather: readonly Weather[]
  readonly scheduler: Scheduler
}

export const lineRaces: fc.Arbitrary<LineRace> = fc.record({
  people: fc.array(fc.array(actions, { minLength: 2, maxLength: 7, size: 'max' }), { minLength: 2, maxLength: 3 }),
  weather: fc.array(
    fc.record({
      who: fc.nat(2),
      does: fc.constantFrom('cut' as const, 'heal' as const, 'heal' as const, 'duplicate' as const, 'pass' as const),
      ms: fc.integer({ min: 1, max: 6000 }),
    }),
    { maxLength: 6, size: 'max' },
  ),
  scheduler: fc.scheduler(),
})

/** Plays a race to its end: every frame arrived, lines mended, every call answered, everything read. */
export async function race(stage: Stage, { people, weather, scheduler }: LineRace): Promise<Trace> {
  const { faults, hold, pass } = stage.bench
  const observer = await stage.join('Observer')
  const cast: Actor[] = []
  for (const who of people.keys()) cast.push({ joinedAt: 0, speaker: await stage.join(`Speaker ${who}`), cut: false })
  hold?.(() => scheduler.schedule(Promise.resolve(), 'a frame'))
  const telling = said()
  for (const [who, moves] of people.entries()) {
    const { speaker } = cast[who]!
    scheduler.scheduleSequence(
      moves.map(does => async () => {
        // A push with nothing in it would be no race.
        if (does === 'push') act(speaker, 'append', telling(who))
        act(speaker, does, telling(who))
      }),
    )
  }
  scheduler.scheduleSequence(
    weather.map(({ who, does, ms }) => async () => {
      const acting = cast[who % cast.length]!
      if (does === 'pass') return pass?.(ms)
      acting.cut ||= does === 'cut' && faults !== undefined
      faults?.[does]?.(acting.speaker.peer)
    }),
  )
  await scheduler.waitIdle()
  hold?.(undefined)
  await settled(stage, cast)
  return { observer, cast }
}
