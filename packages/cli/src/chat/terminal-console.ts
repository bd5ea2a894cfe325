import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'
import type { OpenConsole } from './chat-console.ts'

/** Opens a console on a terminal. Prints messages above the line that the user is typing. */
export const terminalConsole: OpenConsole = (input, output, signal) => {
  const reader = createInterface({ input, output, terminal: true, signal, historySize: 100 })
  let prompted = false
  let closed = false
  // In raw mode the terminal sends Ctrl-C as a key, so the signal has to be raised here.
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
      // Without this, readline would clear the rows above as part of the half-typed input.
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
