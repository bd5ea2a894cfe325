import { request } from 'node:http'
import { type GoldenHarness, type GoldenServer, type GoldenTranscript, playTranscript } from '@midsentence/conformance'
import { type ContentVerdict, MidsentenceError, memoryLog, type Policy, virtualClock } from '@midsentence/core'
import { type HubOptions, openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { startServer } from '@midsentence/server'
import { callsTo } from '@midsentence/testing/harness/sse-harness'

/** What a transcript asks of its server, as the policy of one. */
function policyOf({ policy = 'hold', limit, history, contents = {} }: GoldenServer): Policy {
  const content = (text: string): ContentVerdict => {
    const fate = contents[text]
    if (fate === 'break') throw new Error('a hook that is broken')
    if (fate !== 'rate-limit') return fate ? { allowed: false, reason: 'it is rude' } : { allowed: true }
    throw new MidsentenceError('rate-limited', 'This is too fast: wait a second, then push again.', {
      data: { retry_after_ms: 1000 },
    })
  }
  return {
    room: () => ({ policy }),
    limits: () => ({}),
    access: () => ({ ...(limit !== undefined && { limit }), ...(history && { history }) }),
    content,
  }
}

/** Rooms as a transcript asks for them, whose log may be told to write no more. */
function roomsFor(server: GoldenServer) {
  const log = memoryLog()
  let full = false
  const rooms: HubOptions = {
    log: {
      ...log,
      append: (...record) =>
        full ? Promise.reject(new MidsentenceError('unavailable', 'No room is left.')) : log.append(...record),
    },
    policy: policyOf(server),
  }
  const stopWriting = () => {
    full = true
  }
  return { rooms, stopWriting }
}

/** A hub's dispatcher, without anything in between, on a clock that is moved on by hand. */
export async function dispatcherFor(server: GoldenServer = {}): Promise<GoldenHarness> {
  const clock = virtualClock()
  const { rooms, stopWriting } = roomsFor(server)
  const hub = await openHub({ ...rooms, clock })
  const { dispatch } = rpcDispatcher(hub)
  return {
    room: 'golden',
    send: (text, token) => dispatch(text, token === undefined ? {} : { token }),
    // What waits for nothing else waits for its time.
    settle: () => clock.advance(1),
    pass: ms => clock.advance(ms),
    stopWriting,
    close: () => hub.close(),
  }
}

/** Our server as one starts it, over real HTTP; with `clock` its rooms' time is moved on by hand. */
export async function serverFor(server: GoldenServer = {}): Promise<GoldenHarness & { readonly url: string }> {
  const clock = server.clock ? virtualClock() : undefined
  const { rooms, stopWriting } = roomsFor(server)
  const running = await startServer({ port: 0, rooms: { ...rooms, ...(clock && { clock }) } })
  return {
    url: running.url,
    room: 'golden',
    ...callsTo(running.url),
    http: ({ method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const asking = request(`${running.url}${path}`, { method, ...(headers && { headers }) }, response => {
          let text = ''
          response.setEncoding('utf8').on('data', more => {
            text += more
          })
          response.on('end', () => resolve({ status: response.statusCode!, text }))
        })
        asking.on('error', reject).end(body)
      }),
    ...(clock && { pass: ms => clock.advance(ms) }),
    stopWriting,
    close: running.close,
  }
}

/** Plays `transcript` to a server made for it. */
export async function played(
  transcript: GoldenTranscript,
  make: (server?: GoldenServer) => Promise<GoldenHarness>,
): Promise<void> {
  const bench = await make(transcript.server)
  try {
    await playTranscript(transcript, bench)
  } finally {
    await bench.close()
  }
}
