import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readCredential } from '../credential.ts'
import { loadHooks } from '../serve/load-hooks.ts'
import { fileOnlySettings, serveSettings } from '../serve/settings.ts'
import { readConfig, readSecret, readSettings } from './read-settings.ts'
import { expandHome, readTextFile } from './read-text-file.ts'

/** Creates a file, deleted after the test. */
function createFile(content: string | Buffer, name = 'file'): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const read = (flags = {}, env = {}, config = {}) => readSettings(serveSettings, flags, env, config, 'a.json')

test('~ in a path is the home folder, from every source, and another user’s home is refused', () => {
  const data = join(homedir(), 'rooms')
  expect(read({ data: '~/rooms' }).data).toBe(data)
  expect(read({}, { MIDSENTENCE_DATA: '~/rooms' }).data).toBe(data)
  expect(read({}, {}, { data: '~/rooms' }).data).toBe(data)
  expect(read({ data: '~' }).data).toBe(homedir())
  expect(read({}, {}, { 'password-file': '~/password' })['password-file']).toBe(join(homedir(), 'password'))
  for (const plain of ['./~/rooms', 'a/~/b', 'a~', '/~', 'rooms']) expect(expandHome(plain)).toBe(plain)
  expect(() => read({}, {}, { data: '~ben/rooms' })).toThrow(
    '~ben/rooms begins with the home folder of ben: write the whole path, or ./~ben/rooms for a folder here',
  )
})

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')

test.each([
  ['a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`)],
  ['UTF-16, as Windows writes it', utf16],
  ['UTF-16 of the other byte order', (text: string) => utf16(text).swap16()],
])('settings, secrets and texts with %s are read', (_, encode) => {
  const settings = createFile(encode('{"port": 1, "data": "rööms"}\r\n'))
  expect(readConfig(settings, serveSettings, fileOnlySettings)).toEqual({ port: 1, data: 'rööms' })
  const secret = createFile(encode('sesame\r\n'))
  expect(readSecret(secret, '--password-file')).toBe('sesame')
  expect(readCredential({ 'credential-file': secret })).toEqual({ credential: 'sesame' })
  expect(readTextFile(createFile(encode('Be kind.')))).toBe('Be kind.')
})

test('a hook file with a byte order mark is loaded', async () => {
  const hooks = createFile(Buffer.from('\ufeffexport const content = () => ({ allowed: true })'), 'hooks.mjs')
  expect(Object.keys(await loadHooks(hooks))).toEqual(['content'])
})
