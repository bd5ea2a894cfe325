import { expect, test } from 'vitest'
import { put, removal, type StoreChange } from './change.ts'
import { Writer } from './writer.ts'

const change = (n: number): StoreChange => put(Buffer.of(n), n)

/** A writer whose commits end on demand, with the number of changes in each. */
function held() {
  const writes: { readonly size: number; end(error?: Error): void }[] = []
  const writer = new Writer(
    changes =>
      new Promise((resolve, reject) => {
        writes.push({ size: changes.length, end: error => (error ? reject(error) : resolve()) })
      }),
  )
  return { writer, writes }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

test('[G4] calls during a commit share the next one', async () => {
  const { writer, writes } = held()
  const done: string[] = []
  const write = (name: string, count: number) =>
    void writer
      .write(Array.from({ length: count }, (_, n) => put(Buffer.from(`${name}${n}`), n)))
      .then(() => done.push(name))
  write('a', 1)
  write('b', 1)
  await turn()
  write('c', 2)
  await turn()
  write('d', 3)
  expect([writes.map(({ size }) => size), done]).toEqual([[2], []])
  writes[0]!.end()
  await turn()
  expect([writes.map(({ size }) => size), done]).toEqual([
    [2, 5],
    ['a', 'b'],
  ])
  writes[1]!.end()
  await turn()
  expect(done).toEqual(['a', 'b', 'c', 'd'])
})

test('only the last change of a key is committed', async () => {
  const commits: (readonly StoreChange[])[] = []
  const writer = new Writer(async changes => void commits.push(changes))
  await Promise.all([change(1), change(2), removal(Buffer.of(1))].map(change => writer.write([change])))
  expect(commits).toEqual([[removal(Buffer.of(1)), change(2)]])
})

test('[G11] after a failed commit the writer refuses every call, and says which writes may be on disk', async () => {
  const { writer, writes } = held()
  const outcomes = [writer.write([change(1)]), writer.write([change(2)])].map(call => call.catch(error => error))
  await turn()
  const queued = writer.write([change(3)]).catch(error => error)
  writes[0]!.end(new Error('ENOSPC: no space left on device'))
  for (const outcome of outcomes)
    expect(await outcome).toMatchObject({
      code: 'unavailable',
      data: { unknown: true },
      message: expect.stringContaining('ENOSPC: no space left on device'),
    })
  for (const outcome of [queued, writer.write([change(4)]).catch(error => error)]) {
    const error = await outcome
    expect([error.code, error.data]).toEqual(['unavailable', {}])
  }
  expect(() => writer.check()).toThrow('accepts no more writes')
  await writer.settled()
  expect(writes).toHaveLength(1)
})
