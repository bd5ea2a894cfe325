import { expect, test } from 'vitest'
import { countsOf, guide } from './guide.ts'

test('the log of writing-a-room-log.md passes the kit, and each fault it describes fails its rule', async () => {
  const { commands, run, change } = guide('writing-a-room-log.md')
  const [first, second, chat] = commands
  const one = await run(first!)
  expect([one.code, countsOf(one.output)]).toEqual([0, '8 passed | 2 skipped'])
  const two = await run(second!)
  expect([two.code, countsOf(two.output)]).toEqual([0, '10 passed'])
  const three = await run(chat!.replace('\n', ' && '))
  expect([three.code, countsOf(three.output)]).toEqual([0, '1 passed'])

  change('room-file.ts', 'if (end < bytes.length) truncateSync(path, end)', 'void truncateSync')
  const torn = await run(`${second} -t G11`)
  expect([torn.code, torn.output]).toEqual([1, expect.stringMatching(/FAIL .*\[G11\]/)])
  expect(torn.output).toMatch(/Error: a store cannot be read after crash 1 of 20: /)
  change('ndjson-log.ts', 'position(file) !== expected', 'false')
  const unfenced = await run(`${first} -t G3`)
  expect([unfenced.code, unfenced.output]).toEqual([1, expect.stringMatching(/FAIL .*\[G3\]/)])
})

test('the transport of writing-a-transport.md passes the kit, and each fault it describes fails its rule', async () => {
  const { commands, run, change } = guide('writing-a-transport.md')
  const [first, second, chat] = commands
  const one = await run(first!)
  expect([one.code, countsOf(one.output)]).toEqual([0, '38 passed | 4 skipped'])
  const two = await run(second!)
  expect([two.code, countsOf(two.output)]).toEqual([0, '42 passed'])
  const three = await run(chat!.replace('\n', ' && '))
  expect([three.code, countsOf(three.output)]).toEqual([0, '1 passed'])

  const broken = async (from: string, to: string, command: string, id: string) => {
    change('line-transport.ts', from, to)
    const { code, output } = await run(`${command} -t ${id}`)
    change('line-transport.ts', to, from)
    expect([from, code, output]).toEqual([from, 1, expect.stringMatching(new RegExp(`FAIL .*\\[${id}\\]`))])
  }
  await broken('else this.#early.push(item)', 'else void item', first!, 'O3')
  await broken('base, key, timeout_ms, meta })', 'base, key: crypto.randomUUID(), timeout_ms, meta })', first!, 'P4')
  await broken('base, key, timeout_ms, meta })', 'base, key, timeout_ms })', first!, 'B2')
  await broken('base, key, timeout_ms, meta })', 'base, key, meta })', first!, 'F5')
  const listens = 'this.#listen(request)\n  }\n\n  #failed'
  await broken(listens, "this.link$.next({ state: 'up' })\n  }\n\n  #failed", second!, 'L3')
})
