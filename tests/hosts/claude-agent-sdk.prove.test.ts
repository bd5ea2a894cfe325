import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnProcess } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { serving } from '../midsentence.ts'
import { root } from '../pack/packages.ts'
import { Listener } from './blind-turns.ts'
import { installed } from './install.ts'
import { anthropicApi } from './model/anthropic-api.ts'
import { scriptedModel } from './model/scripted-model.ts'
import { outside } from './outside.ts'
import { programs } from './programs.ts'

const claude = programs.find(({ name }) => name === 'Claude Code')!

test('the Claude Agent SDK runs the MCP server of examples/sdk/claude-agent-sdk.mjs in its process', async () => {
  const [bin, model, network, { url }, folder] = await Promise.all([
    installed('@anthropic-ai/claude-agent-sdk@0.3.332'),
    scriptedModel(anthropicApi),
    outside(),
    serving(),
    mkdtemp(join(tmpdir(), 'midsentence-agent-sdk-')),
  ])
  onTestFinished(() => rm(folder, { recursive: true, maxRetries: 3 }))
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(bin, '../@anthropic-ai'), join(folder, 'node_modules/@anthropic-ai'))
  await symlink(join(root, 'node_modules/@midsentence'), join(folder, 'node_modules/@midsentence'))
  const program = join(folder, 'program.mjs')
  await copyFile(join(root, 'examples/sdk/claude-agent-sdk.mjs'), program)
  const ada = await Listener.join(url)
  const { PATH = '' } = process.env
  const env = {
    ...network.env,
    ...claude.env(`http://127.0.0.1:${model.port}`, folder),
    HOME: folder,
    TMPDIR: folder,
    PATH,
  }
  const host = spawnProcess('env', [
    '-i',
    ...Object.entries({ ...env, MIDSENTENCE_URL: url }).map(each => each.join('=')),
    process.execPath,
    program,
  ])
  await Promise.race([
    model.started,
    host.ended.then(({ stdout, stderr }) => {
      throw new Error(`It ended without asking its model:\n${stdout}${stderr}`)
    }),
  ])
  await model.calls(claude.opening!)
  const results = await model.calls(['append', { text: 'By the SDK.' }], ['push'])
  model.says('I am done.')
  expect(await host.ended).toEqual({ code: 0, stdout: 'I am done.\n', stderr: '' })
  await ada.close()
  expect(ada.heard, results.join('\n')).toEqual(['Claude: By the SDK.'])
})
