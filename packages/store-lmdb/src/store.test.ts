import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { acted, filled, opened, said } from '@midsentence/testing/logs/filled-store'
import { node } from '@midsentence/testing/node-process'
import { open } from 'lmdb'
import { expect, onTestFinished, test } from 'vitest'
import { Environment, put } from './environment.ts'
import { aboutKey } from './keys.ts'
import { lmdbStore } from './store.ts'

const built = fileURLToPath(new URL('../dist/index.js', import.meta.url))

/** Another process that has a store, and says so. */
async function elsewhere(directory: string) {
  const script = `
    const { lmdbStore } = await import(${JSON.stringify(built)})
    const store = await lmdbStore(${JSON.stringify(directory)})
    console.log('opened', store.log.id)
    setInterval(() => {}, 1000)
  `
  const process = node(['--input-type=module', '-e', script], { onTestFinished })
  const [, id] = await process.says(/opened (\S+)\n/)
  return { process, id }
}

test('[G9] a directory is one process’s at a time, until that ends, however it does', async () => {
  const directory = freshFolder(onTestFinished)
  const { process: other, id } = await elsewhere(directory)
  const taken = { code: 'unavailable', message: expect.stringMatching(/in use by process \d+: end that first/) }
  await expect(lmdbStore(directory)).rejects.toMatchObject(taken)
  other.kill('SIGKILL')
  await other.ended
  expect(existsSync(join(directory, 'in-use.sock'))).toBe(true)
  // Of several that find it left, one gets it.
  const both = await Promise.allSettled([lmdbStore(directory), lmdbStore(directory)])
  const stores = both.flatMap(outcome => (outcome.status === 'fulfilled' ? outcome.value : []))
  expect(stores.map(({ log }) => log.id)).toEqual([id])
  await expect(lmdbStore(directory)).rejects.toMatchObject({ message: expect.stringContaining('this very process') })
  await stores[0]!.close()
  expect(readdirSync(directory).sort()).toEqual(['data.mdb', 'lock.mdb'])
  await (await opened(directory, onTestFinished)).close()
})

test('a directory whose name is too long for a socket is locked all the same', async () => {
  const directory = join(freshFolder(onTestFinished), 'd'.repeat(120), 'e')
  const store = await opened(directory, onTestFinished)
  await expect(lmdbStore(directory)).rejects.toMatchObject({ code: 'unavailable' })
  await store.close()
  expect((await opened(directory, onTestFinished)).log.id).toBe(store.log.id)
})

test('what a newer version wrote is refused, and left as it is', async () => {
  const directory = freshFolder(onTestFinished)
  const environment = new Environment(directory, false)
  await environment.write([put(aboutKey, { midsentence: 'store', schema: 2, id: 'x' })])
  await environment.close()
  for (const _ of ['', 'again'])
    await expect(lmdbStore(directory)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/written by a newer midsentence \(its form is 2, this one reads 1\): go on with/),
    })
})

test('another program’s LMDB is refused, and left as it is', async () => {
  const directory = freshFolder(onTestFinished)
  const other = open<string, string>({ path: directory, noSubdir: false })
  await other.put('key', 'value')
  await other.close()
  await expect(lmdbStore(directory)).rejects.toMatchObject({
    message: expect.stringContaining('something else than a store'),
  })
})

test('what cannot be a directory is told in a sentence, with its cause', async () => {
  const file = join(freshFolder(onTestFinished), 'file')
  writeFileSync(file, '')
  await expect(lmdbStore(file)).rejects.toMatchObject({ code: 'unavailable', cause: { code: 'EEXIST' } })
  await expect(lmdbStore('')).rejects.toBeInstanceOf(TypeError)
})

test('it is for its owner’s eyes: it holds tokens', async () => {
  const directory = join(freshFolder(onTestFinished), 'rooms')
  await opened(directory, onTestFinished)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
})

test('a store that may not grow says that it is full; what it acknowledged is there', async () => {
  const directory = freshFolder(onTestFinished)
  const store = await opened(directory, onTestFinished, { maxBytes: 200_000 })
  let at = await store.log.head('lobby')
  let seq = 0
  const append = async () => {
    at = await store.log.append('lobby', [said(seq + 1, 'x'.repeat(1000))], at)
    seq++
  }
  const full = await (async () => {
    for (;;) await append()
  })().catch(error => error)
  expect(full).toMatchObject({
    code: 'unavailable',
    data: {},
    message: expect.stringContaining('is full: it may have 200000'),
  })
  expect(seq).toBeGreaterThan(20)
  for (const call of [append(), store.sessions.append([acted('x')]), store.journal('Ada').append([])])
    await expect(call).rejects.toMatchObject({ code: 'unavailable', data: {} })
  expect(await store.log.messages('lobby', 0, 999)).toHaveLength(seq)
  await store.close()
  const larger = await opened(directory, onTestFinished, { maxBytes: 400_000 })
  expect(await larger.log.append('lobby', [said(seq + 1)], at)).not.toBe(at)
})

test.skipIf(process.platform === 'win32')(
  '[G11] a disk that is full ends acknowledging; all that was acknowledged is there',
  async () => {
    const directory = freshFolder(onTestFinished)
    const script = `
    const { lmdbStore } = await import(${JSON.stringify(built)})
    const { log } = await lmdbStore(${JSON.stringify(directory)})
    let at = await log.head('lobby')
    const found = (await log.messages('lobby', 0, 9999)).length
    for (let seq = found + 1; ; seq++) {
      const message = { message_id: 'm', sender_id: 'Ada', content: 'x'.repeat(20_000), timestamp: '', seq }
      const record = { type: 'message', message, session: 's', push: seq, key: '' }
      const error = await log.append('lobby', [record], at).then(next => { at = next }, error => error)
      if (!error) continue
      const again = await log.append('lobby', [record], at).catch(error => error)
      console.log(JSON.stringify([found, seq - 1, error.code, error.data, again.code, again.data]))
      process.exit(0)
    }
  `
    // The system lets its files grow to 4.3 MB, as a full disk would.
    const limited = `trap '' XFSZ; ulimit -f 8400; exec "$0" --input-type=module -e "$1"`
    let kept = 0
    // Opened again, it has everything, though the disk is still full.
    for (const _ of ['', 'again']) {
      const { stdout } = spawnSync('sh', ['-c', limited, process.execPath, script], { encoding: 'utf8' })
      const [before, now, ...told] = JSON.parse(stdout)
      expect([before, told]).toEqual([kept, ['unavailable', {}, 'unavailable', {}]])
      kept = now
    }
    expect(kept).toBeGreaterThan(100)
    const { log } = await opened(directory, onTestFinished)
    const found = await log.messages('lobby', 0, 9999)
    expect(found).toHaveLength(kept)
  },
)

test('[G6] rooms, sessions and journals are apart, and are all there when it is opened again', async () => {
  const directory = freshFolder(onTestFinished)
  const store = await opened(directory, onTestFinished)
  await filled(store)
  await store.close()
  await store.close()
  const again = await opened(directory, onTestFinished)
  expect([again.log.id, again.log.durability, again.sessions.durability]).toEqual([store.log.id, 'flushed', 'flushed'])
  expect(await again.log.messages('lobby', 0, 99)).toHaveLength(5)
  expect(await again.log.messages('another room', 0, 99)).toHaveLength(1)
  expect(await again.journal('Ada').read()).toHaveLength(2)
  expect(await again.journal('Ben').read()).toEqual([])
})

test('an append that cannot be is refused, and leaves no trace: not in the next one either', async () => {
  const directory = freshFolder(onTestFinished)
  const { log, close } = await opened(directory, onTestFinished)
  await expect(log.append('lobby', [said(2)], '0-0-0')).rejects.toMatchObject({ code: 'internal' })
  await expect(log.append('x'.repeat(2000), [said(1)], '0-0-0')).rejects.toMatchObject({ code: 'room-unavailable' })
  await expect(log.append('lobby', [said(1), said(3)], '0-0-0')).rejects.toMatchObject({
    message: 'Behind message 1 of lobby comes 2, not 3: nothing was written.',
  })
  await log.append('elsewhere', [said(1)], '0-0-0')
  await close()
  const again = await opened(directory, onTestFinished)
  expect(await again.log.head('lobby')).toBe('0-0-0')
  expect(await again.log.append('lobby', [said(1)], '0-0-0')).toBe('1-1-0')
})
