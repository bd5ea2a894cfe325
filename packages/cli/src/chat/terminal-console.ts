import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'
import type { OpenConsole } from './chat-console.ts'

/** For terminals: what comes in is written above the line that is being typed. */
export const terminalConsole: OpenConsole = (input, output, signal) => {
  const reader = createInterface({ input, output, terminal: true, signal, historySize: 100 })
  let prompted = false
  let closed = false
  // Ctrl-C reaches nobody else while the terminal hands over each key.
  reader.on('SIGINT', () => process.emit('SIGINT', 'SIGINT'))
  reader.once('close', () => {
    closed = true
    output.write('\n')
  })
  reader.on('line', () => {
    prompted = false
  })
  const redraw = () => {
    prompted = true
    reader.prompt(true)
  }
  return {
    lines: reader,
    interactive: true,
    show(text) {
      if (closed || !prompted) return void output.write(`${text}\n`)
      const { rows } = reader.getCursorPos()
      moveCursor(output, 0, -rows)
      cursorTo(output, 0)
      clearScreenDown(output)
      output.write(`${text}\n`)
      // Else it would clear the rows above it, taking them for what was half typed.
      Object.assign(reader, { prevRows: 0 })
      redraw()
    },
    prompt(text) {
      if (closed) return
      reader.setPrompt(text)
      redraw()
    },
    close: () => reader.close(),
  }
}
