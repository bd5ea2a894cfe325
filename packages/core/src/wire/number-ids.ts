const number = /[-+.0-9eE]+/y
const space = /\s*/y

/** Returns the index after the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = start + 1
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end + 1
}

const match = (pattern: RegExp, text: string, at: number): string => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/**
 * Returns numeric ids as written in `text`, by the index of their request; undefined for other ids. JavaScript cannot
 * represent every JSON number, and a response must repeat its id exactly. `text` is valid JSON: a request or a batch.
 */
export function numberIdsAsWritten(text: string): (string | undefined)[] {
  const ids: (string | undefined)[] = []
  const batch = text.trimStart().startsWith('[')
  const inside = batch ? 2 : 1
  let depth = 0
  let index = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    else if (character === ',' && batch && depth === 1) index++
    else if (character === '"') {
      const end = endOfString(text, at)
      const colon = end + match(space, text, end).length
      if (depth === inside && text[colon] === ':' && JSON.parse(text.slice(at, end)) === 'id') {
        ids[index] = match(number, text, colon + 1 + match(space, text, colon + 1).length) || undefined
      }
      at = end - 1
    }
  }
  return ids
}
