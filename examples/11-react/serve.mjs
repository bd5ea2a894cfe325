// Serves the page and its rooms on one port: node examples/11-react/serve.mjs [port]
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { openHub } from '@midsentence/core/hub'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { build } from 'esbuild'

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('page.tsx', import.meta.url))],
  bundle: true,
  write: false,
  outdir: '/',
  jsx: 'automatic',
  conditions: ['browser'],
  define: { 'process.env.NODE_ENV': '"development"' },
})
const policy = { room: () => ({}), limits: () => ({}), access: () => ({ history: true }) }
const rooms = sseHandlers(await openHub({ policy }))
const server = createServer((req, res) => {
  // Answer only to your own host name: a foreign page can point its name at this machine (DNS rebinding).
  if (req.headers.host !== new URL(url).host) return res.writeHead(403).end()
  if (rooms.handle(req, res)) return
  const script = req.url === '/page.js'
  res.setHeader('content-type', `text/${script ? 'javascript' : 'html'}; charset=utf-8`)
  res.end(
    script
      ? outputFiles[0].text
      : '<!doctype html><title>A room</title><div id=root></div><script src="/page.js"></script>',
  )
})
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}`
console.log(`Open ${url}/?name=Ada and, in another tab, ${url}/?name=Ben`)
