import { type ParseArgsConfig, parseArgs } from 'node:util'
import { usageError } from './usage-error.ts'

type ParseOptions = NonNullable<ParseArgsConfig['options']>
type ParsedOptions<O extends ParseOptions> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: O }>
>

export interface CommandDefinition<O extends ParseOptions> {
  readonly name: string
  /** What `--help` shows. */
  readonly help: string
  readonly options: O
  /** What it takes besides options, in order; all of it has to be there. */
  readonly operands?: readonly string[]
  /** What it may take behind them. */
  readonly optional?: readonly string[]
  /** Resolves to the exit code. */
  run(values: ParsedOptions<O>['values'], ...operands: string[]): Promise<number>
}

export interface Command {
  readonly name: string
  readonly help: string
  /** Rejects with a usage error where `argv` cannot be meant. */
  run(argv: readonly string[]): Promise<number>
}

/** One of the things that midsentence does, with its own options. */
export function defineCommand<const O extends ParseOptions>({
  name,
  help,
  options,
  operands = [],
  optional = [],
  run,
}: CommandDefinition<O>): Command {
  const names = Object.keys(options).map(option => `--${option}`)
  const takes = joinWords([...operands, ...optional, ...names])
  const parsed = (argv: readonly string[]): ParsedOptions<O> => {
    try {
      return parseArgs({ args: [...argv], allowPositionals: true, options }) as ParsedOptions<O>
    } catch (error) {
      throw usageError(parseErrorText(error as NodeJS.ErrnoException, name, takes))
    }
  }
  return {
    name,
    help,
    async run(argv) {
      const { values, positionals } = parsed(argv)
      const missing = operands[positionals.length]
      if (missing !== undefined) throw usageError(`${name} takes ${takes}: ${missing} is missing.`)
      const extra = positionals[operands.length + optional.length]
      if (extra !== undefined) throw usageError(`${name} takes no argument ${JSON.stringify(extra)}, only ${takes}.`)
      return run(values, ...positionals)
    },
  }
}

/** `words` as a sentence has them. */
export const joinWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

function parseErrorText({ code, message }: NodeJS.ErrnoException, name: string, takes: string): string {
  const option = /'(-[^' ]*)/.exec(message)?.[1]
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `${name} has no option ${option}: it takes ${takes}.`
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return /does not take/.test(message) ? `${option} takes no value.` : `${option} needs a value behind it.`
    default:
      return message
  }
}
