/** Wraps `text` to lines of at most `width` characters. Breaks at spaces, and inside longer words. */
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

/** Counts code points, which is the width in terminal cells for most scripts. */
export const textWidth = (text: string): number => [...text].length
