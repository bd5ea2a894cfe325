import { readFileSync } from 'node:fs'
import { usageError } from '../usage-error.ts'
import type { Setting } from './setting.ts'

type SettingTable = Readonly<Record<string, Setting<unknown>>>
export type SettingValues<T extends SettingTable> = {
  readonly [Name in keyof T]: ReturnType<T[Name]['read']> | T[Name]['defaultValue']
}

/** What parseArgs gave. */
type Flags = Readonly<Record<string, string | boolean | undefined>>

/** A file of settings: those of the table by their names, and what else it may hold. */
export type ConfigFile = Readonly<Record<string, unknown>>

/** The name of a setting in the environment. */
export const envName = (name: string): string => `MIDSENTENCE_${name.toUpperCase().replaceAll('-', '_')}`

/** What parseArgs needs to know of a table. */
export const parseOptions = (table: SettingTable): Record<string, { type: 'string' | 'boolean' }> =>
  Object.fromEntries(
    Object.entries(table).map(([name, { valueName: takes }]) => [
      name,
      { type: takes === undefined ? 'boolean' : 'string' },
    ]),
  )

/** Each setting: as its flag says, else the environment, else the file, else by itself. */
export function readSettings<const T extends SettingTable>(
  table: T,
  flags: Flags,
  env: Readonly<Record<string, string | undefined>>,
  config: ConfigFile,
  from: string,
): SettingValues<T> {
  const read = ([name, setting]: readonly [string, Setting<unknown>]) => {
    const flag = flags[name]
    if (flag !== undefined) return [name, setting.read(String(flag), `--${name}`)]
    if (setting.flagOnly) return [name, setting.defaultValue]
    for (const variable of [envName(name), ...(setting.alsoEnv === undefined ? [] : [setting.alsoEnv])]) {
      // Empty is as good as not there: that is how one takes a variable back.
      if (env[variable]) return [name, setting.read(env[variable], variable)]
    }
    if (name in config) return [name, setting.read(valueText(config[name], name, from), `${name} in ${from}`)]
    return [name, setting.defaultValue]
  }
  return Object.fromEntries(Object.entries(table).map(read))
}

/** Reads a file of settings. Throws a usage error that names what is wrong in it. */
export function readConfig(path: string, table: SettingTable, more: readonly string[]): ConfigFile {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : message
    throw usageError(`The settings in ${path} cannot be read: ${why}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`The settings in ${path} have to be one JSON object, as {"port": 8890}.`)
  }
  const names = [...Object.keys(table).filter(name => !table[name]!.flagOnly), ...more]
  const unknown = Object.keys(value).find(name => !names.includes(name))
  if (unknown === undefined) return value as ConfigFile
  throw usageError(`${path} has no setting ${JSON.stringify(unknown)}: there are ${names.join(', ')}.`)
}

function valueText(value: unknown, name: string, from: string): string {
  if (Array.isArray(value) && value.every(each => typeof each === 'string')) return value.join(',')
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw usageError(`${name} in ${from} has to be a text, a number, true, false or a list of texts.`)
}

/** A secret that stands alone in a file. */
export function readSecret(path: string, what: string): string {
  try {
    const secret = readFileSync(path, 'utf8').trim()
    if (secret !== '') return secret
  } catch (error) {
    throw usageError(`${what} cannot be read: ${(error as Error).message}.`)
  }
  throw usageError(`${what} names an empty file: write the secret into ${path}.`)
}
