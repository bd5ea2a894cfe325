import { testTools } from '@midsentence/conformance'
import { mcpHttp } from '@midsentence/mcp'
import { startServer } from '@midsentence/server'
import { byTier } from '@midsentence/testing/tier'
import { expect, onTestFinished, test } from 'vitest'
import { bindings } from '../tools/bindings.ts'
import { httpToolsHere } from '../tools/mcp-tools.ts'
import { toolsIn } from '../tools/mock-tools.ts'
import { toolsOfServer } from '../tools/server-tools.ts'

for (const [name, binding] of Object.entries(bindings)) {
  testTools(name, toolsIn(binding), { runs: byTier(2, 200), timeout: 120_000 })
}

testTools('MCP over HTTP', toolsOfServer(httpToolsHere), { runs: byTier(1, 50), timeout: 120_000 })

test('[U3] a check that is cancelled by a notification to another instance swallows no message', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const ada = await server.hub.join({ username: 'Ada' })
  const { joinResult } = await server.hub.join({ username: 'Claude', secret: '0123456789abcdef0123' })
  const [one, other] = [1, 2].map(() => mcpHttp({ url: server.url, version: '1.0.0' }))
  onTestFinished(() => Promise.all([one!.close(), other!.close()]).then(() => {}))
  const post = async (mcp: typeof one, message: object) => {
    const headers = {
      ...{ authorization: `Bearer ${joinResult.token}`, 'content-type': 'application/json', host: 'localhost' },
      accept: 'application/json, text/event-stream',
    }
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    return (await mcp!.fetch(new Request('http://localhost/mcp', { method: 'POST', headers, body }))).text()
  }
  const check = (id: number, timeout_ms: number) =>
    post(one, { id, method: 'tools/call', params: { name: 'check', arguments: { timeout_ms } } })
  const givenUp = check(7, 20_000)
  await expect.poll(() => server.hub.admin!.load().waitingChecks).toBe(1)
  await post(other, { method: 'notifications/cancelled', params: { requestId: 7 } })
  expect(await givenUp).toContain('has said anything new.')
  await ada.append({ text: 'Are you there?' })
  await ada.push()
  expect(await check(8, 0)).toContain('Are you there?')
})
