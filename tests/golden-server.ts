import { request } from 'node:http'
import { type GoldenHarness, type GoldenServer, type GoldenTranscript, playTranscript } from '@midsentence/conformance'
import { type ContentVerdict, MidsentenceError, memoryLog, type Policy, virtualClock } from '@midsentence/core'
import { type HubOptions, openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { startServer } from '@midsentence/server'
import { callsTo } from '@midsentence/testing/harness/sse-harness'

/** Returns the policy that a transcript needs. */
function policyOf({ policy = 'hold', limit, history, contents = {} }: GoldenServer): Policy {
  const content = (text: string): ContentVerdict => {
    const rule = contents[text]
    if (rule === 'break') throw new Error('the hook fails')
    if (rule !== 'rate-limit') return rule ? { allowed: false, reason: 'it is rude' } : { allowed: true }
    throw new MidsentenceError('rate-limited', 'You send too fast: wait a second, then push again.', {
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

/** Returns the hub options that a transcript needs. After `stopWriting`, its log rejects every append. */
function roomsFor(server: GoldenServer) {
  const log = memoryLog()
  let diskFull = false
  const rooms: HubOptions = {
    log: {
      ...log,
      append: (...record) =>
        diskFull ? Promise.reject(new MidsentenceError('unavailable', 'The disk is full.')) : log.append(...record),
    },
    policy: policyOf(server),
  }
  const stopWriting = () => {
    diskFull = true
  }
  return { rooms, stopWriting }
}

/** Opens a hub on a virtual clock, and calls its dispatcher directly. */
export async function dispatcherFor(server: GoldenServer = {}): Promise<GoldenHarness> {
  const clock = virtualClock()
  const { rooms, stopWriting } = roomsFor(server)
  const hub = await openHub({ ...rooms, clock })
  const { dispatch } = rpcDispatcher(hub)
  return {
    room: 'golden',
    send: (text, token) => dispatch(text, token === undefined ? {} : { token }),
    // Lets calls end that wait for the clock alone.
    settle: () => clock.advance(1),
    pass: ms => clock.advance(ms),
    stopWriting,
    close: () => hub.close(),
  }
}

/** Starts a server on loopback. Its rooms run on a virtual clock if the transcript has `clock`. */
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
        const call = request(`${running.url}${path}`, { method, ...(headers && { headers }) }, response => {
          let text = ''
          response.setEncoding('utf8').on('data', chunk => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode!, text }))
        })
        call.on('error', reject).end(body)
      }),
    ...(clock && { pass: ms => clock.advance(ms) }),
    stopWriting,
    close: running.close,
  }
}

/** Plays `transcript` on a new server. */
export async function play(
  transcript: GoldenTranscript,
  make: (server?: GoldenServer) => Promise<GoldenHarness>,
): Promise<void> {
  const harness = await make(transcript.server)
  try {
    await playTranscript(transcript, harness)
  } finally {
    await harness.close()
  }
}
