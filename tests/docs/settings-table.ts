import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defaultLimits, defaultLoopSettings, defaultRoomAccess, defaultRoomSettings } from '@midsentence/core'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../packages/${path}`, import.meta.url)), 'utf8')

/** A setting as its type documents it. */
interface DocumentedField {
  readonly name: string
  /** Its docstring in one line. */
  readonly says: string
}

/** Reads the documented members of an interface. */
function fieldsOf(file: string, type: string): readonly DocumentedField[] {
  const body = new RegExp(`^export interface ${type} \\{\\n(.*?)^\\}`, 'ms').exec(read(file))![1]!
  return [...body.matchAll(/^ {2}\/\*\*(.*?)\*\/\n {2}(?:readonly )?(\w+)[?(:]/gms)].map(([, says, name]) => ({
    name: name!,
    says: says!.replace(/\s*\n\s*\*\s*/g, ' ').trim(),
  }))
}

/** The groups of settings of a room: the function of the policy, its type and its defaults. */
const groups = [
  ['room', 'core/src/room/settings.ts', 'RoomSettings', defaultRoomSettings],
  ['limits', 'core/src/draft/decide.ts', 'DraftLimits', defaultLimits],
  ['access', 'core/src/ports/policy.ts', 'RoomAccess', defaultRoomAccess],
  ['loopGuard', 'core/src/room/loop-guard.ts', 'LoopSettings', defaultLoopSettings],
] as const

/** The hooks of a policy. */
export const hooks = ['admit', 'content'] as const

export const policyMembers = fieldsOf('core/src/ports/policy.ts', 'Policy').map(({ name }) => name)
export const documentedMembers = [...groups.map(([member]) => member), ...hooks]

/** Every setting of a room, as `member.name`. */
export const settings = groups.flatMap(([, file, type]) => fieldsOf(file, type).map(({ name }) => name))

/** The settings that `rooms` of a settings file may have. */
const inFile = [
  ...read('cli/src/serve/room-rules.ts').matchAll(/^ {2}(\w+): '\w+',$|'(\w+)'(?=[,\]] ?[^\n]*as const)/gm),
].map(([, field, loop]) => field ?? loop)

const shown = (value: string | number | boolean): string =>
  value === Number.POSITIVE_INFINITY ? 'no limit' : typeof value === 'number' ? value.toLocaleString('en') : `${value}`

/** Drops what the column of defaults says. */
const withoutDefault = (says: string): string => says.replace(/ ?Default:? [^.]*\./, '')

/** Renders the table of all settings of a room. Fails if a default is missing, or a docstring. */
export function settingsTable(): string {
  const rows = groups.flatMap(([member, file, type, defaults]) => {
    const fields = fieldsOf(file, type)
    const names = Object.keys(defaults)
    if (fields.map(({ name }) => name).join() !== names.join()) {
      throw new Error(`${type} and its defaults differ, or a member has no docstring: ${names}`)
    }
    return fields.map(({ name, says }) => {
      const value = new Map<string, string | number | boolean>(Object.entries(defaults)).get(name)!
      return `| \`${member}\` | \`${name}\` | ${shown(value)} | ${withoutDefault(says)} | ${inFile.includes(name) ? 'yes' : ''} |`
    })
  })
  return ['| function | setting | default | meaning | in the file |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}
