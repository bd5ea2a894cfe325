// Runs between a host and its MCP server: `node tap.mjs PORT COMMAND…`. Reports each line, and how the host ends the server,
// to the test at PORT, which answers each line of the host when it may go on, and whether its result gets structured content.
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const [port, command, ...args] = process.argv.slice(2)
const test = connect(Number(port), '127.0.0.1')
const report = (event, detail) =>
  test.write(`${JSON.stringify({ event, detail, at: performance.timeOrigin + performance.now() })}\n`)
const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
const waiting = []
const structured = new Set()
createInterface({ input: test }).on('line', permission => waiting.shift()?.(permission))
test.on('error', () => {})
server.stdin.on('error', () => {})
process.stdout.on('error', () => {})

let forwarded = Promise.resolve()
createInterface({ input: process.stdin })
  .on('line', line => {
    const allowed = new Promise(resolve => waiting.push(resolve))
    report('host', line)
    forwarded = forwarded
      .then(() => allowed)
      .then(permission => {
        if (permission === 'add structure') structured.add(JSON.parse(line).id)
        server.stdin.write(`${line}\n`)
      })
  })
  .on('close', () => {
    report('stdin closed')
    void forwarded.then(() => server.stdin.end())
  })
createInterface({ input: server.stdout }).on('line', line => {
  report('server', line)
  const { id, result, ...rest } = JSON.parse(line)
  const changed = structured.has(id)
    ? { ...rest, id, result: { ...result, structuredContent: { shown: 'structure' } } }
    : undefined
  process.stdout.write(`${changed ? JSON.stringify(changed) : line}\n`)
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    report(signal)
    server.kill(signal)
  })
}
server.on('close', code => {
  report('exit', code)
  test.end(() => process.exit(code ?? 1))
})
