import { isMidsentenceError } from '@midsentence/core'
import { admin } from './admin/admin.ts'
import { chat } from './chat/chat.ts'
import { backup } from './data/backup.ts'
import { exportCommand } from './data/export.ts'
import { importCommand } from './data/import.ts'
import { verify } from './data/verify.ts'
import { type Command, joinWords } from './define-command.ts'
import { demo } from './demo/demo.ts'
import { join } from './join/join.ts'
import { overview } from './overview.ts'
import { serve } from './serve/serve.ts'
import { isUsageError, usageError } from './usage-error.ts'
import { version } from './version.ts'

/** What takes long to load is loaded when it is meant. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => serve,
  join: async () => join,
  chat: async () => chat,
  agent: async () => (await import('./agent/agent.ts')).agent,
  mcp: async () => (await import('./mcp/mcp.ts')).mcp,
  demo: async () => demo,
  debate: async () => (await import('./debate/debate.ts')).debate,
  conformance: async () => (await import('./conformance/conformance.ts')).conformance,
  admin: async () => admin,
  backup: async () => backup,
  verify: async () => verify,
  export: async () => exportCommand,
  import: async () => importCommand,
}

/** Runs the command line `argv` and resolves to the exit code. Prints; never rejects, never shows a stack. */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.off('error', onOutputError).on('error', onOutputError)
  try {
    return await run(argv)
  } catch (error) {
    console.error(errorText(error, argv[0]))
    return isUsageError(error) ? 2 : 1
  }
}

/** Whoever reads along may stop reading, as `head` does: nothing is left to do then. */
const onOutputError = (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1)

async function run([first, ...rest]: readonly string[]): Promise<number> {
  const asked = first === 'help' ? rest[0] : first
  const command = asked !== undefined && Object.hasOwn(commands, asked) ? await commands[asked]!() : undefined
  if (command && (first === 'help' || rest.some(isHelp))) return show(command.help)
  if (command) return command.run(rest)
  if (asked === undefined || isHelp(asked)) return show(overview)
  if (asked === '--version') return show(`${version}\n`)
  throw usageError(`There is no command ${JSON.stringify(asked)}: there are ${joinWords(Object.keys(commands))}.`)
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h'

function show(text: string): number {
  process.stdout.write(text)
  return 0
}

function errorText(error: unknown, asked: string | undefined): string {
  if (isUsageError(error)) {
    const known = asked !== undefined && Object.hasOwn(commands, asked)
    return `midsentence: ${error.message}\nRead more with: midsentence ${known ? `${asked} ` : ''}--help`
  }
  if (isMidsentenceError(error)) return `midsentence: ${error.message}`
  return `midsentence: something went wrong that should not: ${error instanceof Error ? error.message : String(error)}`
}
