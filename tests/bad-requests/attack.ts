import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { virtualClock } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import fc from 'fast-check'
import { expect } from 'vitest'
import { type BadRequest, badRequests } from './requests.ts'

/** Requests sent again, one at a time, after each thousand. */
const SINGLE = 50

const adminToken = 'an-admin-token-for-tests'

export interface AttackOptions {
  readonly count: number
  readonly seed: number
  /** Concurrent requests. */
  readonly width: number
  /** Called after each thousand requests with the size of the heap, once garbage is collected. */
  readonly measure?: (bytes: number) => void
}

type HttpRequest = Extract<BadRequest, { kind: 'http' }>

/** State of a participant in another room. No bad request may change it. */
interface BystanderState {
  readonly draft: string
  readonly cursor: number
  readonly participants: number
}

/**
 * Sends bad requests to every endpoint, some with a valid token. Resolves with the number of responses by status. Rejects if
 * one is a 5xx, if the server ends, or if a request changes a session that is not its own.
 */
export async function attack({ count, seed, width, measure }: AttackOptions): Promise<ReadonlyMap<string, number>> {
  const faults: unknown[] = []
  // The rooms' clock runs 200 times as fast, so that no call waits.
  const clock = virtualClock()
  const ticking = setInterval(() => void clock.advance(1000), 5)
  const server = await startServer({
    port: 0,
    rooms: { clock },
    limits: false,
    adminToken,
    timeouts: { head_ms: 1000, request_ms: 2000 },
    fault: cause => void faults.push(cause),
  })
  const { url, hub } = server
  const port = Number(new URL(url).port)
  const agent = new Agent({ keepAlive: true, maxSockets: width })
  const bystander = await hub.join({ room: 'quiet', username: 'Bystander', secret: 'a secret of enough bytes' })
  await bystander.append({ text: 'unchanged' })
  const rejoin = () => hub.join({ room: 'lobby', username: 'Attacker', secret: 'another secret of enough' })
  let attacker = await rejoin()
  const seen = new Map<string, number>()
  const bystanderState = async (): Promise<BystanderState> => {
    const { draft, cursor } = await bystander.preview()
    return { draft, cursor, participants: (await bystander.who()).participants.length }
  }
  const before = await bystanderState()

  const send = async (bad: BadRequest, nth: number): Promise<void> => {
    const status = await (bad.kind === 'raw' ? sendRaw(port, bad.bytes) : sendHttp(url, agent, withToken(bad, nth)))
    seen.set(status, (seen.get(status) ?? 0) + 1)
    if (/^5/.test(status)) throw new Error(`answered with ${status}: ${JSON.stringify(bad)}`)
    if (faults.length > 0)
      throw new Error(`server fault: ${String(faults[0])}: ${JSON.stringify(bad)}`, { cause: faults[0] })
  }
  /** Adds a session token to every third request, and the admin token to every seventh. */
  const withToken = (bad: HttpRequest, nth: number) => {
    const token = nth % 3 === 0 ? attacker.joinResult.token : nth % 7 === 0 ? adminToken : undefined
    return token === undefined ? bad : { ...bad, headers: { ...bad.headers, authorization: `Bearer ${token}` } }
  }

  try {
    const STEP = 1000
    for (let from = 0; from < count; from += STEP) {
      const size = Math.min(STEP, count - from)
      const requests = fc.sample(badRequests, { numRuns: size, seed: seed + from })
      let next = 0
      const worker = async () => {
        while (next < requests.length) {
          const at = next++
          await send(requests[at]!, from + at)
        }
      }
      await Promise.all(Array.from({ length: width }, worker))
      await removeOthers()
      for (const bad of requests.slice(0, SINGLE)) await refusalChangesNothing(bad)
      expect(await bystanderState()).toEqual(before)
      if (measure && globalThis.gc) {
        globalThis.gc()
        measure(process.memoryUsage().heapUsed)
      }
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    return seen
  } finally {
    clearInterval(ticking)
    agent.destroy()
    await server.close()
  }

  /** Removes sessions that a request has created, and joins the attacker again if it has left. */
  async function removeOthers(): Promise<void> {
    attacker = await rejoin()
    for (const { room } of await hub.admin!.rooms()) {
      if (room === 'quiet') continue
      for (const { sender_id } of await hub.admin!.participants(room)) {
        if (sender_id !== 'Attacker') await hub.admin!.remove(room, sender_id, 0)
      }
    }
  }

  /** Sends one request, and checks that one with no result leaves the draft unchanged. */
  async function refusalChangesNothing(bad: BadRequest): Promise<void> {
    if (bad.kind === 'raw') return
    attacker = await rejoin()
    const draft = (await attacker.preview()).draft
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${attacker.joinResult.token}` }
    const res = await fetch(`${url}/rpc`, { method: 'POST', headers, body: bad.body })
    const answers = [JSON.parse((await res.text()) || '[]')].flat() as readonly object[]
    if (answers.some(answer => 'result' in answer)) return
    expect([bad.body, (await attacker.preview()).draft]).toEqual([bad.body, draft])
  }
}

async function sendHttp(url: string, agent: Agent, { method, path, headers, body }: HttpRequest): Promise<string> {
  const { host, port } = { host: new URL(url).hostname, port: new URL(url).port }
  let req: ReturnType<typeof request>
  try {
    req = request({ host, port, method, path, headers, agent })
  } catch {
    return 'not sent'
  }
  const withBody = method !== 'GET' && method !== 'HEAD'
  req.end(withBody ? body : undefined)
  try {
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    if (res.headers['content-type']?.startsWith('text/event-stream')) {
      res.destroy()
      return `${res.statusCode}`
    }
    let text = ''
    for await (const chunk of res.setEncoding('utf8')) text += chunk
    if (path === '/rpc' && res.statusCode === 200) expectJsonRpc(text)
    return `${res.statusCode}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return 'cut'
  }
}

/** Throws unless `text` is a JSON-RPC response without an internal error. */
function expectJsonRpc(text: string): void {
  const answers: readonly { jsonrpc: string; error?: { code: number; message: string } }[] = [JSON.parse(text)].flat()
  for (const { jsonrpc, error } of answers) {
    if (jsonrpc !== '2.0') throw new Error(`not a JSON-RPC response: ${text.slice(0, 300)}`)
    if (error?.code === -32603) throw new Error(`internal error: ${text.slice(0, 300)}`)
  }
}

function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.on('error', () => {})
    socket.setEncoding('latin1').on('data', chunk => {
      received += chunk
      // The server does not end an event stream.
      if (received.includes('text/event-stream')) socket.destroy()
    })
    socket.on('close', () => resolve(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 'no response'))
    socket.end(Buffer.from(bytes, 'utf8'))
  })
}
