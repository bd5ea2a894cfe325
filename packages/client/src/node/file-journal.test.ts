import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fact, isMidsentenceError } from '@midsentence/core'
import { expect, onTestFinished, test } from 'vitest'
import { renderErrorForModel } from '../text.ts'
import { fileJournal } from './file-journal.ts'
import { type LockHolder, thisProcess } from './lock.ts'

const fact = (text: string): Fact => ({ type: 'appended', text, base: 0 })
const facts = (...texts: string[]) => texts.map(fact)

function freshPath(...folders: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, ...folders, 'draft.journal')
}

async function readBack(path: string) {
  const journal = fileJournal(path)
  const stored = await journal.read()
  await journal.close()
  return stored
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (isMidsentenceError(error) ? error : undefined),
  )

test.each([{}, { flush: true }])('returns appended facts, and creates its folders (%j)', async options => {
  const path = freshPath('a', 'b')
  const journal = fileJournal(path, options)
  expect(journal.durability).toBe(options.flush ? 'flushed' : 'process')
  expect(await journal.read()).toEqual([])
  void journal.append(facts('a'))
  void journal.append(facts('b', 'c\n\ud800'))
  await journal.append([])
  await journal.append(facts('d'))
  await journal.close()
  expect(await readBack(path)).toEqual(facts('a', 'b', 'c\n\ud800', 'd'))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(path, '..'))).toEqual(['draft.journal'])
  expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('{"midsentence":"journal","version":1}')
})

test('a file cut anywhere in its last line keeps the complete lines, and continues', async () => {
  const path = freshPath()
  const journal = fileJournal(path)
  await journal.append(facts('ä', 'b'))
  const whole = readFileSync(path).length
  await journal.append(facts('ü', 'd'))
  await journal.close()
  const all = readFileSync(path)
  for (let length = 0; length < all.length; length++) {
    writeFileSync(path, all.subarray(0, length))
    const torn = fileJournal(path)
    const expected = length < readFileSync(path, 'utf8').indexOf('\n') + 1 || length < whole ? [] : facts('ä', 'b')
    expect(await torn.read(), `${length} bytes`).toEqual(expected)
    await torn.append(facts('e'))
    await torn.close()
    expect(await readBack(path), `${length} bytes`).toEqual([...expected, fact('e')])
  }
})

test.each([
  ['no json', 'damaged in line 3'],
  ['null', 'damaged in line 3'],
  ['[{"type":"reset"},7]', 'damaged in line 3'],
  [Buffer.from([0x7b, 0xff, 0x7d]), 'damaged in line 3'],
])('damage in the middle is reported with its line: %s', async (line, sentence) => {
  const path = freshPath()
  const journal = fileJournal(path)
  await journal.append(facts('a'))
  await journal.close()
  const damaged = Buffer.concat([readFileSync(path), Buffer.from(line), Buffer.from('\n{"type":"reset"}\n')])
  writeFileSync(path, damaged)
  const error = await failure(fileJournal(path).read())
  expect(error).toMatchObject({ code: 'internal' })
  expect(error?.message).toContain(sentence)
  expect(error?.message).toContain(path)
  expect(readFileSync(path)).toEqual(damaged)
  expect(existsSync(`${path}.lock`)).toBe(false)
})

test.each([
  'dear diary',
  'dear diary\n',
  '{"midsentence":"log","version":1}\n',
  '{"midsentence":"journal","version":2}\n',
])('another kind of file is left unchanged: %j', async content => {
  const path = freshPath()
  writeFileSync(path, content)
  const error = await failure(fileJournal(path).read())
  expect(error).toMatchObject({ code: 'internal' })
  expect(error?.message).toContain('line 1')
  expect(readFileSync(path, 'utf8')).toBe(content)
})

test('replace and append keep the order of their calls', async () => {
  const path = freshPath()
  const journal = fileJournal(path, { flush: true })
  void journal.append(facts('a'))
  void journal.replace(facts('b', 'c'))
  void journal.append(facts('d'))
  void journal.append(facts('e'))
  const read = journal.read()
  void journal.append(facts('f'))
  void journal.replace(facts('g'))
  await journal.append(facts('h'))
  expect(await read).toEqual(facts('b', 'c', 'd', 'e'))
  expect(await journal.read()).toEqual(facts('g', 'h'))
  await journal.close()
  expect(await readBack(path)).toEqual(facts('g', 'h'))
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('the rest of an interrupted replacement is ignored', async () => {
  const path = freshPath()
  const journal = fileJournal(path)
  await journal.append(facts('a'))
  await journal.close()
  writeFileSync(`${path}.new`, '{"midsentence"')
  expect(await readBack(path)).toEqual(facts('a'))
  expect(readdirSync(join(path, '..'))).toEqual(['draft.journal'])
})

test('a second journal on one path is refused while the first is open', async () => {
  const path = freshPath()
  const first = fileJournal(path)
  await first.append(facts('a'))
  const second = fileJournal(path)
  const error = await failure(second.read())
  expect(error).toMatchObject({ code: 'unavailable', data: { reason: 'locked' } })
  expect(error?.message).toContain('this process')
  await second.close()
  await first.append(facts('b'))
  await first.close()
  expect(await readBack(path)).toEqual(facts('a', 'b'))
})

/** The content of a lock file of this process, with changes. */
const lockOf = (change: Partial<LockHolder> = {}) => `${JSON.stringify({ ...thisProcess(), ...change })}\n`

const ended: [string, string][] = [
  ['an empty one', ''],
  ['half a one', '{"pid":1'],
  ['one of a process that is gone', lockOf({ pid: 999_999_999 })],
  ['one of a machine that was started again', lockOf({ boot: 'an earlier boot' })],
]
// Without start times only the id tells processes apart.
if (existsSync('/proc/self/stat')) ended.push(['one of an earlier process with this id', lockOf({ start: '1' })])

test.each(ended)('the lock of an ended process is replaced: %s', async (_, lock) => {
  const path = freshPath()
  writeFileSync(`${path}.lock`, lock)
  // Old enough not to be written just now.
  utimesSync(`${path}.lock`, 0, 0)
  expect(await readBack(path)).toEqual([])
  expect(readdirSync(join(path, '..'))).toEqual(['draft.journal'])
})

test('a lock that is being written is respected', async () => {
  const path = freshPath()
  writeFileSync(`${path}.lock`, '')
  const error = await failure(fileJournal(path).read())
  expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('in use by another process') })
})

test('the lock of a running process is respected', async () => {
  const path = freshPath()
  const lock = lockOf({ pid: process.ppid, start: '' })
  writeFileSync(`${path}.lock`, lock)
  const error = await failure(fileJournal(path).read())
  expect(error?.message).toContain(`process ${process.ppid}`)
  expect(readFileSync(`${path}.lock`, 'utf8')).toBe(lock)
})

test.each([
  [
    'another machine',
    { host: 'elsewhere 0123abcd', boot: 'another boot' },
    'on another machine or in another container (elsewhere)',
  ],
  ['another machine of an unknown boot', { host: 'elsewhere ', boot: '', namespace: '' }, '(elsewhere)'],
  ['another container', { namespace: 'pid:[1]' }, 'in another container'],
  ['another container with its own name', { namespace: 'pid:[1]', host: '3f2a ' }, '(3f2a)'],
])('a lock from %s is never replaced, and the sentence says what to do', async (_, change, where) => {
  const path = freshPath()
  // No process has this id here, which says nothing about other places.
  const lock = lockOf({ pid: 999_999_999, ...change })
  writeFileSync(`${path}.lock`, lock)
  const error = await failure(fileJournal(path).read())
  expect(error).toMatchObject({ code: 'unavailable', data: { reason: 'locked' } })
  expect(error?.message).toContain(`in use by process 999999999 `)
  expect(renderErrorForModel(error!)).toMatch(/\. Tell your user to end that process, or use another path\.$/)
  expect(error?.message).toContain(where)
  expect(error?.message).toMatch(/End that process, or use another path\.$/)
  expect(readFileSync(`${path}.lock`, 'utf8')).toBe(lock)
})

test.skipIf(process.platform !== 'linux')('the lock of a zombie is replaced', async () => {
  const path = freshPath()
  // The parent never waits for its child, which stays a zombie.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'])
  const [said] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(String(said))
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  await expect.poll(() => stat()[0]).toBe('Z')
  writeFileSync(`${path}.lock`, lockOf({ pid, start: stat()[19]! }))
  expect(await readBack(path)).toEqual([])
})

test('an error is one sentence with its cause, and the call can be repeated', async () => {
  const path = freshPath('folder')
  const parent = join(path, '..')
  writeFileSync(parent, 'a file')
  const journal = fileJournal(path)
  const error = await failure(journal.read())
  expect(error).toMatchObject({ code: 'internal', cause: { code: 'EEXIST' } })
  expect(error?.message).toContain(path)
  rmSync(parent)
  expect(await journal.read()).toEqual([])
  await journal.close()
})

test('after close calls fail, closing again does not, and nothing is lost', async () => {
  const path = freshPath()
  const journal = fileJournal(path)
  void journal.append(facts('a'))
  await Promise.all([journal.close(), journal.close()])
  for (const call of [journal.read(), journal.append(facts('b')), journal.replace([])]) {
    expect(await failure(call)).toMatchObject({ code: 'unavailable' })
  }
  expect(await readBack(path)).toEqual(facts('a'))
})

test('the mode of an existing file is not changed', async () => {
  const path = freshPath()
  await readBack(path)
  chmodSync(path, 0o640)
  expect(await readBack(path)).toEqual([])
  expect(statSync(path).mode & 0o777).toBe(0o640)
})

test('misuse is a TypeError', () => {
  expect(() => fileJournal('')).toThrow(TypeError)
  expect(() => fileJournal(undefined as never)).toThrow(TypeError)
})
