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

/** Wraps each line that begins with `* ` to `width` characters. Other lines, and all without a width, stay as they are. */
export const wrapNotices = (text: string, width: number | undefined): string =>
  width === undefined
    ? text
    : text
        .split('\n')
        .map(line =>
          line.startsWith('* ') ? `* ${wrapText(line.slice(2), Math.max(width - 2, 10)).join('\n  ')}` : line,
        )
        .join('\n')

/** Counts code points, which is the width in terminal cells for most scripts. */
export const textWidth = (text: string): number => [...text].length
