/**
 * One small program for each export of each package, as a new user would write it. The tests type-check it and run it in
 * Node.js beside the installed tarballs. It fails by throwing, and uses only loopback.
 */
export const programs: Readonly<Record<string, string>> = {
  '@midsentence/core': `
import assert from 'node:assert/strict'
import { append, emptyDraft, textOf, undo } from '@midsentence/core'

const one = append(emptyDraft, 'nothing much')
const two = append(undo(one.draft).draft, 'I started using this cool app')
assert.equal(textOf(two.draft), 'I started using this cool app')
assert.equal(two.status, 1)
`,

  '@midsentence/core/hub': `
import assert from 'node:assert/strict'
import { openHub } from '@midsentence/core/hub'

const hub = await openHub()
const ada = await hub.join({ username: 'Ada' })
const ben = await hub.join({ username: 'Ben' })
await ada.append({ text: 'anyone here?' })
assert.equal((await ada.push()).status, 1)
assert.equal((await ben.check()).messages[0]?.content, 'anyone here?')
await hub.close()
`,

  '@midsentence/core/wire': `
import assert from 'node:assert/strict'
import { openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'

const hub = await openHub()
const rpc = rpcDispatcher(hub)
/** @param {object} call @param {string} [token] */
const ask = async (call, token) => {
  const answer = await rpc.dispatch(JSON.stringify({ jsonrpc: '2.0', id: 1, ...call }), { token })
  return JSON.parse(answer ?? 'null')
}
const { result } = await ask({ method: 'join', params: { username: 'Ada' } })
const appended = await ask({ method: 'append', params: { text: 'anyone here?' } }, result.token)
assert.equal(appended.result.suffix, 'anyone here?')
assert.equal((await ask({ method: 'push' })).error.code, 40010)
await hub.close()
`,

  '@midsentence/transport-mock': `
import assert from 'node:assert/strict'
import { join } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'

const room = mockRoom()
const ada = await join({ transport: room.peer(), username: 'Ada' })
await ada.append('anyone here?')
assert.equal((await ada.push()).status, 1)
assert.deepEqual(room.messages.map(({ sender_id, content }) => [sender_id, content]), [['Ada', 'anyone here?']])
await ada.close()
`,

  '@midsentence/core/rpc-client': `
import assert from 'node:assert/strict'
import { isMidsentenceError, virtualClock } from '@midsentence/core'
import { BufferedSubject, resultOf, ServerAddresses, SessionClient, transportErrors } from '@midsentence/core/rpc-client'

/** @type {unknown[]} */
const received = []
const subject = new BufferedSubject()
subject.next('before a subscriber')
subject.values$.subscribe(value => received.push(value))
assert.deepEqual(received, ['before a subscriber'])
assert.equal(resultOf({ jsonrpc: '2.0', id: 7, result: 'done' }, 7), 'done')
const addresses = new ServerAddresses(['http://127.0.0.1:1/', 'http://127.0.0.1:2'])
const rpc = { call: () => Promise.reject(transportErrors.closed()), notify: () => Promise.resolve() }
const session = new SessionClient(rpc, addresses, virtualClock())
await assert.rejects(session.join({ room: 'lobby', username: 'Ada' }, 1000), error => isMidsentenceError(error))
`,

  '@midsentence/transport-ws/client': `
import assert from 'node:assert/strict'
import { join } from '@midsentence/core'
import { probeSocket, wsTransport } from '@midsentence/transport-ws/client'

const url = 'ws://127.0.0.1:1'
const transport = wsTransport({ url })
assert.equal(transport.supports.resume, true)
await assert.rejects(join({ transport, username: 'Ada' }), { code: 'unavailable' })
await assert.rejects(probeSocket(url), { code: 'unavailable' })
`,

  '@midsentence/transport-ws/server': `
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { join } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { wsTransport } from '@midsentence/transport-ws/client'
import { wsUpgrade } from '@midsentence/transport-ws/server'

const hub = await openHub()
const sockets = wsUpgrade(hub)
const server = createServer((req, res) => void (sockets.handle(req, res) || res.writeHead(404).end()))
server.on('upgrade', (req, socket, head) => void (sockets.upgrade(req, socket, head) || socket.destroy()))
await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
const address = server.address()
assert(address && typeof address === 'object')
const url = \`ws://127.0.0.1:\${address.port}\`
const ada = await join({ transport: wsTransport({ url }), username: 'Ada' })
const ben = await join({ transport: wsTransport({ url }), username: 'Ben' })
await ada.append('anyone here?')
assert.equal((await ada.push()).status, 1)
assert.equal((await ben.check()).messages[0]?.content, 'anyone here?')
await Promise.all([ada.close(), ben.close()])
await sockets.close()
await hub.close()
server.close()
server.closeAllConnections()
`,

  '@midsentence/transport-sse/client': `
import assert from 'node:assert/strict'
import { join } from '@midsentence/core'
import { sseTransport } from '@midsentence/transport-sse/client'

const transport = sseTransport({ url: 'http://127.0.0.1:1' })
assert.equal(transport.supports.conditional, true)
await assert.rejects(join({ transport, username: 'Ada' }), { code: 'unavailable' })
`,

  '@midsentence/transport-sse/server': `
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { join } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { sseTransport } from '@midsentence/transport-sse/client'
import { sseHandlers } from '@midsentence/transport-sse/server'

const hub = await openHub()
const handlers = sseHandlers(hub)
const server = createServer((req, res) => void (handlers.handle(req, res) || res.writeHead(404).end()))
await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
const address = server.address()
assert(address && typeof address === 'object')
const url = \`http://127.0.0.1:\${address.port}\`
const ada = await join({ transport: sseTransport({ url }), username: 'Ada' })
const ben = await join({ transport: sseTransport({ url }), username: 'Ben' })
await ada.append('anyone here?')
assert.equal((await ada.push()).status, 1)
assert.equal((await ben.check()).messages[0]?.content, 'anyone here?')
await Promise.all([ada.close(), ben.close()])
await handlers.close()
await hub.close()
server.close()
server.closeAllConnections()
`,

  '@midsentence/transport-sse/legacy': `
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { isMidsentenceError, join } from '@midsentence/core'
import { legacyTransport } from '@midsentence/transport-sse/legacy'

const server = createServer((_, response) => response.writeHead(409).end('{"detail":"Username already taken."}'))
await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
const address = server.address()
assert(address && typeof address === 'object')
const transport = legacyTransport({ url: \`http://127.0.0.1:\${address.port}\` })
assert.equal(transport.supports.echo, true)
await assert.rejects(
  join({ transport, username: 'Ada' }),
  error => isMidsentenceError(error) && error.code === 'name-taken',
)
server.close()
server.closeAllConnections()
`,

  '@midsentence/client': `
import assert from 'node:assert/strict'
import { AsyncChatRoom, connect } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'

const room = mockRoom()
const ada = new AsyncChatRoom({ username: 'Ada', transport: room.peer() })
const ben = await connect('http://127.0.0.1:8890', { username: 'Ben', transport: room.peer() })
assert.equal(await ada.append('anyone here?'), '')
assert.equal(await ada.push(), '')
assert.equal((await ben.check()).messages[0]?.content, 'anyone here?')
await ben.append('I am.')
await ben.push()
assert.equal(await ada.check(), 'Ben: I am.')
await Promise.all([ada.close(), ben.close()])
`,

  '@midsentence/client/node': `
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from '@midsentence/client'
import { fileJournal } from '@midsentence/client/node'
import { mockRoom } from '@midsentence/transport-mock'

const folder = await mkdtemp('journal-')
const journal = fileJournal(\`\${folder}/ada\`)
const transport = mockRoom().peer()
const ada = await connect('http://127.0.0.1:8890', { username: 'Ada', transport, journal })
await ada.append('I was about to')
assert((await journal.read()).some(fact => fact.type === 'appended'))
await ada.close()
await journal.close()
await rm(folder, { recursive: true })
`,

  '@midsentence/store-lmdb': `
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { openHub } from '@midsentence/core/hub'
import { lmdbStore, verifyStore } from '@midsentence/store-lmdb'

const folder = await mkdtemp('rooms-')
const open = async () => {
  const store = await lmdbStore(folder)
  return { store, hub: await openHub({ log: store.log, sessions: store.sessions }) }
}
const first = await open()
const ada = await first.hub.join({ username: 'Ada' })
await ada.append({ text: 'I was about to' })
await first.hub.close()
await first.store.close()
assert.deepEqual((await verifyStore(folder)).problems, [])
const second = await open()
assert.equal((await second.hub.enter(ada.joinResult.token).resume()).suffix, 'I was about to')
await second.hub.close()
await second.store.close()
await rm(folder, { recursive: true })
`,

  '@midsentence/arena': `
import assert from 'node:assert/strict'
import { meanOf, policies, pooledNumbers, profiles, sample } from '@midsentence/arena'

/** @type {import('@midsentence/arena').Measures[]} */
const runs = []
const setting = { scenario: pooledNumbers, policy: policies[0], participants: 2, profile: profiles.hosted }
for await (const measures of sample({ ...setting, lineup: 'even' }, 3)) runs.push(measures)
assert.deepEqual(meanOf(runs, 'crossings'), { value: 0, low: 0, high: 0 })
`,

  '@midsentence/cluster-nats': `
import assert from 'node:assert/strict'
import { natsCluster, openClusterHub } from '@midsentence/cluster-nats'
import { isMidsentenceError } from '@midsentence/core'

const lost = (/** @type {unknown} */ error) => isMidsentenceError(error) && error.code === 'unavailable'
await assert.rejects(natsCluster({ servers: ['nats://127.0.0.1:1'] }), lost)
assert.equal(typeof openClusterHub, 'function')
`,

  '@midsentence/conformance': `
import assert from 'node:assert/strict'
import * as core from '@midsentence/core'
import { roomLogRules, rule, testTransport } from '@midsentence/conformance'

/** @param {Partial<core.RoomLog>} [bug] */
const setup = bug => () => ({ open: () => ({ ...core.memoryLog(), ...bug }), close: async () => {} })
for (const { id, needs, run } of roomLogRules) {
  assert(rule(id).title)
  if (needs.length === 0) await run(setup(), { runs: 20 })
}
await assert.rejects(roomLogRules[0]?.run(setup({ records: async function* () {} }), { runs: 20 }))
assert.equal(typeof testTransport, 'function')
`,

  '@midsentence/conformance/black-box': `
import assert from 'node:assert/strict'
import { blackBox, junitOf } from '@midsentence/conformance/black-box'
import { startServer } from '@midsentence/server'

const server = await startServer({ port: 0 })
const report = await blackBox({ url: server.url, rules: ['P1', 'H1', 'V1'], runs: 5 })
assert.deepEqual(report.outcomes.map(({ outcome }) => outcome), ['pass', 'pass', 'pass'])
assert(junitOf(report).includes('failures="0"'))
await server.close()
`,

  '@midsentence/conformance/history': `
import assert from 'node:assert/strict'
import { openHub } from '@midsentence/core/hub'
import { checkHistory, historyRecorder } from '@midsentence/conformance/history'

const hub = await openHub()
const ada = await hub.join({ username: 'Ada' })
const { session_id: session, cursor } = ada.joinResult
const recorder = historyRecorder(() => performance.now())
const caller = recorder.caller({ session, name: 'Ada', cursor })
await ada.append({ text: 'anyone here?' })
await caller.call({ action: 'push', content: 'anyone here?' }, () => ada.push())
const history = recorder.history()
assert.deepEqual(checkHistory(history), [])
assert.deepEqual(checkHistory({ ...history, log: [] }).map(({ rule }) => rule), ['G1'])
await hub.close()
`,

  '@midsentence/conformance/simulation': `
import assert from 'node:assert/strict'
import { explain, randomPlan, simulate } from '@midsentence/conformance/simulation'

const { violations, messages } = await simulate(randomPlan(7))
assert.deepEqual(violations, [])
assert(messages > 0)
assert.equal(await explain(randomPlan(7)), undefined)
`,
  '@midsentence/server': `
    import { startServer } from '@midsentence/server'
    const server = await startServer({ port: 0 })
    const answer = await fetch(server.url + '/healthz')
    await server.close()
    if (answer.status !== 200) throw new Error(\`it answered \${answer.status}\`)
  `,

  '@midsentence/agent': `
import assert from 'node:assert/strict'
import { aiTools, attentionPresets, converse, matchesAttention } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'

const room = mockRoom()
const ada = new AsyncChatRoom({ username: 'Ada', transport: room.peer() })
assert.deepEqual(Object.keys(aiTools(ada)), ['append', 'undo', 'push', 'reset', 'check', 'preview', 'who'])
const ok = { message_id: 'm', sender_id: 'Ben', content: 'ok', timestamp: '', seq: 1 }
assert.equal(matchesAttention(attentionPresets.everybody, ok, 'Ada'), false)
const stopping = AbortSignal.abort()
const { reason } = await converse({ model: 'a/model', room: ada, signal: stopping })
assert.equal(reason, 'stopped')
`,

  '@midsentence/agent/tools': `
import assert from 'node:assert/strict'
import { openaiTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'

const room = mockRoom()
const ada = new AsyncChatRoom({ username: 'Ada', transport: room.peer() })
const { answer } = openaiTools(ada)
const calls = [['append', '{"text":"anyone here?"}'], ['push', '{}']].map(([name = '', args = ''], n) => ({
  id: String(n),
  type: 'function',
  function: { name, arguments: args },
}))
assert.deepEqual((await answer(calls)).map(({ content }) => content.slice(0, 7)), ['* Added', '* Sent.'])
await ada.close()
`,

  '@midsentence/agent/definitions': `
import assert from 'node:assert/strict'
import { CHECK_MAX_MS, toolDefinitions } from '@midsentence/agent/definitions'

const check = toolDefinitions.find(({ name }) => name === 'check')
assert(String(check?.parameters.properties.timeout_ms?.description).includes('at most ' + CHECK_MAX_MS))
`,

  '@midsentence/mcp/stdio': `
import assert from 'node:assert/strict'
import { mcpStdio } from '@midsentence/mcp/stdio'

const server = mcpStdio({ room: { url: 'http://127.0.0.1:1', token: 'a-token' }, version: '1.0.0' })
assert.equal(typeof server.close, 'function')
await server.close()
process.stdin.destroy()
`,

  '@midsentence/mcp': `
import assert from 'node:assert/strict'
import { AsyncChatRoom } from '@midsentence/client'
import { localRoomClient, mcpServer } from '@midsentence/mcp'
import { mockRoom } from '@midsentence/transport-mock'

const room = mockRoom()
const client = localRoomClient(new AsyncChatRoom({ username: 'Ada', transport: room.peer() }))
assert(mcpServer(client, '1.0.0').server)
const { signal } = new AbortController()
await client.call('append', { text: 'anyone here?' }, signal)
assert.match((await client.call('push', {}, signal)).text, /^\\* Sent\\./)
assert.equal((await client.transcript())[0]?.content, 'anyone here?')
await client.close()
`,
}
