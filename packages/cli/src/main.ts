import { isMidsentenceError } from '@midsentence/core'
import { admin } from './admin/admin.ts'
import { chat } from './chat/chat.ts'
import { type Command, listed } from './command.ts'
import { backup } from './data/backup.ts'
import { exporting } from './data/export.ts'
import { importing } from './data/import.ts'
import { verify } from './data/verify.ts'
import { demo } from './demo/demo.ts'
import { help } from './help.ts'
import { join } from './join/join.ts'
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
  export: async () => exporting,
  import: async () => importing,
}

/** Runs the command line `argv` and resolves to the exit code. Prints; never rejects, never shows a stack. */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.off('error', unread).on('error', unread)
  try {
    return await run(argv)
  } catch (error) {
    console.error(sentenceOf(error, argv[0]))
    return isUsageError(error) ? 2 : 1
  }
}

/** Whoever reads along may stop reading, as `head` does: nothing is left to do then. */
const unread = (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1)

async function run([first, ...rest]: readonly string[]): Promise<number> {
  const asked = first === 'help' ? rest[0] : first
  const command = asked !== undefined && Object.hasOwn(commands, asked) ? await commands[asked]!() : undefined
  if (command && (first === 'help' || rest.some(isHelp))) return show(command.help)
  if (command) return command.run(rest)
  if (asked === undefined || isHelp(asked)) return show(help)
  if (asked === '--version') return show(`${version}\n`)
  throw usageError(`There is no command ${JSON.stringify(asked)}: there are ${listed(Object.keys(commands))}.`)
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h'

function show(text: string): number {
  process.stdout.write(text)
  return 0
}

function sentenceOf(error: unknown, asked: string | undefined): string {
  if (isUsageError(error)) {
    const known = asked !== undefined && Object.hasOwn(commands, asked)
    return `midsentence: ${error.message}\nRead more with: midsentence ${known ? `${asked} ` : ''}--help`
  }
  if (isMidsentenceError(error)) return `midsentence: ${error.message}`
  return `midsentence: something went wrong that should not: ${error instanceof Error ? error.message : String(error)}`
}
