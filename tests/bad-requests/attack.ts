import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { virtualClock } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Bad, badRequests } from './requests.ts'

/** So many of each thousand are sent once more, one by one. */
const SINGLE = 50

const adminToken = 'the-admin-token-of-this-test'

export interface Attack {
  readonly count: number
  readonly seed: number
  /** So many at a time. */
  readonly width: number
  /** Is asked for after each thousandth: how much memory is used once garbage is gone. */
  readonly measure?: (bytes: number) => void
}

/** What a participant's world looks like from outside: it is to be the same whatever strangers send. */
interface Witness {
  readonly draft: string
  readonly cursor: number
  readonly people: number
}

/**
 * Sends so many bad requests to every endpoint, some as a participant who is let in, and fails with the first that is
 * answered by a 5xx, ends the server, or changes what is not its own.
 */
export async function attack({ count, seed, width, measure }: Attack): Promise<ReadonlyMap<string, number>> {
  const faults: unknown[] = []
  // The time of the rooms flies, so that nothing waits.
  const clock = virtualClock()
  const flying = setInterval(() => void clock.advance(1000), 5)
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
  const outside = await hub.join({ room: 'quiet', username: 'Witness', secret: 'a secret of enough bytes' })
  await outside.append({ text: 'as it was' })
  const comeBack = () => hub.join({ room: 'lobby', username: 'Attacker', secret: 'another secret of enough' })
  let attacker = await comeBack()
  const seen = new Map<string, number>()
  const witness = async (): Promise<Witness> => {
    const { draft, cursor } = await outside.preview()
    return { draft, cursor, people: outside.who().participants.length }
  }
  const before = await witness()

  const send = async (bad: Bad, number: number): Promise<void> => {
    const status = await (bad.kind === 'raw' ? sendRaw(port, bad.bytes) : sendHttp(url, agent, withToken(bad, number)))
    seen.set(status, (seen.get(status) ?? 0) + 1)
    if (/^5/.test(status)) throw new Error(`answered with ${status}: ${JSON.stringify(bad)}`)
    if (faults.length > 0)
      throw new Error(`a fault: ${String(faults[0])}: ${JSON.stringify(bad)}`, { cause: faults[0] })
  }
  /** Every third comes from somebody who is let in, every seventh from one who has the admin token. */
  const withToken = (bad: Extract<Bad, { kind: 'http' }>, number: number) => {
    const token = number % 3 === 0 ? attacker.joinResult.token : number % 7 === 0 ? adminToken : undefined
    return token === undefined ? bad : { ...bad, headers: { ...bad.headers, authorization: `Bearer ${token}` } }
  }

  try {
    const STEP = 1000
    for (let from = 0; from < count; from += STEP) {
      const size = Math.min(STEP, count - from)
      const requests = fc.sample(badRequests, { numRuns: size, seed: seed + from })
      let next = 0
      const lane = async () => {
        while (next < requests.length) {
          const at = next++
          await send(requests[at]!, from + at)
        }
      }
      await Promise.all(Array.from({ length: width }, lane))
      await tidy()
      for (const bad of requests.slice(0, SINGLE)) await refusalChangesNothing(bad)
      expect(await witness()).toEqual(before)
      if (measure && globalThis.gc) {
        globalThis.gc()
        measure(process.memoryUsage().heapUsed)
      }
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    return seen
  } finally {
    clearInterval(flying)
    agent.destroy()
    await server.close()
  }

  /** Those who came in by chance go; the attacker, who may have left, comes back. */
  async function tidy(): Promise<void> {
    attacker = await comeBack()
    for (const { room } of hub.admin!.rooms()) {
      if (room === 'quiet') continue
      for (const { sender_id } of hub.admin!.participants(room)) {
        if (sender_id !== 'Attacker') await hub.admin!.remove(room, sender_id, 0)
      }
    }
  }

  /** One by one: where every answer is an error, or there is none, the draft is what it was. */
  async function refusalChangesNothing(bad: Bad): Promise<void> {
    if (bad.kind === 'raw') return
    attacker = await comeBack()
    const draft = (await attacker.preview()).draft
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${attacker.joinResult.token}` }
    const res = await fetch(`${url}/rpc`, { method: 'POST', headers, body: bad.body })
    const answers = [JSON.parse((await res.text()) || '[]')].flat() as readonly object[]
    if (answers.some(answer => 'result' in answer)) return
    expect([bad.body, (await attacker.preview()).draft]).toEqual([bad.body, draft])
  }
}

async function sendHttp(
  url: string,
  agent: Agent,
  { method, path, headers, body }: Extract<Bad, { kind: 'http' }>,
): Promise<string> {
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
    let said = ''
    for await (const chunk of res.setEncoding('utf8')) said += chunk
    if (path === '/rpc' && res.statusCode === 200) mustAnswer(said)
    return `${res.statusCode}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return 'cut'
  }
}

/** An answer is JSON-RPC, and an error of it is none of ours. */
function mustAnswer(said: string): void {
  const answers: readonly { jsonrpc: string; error?: { code: number; message: string } }[] = [JSON.parse(said)].flat()
  for (const { jsonrpc, error } of answers) {
    if (jsonrpc !== '2.0') throw new Error(`no answer of JSON-RPC: ${said.slice(0, 300)}`)
    if (error?.code === -32603) throw new Error(`an internal error: ${said.slice(0, 300)}`)
  }
}

function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise(resolve => {
    const line = connect(port, '127.0.0.1')
    let said = ''
    line.on('error', () => {})
    line.setEncoding('latin1').on('data', chunk => {
      said += chunk
      // A stream would not end by itself.
      if (said.includes('text/event-stream')) line.destroy()
    })
    line.on('close', () => resolve(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 'nothing'))
    line.end(Buffer.from(bytes, 'utf8'))
  })
}
