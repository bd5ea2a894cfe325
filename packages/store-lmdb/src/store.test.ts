import { spawnSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { acted, filled, opened, sentMessage } from '@midsentence/testing/logs/filled-store'
import { open } from 'lmdb'
import { expect, onTestFinished, test } from 'vitest'
import { put } from './storage/change.ts'
import { Environment } from './storage/environment.ts'
import { identityKey } from './storage/keys.ts'
import { lmdbStore } from './store.ts'

const built = fileURLToPath(new URL('../dist/index.js', import.meta.url))

test('a store of a newer version is refused and left unchanged', async () => {
  const directory = freshFolder(onTestFinished)
  const environment = await Environment.open(directory, false)
  await environment.write([put(identityKey, { midsentence: 'store', schema: 99, id: 'x' })])
  await environment.close()
  for (const _ of ['', 'again'])
    await expect(lmdbStore(directory)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(
        /written by a newer midsentence \(layout 99, this version reads 3\): open it with/,
      ),
    })
})

test('another program’s LMDB environment is refused', async () => {
  const directory = freshFolder(onTestFinished)
  const other = open<string, string>({ path: directory, noSubdir: false })
  await other.put('key', 'value')
  await other.close()
  await expect(lmdbStore(directory)).rejects.toMatchObject({
    message: expect.stringContaining('another program'),
  })
})

test('a path that cannot be a directory is refused with a sentence and its cause', async () => {
  const file = join(freshFolder(onTestFinished), 'file')
  writeFileSync(file, '')
  await expect(lmdbStore(file)).rejects.toMatchObject({ code: 'unavailable', cause: { code: 'EEXIST' } })
  await expect(lmdbStore('')).rejects.toBeInstanceOf(TypeError)
})

test('only its owner can read the directory', async () => {
  const directory = join(freshFolder(onTestFinished), 'rooms')
  await opened(directory, onTestFinished)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
})

test('a store at its size limit refuses writes and keeps what it acknowledged', async () => {
  const directory = freshFolder(onTestFinished)
  const store = await opened(directory, onTestFinished, { maxBytes: 200_000 })
  let at = await store.log.head('lobby')
  let seq = 0
  const append = async () => {
    at = await store.log.append('lobby', [sentMessage(seq + 1, 'x'.repeat(1000))], at)
    seq++
  }
  const full = await (async () => {
    for (;;) await append()
  })().catch(error => error)
  expect(full).toMatchObject({
    code: 'unavailable',
    data: {},
    message: expect.stringContaining('its limit of 200000 bytes'),
  })
  expect(seq).toBeGreaterThan(20)
  for (const call of [append(), store.sessions.append('lobby', [acted('x')], '0'), store.journal('Ada').append([])])
    await expect(call).rejects.toMatchObject({ code: 'unavailable', data: {} })
  expect(await store.log.messages('lobby', 0, 999)).toHaveLength(seq)
  await store.close()
  const larger = await opened(directory, onTestFinished, { maxBytes: 400_000 })
  expect(await larger.log.append('lobby', [sentMessage(seq + 1)], at)).not.toBe(at)
})

test.skipIf(process.platform === 'win32')(
  '[G11] a full disk ends writing; everything acknowledged is there after it',
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
    // Limits files to 4.3 MB, which fails like a full disk.
    const limited = `trap '' XFSZ; ulimit -f 8400; exec "$0" --input-type=module -e "$1"`
    let kept = 0
    // Opened again, it has everything, although the disk is still full.
    for (const _ of ['', 'again']) {
      const { stdout } = spawnSync('sh', ['-c', limited, process.execPath, script], { encoding: 'utf8' })
      const [before, now, ...told] = JSON.parse(stdout)
      expect([before, told]).toEqual([kept, ['unavailable', { unknown: true }, 'unavailable', {}]])
      kept = now
    }
    expect(kept).toBeGreaterThan(100)
    const { log } = await opened(directory, onTestFinished)
    const found = await log.messages('lobby', 0, 9999)
    expect(found).toHaveLength(kept)
  },
)

test('[G6] rooms, sessions and journals are separate and survive a restart', async () => {
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

test('a refused append leaves no trace, also not in the next one', async () => {
  const directory = freshFolder(onTestFinished)
  const { log, close } = await opened(directory, onTestFinished)
  await expect(log.append('lobby', [sentMessage(2)], '0-0-0')).rejects.toMatchObject({ code: 'internal' })
  await expect(log.append('x'.repeat(2000), [sentMessage(1)], '0-0-0')).rejects.toMatchObject({
    code: 'room-unavailable',
  })
  await expect(log.append('lobby', [sentMessage(1), sentMessage(3)], '0-0-0')).rejects.toMatchObject({
    message: 'Message 3 cannot follow message 1 of lobby: nothing was written.',
  })
  await log.append('elsewhere', [sentMessage(1)], '0-0-0')
  await close()
  const again = await opened(directory, onTestFinished)
  expect(await again.log.head('lobby')).toBe('0-0-0')
  expect(await again.log.append('lobby', [sentMessage(1)], '0-0-0')).toBe('1-1-0')
})
