// A process of honest users: asks `/healthz`, and has one participant send messages to another, within their rates. Sends
// what it saw when it is asked to report.

import { afterMs, call, rawConnection, requestText } from './wires.mjs'

const HEALTH_EVERY_MS = 100
const PUSH_EVERY_MS = 500

let seen = emptyReport()

function emptyReport() {
  return { health: [], pushes: [], deliveries: [], refused: [] }
}

process.once('message', async port => {
  const visitor = { host: `127.0.0.1:${port}`, from: '198.51.100.7', port }
  await Promise.all([join(visitor, 'Ada'), join({ ...visitor, from: '198.51.100.8' }, 'Ben')]).then(([ada, ben]) => {
    void askHealth({ ...visitor, from: '198.51.100.9' })
    const sentAt = new Map()
    receive(ben, sentAt)
    void push(ada, sentAt)
  })
  process.send('ready')
  process.on('message', request => {
    if (request === 'end') process.exit()
    process.send(seen)
    seen = emptyReport()
  })
})
process.once('disconnect', () => process.exit())

async function join(visitor, username) {
  const { result } = await call(visitor, 'join', { username, room: 'honest' })
  return { ...visitor, token: result.token, cursor: result.cursor }
}

/** Notes how many milliseconds `act` takes. Notes an error as a refusal. */
async function timed(times, act) {
  const began = performance.now()
  try {
    await act()
  } catch (error) {
    seen.refused.push(error.message)
  }
  times().push(Math.round((performance.now() - began) * 10) / 10)
}

async function askHealth({ host, from }) {
  for (;;) {
    await timed(
      () => seen.health,
      async () => {
        const options = { headers: { 'x-forwarded-for': from }, signal: AbortSignal.timeout(10_000) }
        const response = await fetch(`http://${host}/healthz`, options)
        await response.text()
        if (response.status !== 200) throw new Error(`/healthz answered ${response.status}`)
      },
    )
    await afterMs(HEALTH_EVERY_MS)
  }
}

async function push(ada, sentAt) {
  for (let nth = 1; ; nth++) {
    const content = `message ${nth}`
    sentAt.set(content, performance.now())
    await timed(
      () => seen.pushes,
      async () => {
        for (const [method, params] of [
          ['append', { text: content }],
          ['push', {}],
        ]) {
          const { result, error, status } = await call(ada, method, params)
          if (result?.status !== 1) throw new Error(`${method} answered ${status} ${JSON.stringify(result ?? error)}`)
        }
      },
    )
    await afterMs(PUSH_EVERY_MS)
  }
}

/** Reads an event stream, and connects again if it ends. */
function receive(ben, sentAt, lastId) {
  const { socket, send } = rawConnection(ben.port, 'all')
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
  void send(requestText({ ...ben, method: 'GET', path: '/rooms/honest/events', headers }))
  let text = ''
  socket.setEncoding('utf8').on('data', chunk => {
    text += chunk
    for (const [, content] of text.matchAll(/"content":"(message \d+)"/g)) {
      if (sentAt.has(content)) seen.deliveries.push(performance.now() - sentAt.get(content))
      sentAt.delete(content)
    }
    for (const [, id] of text.matchAll(/^id: (.+)$/gm)) lastId = id
    text = text.slice(text.lastIndexOf('\n') + 1)
  })
  socket.once('close', () => {
    seen.refused.push('the event stream ended')
    setTimeout(() => receive(ben, sentAt, lastId), 200)
  })
}
