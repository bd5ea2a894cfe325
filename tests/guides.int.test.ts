import { expect, test } from 'vitest'
import { counted, guide } from './guides.ts'

/** Commands that are not run here, since they install what is built next to this. */
const installs = /npm install/

test('writing-a-room-log.md leads to a log that the kit is content with, as it is printed', async () => {
  const { commands, run, change } = guide('writing-a-room-log.md')
  const [first, second, talk] = commands.filter(command => !installs.test(command))
  const one = await run(first!)
  expect([one.code, counted(one.output)]).toEqual([0, '8 passed | 2 skipped'])
  const two = await run(second!)
  expect([two.code, counted(two.output)]).toEqual([0, '10 passed'])
  const three = await run(talk!.replace('\n', ' && '))
  expect([three.code, counted(three.output)]).toEqual([0, '1 passed'])

  // What the guide says of a log that is wrong.
  change('room-file.ts', 'if (end < bytes.length) truncateSync(path, end)', 'void truncateSync')
  change('second.test.ts', 'runs: 50', 'runs: 200, seed: 7')
  const torn = await run(`${second} -t G11`)
  expect([torn.code, torn.output]).toEqual([1, expect.stringMatching(/FAIL .*\[G11\]/)])
  expect(torn.output).toMatch(/Counterexample: .*"append".*"crash".*"append".*"crash"/)
  change('ndjson-log.ts', 'position(file) !== expected', 'false')
  const unfenced = await run(`${first} -t G3`)
  expect([unfenced.code, unfenced.output]).toEqual([1, expect.stringMatching(/FAIL .*\[G3\]/)])
}, 180_000)
