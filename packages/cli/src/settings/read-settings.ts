import { usageError } from '../usage-error.ts'
import { readTextFile } from './read-text-file.ts'
import type { Setting } from './setting.ts'

type SettingTable = Readonly<Record<string, Setting<unknown>>>
export type SettingValues<T extends SettingTable> = {
  readonly [Name in keyof T]: ReturnType<T[Name]['read']> | T[Name]['defaultValue']
}

/** Option values as `parseArgs` returns them. */
type Flags = Readonly<Record<string, string | boolean | undefined>>

/** Content of a settings file: keys of the setting table, and keys that only a file may hold. */
export type ConfigFile = Readonly<Record<string, unknown>>

/** Returns the environment variable of a setting: `log-level` gives MIDSENTENCE_LOG_LEVEL. */
export const envName = (name: string): string => `MIDSENTENCE_${name.toUpperCase().replaceAll('-', '_')}`

/** Converts a setting table to `parseArgs` options. */
export const parseOptions = (table: SettingTable): Record<string, { type: 'string' | 'boolean' }> =>
  Object.fromEntries(
    Object.entries(table).map(([name, { valueName }]) => [
      name,
      { type: valueName === undefined ? 'boolean' : 'string' },
    ]),
  )

/** Resolves every setting: from its flag, else the environment, else the settings file at `path`, else its default. */
export function readSettings<const T extends SettingTable>(
  table: T,
  flags: Flags,
  env: Readonly<Record<string, string | undefined>>,
  config: ConfigFile,
  path: string,
): SettingValues<T> {
  const read = ([name, setting]: readonly [string, Setting<unknown>]) => {
    const flag = flags[name]
    if (flag !== undefined) return [name, setting.read(String(flag), `--${name}`)]
    if (setting.flagOnly) return [name, setting.defaultValue]
    for (const variable of [envName(name), ...(setting.alsoEnv === undefined ? [] : [setting.alsoEnv])]) {
      // An empty variable counts as unset: that is how a user clears one.
      if (env[variable]) return [name, setting.read(env[variable], variable)]
    }
    if (name in config) return [name, setting.read(valueText(config[name], name, path), `${name} in ${path}`)]
    return [name, setting.defaultValue]
  }
  return Object.fromEntries(Object.entries(table).map(read))
}

/** Reads a settings file. Throws a usage error that names the first problem. `fileOnly` lists further allowed keys. */
export function readConfig(path: string, table: SettingTable, fileOnly: readonly string[]): ConfigFile {
  let value: unknown
  try {
    value = JSON.parse(readTextFile(path))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'the file does not exist' : message
    throw usageError(`The settings in ${path} cannot be read: ${why}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`The settings in ${path} have to be one JSON object, as {"port": 8890}.`)
  }
  const names = [...Object.keys(table).filter(name => !table[name]!.flagOnly), ...fileOnly]
  const unknown = Object.keys(value).find(name => !names.includes(name))
  if (unknown === undefined) return value as ConfigFile
  throw usageError(`${path} has no setting ${JSON.stringify(unknown)}: there are ${names.join(', ')}.`)
}

function valueText(value: unknown, name: string, path: string): string {
  if (Array.isArray(value) && value.every(each => typeof each === 'string')) return value.join(',')
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw usageError(`${name} in ${path} has to be a text, a number, true, false or a list of texts.`)
}

/** Reads a file whose whole content is one secret. Throws a usage error that names `source`. */
export function readSecret(path: string, source: string): string {
  try {
    const secret = readTextFile(path).trim()
    if (secret !== '') return secret
  } catch (error) {
    throw usageError(`${source} cannot be read: ${(error as Error).message}.`)
  }
  throw usageError(`${source} names an empty file: write the secret into ${path}.`)
}
