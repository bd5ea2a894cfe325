import { writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence } from '../midsentence.ts'

const serve = async (...args: string[]) => {
  const started = performance.now()
  const { code, stderr } = await midsentence('serve', '--port', '0', ...args).ended
  return { code, stderr, ms: performance.now() - started }
}

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

test.skipIf(skipsNats)('serve --nats says in one sentence what is wrong with NATS', async () => {
  const folder = freshFolder()
  const nats = await startNats()
  onTestFinished(() => nats.close())
  const [url] = nats.urls as [string]
  const credentials = join(folder, 'user.creds')
  writeFileSync(credentials, 'no credentials')
  const cases: [string[], number, RegExp][] = [
    [
      ['--nats', 'nats://127.0.0.1:1'],
      1,
      /^midsentence: No NATS server answers at nats:\/\/127.0.0.1:1: connection refused\.\n$/,
    ],
    [['--nats', 'nats:///'], 1, /^midsentence: No NATS server answers at [^\n]*\n$/],
    [
      ['--nats', url, '--nats-credentials', credentials],
      1,
      /^midsentence: \S+user.creds is no credentials file of NATS[^\n]*\n$/,
    ],
    [
      ['--nats', url, '--replicas', '3'],
      1,
      /^midsentence: JetStream did not create the stream [^\n]*replicas[^\n]*\n$/,
    ],
    [['--nats', url, '--replicas', '0'], 2, /^midsentence: --replicas takes a number from 1 to 5, not "0"\.\n/],
    [['--nats', url, '--nats-prefix', 'a.b'], 2, /^midsentence: --nats-prefix has only letters, digits, _ and -\.\n/],
    [['--nats', url, '--keep-bytes', '5MB'], 2, /^midsentence: --nats has no --keep-bytes: /],
    [['--memory', '--replicas', '3'], 2, /^midsentence: --replicas is for rooms in NATS: /],
  ]
  for (const [args, code, sentence] of cases) {
    const ended = await serve(...args)
    expect([args, ended.code, ended.stderr]).toEqual([args, code, expect.stringMatching(sentence)])
    expect(ended.ms).toBeLessThan(15_000)
  }
})

test.skipIf(skipsNats)('serve --nats refuses servers that do not replicate in one order', async () => {
  const nats = await startNats({ servers: 3 })
  onTestFinished(() => nats.close())
  const old = await olderServer(nats.urls[0]!, '2.9.20')
  expect(await serve('--nats', old)).toMatchObject({
    code: 1,
    stderr:
      'midsentence: nats-server 2.9.20 accepts conflicting writes to replicated streams. Install nats-server 2.10.27 or newer.\n',
  })
})
