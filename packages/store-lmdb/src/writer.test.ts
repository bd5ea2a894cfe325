import { expect, test } from 'vitest'
import { type Change, put } from './environment.ts'
import { Writer } from './writer.ts'

const change = (n: number): Change => put(Buffer.of(n), n)

/** Writes that end when they are told to, and how many changes each has. */
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

test('[G4] what comes while a flush is under way goes into the next, all of it together', async () => {
  const { writer, writes } = held()
  const done: string[] = []
  const write = (name: string, count: number) =>
    void writer.write(Array.from({ length: count }, (_, n) => change(n))).then(() => done.push(name))
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

test('[G11] a flush that fails ends all acknowledging: nothing is tried again, and what was never tried is known', async () => {
  const { writer, writes } = held()
  const outcomes = [writer.write([change(1)]), writer.write([change(2)])].map(call => call.catch(error => error))
  await turn()
  const behind = writer.write([change(3)]).catch(error => error)
  writes[0]!.end(new Error('ENOSPC: no space left on device'))
  for (const outcome of outcomes)
    expect(await outcome).toMatchObject({
      code: 'unavailable',
      data: { unknown: true },
      message: expect.stringContaining('ENOSPC: no space left on device'),
    })
  for (const outcome of [behind, writer.write([change(4)]).catch(error => error)]) {
    const error = await outcome
    expect([error.code, error.data]).toEqual(['unavailable', {}])
  }
  expect(() => writer.check()).toThrow('writes nothing more')
  await writer.settled()
  expect(writes).toHaveLength(1)
})
