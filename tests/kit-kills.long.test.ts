import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerHarness, serverRules } from '@midsentence/conformance'
import { callsTo } from '@midsentence/testing/harness/sse-harness'
import { onTestFinished, test } from 'vitest'
import { serving } from './midsentence.ts'

/** Starts a durable server. `restart` kills it, with its calls in flight, and starts another on the same directory. */
async function killableServer(): Promise<ServerHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-kit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const policy = join(folder, 'policy.mjs')
  writeFileSync(policy, `export const access = room => ({ observable: true, recorded: room === 'recorded' })\n`)
  const start = () => serving('--data', join(folder, 'rooms'), '--policy', policy)
  let server = await start()
  return {
    room: 'lobby',
    recorded: 'recorded',
    score: request => callsTo(server.url).score!(request),
    async send(body, token) {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
      const response = await fetch(`${server.url}/rpc`, { method: 'POST', headers, body })
      return response.text()
    },
    bounded: true,
    settle: () => new Promise(resolve => setTimeout(resolve, 20)),
    async restart() {
      server.process.kill('SIGKILL')
      await server.process.ended
      server = await start()
    },
    async close() {
      server.process.kill('SIGTERM')
      await server.process.ended
    },
  }
}

test('[G1] a server that is killed at each restart keeps the rules about restarts', async () => {
  for (const { run } of serverRules.filter(({ needs }) => needs.includes('restart'))) await run(killableServer)
})
