const number = /[-+.0-9eE]+/y
const space = /\s*/y

/** Where the string that begins at `start` has ended. */
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
 * The ids that are numbers, as they were written: JSON has numbers that JavaScript cannot hold, and an id is echoed
 * exactly. `text` is valid JSON: one request or a batch; the id of the request at a place, undefined where it is none.
 */
export function numberIdsAsWritten(text: string): (string | undefined)[] {
  const ids: (string | undefined)[] = []
  const batch = text.trimStart().startsWith('[')
  const inside = batch ? 2 : 1
  let depth = 0
  let place = 0
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '{' || sign === '[') depth++
    else if (sign === '}' || sign === ']') depth--
    else if (sign === ',' && batch && depth === 1) place++
    else if (sign === '"') {
      const end = endOfString(text, at)
      const colon = end + match(space, text, end).length
      if (depth === inside && text[colon] === ':' && JSON.parse(text.slice(at, end)) === 'id') {
        ids[place] = match(number, text, colon + 1 + match(space, text, colon + 1).length) || undefined
      }
      at = end - 1
    }
  }
  return ids
}
