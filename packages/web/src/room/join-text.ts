/** Scripts that are written without spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** White space, and signs that follow a word without a space. */
const closing = /^[\s.,;:!?…)\]}»”’%、。，！？）」』]/u

/**
 * Returns `text` as it continues a draft that ends with `suffix`: after a space, unless one of them has it, the script needs
 * none, or the text begins with a sign that closes a word. A draft is its segments with nothing in between.
 */
export function continued(suffix: string, text: string): string {
  const last = [...suffix.slice(-2)].at(-1)
  if (last === undefined || /\s|[([{«“‘¿¡（「『]/u.test(last)) return text
  if (closing.test(text) || (unspaced.test(last) && unspaced.test([...text.slice(0, 2)][0] ?? ''))) return text
  return ` ${text}`
}
