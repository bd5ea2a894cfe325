/** Returns the read code that a result ends with. */
export const codeOf = (text: string): string | undefined => /Read code: (\d{1,15}-[a-z]{2})\.\s*$/.exec(text)?.[1]

/** Returns the wait that a result suggests, in milliseconds. */
export const suggestedWaitOf = (text: string): number | undefined => {
  const wait = /\btimeout_ms (\d+)/.exec(text)?.[1]
  return wait === undefined ? undefined : Number(wait)
}

/** The text of a message of the other participant. No other one contains it. */
export const noteOf = (at: number): string => `Note ${at};`

/** Returns a code with the seq of `code` and other letters. */
export function unknownCodeLike(code: string): string {
  const [seq, letters] = code.split('-') as [string, string]
  const last = letters.endsWith('z') ? 'a' : String.fromCharCode(letters.charCodeAt(1) + 1)
  return `${seq}-${letters[0]}${last}`
}
