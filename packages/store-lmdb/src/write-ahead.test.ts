import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { copyStore, freshFolder } from '@midsentence/testing/harness/store-harness'
import { filled, opened, said } from '@midsentence/testing/logs/filled-store'
import { runs } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { backupStore } from './backup.ts'
import { type Change, Environment, put, removal } from './environment.ts'
import { exportStore } from './export.ts'
import { SECTOR } from './frames.ts'
import { lmdbStore } from './store.ts'
import { verifyHere } from './verify-here.ts'
import { AHEAD_BYTES, aheadFileIn, WriteAhead } from './write-ahead.ts'

const keyOf = (n: number) => Buffer.from([0x11, n])
const [FIRST, LAST] = [keyOf(0), keyOf(0xff)]

/** What is written ahead, in a directory of its own, and what comes of it when its process ends. */
async function writing(folder: string, life: number) {
  const directory = join(folder, `${life}`)
  mkdirSync(directory, { recursive: true })
  const environment = new Environment(directory, false)
  const writeAhead = await WriteAhead.open(environment, directory, 'a store')
  return {
    directory,
    environment,
    writeAhead,
    async end() {
      await writeAhead.close()
      await environment.close()
    },
  }
}

const change = fc.record({ key: fc.nat(12), length: fc.constantFrom(undefined, 5, 700, 60_000, 600_000) })
const step = fc.oneof(
  { weight: 8, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant('crash' as const) },
  { weight: 1, arbitrary: fc.constant('reopen' as const) },
)

test('[G1] whatever is written, and whenever its process ends: all of it is read, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
      const folder = freshFolder()
      const model = new Map<number, string>()
      let life = 0
      let count = 0
      let now = await writing(folder, life)
      const ended: (() => Promise<void>)[] = []
      for (const step of steps) {
        if (step === 'crash') {
          const before = now
          mkdirSync(join(folder, `${++life}`))
          copyStore(before.directory, join(folder, `${life}`))
          ended.push(before.end)
          now = await writing(folder, life)
        } else if (step === 'reopen') {
          await now.end()
          expect(existsSync(aheadFileIn(now.directory))).toBe(false)
          now = await writing(folder, life)
        } else {
          const changes: Change[] = []
          for (const { key, length } of step) {
            if (length === undefined) {
              model.delete(key)
              changes.push(removal(keyOf(key)))
            } else {
              const value = `${++count}`.padEnd(length, '.')
              model.set(key, value)
              changes.push(put(keyOf(key), value))
            }
          }
          await now.writeAhead.write(changes)
        }
        const expected = [...model].sort(([a], [b]) => a - b)
        const found = now.environment.range(FIRST, LAST)
        expect(found.map(({ key, value }) => [key[1], value()])).toEqual(expected)
        const few = now.environment.range(keyOf(3), LAST, 2)
        expect(few.map(({ key }) => key[1])).toEqual(
          expected
            .map(([key]) => key)
            .filter(key => key >= 3)
            .slice(0, 2),
        )
        for (const key of [0, 12]) expect(now.environment.get(keyOf(key))).toBe(model.get(key))
      }
      if (existsSync(aheadFileIn(now.directory))) {
        expect(statSync(aheadFileIn(now.directory)).size).toBe(AHEAD_BYTES)
      }
      await Promise.all([now.end(), ...ended.map(end => end())])
      rmSync(folder, { recursive: true })
    }),
    { numRuns: Math.max(15, runs / 50) },
  )
})

test('round and round: many times what the file holds goes through it, and every crash on the way leaves all', async () => {
  const folder = freshFolder(onTestFinished)
  const now = await writing(folder, 0)
  onTestFinished(now.end)
  const values: string[] = []
  for (let n = 0; n < 120; n++) {
    values.push(`${n}`.padEnd(100_000 + 1000 * n, '.'))
    await now.writeAhead.write([put(keyOf(n), values[n])])
    if (n % 10 !== 9) continue
    const copy = join(folder, `copy ${n}`)
    mkdirSync(copy)
    copyStore(now.directory, copy)
    const environment = new Environment(copy, false)
    const left = await WriteAhead.open(environment, copy, 'a store')
    expect(environment.range(FIRST, LAST).map(({ value }) => value())).toEqual(values)
    await left.close()
    await environment.close()
    rmSync(copy, { recursive: true })
  }
  expect(statSync(aheadFileIn(now.directory)).size).toBe(AHEAD_BYTES)
})

test('what LMDB cannot take stays ahead: nothing more is written, and all is there when it is opened again', async () => {
  const folder = freshFolder(onTestFinished)
  const now = await writing(folder, 0)
  const { environment, writeAhead, directory } = now
  await writeAhead.write([put(keyOf(1), 'in LMDB')])
  environment.write = () => Promise.reject(new Error('ENOSPC: no space left on device, write'))
  let written = 0
  const refusal = await (async () => {
    for (;;) {
      await writeAhead.write([put(keyOf(2 + written), 'x'.repeat(200_000))])
      written++
    }
  })().catch(error => error)
  expect(refusal).toMatchObject({
    code: 'unavailable',
    data: {},
    message: expect.stringMatching(/could not write \(no space left on device\).*What it acknowledged is kept/),
  })
  expect(written).toBeGreaterThan(4)
  await now.end()
  const again = await writing(folder, 0)
  onTestFinished(again.end)
  expect(again.directory).toBe(directory)
  expect(again.environment.range(FIRST, LAST)).toHaveLength(1 + written)
})

/** What a process leaves that has filled a store and was killed. */
async function leftBehind() {
  const folder = freshFolder(onTestFinished)
  const store = await opened(join(folder, 'alive'), onTestFinished)
  await filled(store)
  const directory = join(folder, 'left')
  mkdirSync(directory)
  copyStore(store.directory, directory)
  return { folder, store, directory, ahead: aheadFileIn(directory) }
}

const everything = { rooms: 2, messages: 6, records: 7, sessions: 1, journals: 1, problems: [] }

test('what only lies ahead is verified, exported and copied, of a store that is served and of one that was left', async () => {
  const { folder, store, directory } = await leftBehind()
  for (const [nth, at] of [store.directory, directory].entries()) {
    expect(await verifyHere(at)).toEqual(everything)
    let text = ''
    await exportStore(at, more => {
      text += more
    })
    expect(text.match(/"message 5\."/g)).toHaveLength(1)
    expect(await backupStore(at, join(folder, `copy ${nth}`))).toEqual(everything)
    // A copy is in order, and one file.
    expect(readdirSync(join(folder, `copy ${nth}`)).filter(name => name !== 'lock.mdb')).toEqual(['data.mdb'])
  }
  // To look at it has changed nothing.
  expect(existsSync(aheadFileIn(directory))).toBe(true)
})

test.each<[string, (path: string) => void]>([
  ['is gone', path => rmSync(path)],
  ['was emptied', path => writeFileSync(path, '')],
  ['was cut off', path => truncateSync(path, AHEAD_BYTES - 1)],
  ['was cut off further', path => truncateSync(path, 2 * SECTOR)],
  [
    'belongs to another store',
    path => {
      const content = readFileSync(path)
      for (let at = 0; at < content.length; at += SECTOR) content.writeUInt32LE(7, at)
      writeFileSync(path, content)
    },
  ],
  ['is something else', path => writeFileSync(path, 'x'.repeat(AHEAD_BYTES))],
])('[G11] a store whose newest records lie in a file that %s is not opened', async (_what, harm) => {
  const { directory, ahead } = await leftBehind()
  harm(ahead)
  await expect(lmdbStore(directory)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/^The store is damaged: /),
  })
  expect((await verifyHere(directory)).problems).not.toEqual([])
  expect((await verifyHere(directory)).problems).not.toEqual([])
})

test('[G11] one bit flipped anywhere in what lies ahead: all is there, or nothing is opened', async () => {
  const { folder, directory, ahead } = await leftBehind()
  const content = readFileSync(ahead)
  const used = content.findLastIndex(byte => byte !== 0) + 1
  let refused = 0
  for (let nth = 0; nth < 60; nth++) {
    const flipped = Buffer.from(content)
    flipped[Math.floor((nth / 60) * used) + (nth % 7)]! ^= 1 << (nth % 8)
    const copy = join(folder, `${nth}`)
    mkdirSync(copy)
    copyFileSync(join(directory, 'data.mdb'), join(copy, 'data.mdb'))
    writeFileSync(aheadFileIn(copy), flipped)
    const found = await lmdbStore(copy).then(
      async store => {
        const messages = await store.log.messages('lobby', 0, 99)
        await store.close()
        return messages.length
      },
      error => error.code,
    )
    expect([5, 'internal']).toContain(found)
    if (found === 'internal') refused++
  }
  expect(refused).toBeGreaterThan(50)
})

test('a file that was left where nothing lacks it is cleared away', async () => {
  const directory = freshFolder(onTestFinished)
  const store = await lmdbStore(directory)
  await store.log.append('lobby', [said(1)], '0-0-0')
  await store.close()
  writeFileSync(aheadFileIn(directory), 'of old')
  const again = await opened(directory, onTestFinished)
  expect(existsSync(aheadFileIn(directory))).toBe(false)
  expect(await again.log.append('lobby', [said(2)], '1-1-0')).toBe('2-2-0')
})
