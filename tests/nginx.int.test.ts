import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { Agent, request } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type ServerOptions, startServer } from '@midsentence/server'
import { streamParser } from '@midsentence/testing/harness/sse-harness'
import { expect, onTestFinished, test, vi } from 'vitest'
import { lacksPrograms } from './any-language/external-program.ts'

const skipped = lacksPrograms(['nginx', 'openssl'], 'nginx as configured in docs/operating.md')

/** Returns the nginx block of the docs, with other ports and paths. */
function nginxConfig(folder: string, port: number, upstream: string): string {
  const docs = readFileSync(new URL('../docs/operating.md', import.meta.url), 'utf8')
  const block = /```nginx\n([\s\S]+?)```/.exec(docs)![1]!
  const site = block
    .replace('listen 443 ssl http2;', `listen 127.0.0.1:${port} ssl http2;`)
    .replace('http://127.0.0.1:8890', upstream)
    .replaceAll(/\/etc\/letsencrypt\/live\/chat\.example/g, folder)
    .replace('/var/log/nginx', folder)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${folder}/${name};`)
  // The folder belongs to the user of the test, so that workers of root must run as root.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `${user} daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {} http { ${paths.join(' ')}\n${site}\n}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Starts a server behind nginx. `ask` sends requests to nginx by its host name. */
async function behindNginx(options: ServerOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-nginx-'))
  const server = await startServer({ port: 0, hosts: ['chat.example'], proxies: ['127.0.0.1'], ...options })
  const port = await freePort()
  const names = ['-subj', '/CN=chat.example', '-days', '1', '-nodes', '-x509', '-newkey', 'rsa:2048']
  const files = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')]
  expect(spawnSync('openssl', ['req', ...names, ...files]).status).toBe(0)
  writeFileSync(join(folder, 'nginx.conf'), nginxConfig(folder, port, server.url))
  const nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  nginx.stderr.on('data', text => (errors += text))
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: false })
  onTestFinished(async () => {
    nginx.kill('SIGTERM')
    if (nginx.exitCode === null) await once(nginx, 'close')
    await server.close()
    rmSync(folder, { recursive: true })
  })
  const ask = async (path: string, more: RequestOptions = {}, body?: string): Promise<IncomingMessage> => {
    const headers = { host: 'chat.example', ...more.headers }
    const req = request({ host: '127.0.0.1', port, path, agent, ...more, headers })
    req.end(body)
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return res
  }
  await vi.waitFor(async () => expect((await ask('/healthz')).statusCode, errors).toBe(200), { timeout: 10_000 })
  const rpc = async (method: string, params: object = {}, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const res = await ask(
      '/rpc',
      { method: 'POST', headers },
      JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    )
    return { status: res.statusCode, ...JSON.parse(await text(res)) }
  }
  return { ask, rpc, server, log: () => readFileSync(join(folder, 'midsentence.log'), 'utf8') }
}

test.skipIf(skipped)(
  'nginx as configured in docs/operating.md passes on calls, waiting checks and each event at once',
  async () => {
    const { ask, rpc, server, log } = await behindNginx({ password: 'sesame', adminToken: 'an-admin-token-for-tests' })
    expect((await rpc('join', { username: 'Ada' })).error.code).toBe(40012)
    const join = async (username: string) => (await rpc('join', { username, credential: 'sesame' })).result
    const [ada, ben] = [await join('Ada'), await join('Ben')]

    const stream = await ask(`/rooms/lobby/events?token=${ada.token}`)
    expect([stream.statusCode, stream.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8'])
    const events: string[] = []
    const parse = streamParser(({ event, data }) => void (event === 'message' && events.push(JSON.parse(data).content)))
    stream.setEncoding('utf8').on('data', parse)
    const check = rpc('check', { timeout_ms: 20_000 }, ada.token)
    await vi.waitFor(() => expect(server.hub.admin?.load().waitingChecks).toBe(1))
    // Each event arrives before the next message is sent, so that nginx buffers none.
    for (const [base, content] of ['one', 'two\r\n', 'x'.repeat(20_000)].entries()) {
      expect((await rpc('publish', { content, base, key: content.slice(0, 9) }, ben.token)).result.status).toBe(1)
      await vi.waitFor(() => expect(events.length).toBe(base + 1), { timeout: 5000 })
    }
    expect(events).toEqual(['one', 'two\r\n', 'x'.repeat(20_000)])
    expect((await check).result.messages[0].content).toBe('one')
    expect(await text(await ask('/'))).toContain('This is a midsentence server.')
    stream.destroy()
    await vi.waitFor(() => expect(server.hub.admin?.load().streams).toBe(0), { timeout: 5000 })
    expect(log()).toContain('/rooms/lobby/events 200')
    expect(log()).not.toContain(ada.token)
  },
)

test.skipIf(skipped)('nginx refuses the admin API, and the server refuses foreign hosts and origins', async () => {
  const { ask } = await behindNginx({ adminToken: 'an-admin-token-for-tests' })
  const authorization = 'Bearer an-admin-token-for-tests'
  for (const path of ['/admin', '/metrics']) {
    expect([path, (await ask(path, { headers: { authorization } })).statusCode]).toEqual([path, 404])
  }
  expect((await ask('/healthz', { headers: { host: 'evil.example' } })).statusCode).toBe(403)
  expect((await ask('/healthz', { headers: { origin: 'https://evil.example' } })).statusCode).toBe(403)
  expect((await ask('/healthz', { headers: { origin: 'https://chat.example' } })).statusCode).toBe(200)
})

test.skipIf(skipped)('the server behind nginx limits each client address, not that of the proxy', async () => {
  const { ask } = await behindNginx({ limits: { address: { per_second: 1, burst: 1 } } })
  const statuses = async (address: string) => {
    const responses = Array.from({ length: 5 }, () => ask('/healthz', { headers: { 'x-forwarded-for': address } }))
    return (await Promise.all(responses)).map(({ statusCode }) => statusCode)
  }
  // The test runs on loopback, a trusted proxy, so that the server believes its `x-forwarded-for`.
  const [first, second] = [await statuses('192.0.2.1'), await statuses('192.0.2.2')]
  for (const codes of [first, second]) expect(new Set(codes)).toEqual(new Set([200, 429]))
})
