import { expect, test } from 'vitest'
import { midsentence } from '../midsentence.ts'

test('two scripted models debate, and one is interrupted in mid-sentence', async () => {
  const { code, stdout, stderr } = await midsentence('debate', '--speed', '8').ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('Claude  stops  in mid-sentence: "GPT" spoke')
  expect(stdout).toMatch(/Claude {2}keeps {2}1 of \d parts?/)
  expect(stdout.match(/sends {2}it as one message/g)!.length).toBeGreaterThan(2)
})
