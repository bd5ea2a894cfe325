import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { node } from '@midsentence/testing/node-process'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { expect, onTestFinished, test } from 'vitest'
import { stateFolder } from './mcp/hosts.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(root + file, 'utf8')

async function serve() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  return server.url
}

test.each(['README.md', 'packages/mcp/README.md'])('the MCP configuration of %s starts the server', async file => {
  const url = await serve()
  const block = /^```json\n([\s\S]*?)^```$/m.exec(read(file))![1]!
  const { command, args } = JSON.parse(block).mcpServers.midsentence as { command: string; args: string[] }
  const here = args.map(arg => arg.replace('/path/to/midsentence/', root).replace('http://127.0.0.1:8890', url))
  const env = { ...(process.env as Record<string, string>), XDG_STATE_HOME: await stateFolder() }
  const client = new Client({ name: 'a-host', version: '1.0.0' })
  await client.connect(new StdioClientTransport({ command, args: here, env }))
  onTestFinished(() => client.close())
  const { content } = await client.callTool({ name: 'who', arguments: {} })
  expect(content).toEqual([{ type: 'text', text: expect.stringMatching(/^\* You are "Claude"\./) }])
})

test('the example of the README lets a model join a room', async () => {
  const url = await serve()
  const lines = /^```js\n\/\/ a model joins\n([\s\S]*?)^```$/m.exec(read('README.md'))![1]!
  const endpoint = await fakeEndpoint(({ open, bit, finish }) => {
    open()
    bit('I am here, and I am listening.')
    finish()
  })
  const code = lines.replace('http://127.0.0.1:11434/v1', endpoint.url)
  const ada = new AsyncChatRoom({ url, username: 'Ada', room: 'demo' })
  onTestFinished(() => ada.close())
  await ada.append('Who is here?')
  const script = node(['--input-type=module', '-e', code], { env: { MIDSENTENCE_URL: url } })
  await script.says("type: 'joined'")
  await ada.push()
  expect(await ada.check()).toBe('Lima: I am here, and I am listening.')
  script.kill('SIGTERM')
})
