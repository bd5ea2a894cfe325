import { envName } from './read-settings.ts'
import type { Setting } from './setting.ts'

const INDENT = 22
const WIDTH = 98

/** Formats a setting table for `--help`. */
export function formatSettings(table: Readonly<Record<string, Setting<unknown>>>): string {
  return Object.entries(table)
    .map(([name, { valueName, help, defaultText }]) => {
      const flag = `  --${name}${valueName === undefined ? '' : ` ${valueName}`}`
      const words = wrapWords(`${help}${defaultText === '' ? '' : ` Default: ${defaultText}.`}`, WIDTH - INDENT)
      const [first = '', ...rest] = flag.length < INDENT - 1 ? words : ['', ...words]
      return [`${flag.padEnd(INDENT)}${first}`.trimEnd(), ...rest.map(line => ' '.repeat(INDENT) + line)].join('\n')
    })
    .join('\n')
}

/** Formats a setting table as a Markdown table, for docs/operating.md. */
export function settingsTable(table: Readonly<Record<string, Setting<unknown>>>): string {
  const rows = Object.entries(table)
    .filter(([, { flagOnly }]) => !flagOnly)
    .map(([name, { valueName, help, defaultText }]) => {
      const flag = `\`--${name}${valueName === undefined ? '' : ` ${valueName}`}\``
      return `| ${flag} | \`${envName(name)}\` | ${help} | ${defaultText === '' ? 'off' : defaultText} |`
    })
  return ['| flag, and key in the file | environment | meaning | default |', '| --- | --- | --- | --- |', ...rows].join(
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
