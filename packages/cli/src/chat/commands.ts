import { wrapText } from '../wrap-text.ts'

/** The commands of `midsentence chat` with what they do, in the order of the help. */
export const chatCommands = {
  push: 'Sends the draft, as Enter on an empty line does.',
  draft: 'Shows the draft as it would be sent.',
  undo: 'Removes the last line or paste from the draft.',
  reset: 'Empties the draft.',
  who: 'Shows who is here.',
  times: 'Shows the time of each message, or hides it again.',
  hush: 'Silences the models of the room until a person sends a message.',
  unhush: 'Lets them speak again.',
  help: 'Shows this list.',
  quit: 'Leaves the room. A draft is not sent.',
} as const

export type ChatCommand = keyof typeof chatCommands

const names = Object.keys(chatCommands)

/** A typed line: a command, a text for the draft, or a sentence that says why it is neither. */
export type ParsedLine = { readonly command: ChatCommand } | { readonly text: string } | { readonly refusal: string }

/** Parses a typed line. One that begins with a slash is a command; with two, it is a text that begins with one slash. */
export function parseLine(line: string): ParsedLine {
  if (!line.startsWith('/')) return { text: line }
  if (line.startsWith('//')) return { text: line.slice(1) }
  const [, name = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(line)!
  const list = names.map(each => `/${each}`).join(' ')
  const hint = 'To write a line that begins with a slash, type two.'
  if (!Object.hasOwn(chatCommands, name)) {
    return { refusal: `There is no command /${name}, so the line was not added. Commands: ${list}. ${hint}` }
  }
  if (rest !== '') return { refusal: `/${name} takes nothing after it, so nothing was done. ${hint}` }
  return { command: name as ChatCommand }
}

const rows: readonly (readonly [input: string, effect: string])[] = [
  ['some text', 'Enter adds the line to your draft. A paste is added as one text.'],
  ['(nothing)', 'Enter on an empty line sends the draft as one message.'],
  ...Object.entries(chatCommands).map(([name, effect]) => [`/${name}`, effect] as const),
  ['//text', 'Adds a line that begins with a slash.'],
  ['Tab', 'Completes a name or a command.'],
  ['Ctrl-C', 'Discards the typed line. On an empty line: asks, then leaves.'],
]

const INDENT = 14

/** Describes what a user can type in `midsentence chat`, in lines of at most `columns` characters. */
export const inputHelp = (columns = 100): string =>
  rows
    .map(([input, effect]) => {
      const effects = wrapText(effect, Math.max(columns - INDENT, 10)).join(`\n${' '.repeat(INDENT)}`)
      return `  ${input.padEnd(INDENT - 2)}${effects}\n`
    })
    .join('')

/** Describes the same as a Markdown table, for docs/chat.md. */
export const inputTable = [
  '| you type | effect |',
  '| --- | --- |',
  ...rows.map(([input, effect]) => `| ${input.startsWith('/') ? `\`${input}\`` : input} | ${effect} |`),
].join('\n')

/**
 * Completes a command, or the name of a participant at the end of `text`. Returns the completions, and the end of `text`
 * that they replace.
 */
export function completeInput(text: string, present: readonly string[]): readonly [readonly string[], string] {
  if (/^\/(?!\/)\S*$/.test(text)) return [names.map(name => `/${name}`).filter(name => name.startsWith(text)), text]
  // A name may have spaces: try the longest end of the text first.
  for (const { index } of text.matchAll(/(?<!\S)@?\S/g)) {
    const at = text.startsWith('@', index) ? index + 1 : index
    const replaced = text.slice(at)
    if (replaced === '') continue
    const start = replaced.toLowerCase()
    const found = present.filter(name => name.toLowerCase().startsWith(start))
    if (found.length > 0) return [found.map(name => (at === 0 ? `${name}, ` : `${name} `)), replaced]
  }
  return [[], text]
}
