import fc from 'fast-check'
import { weighted } from '../../kit/actions.ts'
import { same } from '../../kit/assertions.ts'
import { turns } from '../../kit/turns.ts'
import { type RpcAnswer, within } from '../caller.ts'
import { type ServerRule, type ServerScenario, serverProperty } from '../server-rule.ts'

interface RacingStep {
  readonly does: 'say' | 'tick' | 'append' | 'check' | 'wait'
  /** Timeout of a check. */
  readonly ticks: number
  /** Microtasks to wait for. */
  readonly turns: number
}

const step: fc.Arbitrary<RacingStep> = fc.record({
  does: weighted({ check: 3, say: 1, tick: 1, append: 1, wait: 2 }),
  ticks: fc.nat(2),
  turns: fc.nat(40),
})

/** Marks a call as handled: a case that fails meanwhile never awaits it. */
function handled<T>(call: Promise<T>): Promise<T> {
  call.catch(() => {})
  return call
}

/** Checks that each message is in exactly one answer, with concurrent calls and expiring timeouts. */
async function deliversInOneAnswer({ harness, join }: ServerScenario, script: readonly RacingStep[]): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  // Without a virtual clock the timeouts are real, and short.
  const tick = harness.pass ? 1000 : 5
  const answers: Promise<RpcAnswer>[] = []
  const published: Promise<RpcAnswer>[] = []
  for (const step of script) {
    const { does } = step
    if (does === 'check') answers.push(handled(ada.call('check', { timeout_ms: step.ticks * tick })))
    else if (does === 'wait') await turns({ short: step.turns, long: 0 })
    else if (does === 'append') answers.push(handled(ada.call('append', { text: '.' })))
    else if (does === 'tick') await (harness.pass?.(tick) ?? harness.settle())
    else {
      const key = `${published.length}`
      published.push(handled(ben.call('publish', { content: key, base: ben.joinResult.cursor, key })))
    }
  }
  await within(harness, Promise.all(published), 'a publish')
  let over = false
  const all = handled(
    Promise.all(answers).finally(() => {
      over = true
    }),
  )
  // Calls may arrive out of order: then the last check waits for its timeout.
  for (let tried = 0; tried < 100 && !over; tried++) {
    await harness.settle()
    await harness.pass?.(tick)
  }
  await within(harness, all, 'a call')
  await ada.call('check', { timeout_ms: 0 })
  await ada.call('preview')
  const given = ada.received.map(({ content }) => content).sort((a, b) => Number(a) - Number(b))
  same(
    given,
    published.map((_, nth) => `${nth}`),
    'concurrent calls received a message twice, or never',
  )
}

/** Rules that hold for concurrent calls. */
export const racingRules: readonly ServerRule[] = [
  serverProperty('L1', fc.array(step, { maxLength: 12 }), deliversInOneAnswer),
]
