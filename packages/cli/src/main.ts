import { parseArgs } from 'node:util'
import { isMidsentenceError } from '@midsentence/core'
import { demo } from './demo/demo.ts'
import { help } from './help.ts'
import { untilInterrupted } from './interrupt.ts'
import { isUsageError, usageError } from './usage-error.ts'

/** Runs the command line `argv` and resolves to the exit code. Prints; never rejects, never shows a stack. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads along may stop reading, as `head` does: nothing is left to do then.
  process.stdout.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1))
  try {
    return await run(argv)
  } catch (error) {
    console.error(sentenceOf(error))
    return isUsageError(error) ? 2 : 1
  }
}

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parsed(argv)
  const [command, ...rest] = positionals
  if (values.help || command === undefined || command === 'help') {
    process.stdout.write(help)
    return 0
  }
  if (command !== 'demo') throw usageError(`There is no command ${JSON.stringify(command)}: the one there is, is demo.`)
  if (rest.length > 0) throw usageError(`demo takes no argument ${JSON.stringify(rest[0])}, only --url and --speed.`)
  const url = values.url === undefined ? undefined : addressOf(values.url)
  const speed = values.speed === undefined ? undefined : speedOf(values.speed)
  const out = process.stdout
  return untilInterrupted(signal => demo({ out, signal, ...(url && { url }), ...(speed && { speed }) }))
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, url: { type: 'string' }, speed: { type: 'string' } },
    })
  } catch (error) {
    throw usageError((error as Error).message)
  }
}

function addressOf(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : ''
  if (protocol === 'http:' || protocol === 'https:') return text
  throw usageError(`--url takes the address of a server, as http://127.0.0.1:8890, not ${JSON.stringify(text)}.`)
}

function speedOf(text: string): number {
  const speed = Number(text)
  if (text.trim() !== '' && Number.isFinite(speed) && speed > 0) return speed
  throw usageError(`--speed takes a number above 0, as 2 for twice as fast, not ${JSON.stringify(text)}.`)
}

function sentenceOf(error: unknown): string {
  if (isUsageError(error)) return `midsentence: ${error.message}\nRead more with: midsentence --help`
  if (isMidsentenceError(error)) return `midsentence: ${error.message}`
  return `midsentence: something went wrong that should not: ${error instanceof Error ? error.message : String(error)}`
}
