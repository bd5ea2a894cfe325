import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerHarness, serverRules } from '@midsentence/conformance'
import { onTestFinished, test } from 'vitest'
import { serving } from './midsentence.ts'

/** Starts a durable server. `restart` kills it, with its calls in flight, and starts another on the same directory. */
async function killableServer(): Promise<ServerHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-kit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const start = () => serving('--data', folder)
  let server = await start()
  return {
    room: 'lobby',
    async send(body, token) {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
      const response = await fetch(`${server.url}/rpc`, { method: 'POST', headers, body })
      return response.text()
    },
    bounded: true,
    settle: async () => {},
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
