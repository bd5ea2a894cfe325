import type { Message } from '@midsentence/core'

/** Whatever Unicode, a terminal or a language's line splitting calls the end of a line. */
const lineBreak = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g
/** C0 (a tab too), DEL, C1 and bidi controls. */
const control = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
/** What would let a name begin like an indent, like a sentence of ours, or like nothing at all. */
const beginning = /^[\s\p{Default_Ignorable_Code_Point}*]+/u
const replaced = '\ufffd'
const indent = '    '

/** The lines of a text, free of controls. Never empty. */
const linesOf = (text: string): string[] => text.split(lineBreak).map(line => line.replace(control, replaced))

/** A text in one line, to stand within a sentence. */
export const inLine = (text: string): string => linesOf(text).join(' ')

/** A text as lines that are all indented. */
export const indented = (text: string): string => indent + linesOf(text).join(`\n${indent}`)

/** A sender's name, shown so that it can only be read as a name. */
export const shownName = (name: string): string =>
  name
    .replace(lineBreak, replaced)
    .replace(control, replaced)
    .replaceAll(':', replaced)
    .replace(beginning, found => replaced.repeat(found.length)) || replaced

/**
 * Messages as a model or a person reads them, `ChatGPT: anyone here?`, one a line. Further lines of a content are
 * indented, controls show as U+FFFD and names are plain: nothing that is said can look as if somebody else said it.
 */
export const renderMessages = (messages: readonly Message[]): string =>
  messages
    .map(({ sender_id, content }) => `${shownName(sender_id)}: ${linesOf(content).join(`\n${indent}`)}`)
    .join('\n')
