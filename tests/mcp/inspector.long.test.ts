import { tmpdir } from 'node:os'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from '../built-command.ts'
import { command } from '../pack/command.ts'
import { httpEndpoint, stateFolder } from './hosts.ts'

const inspector = '@modelcontextprotocol/inspector@0.22.0'
const probe = await command(tmpdir(), 'npx', '-y', inspector, '--cli', '--help')
const missing = probe.code !== 0
if (missing && process.env.CI) throw new Error(`The inspector cannot be installed:\n${probe.output}`)
if (missing) console.warn(`Skipped: the MCP inspector, since it cannot be installed:\n${probe.output}`)

test.skipIf(missing)('the inspector lists and calls the tools over stdio and HTTP', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const folder = await stateFolder()
  const inspect = async (target: readonly string[], ...args: string[]) => {
    const { code, output } = await command(folder, 'npx', '-y', inspector, '--cli', ...target, ...args)
    expect(code, output).toBe(0)
    return JSON.parse(output.slice(output.indexOf('{')))
  }
  const stdio = [
    '-e',
    `XDG_STATE_HOME=${folder}`,
    process.execPath,
    bin,
    'mcp',
    server.url,
    '--name',
    'Claude',
    '--structured',
  ]
  const { tools } = await inspect(stdio, '--method', 'tools/list')
  expect(tools.map(({ name }: { name: string }) => name)).toEqual([
    'append',
    'undo',
    'push',
    'reset',
    'check',
    'preview',
    'who',
  ])
  const call = (tool: string, ...args: string[]) => ['--method', 'tools/call', '--tool-name', tool, ...args]
  await inspect(stdio, ...call('append', '--tool-arg', 'text=Hello from the inspector.'))
  // Another process continues the same session and its draft.
  expect((await inspect(stdio, ...call('push'))).structuredContent).toMatchObject({ status: 1, seq: 1 })

  const ada = await server.hub.join({ username: 'Ada', secret: '0123456789abcdef0123' })
  await ada.who()
  const http = [
    await httpEndpoint(server.url),
    '--transport',
    'http',
    '--header',
    `Authorization: Bearer ${ada.joinResult.token}`,
  ]
  const { content } = await inspect(http, ...call('who'))
  expect(content[0].text).toMatch(/^\* You are "Ada"\. Here with you: "Claude"\./)
  const { resources } = await inspect(http, '--method', 'resources/list')
  expect(resources[0].uri).toBe('midsentence://transcript')
})
