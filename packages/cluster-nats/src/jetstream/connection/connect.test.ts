import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectNats } from './connect.ts'

/** A server without TLS that answers the login of a client of NATS, and nothing else. */
async function loginServer() {
  const sockets = new Set<Socket>()
  const logins = { refused: 0, accepted: 0, toRefuse: 0 }
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.write('INFO {"version":"2.10.27","max_payload":1048576,"auth_required":true}\r\n')
    socket.on('data', bytes => {
      const text = bytes.toString()
      if (text.includes('CONNECT') && logins.toRefuse > 0) {
        logins.toRefuse--
        logins.refused++
        socket.end("-ERR 'Authorization Violation'\r\n")
        return
      }
      if (text.includes('CONNECT')) logins.accepted++
      if (text.includes('PING')) socket.write('PONG\r\n')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return { address: `127.0.0.1:${port}`, logins, cut }
}

test('a connection whose login is refused for a while is made again', async () => {
  const { address, logins, cut } = await loginServer()
  const connection = await connectNats({ servers: [`nats://${address}`], user: 'u', password: 'p' }, 'test')
  onTestFinished(() => connection.close())
  logins.toRefuse = 3
  cut()
  await expect.poll(() => logins).toEqual({ refused: 3, accepted: 2, toRefuse: 0 })
  expect(connection.isClosed()).toBe(false)
})

test('a first login that is refused causes an error at once', async () => {
  const { address, logins } = await loginServer()
  logins.toRefuse = 100
  const connecting = connectNats({ servers: [`nats://${address}`], user: 'u', password: 'p' }, 'test')
  await expect(connecting).rejects.toThrow(`NATS refuses the login at nats://${address}`)
})

test('tls:// connects to no server without TLS', async () => {
  const { address, logins } = await loginServer()
  for (const servers of [[`tls://${address}`], [`nats://${address}`, `TLS://${address}`]])
    await expect(connectNats({ servers }, 'test')).rejects.toMatchObject({ code: 'unavailable' })
  expect(logins.accepted).toBe(0)
})

test('a URL with a password is refused, and not repeated', async () => {
  const connecting = connectNats({ servers: ['nats://ada:hunter2@127.0.0.1:1'] }, 'test')
  const error: unknown = await connecting.catch(error => error)
  expect(error).toMatchObject({ code: 'invalid-params' })
  expect(String(error)).not.toContain('hunter2')
})
