import { type ParseArgsConfig, parseArgs } from 'node:util'
import { joinWords } from './join-words.ts'
import { usageError } from './usage-error.ts'

type ParseOptions = NonNullable<ParseArgsConfig['options']>
type ParsedOptions<O extends ParseOptions> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: O }>
>

export interface CommandDefinition<O extends ParseOptions> {
  readonly name: string
  /** Text that `--help` prints. */
  readonly help: string
  readonly options: O
  /** Required operands, in order. */
  readonly operands?: readonly string[]
  /** Optional operands, after the required ones. */
  readonly optional?: readonly string[]
  /** Resolves with the exit code. Loads heavy modules by dynamic import, so that `--help` stays quick. */
  run(values: ParsedOptions<O>['values'], ...operands: string[]): Promise<number>
}

export interface CliCommand {
  readonly name: string
  readonly help: string
  /** Resolves with the exit code. Rejects with a usage error when `argv` is invalid. */
  run(argv: readonly string[]): Promise<number>
}

/** Defines a subcommand: parses its options and operands before it runs. */
export function defineCommand<const O extends ParseOptions>({
  name,
  help,
  options,
  operands = [],
  optional = [],
  run,
}: CommandDefinition<O>): CliCommand {
  const optionNames = Object.keys(options).map(option => `--${option}`)
  const accepted = joinWords([...operands, ...optional, ...optionNames])
  const parse = (argv: readonly string[]): ParsedOptions<O> => {
    try {
      return parseArgs({ args: [...argv], allowPositionals: true, options }) as ParsedOptions<O>
    } catch (error) {
      throw usageError(parseErrorText(error as NodeJS.ErrnoException, name, accepted, argv))
    }
  }
  return {
    name,
    help,
    async run(argv) {
      const { values, positionals } = parse(argv)
      const missing = operands[positionals.length]
      if (missing !== undefined) throw usageError(`${name} takes ${accepted}: ${missing} is missing.`)
      const extra = positionals[operands.length + optional.length]
      if (extra !== undefined) throw usageError(`${name} takes no argument ${JSON.stringify(extra)}, only ${accepted}.`)
      return run(values, ...positionals)
    },
  }
}

function parseErrorText(
  { code, message }: NodeJS.ErrnoException,
  name: string,
  accepted: string,
  argv: readonly string[],
): string {
  const option = /'(-[^' ]*)/.exec(message)?.[1]
  const next = argv[argv.indexOf(String(option)) + 1]
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `${name} has no option ${option}: it takes ${accepted}.`
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      if (/does not take/.test(message)) return `${option} takes no value.`
      return /^-\d/.test(next ?? '')
        ? `${option} takes no number below 0, such as ${next}.`
        : `${option} needs a value after it.`
    default:
      return message
  }
}
