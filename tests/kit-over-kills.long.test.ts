import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerHarness, serverRules } from '@midsentence/conformance'
import { onTestFinished, test } from 'vitest'
import { serving } from './midsentence.ts'

/** A real server on a directory. To restart it is to kill it, with what is under way, and to start another there. */
async function bench(): Promise<ServerHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-kit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const start = () => serving('--data', folder)
  let server = await start()
  return {
    room: 'lobby',
    async send(body, token) {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
      const answer = await fetch(`${server.url}/rpc`, { method: 'POST', headers, body })
      return answer.text()
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

test('[G1] the kit over a server that is killed, again and again, and started anew', async () => {
  for (const { run } of serverRules.filter(({ needs }) => needs.includes('restart'))) await run(bench)
})
