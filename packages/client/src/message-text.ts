import type { Message } from '@midsentence/core'

/** Every line break that Unicode, terminals or the standard library of a language knows. */
const lineBreak = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g
/** C0 with tab, DEL, C1 and bidi controls. */
const control = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
/** Characters at the start of a name that look like an indent, like our `* `, or are invisible. */
const beginning = /^[\s\p{Default_Ignorable_Code_Point}*]+/u
const replacement = '\ufffd'
const indent = '    '

/** Splits a text into lines, with controls replaced. Returns at least one line. */
const linesOf = (text: string): string[] => text.split(lineBreak).map(line => line.replace(control, replacement))

/** Joins a text into one line, for use inside a sentence. */
export const inLine = (text: string): string => linesOf(text).join(' ')

/** Indents every line of a text. */
export const indented = (text: string): string => indent + linesOf(text).join(`\n${indent}`)

/** Returns a sender's name, with characters replaced that would let it look like anything else. */
export const shownName = (name: string): string =>
  name
    .replace(lineBreak, replacement)
    .replace(control, replacement)
    .replaceAll(':', replacement)
    .replace(beginning, found => replacement.repeat(found.length)) || replacement

/**
 * Renders messages for a model or a person, one per line: `ChatGPT: anyone here?`. Further lines of a content are indented
 * and controls become U+FFFD, so that no message can look like a message of another sender.
 */
export const renderMessages = (messages: readonly Message[]): string =>
  messages
    .map(({ sender_id, content }) => `${shownName(sender_id)}: ${linesOf(content).join(`\n${indent}`)}`)
    .join('\n')
