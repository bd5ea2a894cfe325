import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultAddressRate, defaultCallRate } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { loadHooks, mergePolicies } from '../serve/load-hooks.ts'
import { parseRoomRules } from '../serve/room-rules.ts'
import { fileOnlySettings, serveSettings } from '../serve/settings.ts'
import { formatSettings, settingsTable } from './format-settings.ts'
import { envName, readConfig, readSecret, readSettings } from './read-settings.ts'

/** Creates a file, deleted after the test. */
function createFile(text: string, name = 'settings.json'): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const read = (flags = {}, env = {}, config = {}) => readSettings(serveSettings, flags, env, config, 'a.json')

test('a flag overrides the environment, which overrides the file, which overrides the default', () => {
  const [flags, env, config] = [{ port: '1' }, { MIDSENTENCE_PORT: '2', PORT: '4' }, { port: 3 }]
  expect(read(flags, env, config).port).toBe(1)
  expect(read({}, env, config).port).toBe(2)
  expect(read({}, { PORT: '4' }, config).port).toBe(4)
  expect(read({}, { MIDSENTENCE_PORT: '' }, config).port).toBe(3)
  expect(read().port).toBe(8890)
})

test('every setting can be given as a flag, in the environment and in a file', () => {
  for (const [name, { valueName, read: parse }] of Object.entries(serveSettings)) {
    const value = name === 'log-level' ? 'debug' : valueName === undefined ? 'true' : '5'
    const set = parse(value, name)
    expect([name, read({ [name]: value })[name as keyof typeof serveSettings]]).toEqual([name, set])
    expect([name, read({}, { [envName(name)]: value })[name as keyof typeof serveSettings]]).toEqual([name, set])
    expect([name, read({}, {}, { [name]: value })[name as keyof typeof serveSettings]]).toEqual([name, set])
    expect(serveSettings[name as keyof typeof serveSettings].defaultValue).not.toEqual(set)
  }
})

test('a file holds lists, numbers and switches as JSON values', () => {
  const path = createFile('{"hosts": ["a.example", "b.example"], "rate": 5, "open-to-all": true}')
  const set = read({}, {}, readConfig(path, serveSettings, fileOnlySettings))
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
])('an invalid value is reported with its source: %j, %j, %j', (flags, env, config, sentence) => {
  expect(() => read(flags, env, config)).toThrow(sentence)
})

test.each([
  ['{"prot": 1}', 'has no setting "prot": there are host, port, hosts,'],
  ['{"port": 1', 'cannot be read:'],
  ['[]', 'have to be one JSON object, as {"port": 8890}.'],
])('a file with %s is refused', (text, sentence) => {
  expect(() => readConfig(createFile(text), serveSettings, fileOnlySettings)).toThrow(sentence)
})

test('a missing file and an empty secret are reported', () => {
  expect(() => readConfig('nowhere.json', serveSettings, [])).toThrow(
    'The settings in nowhere.json cannot be read: the file does not exist.',
  )
  expect(() => readSecret('nowhere', '--password-file')).toThrow('--password-file cannot be read: ENOENT')
  expect(() => readSecret(createFile(' \n'), '--password-file')).toThrow('--password-file names an empty file')
  expect(readSecret(createFile('sesame\n'), '--password-file')).toBe('sesame')
})

test('a file may begin with a byte order mark, and ~ in it is the home folder', () => {
  const path = createFile('\ufeff{"data": "~/rooms", "policy": "~", "password-file": "./~/x"}')
  const set = read({}, {}, readConfig(path, serveSettings, fileOnlySettings))
  expect([set.data, set.policy, set['password-file']]).toEqual([join(homedir(), 'rooms'), homedir(), './~/x'])
  expect(read({}, { MIDSENTENCE_DATA: '~/rooms' }).data).toBe(join(homedir(), 'rooms'))
  expect(readSecret(createFile('\ufeffsesame\n'), '--password-file')).toBe('sesame')
})

test('the first key of rooms that matches applies', () => {
  const rules = {
    demo: { history: true, limit: 2, policy: 'annotate' },
    'talk-*': { loops: { laps: 3 } },
    '*': { open: false },
  }
  const { access, room, loopGuard } = parseRoomRules(rules, 'a.json')
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
    'rooms.a in a.json has no "closed": there are open, limit, history, observable, recorded, listed, typing_indicator, policy, loops.',
  ],
  [{ a: { limit: '2' } }, 'limit of rooms.a in a.json has to be a number.'],
  [{ a: { limit: 0 } }, 'limit of rooms.a in a.json is 1 or more.'],
  [{ a: { policy: 'force' } }, 'policy of rooms.a in a.json is hold or annotate, not "force".'],
  [{ a: { loops: { lap: 1 } } }, 'loops of rooms.a in a.json has no "lap": there are laps, rest_ms, share, window.'],
  [{ a: { loops: { laps: 0 } } }, 'laps of loops of rooms.a in a.json is a number above 0.'],
  [{ a: { constructor: true } }, 'has no "constructor"'],
])('rooms with %j are refused', (rooms, sentence) => {
  expect(() => parseRoomRules(rooms, 'a.json')).toThrow(sentence)
})

test('hooks are exported functions of a module, by name', async () => {
  const good = createFile(
    'export const admit = () => ({ allowed: false, reason: "no" }); export const other = 1',
    'good.mjs',
  )
  const policy = mergePolicies({ access: () => ({ limit: 2 }) }, await loadHooks(good))
  expect(policy.admit?.({ room: 'r', username: 'Ada' })).toEqual({ allowed: false, reason: 'no' })
  expect([policy.access?.('r'), policy.limits('r')]).toEqual([{ limit: 2 }, {}])
  await expect(loadHooks(createFile('export const admit = 1', 'bad.mjs'))).rejects.toThrow('has to be a function')
  await expect(loadHooks(createFile('export const admits = () => 1', 'none.mjs'))).rejects.toThrow('exports no hook')
  await expect(loadHooks('nowhere.mjs')).rejects.toThrow('The policy in nowhere.mjs cannot be loaded')
})

test('where the key of a room has no loops, the loop guard before it holds', () => {
  const flag = { loopGuard: () => ({ laps: 7 }) }
  const { loopGuard } = mergePolicies({}, flag, parseRoomRules({ a: { loops: false }, '*': { limit: 2 } }, 'a.json'))
  expect([loopGuard!('a'), loopGuard!('b')]).toEqual([false, { laps: 7 }])
  expect(mergePolicies({}).loopGuard).toBe(undefined)
})

test('the defaults of serve are those of the server', () => {
  const { rate, burst, 'address-rate': addressRate, 'address-connections': connections } = serveSettings
  const defaults = [rate, burst, addressRate, connections].map(({ defaultValue }) => defaultValue)
  const { per_second, connections: addressConnections } = defaultAddressRate
  expect(defaults).toEqual([defaultCallRate.per_second, defaultCallRate.burst, per_second, addressConnections])
})

test('help fits a terminal, and docs/operating.md has the table of settings', async () => {
  expect(
    formatSettings(serveSettings)
      .split('\n')
      .filter(line => line.length > 100),
  ).toEqual([])
  const file = fileURLToPath(new URL('../../../../docs/operating.md', import.meta.url))
  const docs = readFileSync(file, 'utf8').replace(/^\| flag, and .*\n(\|.*\n)*/m, `${settingsTable(serveSettings)}\n`)
  expect(docs).toContain('| --- | --- | --- | --- |')
  await expect(docs).toMatchFileSnapshot(file)
})
