import { usageError } from '../usage-error.ts'

/** One thing that can be set: by a flag, in the environment, in a file, all under one name. */
export interface Setting<T> {
  /** What stands behind the flag. Absent: a switch. */
  readonly valueName?: string
  /** What it is for, a sentence or two; shown by --help and in docs/operating.md. */
  readonly help: string
  /** What counts where it is not said, in words. */
  readonly defaultText: string
  readonly defaultValue: T
  /** Only as a flag: it means something for one run alone. */
  readonly flagOnly?: true
  /** An older name of it in the environment, which counts where the other is not set. */
  readonly alsoEnv?: string
  /** Reads a text that came from `what`. Throws a usage error that says what would be right. */
  read(textSetting: string, what: string): T
}

type SettingText = Pick<Setting<unknown>, 'help' | 'otherwise'> & {
  readonly flagOnly?: true
  readonly alsoEnv?: string
}

export const text = (takes: string, words: SettingText, fallback: string): Setting<string> => ({
  ...words,
  valueName: takes,
  defaultValue: fallback,
  read(value, what) {
    if (value.trim() !== '') return value
    throw usageError(`${what} needs a value.`)
  },
})

/** The path of a file; undefined where none is named. */
export const fileSetting = (words: SettingText): Setting<string | undefined> => ({
  ...text('FILE', words, ''),
  defaultValue: undefined,
})

export const listSetting = (takes: string, words: SettingText): Setting<readonly string[]> => ({
  ...words,
  valueName: takes,
  defaultValue: [],
  read: value =>
    value
      .split(',')
      .map(each => each.trim())
      .filter(each => each !== ''),
})

export const switchSetting = (words: SettingText): Setting<boolean> => ({
  ...words,
  defaultValue: false,
  read(value, what) {
    if (/^(true|1|yes|on)$/i.test(value)) return true
    if (/^(false|0|no|off|)$/i.test(value)) return false
    throw usageError(`${what} is true or false, not ${JSON.stringify(value)}.`)
  },
})

/** A number from `least` to `most`. */
export const numberSetting = (
  takes: string,
  words: SettingText,
  fallback: number,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): Setting<number> => ({
  ...words,
  valueName: takes,
  defaultValue: fallback,
  read(value, what) {
    const number = Number(value)
    if (value.trim() !== '' && number >= least && number <= most) return number
    const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`
    throw usageError(`${what} takes a number${range}, not ${JSON.stringify(value)}.`)
  },
})

export const choiceSetting = <const T extends string>(
  takes: string,
  words: SettingText,
  choices: readonly T[],
  fallback: T,
) => ({
  ...words,
  takes,
  fallback,
  read(value: string, what: string): T {
    const found = choices.find(choice => choice === value)
    if (found !== undefined) return found
    throw usageError(`${what} is one of ${choices.join(', ')}, not ${JSON.stringify(value)}.`)
  },
})
