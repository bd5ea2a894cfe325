import { readFileSync } from 'node:fs'
import { node } from '@midsentence/testing/node-process'
import { expect, test } from 'vitest'

const readme = readFileSync(new URL('../packages/arena/README.md', import.meta.url), 'utf8')

test('the example in the README of arena prints what it says', async () => {
  const [, example] = /^```js\n([\s\S]*?)^```$/m.exec(readme)!
  const { code, stdout, stderr } = await node(['--input-type=module', '-e', example!]).ended
  expect([code, stderr]).toEqual([0, ''])
  const [crossings, ratio] = stdout.split(/\n(?=\{)/)
  expect(crossings).toBe('{ value: 0, low: 0, high: 0 }')
  expect(ratio).toMatch(/^\{\s+value: \d\.\d+,\s+low: \d\.\d+,\s+high: \d\.\d+\s+\}\n$/)
  expect(readme.split('\n').length).toBeLessThanOrEqual(40)
})
