import { envName } from './read-settings.ts'
import type { Setting } from './setting.ts'

const INDENT = 22
const WIDTH = 98

/** The settings of a table as `--help` shows them. */
export function formatSettings(table: Readonly<Record<string, Setting<unknown>>>): string {
  return Object.entries(table)
    .map(([name, { valueName: takes, help, defaultText: otherwise }]) => {
      const flag = `  --${name}${takes === undefined ? '' : ` ${takes}`}`
      const words = wrapWords(`${help}${otherwise === '' ? '' : ` Default: ${otherwise}.`}`, WIDTH - INDENT)
      const [first = '', ...rest] = flag.length < INDENT - 1 ? words : ['', ...words]
      return [`${flag.padEnd(INDENT)}${first}`.trimEnd(), ...rest.map(line => ' '.repeat(INDENT) + line)].join('\n')
    })
    .join('\n')
}

/** The settings of a table as a table of Markdown. */
export function settingsTable(table: Readonly<Record<string, Setting<unknown>>>): string {
  const rows = Object.entries(table)
    .filter(([, { flagOnly }]) => !flagOnly)
    .map(([name, { valueName: takes, help, defaultText: otherwise }]) => {
      const flag = `\`--${name}${takes === undefined ? '' : ` ${takes}`}\``
      return `| ${flag} | \`${envName(name)}\` | ${help} | ${otherwise === '' ? 'off' : otherwise} |`
    })
  return ['| flag, and name in the file | environment | what | default |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}

function wrapWords(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}
