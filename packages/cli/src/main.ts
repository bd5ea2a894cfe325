import type { CliCommand } from './define-command.ts'
import { watchOutput } from './output-errors.ts'
import { isUsageError, usageError } from './usage-error.ts'

/** Loaders by command name: a command loads its own modules only when it is called. */
const commands: Readonly<Record<string, () => Promise<CliCommand>>> = {
  serve: async () => (await import('./serve/serve.ts')).serve,
  join: async () => (await import('./join/join.ts')).join,
  chat: async () => (await import('./chat/chat.ts')).chat,
  agent: async () => (await import('./agent/agent.ts')).agent,
  mcp: async () => (await import('./mcp/mcp.ts')).mcp,
  demo: async () => (await import('./demo/demo.ts')).demo,
  debate: async () => (await import('./debate/debate.ts')).debate,
  conformance: async () => (await import('./conformance/conformance.ts')).conformance,
  arena: async () => (await import('./arena/arena.ts')).arena,
  watch: async () => (await import('./watch/watch.ts')).watch,
  record: async () => (await import('./watch/record.ts')).record,
  admin: async () => (await import('./admin/admin.ts')).admin,
  backup: async () => (await import('./data/backup.ts')).backup,
  verify: async () => (await import('./data/verify.ts')).verify,
  export: async () => (await import('./data/export.ts')).exportCommand,
  import: async () => (await import('./data/import.ts')).importCommand,
}

/** Runs the command line `argv` and resolves with the exit code. Prints errors as one sentence; never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  watchOutput()
  try {
    return await run(argv)
  } catch (error) {
    console.error(await errorText(error, argv[0]))
    return isUsageError(error) ? 2 : 1
  }
}

async function run([first, ...rest]: readonly string[]): Promise<number> {
  const name = first === 'help' ? rest[0] : first
  const command = name !== undefined && Object.hasOwn(commands, name) ? await commands[name]!() : undefined
  if (command && (first === 'help' || rest.some(isHelp))) return print(command.help)
  if (command) return command.run(rest)
  if (name === undefined || isHelp(name)) return print((await import('./overview.ts')).overview)
  if (name === '--version') return print(`${(await import('./version.ts')).version}\n`)
  const { joinWords } = await import('./join-words.ts')
  throw usageError(`There is no command ${JSON.stringify(name)}: there are ${joinWords(Object.keys(commands))}.`)
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h'

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

async function errorText(error: unknown, name: string | undefined): Promise<string> {
  if (isUsageError(error)) {
    const known = name !== undefined && Object.hasOwn(commands, name)
    return `midsentence: ${error.message}\nRead more with: midsentence ${known ? `${name} ` : ''}--help`
  }
  const missing = missingPackage(error)
  if (missing !== undefined) {
    return `midsentence: The package ${missing} is missing from this installation: install midsentence again (npm install), then try again.`
  }
  // Loaded here, because `--version` and `--help` must not load core.
  const [{ isMidsentenceError }, { inLine }] = await Promise.all([
    import('@midsentence/core'),
    import('@midsentence/client'),
  ])
  const message = inLine(error instanceof Error ? error.message : String(error))
  // The sentence may be a server's, with terminal escapes in it.
  return `midsentence: ${isMidsentenceError(error) ? '' : 'unexpected error: '}${message}`
}

/** Returns the package that Node.js could not find, or undefined for another error. */
function missingPackage(error: unknown): string | undefined {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown }
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined
  return /^Cannot find (?:package|module) '((?:@[^/']+\/)?[^/'.][^/']*)/.exec(String(message))?.[1]
}
