import { usageError } from '../usage-error.ts'
import { expandHome } from './read-text-file.ts'

/** A setting that can be given as a flag, an environment variable and a key in a settings file, under one name. */
export interface Setting<T> {
  /** Placeholder of the flag's value in help, such as PORT. Absent for a switch. */
  readonly valueName?: string
  /** One or two sentences for `--help` and docs/operating.md. */
  readonly help: string
  /** The default in words. Empty for an unset list or a switch that is off. */
  readonly defaultText: string
  readonly defaultValue: T
  /** True when only a flag may set it, because it applies to one run. */
  readonly flagOnly?: true
  /** A second environment variable, read when the first is not set. */
  readonly alsoEnv?: string
  /** Parses a text that came from `source`. Throws a usage error that names `source`. */
  read(text: string, source: string): T
}

type SettingText = Pick<Setting<unknown>, 'help' | 'defaultText'> & {
  readonly flagOnly?: true
  readonly alsoEnv?: string
}

export const textSetting = (valueName: string, words: SettingText, defaultValue: string): Setting<string> => ({
  ...words,
  valueName,
  defaultValue,
  read(value, source) {
    if (value.trim() !== '') return value
    throw usageError(`${source} needs a value.`)
  },
})

/** Creates a setting that holds a file path, undefined by default. A leading `~` becomes the home folder. */
export const fileSetting = (words: SettingText): Setting<string | undefined> => {
  const setting = textSetting('FILE', words, '')
  return { ...setting, defaultValue: undefined, read: (value, source) => expandHome(setting.read(value, source)) }
}

/** Creates a setting that holds a comma-separated list. */
export const listSetting = (valueName: string, words: SettingText): Setting<readonly string[]> => ({
  ...words,
  valueName,
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
  read(value, source) {
    if (/^(true|1|yes|on)$/i.test(value)) return true
    if (/^(false|0|no|off|)$/i.test(value)) return false
    throw usageError(`${source} is true or false, not ${JSON.stringify(value)}.`)
  },
})

/** Creates a setting that holds a number from `least` to `most`. */
export const numberSetting = (
  valueName: string,
  words: SettingText,
  defaultValue: number,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): Setting<number> => ({
  ...words,
  valueName,
  defaultValue,
  read(value, source) {
    const number = Number(value)
    if (value.trim() !== '' && number >= least && number <= most) return number
    const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`
    throw usageError(`${source} takes a number${range}, not ${JSON.stringify(value)}.`)
  },
})

/** Creates a setting that holds a number from `least` to `most`, undefined by default. */
export const optionalNumberSetting = (
  valueName: string,
  words: SettingText,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): Setting<number | undefined> => ({
  ...numberSetting(valueName, words, 0, least, most),
  defaultValue: undefined,
})

export const choiceSetting = <const T extends string>(
  valueName: string,
  words: SettingText,
  choices: readonly T[],
  defaultValue: T,
) => ({
  ...words,
  valueName,
  defaultValue,
  read(value: string, source: string): T {
    const found = choices.find(choice => choice === value)
    if (found !== undefined) return found
    throw usageError(`${source} is one of ${choices.join(', ')}, not ${JSON.stringify(value)}.`)
  },
})
