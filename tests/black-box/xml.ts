/** Throws unless `text` is well-formed XML of elements, attributes, text and entities only. */
export function mustBeXml(text: string): void {
  const token =
    /<\?xml [^?]*\?>|<(\/?)([a-z]+)((?:\s+[a-z]+="(?:[^<&"]|&(?:amp|lt|gt|quot|#\d+);)*")*)\s*(\/?)>|[^<>&]+|&(?:amp|lt|gt|quot|#\d+);/y
  const open: string[] = []
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const found = token.exec(text)
    if (!found) throw new Error(`Invalid XML at ${at}: ${JSON.stringify(text.slice(at, at + 60))}`)
    const [, closes, name, , empty] = found
    if (name === undefined || empty === '/') continue
    if (closes === '') open.push(name)
    else if (open.pop() !== name) throw new Error(`</${name}> closes nothing.`)
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is never closed.`)
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text))
    throw new Error('The text contains characters that XML does not allow.')
}
