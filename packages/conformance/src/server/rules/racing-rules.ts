import fc from 'fast-check'
import { same } from '../../kit/assertions.ts'
import { turns } from '../../kit/turns.ts'
import { type Answer, within } from '../caller.ts'
import { type Scene, type ServerRule, serverProperty } from '../server-rule.ts'

type Step =
  | { readonly does: 'say' | 'tick' | 'append' }
  | { readonly does: 'check'; readonly ticks: number }
  /** So many turns pass. */
  | { readonly does: 'wait'; readonly turns: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('check' as const), ticks: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom('say' as const, 'tick' as const, 'append' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('wait' as const), turns: fc.nat(40) }) },
)

/** A broken rule may not live to see how it ends. */
function underWay<T>(call: Promise<T>): Promise<T> {
  call.catch(() => {})
  return call
}

/** Calls that nobody awaits, and time that runs out while something is said: each message is in one answer. */
async function inOneAnswer({ bench, join }: Scene, script: readonly Step[]): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  // Where time cannot be moved on it is real, and short.
  const tick = bench.pass ? 1000 : 5
  const answers: Promise<Answer>[] = []
  const said: Promise<Answer>[] = []
  for (const step of script) {
    const { does } = step
    if (does === 'check') answers.push(underWay(ada.call('check', { timeout_ms: step.ticks * tick })))
    else if (does === 'wait') await turns({ short: step.turns, long: 0 })
    else if (does === 'append') answers.push(underWay(ada.call('append', { text: '.' })))
    else if (does === 'tick') await (bench.pass?.(tick) ?? bench.settle())
    else {
      const key = `${said.length}`
      said.push(underWay(ben.call('publish', { content: key, base: ben.entrance.cursor, key })))
    }
  }
  await within(bench, Promise.all(said), 'a publish')
  let over = false
  const all = underWay(
    Promise.all(answers).finally(() => {
      over = true
    }),
  )
  // Calls may arrive in another order than they were made: then the last check waits until its time is up.
  for (let tried = 0; tried < 100 && !over; tried++) {
    await bench.settle()
    await bench.pass?.(tick)
  }
  await within(bench, all, 'a call among others')
  await ada.call('check', { timeout_ms: 0 })
  await ada.call('preview')
  const given = ada.given.map(({ content }) => content).sort((a, b) => Number(a) - Number(b))
  same(
    given,
    said.map((_, nth) => `${nth}`),
    'among calls that raced a message was given twice, or not at all',
  )
}

/** What holds also where nothing is awaited. */
export const racingRules: readonly ServerRule[] = [serverProperty('L1', fc.array(step, { maxLength: 12 }), inOneAnswer)]
