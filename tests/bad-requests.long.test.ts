import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { attack } from './bad-requests/attack.ts'

/** Number of requests; `npm run prove:bad-requests` sets 200,000. */
const count = Number(process.env.MIDSENTENCE_BAD_REQUESTS ?? 50_000)

test('[W4] bad requests cause no fault and leak no memory', async () => {
  setFlagsFromString('--expose-gc')
  globalThis.gc = runInNewContext('gc') as NodeJS.GCFunction
  const heaps: number[] = []
  const seen = await attack({ count, seed: 1, width: 32, measure: bytes => void heaps.push(bytes) })
  expect([...seen.values()].reduce((sum, each) => sum + each, 0)).toBe(count)
  const tenth = Math.max(1, Math.floor(heaps.length / 10))
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
  const [early, late] = [median(heaps.slice(tenth, 3 * tenth)), median(heaps.slice(-2 * tenth))]
  expect(late / early).toBeLessThan(1.5)
})
