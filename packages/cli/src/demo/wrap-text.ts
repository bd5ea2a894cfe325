/** `text` in lines of at most `width` characters, broken at spaces where there are any. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (let word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line)
      line = ''
    }
    while (textWidth(word) > width) {
      const characters = [...word]
      lines.push(characters.slice(0, width).join(''))
      word = characters.slice(width).join('')
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** Characters, as a terminal's cells count them for most scripts. */
export const textWidth = (text: string): number => [...text].length
