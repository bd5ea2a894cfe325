import { type AdmissionRequest, defaultPolicy, type Policy } from '@midsentence/core'
import { openScore } from '@midsentence/testing/harness/sse-harness'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { ServerOptions } from '../server-options.ts'
import { startServer } from '../start-server.ts'

const policy: Policy = {
  ...defaultPolicy,
  access: room => (room === 'theatre' ? { observable: true, recorded: true } : {}),
}

async function serving(options: ServerOptions = {}) {
  const server = await startServer({ port: 0, rooms: { policy }, ...options })
  onTestFinished(() => server.close())
  const { url, hub } = server
  const credential = options.password === undefined ? {} : { credential: options.password }
  return {
    url,
    hub,
    join: (username: string, room = 'theatre') => hub.join({ username, room, ...credential }),
    watch: (headers: Readonly<Record<string, string>> = {}, query = '', room = 'theatre') =>
      fetch(`${url}/rooms/${room}/score${query}`, { headers }).then(async response => {
        const { status } = response
        const text = status === 200 ? '' : await response.text()
        if (status === 200) await response.body!.cancel()
        return { status, text, headers: response.headers }
      }),
    /** Resolves with 200, or the status of a rejected upgrade. */
    upgrade: (headers: Readonly<Record<string, string>> = {}, query = '', room = 'theatre') =>
      new Promise<number>(resolve => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/rooms/${room}/score${query}`, { headers })
        socket.once('open', () => {
          socket.terminate()
          resolve(200)
        })
        socket.once('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode))
        socket.on('error', () => {})
      }),
  }
}

const password = 'pass wörd/§'
const encoded = encodeURIComponent(password)

describe('who may watch', () => {
  test('[I2] a watcher shows the password as one who joins does, over HTTP and over a socket', async () => {
    const { watch, upgrade } = await serving({ password })
    for (const ask of [(...how: Parameters<typeof watch>) => watch(...how).then(({ status }) => status), upgrade]) {
      expect(await ask()).toBe(401)
      expect(await ask({ authorization: 'Bearer wrong' })).toBe(401)
      expect(await ask({}, '?credential=wrong')).toBe(401)
      expect(await ask({ authorization: `Bearer ${encoded}` })).toBe(200)
      expect(await ask({}, `?credential=${encoded}`)).toBe(200)
      expect(await ask({ authorization: `Bearer ${encoded}` }, '', 'lobby')).toBe(404)
      expect(await ask({ authorization: `Bearer ${encoded}` }, '?from=x')).toBe(400)
      expect(await ask({ authorization: `Bearer ${encoded}` }, '?from=99')).toBe(400)
    }
    const refused = await watch()
    expect(refused.text).toContain('this server has a password')
    expect(refused.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('[I2] a hook gets `watching` and an empty name; its end of access ends the watch', async () => {
    const asked: AdmissionRequest[] = []
    const { url } = await serving({
      authenticate(visitor) {
        asked.push(visitor)
        return { allowed: true, until: Date.now() + 300 }
      },
    })
    const stream = await openScore(url, { room: 'theatre' })
    expect(stream.status).toBe(200)
    expect(asked).toEqual([{ room: 'theatre', username: '', watching: true, address: '127.0.0.1' }])
    await stream.ended
  })

  test('[I2] Host, Origin and the method are checked', async () => {
    const { url, watch, upgrade } = await serving()
    expect((await watch({ origin: 'https://evil.example' })).status).toBe(403)
    expect(await upgrade({ origin: 'https://evil.example' })).toBe(403)
    expect((await fetch(`${url}/rooms/theatre/score`, { method: 'POST', body: 'x' })).status).toBe(405)
    expect((await fetch(`${url}/rooms`, { headers: { origin: 'https://evil.example' } })).status).toBe(403)
  })

  test('[I2] a room that an admin closed has no watchers', async () => {
    const { url, hub, watch } = await serving()
    const stream = await openScore(url, { room: 'theatre' })
    await hub.admin!.close('theatre')
    await stream.ended
    expect((await watch()).status).toBe(404)
  })

  test('[A12] a watcher above the bound of a room is refused with a time to try again', async () => {
    const { url, watch } = await serving({ rooms: { policy, bounds: { watchers: 1 } } })
    const stream = await openScore(url, { room: 'theatre' })
    const refused = await watch()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10'])
    await stream.close()
    await vi.waitFor(async () => expect((await watch()).status).toBe(200))
  })
})

test('[I3] a watcher over a socket that says something is disconnected', async () => {
  const { url } = await serving()
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rooms/theatre/score`)
  const closed = new Promise(resolve => socket.once('close', resolve))
  socket.once('open', () => socket.send('{"jsonrpc":"2.0","id":1,"method":"join","params":{"username":"Eve"}}'))
  expect(await closed).toBe(1008)
})

describe('the list of rooms', () => {
  const listed = async (options: ServerOptions) => {
    const { url, join } = await serving(options)
    const ada = await join('Ada', 'lobby')
    const { rooms } = await (await fetch(`${url}/rooms`)).json()
    return [rooms.length, ada.joinResult.listed === true]
  }

  test.each<[string, ServerOptions, boolean]>([
    ['that only this machine reaches', {}, true],
    ['with a password', { password }, false],
    ['with other host names', { hosts: ['chat.example'] }, false],
    ['that a proxy serves', { proxies: ['127.0.0.1'] }, false],
    ['that other machines reach', { host: '0.0.0.0', openToAll: true }, false],
  ])('[I9] of a server %s has rooms by default: %s', async (_, options, isListed) => {
    expect(await listed(options)).toEqual([Number(isListed), isListed])
  })

  test('[I9] shows a room that left memory, without participants', async () => {
    const rooms = { policy, times: { room_idle_ms: 0 } }
    const { url, hub, join } = await serving({ rooms })
    await (await join('Ada', 'lobby')).leave()
    await vi.waitFor(() => expect(hub.admin!.load().rooms).toBe(0))
    const list = await (await fetch(`${url}/rooms`)).json()
    const last_at = expect.stringMatching(/^\d{4}-.*Z$/)
    expect(list).toEqual({ rooms: [{ room: 'lobby', participants: [], last_at, policy: 'hold', listed: true }] })
  })
})
