// The attacks. Each is a loop of one attacker, which ends once `attack.ended` is true. `attack.random` is seeded.

import { afterMs, call, rawConnection, requestText, webSocket } from './wires.mjs'

const rpc = (method, params = {}) => ({ jsonrpc: '2.0', id: 1, method, params })
const batchOf = (count, make) => JSON.stringify(Array.from({ length: count }, make))

/** Joins as a new participant. Resolves with its token, or with undefined if the join is refused. */
async function join(attack, params) {
  const answer = await call(attack, 'join', params).catch(() => undefined)
  return answer?.result?.token
}

const nameOf = ({ random }) => `P${Math.floor(random.next() * 2 ** 40).toString(36)}`

/** Sends the same text again and again on one connection, and reconnects when it is cut. */
async function flood(attack, text, reading, pause_ms = 0) {
  while (!attack.ended) {
    const connection = rawConnection(attack.port, reading, attack.random)
    while (!attack.ended && (await connection.send(text))) if (pause_ms > 0) await afterMs(pause_ms)
    connection.end()
    await afterMs(50)
  }
}

/** Batches of large answers without a session, never read. */
const unreadBatches = attack =>
  flood(attack, requestText({ ...attack, body: batchOf(50, () => rpc('rpc.discover')) }), 'nothing')

/** The same for one call at a time. */
const unreadCalls = attack =>
  flood(attack, requestText({ ...attack, body: JSON.stringify(rpc('rpc.discover')) }), 'nothing')

/** The same batches, read. */
const readBatches = attack =>
  flood(attack, requestText({ ...attack, body: batchOf(50, () => rpc('rpc.discover')) }), 'all')

/** A socket without a session that sends batches as fast as it can. */
async function socketBatches(attack) {
  while (!attack.ended) {
    const socket = await webSocket(attack)
    while (!attack.ended && socket?.readyState === 1 && socket.bufferedAmount < 2 ** 20) {
      for (let sent = 0; sent < 20; sent++) socket.send(batchOf(50, () => rpc('rpc.discover')))
      await afterMs(20)
    }
    socket?.terminate()
    await afterMs(200)
  }
}

/** Fills one room with participants that stay for a while, each with a stream. */
async function largeRoom(attack) {
  while (!attack.ended) {
    const token = await join(attack, { username: nameOf(attack), room: 'large' })
    if (token) {
      const connection = rawConnection(
        attack.port,
        attack.random.pick(['all', 'all', 'half', 'nothing']),
        attack.random,
      )
      await connection.send(requestText({ ...attack, method: 'GET', path: '/rooms/large/events', token }))
      setTimeout(() => connection.end(), 10_000 + attack.random.next() * 20_000).unref()
    }
    await afterMs(20)
  }
}

/** Fills a room with one author's messages, then reads it from its beginning in batches. */
async function readsFromTheStart(attack) {
  const room = `history-${attack.random.next().toString(36).slice(2, 8)}`
  const writer = await join(attack, { username: nameOf(attack), room })
  const reader = await join(attack, { username: nameOf(attack), room })
  const publish = (_, at) => rpc('publish', { content: `message ${at}`, base: 0, key: `${attack.random.next()}` })
  const reads = batchOf(50, () => rpc('preview', { after: 0 }))
  const connection = rawConnection(attack.port, 'all', attack.random)
  while (!attack.ended && writer && reader) {
    await connection.send(requestText({ ...attack, token: writer, body: batchOf(50, publish) }))
    await connection.send(requestText({ ...attack, token: reader, body: reads }))
    await connection.send(requestText({ ...attack, token: writer, body: reads }))
    await afterMs(100)
    if (connection.socket.destroyed) break
  }
  connection.end()
}

/** Makes a draft of many segments, and asks for it in unread batches. */
async function manySegments(attack) {
  const token = await join(attack, { username: nameOf(attack), room: 'segments' })
  if (!token) return
  const appends = batchOf(50, () => rpc('append', { text: 'x' }))
  const writing = rawConnection(attack.port, 'all', attack.random)
  for (let sent = 0; sent < 400 && !attack.ended; sent++) {
    await writing.send(requestText({ ...attack, token, body: appends }))
    await afterMs(20)
  }
  writing.end()
  await flood(attack, requestText({ ...attack, token, body: batchOf(50, () => rpc('preview')) }), 'nothing')
}

/** Opens rooms, and leaves them or not. */
async function manyRooms(attack) {
  while (!attack.ended) {
    const room = `r${Math.floor(attack.random.next() * 2 ** 40).toString(36)}`
    const token = await join(attack, { username: nameOf(attack), room })
    if (token && attack.random.next() < 0.5) await call({ ...attack, token }, 'leave').catch(() => {})
    if (!token) await afterMs(200)
  }
}

/** Fills a few rooms with the longest texts. */
async function longTexts(attack) {
  const token = await join(attack, { username: nameOf(attack), room: `long-${Math.floor(attack.random.next() * 24)}` })
  const content = 'long '.repeat(4000)
  while (!attack.ended && token) {
    const params = { content, base: 0, key: `${attack.random.next()}`, timeout_ms: 0 }
    const answer = await call({ ...attack, token }, 'publish', params).catch(() => undefined)
    const { cursor } = answer?.result ?? {}
    if (cursor) await call({ ...attack, token }, 'check', { after: cursor, timeout_ms: 0 }).catch(() => {})
  }
}

/** Shows wrong credentials and wrong tokens, and asks for what is not there. */
async function refusals(attack) {
  const makes = [
    () => requestText({ ...attack, path: `/nothing-${attack.random.next()}`, method: 'GET' }),
    () => requestText({ ...attack, token: `s-${attack.random.next()}.x`, body: JSON.stringify(rpc('check')) }),
    () => requestText({ ...attack, body: JSON.stringify(rpc('join', { username: '\u0000', credential: 'wrong' })) }),
    () => requestText({ ...attack, body: JSON.stringify(rpc('join', { username: ' x', room: '../..' })) }),
    () => requestText({ ...attack, body: '{"jsonrpc": "2.0", "method": [' }),
    () => requestText({ ...attack, path: '/rooms/lobby/events', method: 'GET', token: 'none' }),
  ]
  const connection = rawConnection(attack.port, 'all', attack.random)
  while (!attack.ended && (await connection.send(attack.random.pick(makes)()))) await afterMs(1)
  connection.end()
}

const methods = ['append', 'undo', 'reset', 'preview', 'push', 'publish', 'check', 'resume', 'who', 'yield', 'leave']
const moreMethods = [...methods, 'join', 'rpc.discover', 'hush', 'writing', 'draft', 'ping', 'nothing', 'constructor']

/** Makes a value that may be anything. */
function anything(random, depth = 0) {
  const kind = Math.floor(random.next() * (depth > 3 ? 5 : 7))
  if (kind === 0) return Math.floor((random.next() - 0.3) * 10 ** (random.next() * 12))
  if (kind === 1) return 'text \u0000 \ud83d '.repeat(Math.floor(random.next() * 10 ** (random.next() * 3)))
  if (kind === 2) return random.pick([null, true, false, '', '__proto__'])
  if (kind < 5) return random.pick(['lobby', 'Ada', 'key-1', 'x', 0, 1])
  if (kind === 5) return Array.from({ length: Math.floor(random.next() * 5) }, () => anything(random, depth + 1))
  return paramsOf(random, depth + 1)
}

const members = [
  'text',
  'after',
  'key',
  'content',
  'base',
  'timeout_ms',
  'meta',
  'username',
  'room',
  'secret',
  'on',
  'last',
]

const paramsOf = (random, depth = 0) =>
  Object.fromEntries(
    Array.from({ length: Math.floor(random.next() * 4) }, () => [random.pick(members), anything(random, depth)]),
  )

/** Makes sensible params half of the time. */
function randomCall(random) {
  const method = random.pick(moreMethods)
  if (random.next() < 0.5) return rpc(method, paramsOf(random))
  const text = 'words '.repeat(1 + Math.floor(random.next() * 10 ** (random.next() * 3)))
  const params = {
    append: { text },
    publish: { content: text, base: 0, key: `${random.next()}` },
    check: { timeout_ms: 500 },
  }
  return rpc(method, params[method] ?? (random.next() < 0.3 ? { after: 0 } : {}))
}

/** Random calls in random batches over random wires, read, half read or unread. */
async function randomCalls(attack) {
  const { random } = attack
  while (!attack.ended) {
    const token =
      random.next() < 0.8
        ? await join(attack, { username: nameOf(attack), room: `any-${Math.floor(random.next() * 5)}` })
        : undefined
    const reading = random.pick(['all', 'half', 'nothing'])
    const body = () => {
      const count = random.next() < 0.5 ? 1 : 1 + Math.floor(random.next() * 60)
      return count === 1 ? JSON.stringify(randomCall(random)) : batchOf(count, () => randomCall(random))
    }
    const socket = random.next() < 0.4 ? await webSocket({ ...attack, token, reading }) : undefined
    const connection = socket ? undefined : rawConnection(attack.port, reading, random)
    for (let sent = 0; sent < 200 && !attack.ended; sent++) {
      if (socket ? socket.readyState !== 1 || socket.bufferedAmount > 2 ** 20 : connection.socket.destroyed) break
      if (socket) socket.send(body())
      else await connection.send(requestText({ ...attack, token, body: body() }))
      await afterMs(random.next() * 20)
    }
    socket?.terminate()
    connection?.end()
  }
}

/** Sessions that ask nothing more. */
async function idleSessions(attack) {
  while (!attack.ended) {
    await join(attack, { username: nameOf(attack), room: `idle-${Math.floor(attack.random.next() * 30)}` })
    await afterMs(5)
  }
}

/** The attacks by name, with how many attackers make each, and how many addresses they have together. */
export const attacks = {
  'unread batches': { run: unreadBatches, attackers: 130, addresses: 4 },
  'unread calls': { run: unreadCalls, attackers: 60, addresses: 2 },
  'read batches': { run: readBatches, attackers: 10, addresses: 2 },
  'socket batches': { run: socketBatches, attackers: 4, addresses: 2 },
  'large room': { run: largeRoom, attackers: 4, addresses: 4 },
  'reads from the start': { run: readsFromTheStart, attackers: 3, addresses: 3 },
  'many segments': { run: manySegments, attackers: 3, addresses: 3 },
  'many rooms': { run: manyRooms, attackers: 4, addresses: 4 },
  'long texts': { run: longTexts, attackers: 6, addresses: 3 },
  'idle sessions': { run: idleSessions, attackers: 4, addresses: 4 },
  refusals: { run: refusals, attackers: 6, addresses: 3 },
  'random calls': { run: randomCalls, attackers: 20, addresses: 5 },
}
