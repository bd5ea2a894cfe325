import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium, type Page } from 'playwright-core'

export const executablePath = process.env.MIDSENTENCE_CHROMIUM ?? '/usr/bin/chromium'

/** Returns why no browser can be started, or undefined. */
export const chromiumMissing = (): string | undefined =>
  existsSync(executablePath)
    ? undefined
    : `there is no ${executablePath}; install chromium, or set MIDSENTENCE_CHROMIUM`

export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface OpenedPage {
  readonly page: Page
  /** URLs of the WebSockets that the page has opened. */
  readonly sockets: string[]
  /** Uncaught errors of the page. */
  readonly errors: string[]
  close(): Promise<void>
}

/** Opens a page from loopback in Chromium. Its `window.client` holds the exports of `@midsentence/client`. */
export async function openPage(): Promise<OpenedPage> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../packages/client/src/index.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'client',
    conditions: ['@midsentence/source', 'browser', 'production'],
    logLevel: 'silent',
  })
  const files: Record<string, readonly [string, string]> = {
    '/': ['text/html', '<!doctype html><title>a page</title><script src="/client.js"></script>'],
    '/client.js': ['text/javascript', outputFiles[0]!.text],
  }
  const server = createServer((req, res) => {
    const [type, text] = files[req.url ?? ''] ?? ['text/plain', '']
    res.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const opened = await openPageAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return {
    ...opened,
    async close() {
      await opened.close()
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Opens the page at `url` in Chromium. */
export async function openPageAt(url: string): Promise<OpenedPage> {
  const browser = await chromium.launch({ executablePath, args: chromiumArgs })
  const page = await browser.newPage()
  const [sockets, errors]: [string[], string[]] = [[], []]
  page.on('websocket', socket => sockets.push(socket.url()))
  page.on('pageerror', error => errors.push(String(error)))
  await page.goto(url)
  return { page, sockets, errors, close: () => browser.close() }
}
