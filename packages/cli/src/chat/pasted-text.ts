/** A paste of one line up to this length is inserted into the typed line, in characters. */
const MAX_INSERTED = 400

const lineBreak = /\r\n|[\r\v\f\u0085\u2028\u2029]/g
/** C0 without tab and line break, DEL and C1: they would control the terminal. */
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g

/** Returns the text of a paste: with plain line breaks, without breaks at its end, with controls replaced. */
export const pastedText = (raw: string): string =>
  raw.replace(lineBreak, '\n').replace(/\n+$/, '').replace(control, '\ufffd')

/** Whether a paste becomes a part of the draft at once, since it does not fit into the line that the user types. */
export const isLongPaste = (text: string): boolean => text.includes('\n') || text.length > MAX_INSERTED
