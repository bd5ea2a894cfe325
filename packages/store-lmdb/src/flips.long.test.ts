import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { filled, opened } from '../../../tests/kept-store.ts'
import { node } from '../../../tests/node-process.ts'
import { freshFolder } from '../../../tests/store-bench.ts'

const built = fileURLToPath(new URL('../dist/index.js', import.meta.url))

/** Reads all that a store has, and says it. Reading what is damaged may end a process: this is one of its own. */
const reader = `
  const { lmdbStore } = await import(${JSON.stringify(built)})
  const all = async items => { const found = []; for await (const item of items) found.push(item); return found }
  const store = await lmdbStore(process.argv[1])
  const found = {
    id: store.log.id,
    lobby: await all(store.log.records('lobby')),
    messages: await store.log.messages('lobby', 0, 99),
    other: await all(store.log.records('another room')),
    sessions: await all(store.sessions.read()),
    journal: await store.journal('Ada').read(),
  }
  console.log('read', JSON.stringify(found))
  process.exit(0)
`
const readBy = (directory: string) => node(['--input-type=module', '-e', reader, directory], { onTestFinished }).ended

test('[G11] one byte flipped anywhere: what is read is what was written, or nothing is', async () => {
  const folder = freshFolder(onTestFinished)
  const whole = join(folder, 'whole')
  const store = await opened(whole, onTestFinished)
  await filled(store)
  await store.close()
  const content = readFileSync(join(whole, 'data.mdb'))
  const { stdout: expected } = await readBy(whole)
  expect(expected).toMatch(/^read \{/)
  const outcomes = { read: 0, refused: 0 }
  let state = 20_261_125
  const chance = (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  for (let flip = 0; flip < 200; flip++) {
    const directory = join(folder, `${flip}`)
    mkdirSync(directory)
    copyFileSync(join(whole, 'data.mdb'), join(directory, 'data.mdb'))
    const page = chance(content.length / 4096)
    // Every other one in the header of a page, where LMDB has no checksum.
    const at = page * 4096 + chance(flip % 2 === 0 ? 160 : 4096)
    const flipped = Buffer.from(content)
    flipped[at]! ^= 1 << chance(8)
    writeFileSync(join(directory, 'data.mdb'), flipped)
    const { stdout, code } = await readBy(directory)
    if (stdout === expected) outcomes.read++
    else {
      expect([code === 0, stdout], `byte ${at}`).toEqual([false, ''])
      outcomes.refused++
    }
  }
  expect(outcomes.refused).toBeGreaterThan(20)
  expect(outcomes.read).toBeGreaterThan(20)
})
