import { connect, createServer, type Socket } from 'node:net'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence } from '../midsentence.ts'

/** Starts a proxy to a NATS server that calls itself `version`. Ends with its test. */
async function olderServer(target: string, version: string): Promise<string> {
  const { port } = new URL(target)
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    const far = connect(Number(port), '127.0.0.1')
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
    near.pipe(far)
    far.once('data', info => {
      near.write(info.toString().replace(/"version":"[^"]*"/, `"version":"${version}"`))
      far.pipe(near)
    })
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `nats://127.0.0.1:${(server.address() as { port: number }).port}`
}

test.skipIf(skipsNats)('serve --nats refuses servers that do not replicate in one order', async () => {
  const nats = await startNats({ servers: 3 })
  onTestFinished(() => nats.close())
  const old = await olderServer(nats.urls[0]!, '2.9.20')
  expect(await midsentence('serve', '--port', '0', '--nats', old).ended).toMatchObject({
    code: 1,
    stderr:
      'midsentence: nats-server 2.9.20 accepts conflicting writes to replicated streams. Install nats-server 2.10.27 or newer.\n',
  })
})
