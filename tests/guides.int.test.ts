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
  change('second.test.ts', 'runs: 25', 'runs: 200, seed: 7')
  const torn = await run(`${second} -t G11`)
  expect([torn.code, torn.output]).toEqual([1, expect.stringMatching(/FAIL .*\[G11\]/)])
  expect(torn.output).toMatch(/Counterexample: .*"append".*"crash".*"append".*"crash"/)
  change('ndjson-log.ts', 'position(file) !== expected', 'false')
  const unfenced = await run(`${first} -t G3`)
  expect([unfenced.code, unfenced.output]).toEqual([1, expect.stringMatching(/FAIL .*\[G3\]/)])
}, 400_000)

test('writing-a-transport.md leads to a transport that the kit is content with, as it is printed', async () => {
  const { commands, run, change } = guide('writing-a-transport.md')
  const [first, second, talk] = commands.filter(command => !installs.test(command))
  const one = await run(first!)
  expect([one.code, counted(one.output)]).toEqual([0, '15 passed'])
  const two = await run(second!)
  expect([two.code, counted(two.output)]).toEqual([0, '15 passed'])
  const three = await run(talk!.replace('\n', ' && '))
  expect([three.code, counted(three.output)]).toEqual([0, '1 passed'])

  // What the guide says of a transport that is wrong.
  const broken = async (from: string, to: string, command: string, id: string) => {
    change('line-transport.ts', from, to)
    const { code, output } = await run(`${command} -t ${id}`)
    change('line-transport.ts', to, from)
    expect([from, code, output]).toEqual([from, 1, expect.stringMatching(new RegExp(`FAIL .*\\[${id}\\]`))])
  }
  await broken('else this.#early.push(item)', 'else void item', first!, 'O3')
  await broken('base, key, timeout_ms, meta })', 'base, key: crypto.randomUUID(), timeout_ms, meta })', first!, 'P4')
  const listens = 'this.#listen(hello)\n  }\n\n  #failed'
  await broken(listens, "this.link$.next({ state: 'up' })\n  }\n\n  #failed", second!, 'L3')
}, 400_000)
