import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { filled, opened, usedBytes } from '@midsentence/testing/logs/filled-store'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'

const built = fileURLToPath(new URL('../dist/index.js', import.meta.url))

/** Prints the content of each store, one line each. Damaged pages may end this process. */
const reader = `
  const { lmdbStore } = await import(${JSON.stringify(built)})
  const all = async items => { const found = []; for await (const item of items) found.push(item); return found }
  const read = async store => ({
    id: store.log.id,
    lobby: await all(store.log.records('lobby')),
    messages: await store.log.messages('lobby', 0, 99),
    other: await all(store.log.records('another room')),
    sessions: await all(store.sessions.read('lobby')),
    journal: await store.journal('Ada').read(),
  })
  for (const directory of process.argv.slice(1)) {
    const found = await lmdbStore(directory).then(read).catch(({ code }) => ({ refused: code }))
    console.log(JSON.stringify(found))
  }
  process.exit(0)
`

const refusal = JSON.stringify({ refused: 'internal' })

/** Returns what was printed for each directory; undefined if reading it ended the process. */
async function foundIn(directories: readonly string[]): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = []
  while (found.length < directories.length) {
    const rest = directories.slice(found.length)
    const { stdout, code } = await node(['--input-type=module', '-e', reader, ...rest], { onTestFinished }).ended
    found.push(...stdout.split('\n').slice(0, -1))
    if (code !== 0) found.push(undefined)
  }
  return found
}

test('[G11] with one bit flipped anywhere, a store returns what was written or refuses', async () => {
  const folder = freshFolder(onTestFinished)
  const whole = join(folder, 'whole')
  const store = await opened(whole, onTestFinished)
  await filled(store)
  await store.close()
  const file = readFileSync(join(whole, 'data.mdb'))
  const content = file.subarray(0, usedBytes(file))
  const [expected] = await foundIn([whole])
  expect(expected).toMatch(/^\{"id":/)
  let state = 20_261_125
  const chance = (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  const flips = Array.from({ length: 400 }, (_, flip) => {
    // Alternates between page headers, which have no checksum in LMDB, and bytes that are not zero.
    let at = chance(content.length / 4096) * 4096 + chance(flip % 2 === 0 ? 160 : 4096)
    while (flip % 2 === 1 && content[at] === 0) at = chance(content.length)
    const directory = join(folder, `${flip}`)
    const flipped = Buffer.from(content)
    flipped[at]! ^= 1 << chance(8)
    mkdirSync(directory)
    writeFileSync(join(directory, 'data.mdb'), flipped)
    return { at, directory }
  })
  const found = await foundIn(flips.map(({ directory }) => directory))
  const isFine = (told: string | undefined) => told === undefined || told === expected || told === refusal
  const wrong = flips.flatMap(({ at }, nth) => (isFine(found[nth]) ? [] : [[at, found[nth]]]))
  expect(wrong).toEqual([])
  // Most bytes of so small a store belong to free pages.
  expect(found.filter(told => told !== expected).length).toBeGreaterThan(10)
})
