import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { bin } from '../built-command.ts'
import { documentedWays } from './documented-lines.ts'
import { type McpTap, mcpTap } from './mcp-tap.ts'
import { type ScriptedModel, scriptedModel } from './model/scripted-model.ts'
import { outside } from './outside.ts'
import { type HostProgram, writeFiles } from './programs.ts'

export interface HostRun {
  readonly model: ScriptedModel
  readonly tap: McpTap
  /** The addresses outside of this machine that the host asked for. */
  readonly askedOutside: readonly string[]
  /** Resolves with all that it printed, when it has ended. */
  readonly ended: Promise<string>
  /** Sends it and its children the signal of Ctrl-C. */
  interrupt(): void
}

/**
 * Runs the lines of docs/mcp-hosts.md for a host, with a scripted model, joined to the server at `url`. `way` says which of the
 * ways of the page; the default is the first one.
 */
export async function runHost(program: HostProgram, commands: string, url: string, way = 0): Promise<HostRun> {
  const [model, tap, network] = await Promise.all([scriptedModel(program.api), mcpTap(), outside()])
  const home = await mkdtemp(join(tmpdir(), 'midsentence-host-'))
  const folder = join(home, 'project')
  await mkdir(folder)
  const address = `http://127.0.0.1:${model.port}`
  const { lines, files } = documentedWays(program.name, program.npx ? [] : tap.wrap([process.execPath, bin]), url).at(
    way,
  )!
  await writeFiles(home, home, program.files?.(address) ?? {})
  await writeFiles(folder, home, files)
  const child = spawn('sh', ['-ec', lines], {
    cwd: folder,
    // Not the environment of the tests: it may point to another model, or to this session's own host.
    env: {
      PATH: `${commands}:${process.env.PATH}`,
      HOME: home,
      TMPDIR: home,
      ...network.env,
      ...program.env(address, home),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (printed += text))
  const ended = new Promise<string>(resolve => child.once('close', () => resolve(printed)))
  onTestFinished(async () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // All of its processes have ended.
    }
    await ended
    await rm(home, { recursive: true, force: true, maxRetries: 3 })
  })
  await Promise.race([
    model.started,
    ended.then(() => {
      throw new Error(`${program.name} ended without asking its model:\n${printed}`)
    }),
  ])
  if (program.opening) await model.calls(program.opening)
  return { model, tap, askedOutside: network.asked, ended, interrupt: () => void process.kill(-child.pid!, 'SIGINT') }
}
