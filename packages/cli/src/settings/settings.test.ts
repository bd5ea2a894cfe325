import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hooksOf, policyOf } from '../serve/hooks-of.ts'
import { roomsOf } from '../serve/rooms-of.ts'
import { alsoInFile, settings } from '../serve/settings.ts'
import { helpLines, markdownTable } from './help-lines.ts'
import { envOf, readConfig, readSecret, readSettings } from './read-settings.ts'

/** A file of this test. */
function written(text: string, name = 'settings.json'): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const read = (flags = {}, env = {}, config = {}) => readSettings(settings, flags, env, config, 'a.json')

test('a flag goes before the environment, that before the file, that before what is so by itself', () => {
  const [flags, env, config] = [{ port: '1' }, { MIDSENTENCE_PORT: '2', PORT: '4' }, { port: 3 }]
  expect(read(flags, env, config).port).toBe(1)
  expect(read({}, env, config).port).toBe(2)
  expect(read({}, { PORT: '4' }, config).port).toBe(4)
  expect(read({}, { MIDSENTENCE_PORT: '' }, config).port).toBe(3)
  expect(read().port).toBe(8890)
})

test('every setting can be said in each of the three ways', () => {
  for (const [name, { takes, read: parse }] of Object.entries(settings)) {
    const value = name === 'log-level' ? 'debug' : takes === undefined ? 'true' : '7'
    const set = parse(value, name)
    expect([name, read({ [name]: value })[name as keyof typeof settings]]).toEqual([name, set])
    expect([name, read({}, { [envOf(name)]: value })[name as keyof typeof settings]]).toEqual([name, set])
    expect([name, read({}, {}, { [name]: value })[name as keyof typeof settings]]).toEqual([name, set])
    expect(settings[name as keyof typeof settings].fallback).not.toEqual(set)
  }
})

test('in a file a list, a number and a switch are what they are in JSON', () => {
  const path = written('{"hosts": ["a.example", "b.example"], "rate": 5, "open-to-all": true}')
  const set = read({}, {}, readConfig(path, settings, alsoInFile))
  expect([set.hosts, set.rate, set['open-to-all']]).toEqual([['a.example', 'b.example'], 5, true])
})

test.each([
  [{ port: 'x' }, {}, {}, '--port takes a number from 0 to 65535'],
  [{}, { MIDSENTENCE_PORT: 'x' }, {}, 'MIDSENTENCE_PORT takes a number from 0 to 65535'],
  [{}, {}, { port: 'x' }, 'port in a.json takes a number from 0 to 65535'],
  [{}, {}, { port: { a: 1 } }, 'port in a.json has to be a text, a number, true, false or a list of texts.'],
  [{}, { MIDSENTENCE_OPEN_TO_ALL: 'perhaps' }, {}, 'MIDSENTENCE_OPEN_TO_ALL is true or false, not "perhaps".'],
  [{ 'log-level': 'loud' }, {}, {}, '--log-level is one of silent, error, warn, info, debug, not "loud".'],
  [{ burst: '0' }, {}, {}, '--burst takes a number, 1 or more, not "0".'],
  [{ host: ' ' }, {}, {}, '--host needs a value.'],
])('what cannot be meant is said by where it stands: %j, %j, %j', (flags, env, config, sentence) => {
  expect(() => read(flags, env, config)).toThrow(sentence)
})

test.each([
  ['{"prot": 1}', 'has no setting "prot": there are host, port, hosts,'],
  ['{"port": 1', 'cannot be read:'],
  ['[]', 'have to be one JSON object, as {"port": 8890}.'],
])('a file with %s is refused', (text, sentence) => {
  expect(() => readConfig(written(text), settings, alsoInFile)).toThrow(sentence)
})

test('a file that is not there, and a secret that is none, are said', () => {
  expect(() => readConfig('nowhere.json', settings, [])).toThrow(
    'The settings in nowhere.json cannot be read: there is no such file.',
  )
  expect(() => readSecret('nowhere', '--password-file')).toThrow('--password-file cannot be read: ENOENT')
  expect(() => readSecret(written(' \n'), '--password-file')).toThrow('--password-file names an empty file')
  expect(readSecret(written('sesame\n'), '--password-file')).toBe('sesame')
})

test('rooms of a file: the first name that fits counts', () => {
  const rules = {
    demo: { history: true, limit: 2, policy: 'annotate' },
    'talk-*': { loops: { laps: 3 } },
    '*': { open: false },
  }
  const { access, room, loopGuard } = roomsOf(rules, 'a.json')
  expect([access!('demo'), room('demo'), loopGuard!('demo')]).toEqual([
    { history: true, limit: 2 },
    { policy: 'annotate' },
    undefined,
  ])
  expect([access!('talk-1'), loopGuard!('talk-1')]).toEqual([{}, { laps: 3 }])
  expect(access!('other')).toEqual({ open: false })
})

test.each([
  [[], 'rooms in a.json has to be an object'],
  [{ a: 1 }, 'rooms.a in a.json has to be an object.'],
  [
    { a: { closed: true } },
    'rooms.a in a.json has no "closed": there are open, limit, history, observable, policy, loops.',
  ],
  [{ a: { limit: '2' } }, 'limit of rooms.a in a.json has to be a number.'],
  [{ a: { limit: 0 } }, 'limit of rooms.a in a.json is 1 or more.'],
  [{ a: { policy: 'force' } }, 'policy of rooms.a in a.json is hold or annotate, not "force".'],
  [{ a: { loops: { lap: 1 } } }, 'loops of rooms.a in a.json has no "lap": there are laps, rest_ms, share, window.'],
  [{ a: { loops: { laps: 0 } } }, 'laps of loops of rooms.a in a.json is a number above 0.'],
  [{ a: { constructor: true } }, 'has no "constructor"'],
])('rooms that are %j are refused', (rooms, sentence) => {
  expect(() => roomsOf(rooms, 'a.json')).toThrow(sentence)
})

test('hooks are the functions that a module exports under their names', async () => {
  const good = written(
    'export const admit = () => ({ allowed: false, reason: "no" }); export const other = 1',
    'good.mjs',
  )
  const policy = policyOf({ access: () => ({ limit: 2 }) }, await hooksOf(good))
  expect(policy.admit?.({ room: 'r', username: 'Ada' })).toEqual({ allowed: false, reason: 'no' })
  expect([policy.access?.('r'), policy.limits('r')]).toEqual([{ limit: 2 }, {}])
  await expect(hooksOf(written('export const admit = 1', 'bad.mjs'))).rejects.toThrow('has to be a function')
  await expect(hooksOf(written('export const admits = () => 1', 'none.mjs'))).rejects.toThrow('exports no hook')
  await expect(hooksOf('nowhere.mjs')).rejects.toThrow('The policy in nowhere.mjs cannot be loaded')
})

test('help fits a terminal, and the table in docs/operating.md is this one', () => {
  expect(
    helpLines(settings)
      .split('\n')
      .filter(line => line.length > 100),
  ).toEqual([])
  const docs = readFileSync(new URL('../../../../docs/operating.md', import.meta.url), 'utf8')
  expect(docs).toContain(markdownTable(settings))
})
