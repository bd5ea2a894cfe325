import { readFileSync } from 'node:fs'
import { rules, serverRules } from '@midsentence/conformance'
import {
  type BlackBoxOptions,
  blackBox,
  junitOf,
  type Progress,
  type Report,
  type RuleId,
  type RuleOutcome,
} from '@midsentence/conformance/black-box'
import { fakePythonServer } from '@midsentence/testing/legacy/fake-python-server'
import { legacyServer } from '@midsentence/testing/legacy/legacy-server'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { expect, test } from 'vitest'
import { answered, type FaultHandler, faultyServer, garbageServer, openSessions } from './black-box/faulty-server.ts'
import { mustBeXml } from './black-box/xml.ts'

const options = { seed: 7, runs: 3, answerMs: 4000 } as const

const idsOf = ({ outcomes }: Report, outcome: RuleOutcome['outcome']): RuleId[] =>
  outcomes.filter(one => one.outcome === outcome).map(({ id }) => id)

/** Rules about a recorded room, which a join does not create. */
const recordedRules = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9']

const failureOf = (report: Report, id: RuleId) => {
  const found = report.outcomes.find(one => one.id === id)
  if (found?.outcome !== 'fail') throw new Error(`${id} did not fail: ${JSON.stringify(found)}`)
  return found.finding
}

test('a correct server keeps every rule checked from outside, and every session has left', async () => {
  const server = await faultyServer()
  const progressed: Progress[] = []
  const report = await blackBox({ url: server.url, ...options, progress: progress => void progressed.push(progress) })
  expect(report.outcomes.filter(({ outcome }) => outcome === 'fail')).toEqual([])
  expect(idsOf(report, 'skipped')).toEqual(
    ['H2', 'H3', 'L3', 'L7', 'A4', 'A7', 'A8', 'V4', 'Y3', 'G1'].concat(recordedRules),
  )
  expect(idsOf(report, 'pass').length).toBeGreaterThanOrEqual(52)
  const order = report.outcomes.map(({ id }) => id)
  expect(progressed.filter(({ type }) => type === 'ended')).toHaveLength(order.length)
  expect(server.tokens.length).toBeGreaterThan(100)
  expect(openSessions(server)).toEqual([])
  // A rule without a check from outside is skipped.
  await expect(blackBox({ url: server.url, ...options, rules: ['D1', 'X1'] })).resolves.toMatchObject({
    outcomes: [
      { id: 'D1', outcome: 'pass', cases: 3 },
      { id: 'X1', outcome: 'skipped', reason: expect.stringContaining('from outside') },
    ],
  })
})

const body = '{"jsonrpc":"2.0","id":1,"result":{"status":1,"messages":[],"cursor":0}}'

test.for<[name: string, why: RegExp, fault: FaultHandler]>([
  ['never answers', /^The server did not answer join within 0\.3 seconds\.$/, () => true],
  [
    'answers with another content type',
    /^The answer to join has the content type "text\/html", not application\/json\.$/,
    async (_req, res, { answer }) => answered(res, await answer(), 'text/html'),
  ],
  [
    'closes the connection before it answers',
    /^The server closed the connection before its answer to join was complete\.$/,
    (_req, res) => !res.destroy().writable || true,
  ],
  [
    'closes the connection in the middle of an answer',
    /^The server closed the connection before its answer to join was complete\.$/,
    (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
      res.write(body, () => res.destroy())
      return true
    },
  ],
  ['answers without JSON', /^a response is not JSON/, (_req, res) => answered(res, '{"jsonrpc":')],
  ['answers a number', /^join was answered by another id|lacks a member/, (_req, res) => answered(res, '42')],
  ['answers null', /lacks a member/, (_req, res) => answered(res, 'null')],
  ['answers an empty list', /^join was not answered/, (_req, res) => answered(res, '[]')],
  ['answers nothing', /^join was not answered/, (_req, res) => answered(res, undefined)],
  ['answers another call', /^join was answered by another id/, (_req, res) => answered(res, body.replace('1,', '99,'))],
  ['gives no token', /^join gave no token/, (_req, res) => answered(res, body)],
  [
    'fails',
    /^The server answered join with 500, not 200: "oh"\.$/,
    (_req, res) => void res.writeHead(500).end('oh') === undefined,
  ],
  [
    'redirects',
    /^The server answered join with 302/,
    (_req, res) => void res.writeHead(302, { location: '/' }).end() === undefined,
  ],
])('a server that %s breaks the rules', async ([name, why, fault]) => {
  const { url } = await faultyServer(fault)
  const answerMs = name === 'never answers' ? 300 : 5000
  const report = await blackBox({ url, seed: 7, runs: 2, answerMs, rules: ['D1', 'P2', 'V1'] })
  expect(idsOf(report, 'fail')).toEqual(['D1', 'P2', 'V1'])
  for (const id of ['D1', 'P2', 'V1'] as const) expect(failureOf(report, id).why).toMatch(why)
})

test('a server that does not speak HTTP breaks the rules', async () => {
  const url = await garbageServer('\x00\x01garbage\r\n\r\n')
  const report = await blackBox({ url, seed: 7, answerMs: 1000, rules: ['D1'] })
  expect(failureOf(report, 'D1').why).toBe('The server answered join with something that is not HTTP.')
})

test('an event stream with another content type, or without an answer, is a finding', async () => {
  const report = async (type: string | undefined) => {
    const { url } = await faultyServer()
    const { createServer } = await import('node:http')
    const { onTestFinished } = await import('vitest')
    const front = createServer((req, res) => {
      if (req.url !== '/rpc')
        return type === undefined ? undefined : void res.writeHead(200, { 'content-type': type }).write(': x\n\n')
      const { host: _, ...headers } = req.headers
      let text = ''
      req
        .setEncoding('utf8')
        .on('data', chunk => (text += chunk))
        .on('end', async () => {
          const answer = await fetch(`${url}/rpc`, {
            method: 'POST',
            body: text,
            headers: headers as Record<string, string>,
          })
          answered(res, answer.status === 204 ? undefined : await answer.text())
        })
    })
    await new Promise<void>(resolve => front.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      front.closeAllConnections()
      front.close()
    })
    const { port } = front.address() as { port: number }
    return blackBox({ url: `http://127.0.0.1:${port}`, seed: 7, answerMs: 1500, rules: ['V1'] })
  }
  expect(failureOf(await report('text/plain'), 'V1').why).toMatch(/has the content type "text\/plain"/)
  expect(failureOf(await report(undefined), 'V1').why).toMatch(/did not answer the request for an event stream within/)
})

test('a call refused with 40003 is repeated after retry_after_ms, in a batch each by itself', async () => {
  const asked: { readonly text: string; readonly at: number }[] = []
  const early: string[] = []
  const wait = 30
  const late = (id: unknown) => ({
    jsonrpc: '2.0',
    id,
    error: { code: 40003, message: 'Slower.', data: { retry_after_ms: wait } },
  })
  let nth = 0
  const server = await faultyServer(async (_req, res, { text, answer }) => {
    const before = asked.findLast(one => one.text === text && one.text.includes('"append"'))
    if (before && performance.now() - before.at < wait - 2) early.push(text)
    if (nth++ % 3 !== 0 || !text.includes('"id"') || text.includes('leave')) return false
    asked.push({ text, at: performance.now() })
    const call = JSON.parse(text)
    if (!Array.isArray(call)) return answered(res, JSON.stringify(late(call.id ?? null)))
    // The first is refused, the others take effect.
    const rest = JSON.parse((await answer()) ?? '[]')
    return answered(res, JSON.stringify([...rest.slice(1), late(call[0].id)]))
  })
  const waits: number[] = []
  const report = await blackBox({
    url: server.url,
    ...options,
    rules: ['D1', 'D3', 'H1', 'L1'],
    progress: progress => void (progress.type === 'waiting' && waits.push(progress.ms)),
  })
  expect(report.outcomes.filter(({ outcome }) => outcome !== 'pass')).toEqual([])
  expect(new Set(waits)).toEqual(new Set([wait]))
  expect(early).toEqual([])
  expect(openSessions(server)).toEqual([])
})

test('429 with Retry-After is repeated too; a very long Retry-After is a finding', async () => {
  let nth = 0
  const limited = await faultyServer(
    (_req, res) => nth++ % 4 === 1 && !!res.writeHead(429, { 'retry-after': '0' }).end(),
  )
  const retried = await blackBox({ url: limited.url, ...options, rules: ['P2'] })
  expect(idsOf(retried, 'pass')).toEqual(['P2'])
  const { url } = await faultyServer((_req, res) => !!res.writeHead(429, { 'retry-after': '3600' }).end('Tomorrow.'))
  const report = await blackBox({ url, ...options, rules: ['P2'] })
  expect(failureOf(report, 'P2').why).toBeTruthy()
})

/** Removes the last character of each suffix. */
const cutSuffix: FaultHandler = async (_req, res, { answer }) =>
  answered(res, (await answer())?.replace(/("suffix":"(?:[^"\\]|\\.)*)[^"\\]"/, '$1"'))

test('a counterexample is small, with its transcript and curl lines', async () => {
  const server = await faultyServer(cutSuffix)
  const report = await blackBox({ url: server.url, seed: 7, runs: 50, rules: ['S1', 'D4', 'W1'] })
  expect(idsOf(report, 'pass')).toEqual(['D4', 'W1'])
  const { why, transcript, curl } = failureOf(report, 'S1')
  expect(why).toMatch(/^a suffix/)
  const asked = transcript!.steps.map(step => (step.type === 'rpc' ? JSON.parse(step.request) : step))
  expect(asked.map(({ method }) => method)).toEqual(['join', 'append', 'preview'])
  // The rule's cases cannot shrink further.
  expect([...asked[1].params.text].length).toBeLessThan(30)
  const all = JSON.stringify(report)
  for (const token of server.tokens) expect(all).not.toContain(token)
  expect(all).toContain('$T1')
  expect(curl).toContain(`URL='${server.url}'`)
  expect(curl).toMatch(/^T1=\$\(rpc '' .*"join".*\$ROOM/m)
  expect(curl).toMatch(/^rpc "\$T1" .*"append"/m)
  expect(curl).toMatch(/^rpc "\$T1" .*"leave"/m)
  expect(openSessions(server)).toEqual([])
})

test('no token is in the report, not even in the value that was found', async () => {
  const server = await faultyServer(async (_req, res, { text, answer }) =>
    answered(
      res,
      text.includes('"resume"') ? (await answer())?.replace('"suffix":"', '"suffix":"not ') : await answer(),
    ),
  )
  const report = await blackBox({ url: server.url, ...options, rules: ['A3'] })
  expect(failureOf(report, 'A3').why).toContain('"$T1"')
  for (const token of server.tokens) expect(JSON.stringify(report)).not.toContain(token)
})

test.for<[name: string, rule: RuleId, why: RegExp, from: RegExp, to: string]>([
  ['times without milliseconds', 'B1', /^a message has a wrong timestamp/, /(T\d\d:\d\d:\d\d)\.\d+Z/g, '$1Z'],
  ['times of another zone', 'B1', /^a message has a wrong timestamp/, /\.(\d{3})Z/g, '.$1+00:00'],
  ['seqs as text', 'B1', /^a message has a wrong seq/, /"seq":(\d+)/g, '"seq":"$1"'],
  ['absent members as null', 'W8', /^the answer to \w+ has a wrong more/, /"cursor":/g, '"more":null,"cursor":'],
  [
    'cursors with a fraction',
    'W8',
    /^the answer to \w+ has a wrong cursor/,
    /"cursor":(\d+)([,}])/g,
    '"cursor":$1.5$2',
  ],
  ['errors without a sentence', 'W8', /^an error has a wrong message/, /"message":"[^"]*"/g, '"message":""'],
])('a server that writes %s breaks the rule of the form, in every case', async ([, id, why, from, to]) => {
  const { url } = await faultyServer(async (_req, res, { answer }) =>
    answered(res, (await answer())?.replace(from, to)),
  )
  // The rule itself is checked with the others, whose cases show the fault too.
  const report = await blackBox({ url, ...options, rules: ['P2', 'L2', id] })
  expect(failureOf(report, id).why).toMatch(why)
  expect(failureOf(report, id).curl).toContain('"join"')
})

test('a 40003 without retry_after_ms is a finding, although the call is repeated', async () => {
  let nth = 0
  const late = '{"jsonrpc":"2.0","id":null,"error":{"code":40003,"message":"Slower.","data":{}}}'
  const { url } = await faultyServer(
    (_req, res, { text }) => text.includes('"undo"') && nth++ === 0 && answered(res, late),
  )
  const report = await blackBox({ url, ...options, rules: ['W8', 'D2'] })
  expect(idsOf(report, 'pass')).toEqual(['D2'])
  expect(failureOf(report, 'W8').why).toBe('error 40003 lacks data.retry_after_ms')
})

test('the same seed finds the same counterexample', async () => {
  const { url } = await faultyServer(cutSuffix)
  const find = async () => {
    const report = await blackBox({ url, seed: 11, runs: 20, rules: ['S1'] })
    const { why, transcript } = failureOf(report, 'S1')
    return [why, transcript!.steps.map(step => step.type === 'rpc' && JSON.parse(step.request).params.text)]
  }
  expect(await find()).toEqual(await find())
})

test('a report is valid JSON and JUnit XML for any content', async () => {
  const { url } = await faultyServer(async (_req, res, { answer }) =>
    answered(res, (await answer())?.replaceAll('"status":1', '"status":"<&\\u0000\\"]]>\\ud800"')),
  )
  const report = await blackBox({ url, seed: 7, runs: 5, rules: ['D1', 'D4', 'A4', 'A1', 'W1'] })
  expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  expect(report).toMatchObject({ url, seed: 7, runs: 5, dialect: 'native' })
  const xml = junitOf(report)
  mustBeXml(xml)
  expect(xml).toContain('failures="3"')
  expect(xml.match(/<testcase /g)).toHaveLength(5)
  expect(xml.match(/<failure /g)).toHaveLength(3)
  expect(xml.match(/<skipped /g)).toHaveLength(1)
})

test('an aborted run ends soon, and every session has left', async () => {
  const server = await faultyServer()
  const stopping = new AbortController()
  const why = new Error('enough')
  const run = blackBox({
    url: server.url,
    ...options,
    signal: stopping.signal,
    progress: ({ type }) => type === 'ended' && stopping.abort(why),
  })
  await expect(run).rejects.toBe(why)
  expect(server.tokens.length).toBeGreaterThan(0)
  expect(openSessions(server)).toEqual([])
})

test('without a server the error says what to start', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const run = (more: Partial<BlackBoxOptions>) => blackBox({ url, ...more }).catch(error => error)
  expect(await run({})).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^No server answers at .* midsentence serve$/),
  })
  expect(await run({ dialect: 'legacy' })).toMatchObject({
    message: expect.stringMatching(/^No chat server answers at .* server\.py/),
  })
  const python = await fakePythonServer()
  expect(await run({ url: python.url })).toMatchObject({ message: expect.stringContaining('add --dialect legacy') })
  const native = await faultyServer()
  expect(await run({ url: native.url, dialect: 'legacy' })).toMatchObject({
    message: expect.stringContaining('has no POST /register'),
  })
})

test('the legacy server of this repository keeps the rules of the dialect', async () => {
  const { url, hub } = await legacyServer()
  const report = await blackBox({ url, dialect: 'legacy', seed: 7, runs: 20 })
  expect(report.outcomes.filter(({ outcome }) => outcome === 'fail')).toEqual([])
  expect(idsOf(report, 'pass')).toEqual(['P1', 'L1', 'L2', 'L4', 'A2', 'A5', 'W4', 'V1', 'V3'])
  // Every other rule about servers is skipped, with a reason.
  const native = new Set<RuleId>([...serverRules.map(({ id }) => id), 'L3'])
  const ids = rules.map(({ id }) => id).filter(id => native.has(id))
  expect(report.outcomes.map(({ id }) => id)).toEqual(ids)
  const watcher = await hub.join({ username: 'Watcher' })
  expect((await watcher.who()).participants).toEqual([{ sender_id: 'Watcher' }])
})

test('a legacy server without echoes and without checks breaks rules', async () => {
  const server = await fakePythonServer()
  server.dropsEchoes = true
  const report = await blackBox({ url: server.url, dialect: 'legacy', seed: 7, answerMs: 1000, rules: ['L4', 'V3'] })
  expect(idsOf(report, 'fail')).toEqual(['L4', 'V3'])
  const { why, curl } = failureOf(report, 'L4')
  expect(why).toMatch(/^a sender’s own messages did not come back once each/)
  expect(curl).toMatch(/^curl -sS "\$URL\/send" .*"three"/m)
  // The fake server makes a queue of a registration without a name.
  expect([...server.queues.keys()].filter(name => name !== '')).toEqual([])
})

test('the black box does not import vitest', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../packages/conformance/package.json', import.meta.url), 'utf8'),
  )
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(['fast-check']))
  const seen = new Set<string>()
  const look = (file: URL): void => {
    if (seen.has(file.href)) return
    seen.add(file.href)
    for (const [, type, from] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (type )?[^'"]*?from '([^']+)'/gm,
    )) {
      if (type === undefined) expect([file.pathname, from]).not.toContain('vitest')
      if (type === undefined && from!.startsWith('.')) look(new URL(from!, file))
    }
  }
  look(new URL('../packages/conformance/src/black-box/index.ts', import.meta.url))
  expect(seen.size).toBeGreaterThan(20)
})
