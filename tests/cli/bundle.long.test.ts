import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { node } from '@midsentence/testing/node-process'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, expect, onTestFinished, test } from 'vitest'

// The command as it is published, in a folder without node_modules: it runs without the native store.
const folder = mkdtempSync(join(tmpdir(), 'midsentence-bundle-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const { layOutCommand } = await import(new URL('../../scripts/bundle.mjs', import.meta.url).href)
const bin: string = await layOutCommand(folder)
const midsentence = (...args: string[]) => node([bin, ...args])

test('the bundled command prints its version and runs a debate between two models', async () => {
  expect(await midsentence('--version').ended).toEqual({ code: 0, stderr: '', stdout: '0.1.0\n' })
  const { code, stdout, stderr } = await midsentence('debate', '--speed', '20').ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('Claude  stops  in mid-sentence: "GPT" spoke')
})

test('the bundled command serves a room in memory, to MCP and to the rules of the protocol', async () => {
  const server = midsentence('serve', '--memory', '--port', '0')
  const [, url = ''] = await server.says(/midsentence serves at (\S+)\./)
  const client = new Client({ name: 'a-host', version: '1.0.0' })
  const args = [bin, 'mcp', url, '--name', 'Claude', '--journal', join(folder, 'journal')]
  await client.connect(new StdioClientTransport({ command: process.execPath, args }))
  onTestFinished(() => client.close())
  const { content } = await client.callTool({ name: 'who', arguments: {} })
  expect(content).toEqual([{ type: 'text', text: '* You are "Claude". You are alone here.' }])
  const { code, stdout } = await midsentence('conformance', url, '--rules', 'P2,D1', '--runs', '5').ended
  expect([code, stdout]).toEqual([0, expect.stringContaining('2 kept, 0 broken')])
})

test('the bundled command serves the page, with the licences of what it contains beside it', async () => {
  const server = midsentence('serve', '--memory', '--port', '0')
  const [, url = ''] = await server.says(/^Open (\S+)\/ in a browser\.\n/)
  const index = await (await fetch(`${url}/`)).text()
  const [, script = ''] = /<script type="module" crossorigin src="\.\/([^"]+)"/.exec(index)!
  const answer = await fetch(`${url}/${script}`, { headers: { 'accept-encoding': 'br' } })
  expect([answer.status, answer.headers.get('content-encoding')]).toEqual([200, 'br'])
  expect(readFileSync(join(folder, 'bundle', 'page', 'third-party.md'), 'utf8')).toContain('## dompurify')
  const without = midsentence('serve', '--memory', '--port', '0', '--no-page')
  const [, plain = ''] = await without.says(/^midsentence serves at (\S+)\./)
  expect(await (await fetch(`${plain}/`)).text()).toMatch(/^This is a midsentence server\. It serves no page/)
})

test('without the native store, serve prints what to install and exits with 1', async () => {
  const { code, stdout, stderr } = await midsentence('serve', '--port', '0', '--data', join(folder, 'rooms')).ended
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^midsentence: Data on disk needs the package lmdb, [^\n]+serve --memory\)\.\n$/)
})

test.each([['backup', 'copy'], ['verify'], ['export'], ['import', '-']])(
  'without the native store, %s prints a sentence and exits with 1',
  async (...args) => {
    const { code, stdout, stderr } = await midsentence(...args, '--data', join(folder, 'none')).ended
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^midsentence: [^\n]+\.\n$/)
  },
)
