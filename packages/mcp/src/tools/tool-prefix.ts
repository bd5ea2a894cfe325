/** Names of tools that sentences mention. `who` is not among them: it is a word of many sentences. */
const mentioned = /\b(append|undo|push|reset|check|preview)\b/gi

/** Returns `text` with `prefix` before each name of a tool, in lower case. For texts without quotations. */
export const prefixNames = (text: string, prefix: string): string =>
  prefix === '' ? text : text.replace(mentioned, name => prefix + name.toLowerCase())

/**
 * Returns the text of a result with `prefix` before each name of a tool. Only our own lines change, which begin with `* `, and of
 * them nothing from the first quotation mark to the last: a quoted name or draft stays as it is.
 */
export function prefixResult(text: string, prefix: string): string {
  if (prefix === '') return text
  return text.replace(/^\* .*$/gm, line => {
    const first = line.indexOf('"')
    if (first < 0) return prefixNames(line, prefix)
    const last = line.lastIndexOf('"') + 1
    return prefixNames(line.slice(0, first), prefix) + line.slice(first, last) + prefixNames(line.slice(last), prefix)
  })
}
