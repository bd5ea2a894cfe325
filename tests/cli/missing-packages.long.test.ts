import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NodeProcess, node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { serving } from '../midsentence.ts'

const bin = 'packages/cli/bin/midsentence.js'

/** Runs the command in an installation that lacks the package `missing`. */
function midsentenceWithout(missing: string, ...args: string[]): NodeProcess {
  const hook = `export async function resolve(specifier, context, next) {
    if (specifier !== ${JSON.stringify(missing)} && !specifier.startsWith(${JSON.stringify(`${missing}/`)})) return next(specifier, context)
    throw Object.assign(new Error("Cannot find package '${missing}' imported from " + context.parentURL), { code: 'ERR_MODULE_NOT_FOUND' })
  }`
  const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`
  const preload = `import { register } from 'node:module'; register(${JSON.stringify(url(hook))})`
  return node(['--import', url(preload), bin, ...args], { typing: true })
}

/** Ends a command that runs until then, and resolves with its result. */
async function ended(command: NodeProcess, input = '') {
  command.type(input)
  command.endInput()
  return command.ended
}

function dataDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'rooms')
}

const packages = [
  'lmdb',
  'ws',
  'ai',
  '@ai-sdk/openai-compatible',
  '@modelcontextprotocol/server',
  '@modelcontextprotocol/node',
]

/** The packages that a command needs. Without any other one it works. */
const needs: Record<string, readonly string[]> = {
  // Without ws it uses server-sent events.
  chat: [],
  mcp: ['@modelcontextprotocol/server'],
  'serve --memory': ['ws'],
  'serve --data': ['ws', 'lmdb'],
  verify: [],
}

test.each(packages)('without %s a command works, or prints one sentence that names it', async missing => {
  const { url } = await serving()
  const initialize = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a-host', version: '1.0.0' } },
  })
  const stopped = async (command: NodeProcess) => {
    await command.says('serves at').then(
      () => command.kill('SIGTERM'),
      () => {},
    )
    return command.ended
  }
  const journal = dataDirectory()
  const runs: Record<string, ReturnType<typeof ended>> = {
    chat: ended(midsentenceWithout(missing, 'chat', url, '--name', 'Ada'), '/who\n'),
    mcp: ended(midsentenceWithout(missing, 'mcp', url, '--name', 'Claude', '--journal', journal), `${initialize}\n`),
    'serve --memory': stopped(midsentenceWithout(missing, 'serve', '--memory', '--port', '0')),
    'serve --data': stopped(midsentenceWithout(missing, 'serve', '--port', '0', '--data', dataDirectory())),
    verify: ended(midsentenceWithout(missing, 'verify', '--data', dataDirectory())),
  }
  expect(await midsentenceWithout(missing, '--version').ended).toMatchObject({ code: 0, stderr: '' })
  for (const [command, running] of Object.entries(runs)) {
    const { code, stdout, stderr } = await running
    if (command === 'verify') expect([command, code, stderr]).toEqual([command, 1, expect.stringMatching(sentence)])
    else if (!needs[command]!.includes(missing)) expect([command, code, stderr]).toEqual([command, 0, ''])
    else {
      expect([command, code, stdout]).toEqual([command, 1, ''])
      expect([command, stderr]).toEqual([command, expect.stringMatching(sentence)])
      expect(stderr).toContain(`the package ${missing}`.replace(/^the/, missing === 'lmdb' ? 'the' : 'The'))
    }
  }
})

/** One line, without a stack. */
const sentence = /^midsentence: [^\n]+\.\n$/

test.each(['ai', '@ai-sdk/openai-compatible'])('agent without %s prints one sentence that names it', async missing => {
  const { url } = await serving()
  const args = ['agent', url, '--name', 'Claude', '--model', 'm', '--base-url', 'http://127.0.0.1:9/v1', '--no-journal']
  const { code, stdout, stderr } = await ended(midsentenceWithout(missing, ...args))
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(sentence)
  expect(stderr).toContain(`The package ${missing} is missing from this installation: install midsentence again`)
})
