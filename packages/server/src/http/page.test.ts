import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import type { ServerOptions } from '../server-options.ts'
import { startServer } from '../start-server.ts'

const index =
  '<!doctype html><meta name="credential" content=""><script type="module" src="./assets/main-1a2b.js"></script>'
const script = `export const words = ${JSON.stringify('word '.repeat(400))}`

/** Writes a built page, with a file outside of it, and starts a server that serves it. */
async function servePage(options: ServerOptions = {}) {
  const top = await mkdtemp(join(tmpdir(), 'midsentence-page-'))
  onTestFinished(() => rm(top, { recursive: true, force: true }))
  const page = join(top, 'page')
  await mkdir(join(page, 'assets'), { recursive: true })
  await Promise.all([
    writeFile(join(top, 'secret.js'), 'secret'),
    writeFile(join(page, 'index.html'), index),
    writeFile(join(page, 'notes.txt'), 'not a part of the page'),
    writeFile(join(page, 'assets', 'main-1a2b.js'), script),
    writeFile(join(page, 'assets', 'main-1a2b.js.gz'), gzipSync(script)),
    writeFile(join(page, 'assets', 'main-1a2b.js.br'), brotliCompressSync(script)),
  ])
  const server = await startServer({ port: 0, page, ...options })
  onTestFinished(() => server.close())
  const send = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const req = request(`${new URL(server.url).origin}`, { path, method, headers, agent: false })
    req.end()
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return { status: res.statusCode, headers: res.headers, body: await buffer(res) }
  }
  return { send, port: Number(new URL(server.url).port) }
}

test('the page is served under a policy that allows no inline code and no other address', async () => {
  const { send } = await servePage()
  const { status, headers, body } = await send('/?a=b')
  expect([status, String(body), headers['content-type']]).toEqual([200, index, 'text/html; charset=utf-8'])
  const policy = headers['content-security-policy']!
  for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
    expect(policy).toContain(part)
  expect(policy).not.toMatch(/unsafe|https?:|\*|data:/)
  expect(headers).toMatchObject({
    'cache-control': 'no-cache',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
})

test('files with a hash in their name are cached for good; the page itself is asked for again by its ETag', async () => {
  const { send } = await servePage()
  const asset = await send('/assets/main-1a2b.js')
  expect(asset.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
  })
  const { headers } = await send('/')
  const again = await send('/', { 'if-none-match': `"other", ${headers.etag}` })
  expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, headers.etag])
  expect((await send('/', { 'if-none-match': 'W/"other"' })).status).toBe(200)
})

test('files are sent compressed as the client accepts it, and HEAD sends the same headers', async () => {
  const { send } = await servePage()
  const path = '/assets/main-1a2b.js'
  const br = await send(path, { 'accept-encoding': 'gzip, deflate, br' })
  expect([br.headers['content-encoding'], String(brotliDecompressSync(br.body))]).toEqual(['br', script])
  const gzip = await send(path, { 'accept-encoding': 'gzip;q=0.5, br;q=0' })
  expect([gzip.headers['content-encoding'], String(gunzipSync(gzip.body))]).toEqual(['gzip', script])
  const plain = await send(path, { 'accept-encoding': 'identity' })
  expect([plain.headers['content-encoding'], String(plain.body), plain.headers.vary]).toEqual([
    undefined,
    script,
    'accept-encoding',
  ])
  const page = await send('/', { 'accept-encoding': 'gzip' })
  expect(String(gunzipSync(page.body))).toBe(index)
  const head = await send(path, { 'accept-encoding': 'gzip' }, 'HEAD')
  expect([head.status, head.body.length, head.headers['content-length']]).toEqual([
    200,
    0,
    String(gzipSync(script).length),
  ])
})

test.each([
  '/../secret.js',
  '/assets/../../secret.js',
  '/%2e%2e/secret.js',
  '/assets/..%2f..%2fsecret.js',
  '/assets/%2e%2e%5c%2e%2e%5csecret.js',
  '/..\\secret.js',
  '//secret.js',
  '/assets/main-1a2b.js%00.html',
  '/assets/main-1a2b.js/',
  '/assets/main-1a2b.js.gz',
  '/assets',
  '/assets/',
  '/notes.txt',
  '/constructor',
  '/__proto__',
  '/index.html/../../secret.js',
])('the path %s is not found', async path => {
  const { send, port } = await servePage()
  expect((await send(path)).status).toBe(404)
  // As a client sends it that normalises nothing.
  const socket = connect(port, '127.0.0.1')
  socket.end(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`)
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 404 /)
  expect(answer).not.toMatch(/\r\n\r\nsecret/)
})

test('other methods are refused, also for a page of another site', async () => {
  const { send } = await servePage()
  const { status, headers } = await send('/assets/main-1a2b.js', {}, 'DELETE')
  expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
  const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
  expect((await send('/assets/main-1a2b.js', foreign)).status).toBe(403)
  expect((await send('/', { ...foreign, 'sec-fetch-mode': 'navigate' })).status).toBe(200)
})

test('the page knows whether the server requires a credential', async () => {
  const { send } = await servePage({ password: 'sesame' })
  for (const headers of [{}, { 'accept-encoding': 'gzip, br' }] as Record<string, string>[]) {
    const { body, headers: sent } = await send('/', headers)
    expect(String(sent['content-encoding'] ? gunzipSync(body) : body)).toContain('content="required"')
  }
})

test('below a prefix the page is served with a slash at the end, so that it finds its files', async () => {
  const { send } = await servePage({ prefix: '/chat' })
  const { status, headers } = await send('/chat')
  expect([status, headers.location]).toEqual([308, '/chat/'])
  for (const path of ['/chat/', '/', '/chat/assets/main-1a2b.js', '/assets/main-1a2b.js'])
    expect([path, (await send(path)).status]).toEqual([path, 200])
})

test('a folder without a page is refused at the start', async () => {
  await expect(startServer({ port: 0, page: join(tmpdir(), 'no-such-folder') })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('npm run build'),
  })
})
