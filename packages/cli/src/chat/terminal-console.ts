import {
  clearScreenDown,
  createInterface,
  cursorTo,
  emitKeypressEvents,
  type Interface,
  type Key,
  moveCursor,
} from 'node:readline'
import { PassThrough } from 'node:stream'
import { wrapNotices } from '../wrap-text.ts'
import type { ChatConsole, ChatInput, ConsoleOptions } from './chat-console.ts'
import { isLongPaste, pastedText } from './pasted-text.ts'

export interface TerminalConsoleOptions extends ConsoleOptions {
  /** Stops this process and the others of its job until SIGCONT, as Ctrl-Z does. Default: by SIGTSTP. */
  stopJob?(): void
}

const bracketedPaste = { on: '\x1b[?2004h', off: '\x1b[?2004l' }

/**
 * Opens a console on a terminal. `readline` edits the line; this console reads the keys before it: a paste, Ctrl-C, Ctrl-D
 * and Ctrl-Z. Messages are printed above the line that the user is typing.
 */
export function terminalConsole(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  { signal, complete, leaveQuestion, leave, stopJob = stopProcessGroup }: TerminalConsoleOptions,
): ChatConsole {
  // Readline takes its keys from here: `onKey` passes on what it does not handle.
  const keys = new PassThrough()
  const completer = (text: string): [string[], string] => {
    const [completions, replaced] = complete(text)
    return [[...completions], replaced]
  }
  const reader = createInterface({ input: keys, output, terminal: true, signal, historySize: 100, completer })
  const inputs = new PassThrough({ objectMode: true })
  // Node.js clears this while more characters of the same piece of input follow. The reader itself must not be told: it
  // would then insert at the end of the line, and lose count of its rows.
  const keyParser = { isCompletionEnabled: true }
  let prompted = false
  let closed = false
  let asked = false
  let hasPaste = false
  let paste: string | undefined

  const redraw = () => {
    prompted = true
    reader.prompt(true)
  }
  /** Removes the prompt and the half-typed input from the screen. */
  const hide = () => {
    moveCursor(output, 0, -reader.getCursorPos().rows)
    cursorTo(output, 0)
    clearScreenDown(output)
    setDrawnRows(reader, 0)
  }
  const show = (text: string) => {
    if (closed || !prompted) return void output.write(`${text}\n`)
    hide()
    output.write(`${text}\n`)
    redraw()
  }
  const take = (text: string, pasted: boolean) => void inputs.write({ text, pasted } satisfies ChatInput)
  const clearLine = () => {
    hasPaste = false
    reader.write(null, { ctrl: true, name: 'e' })
    reader.write(null, { ctrl: true, name: 'u' })
  }

  const takePaste = (raw: string) => {
    asked = false
    const text = pastedText(raw)
    if (text === '') return
    if (!isLongPaste(text)) {
      hasPaste = true
      return void reader.write(text)
    }
    const { line, cursor } = reader
    clearLine()
    take(line.slice(0, cursor) + text + line.slice(cursor), true)
  }
  const askToLeave = () => {
    if (asked) return leave()
    asked = true
    show(wrapNotices(`* ${leaveQuestion().sentence}`, output.columns))
  }
  const onKey = (text: string | undefined, key: Key) => {
    if (closed) return
    if (key.name === 'paste-start') paste = ''
    else if (key.name === 'paste-end') {
      const whole = paste ?? ''
      paste = undefined
      takePaste(whole)
    } else if (paste !== undefined) paste += key.sequence ?? text ?? ''
    else if (key.ctrl && key.name === 'c' && reader.line !== '') clearLine()
    else if (key.ctrl && key.name === 'c') askToLeave()
    else if (key.ctrl && key.name === 'd' && reader.line === '' && leaveQuestion().draft) askToLeave()
    else if (key.ctrl && key.name === 'z') suspend()
    // A tab within a piece of input was not typed: it is a text.
    else if (key.name === 'tab' && !keyParser.isCompletionEnabled) reader.write('\t')
    else {
      asked = false
      keys.emit('keypress', text, key)
    }
  }

  const openTerminal = () => {
    input.setRawMode(true)
    output.write(bracketedPaste.on)
  }
  const releaseTerminal = () => {
    output.write(bracketedPaste.off)
    input.setRawMode(false)
  }
  const resume = () => {
    if (closed) return
    // The shell may have changed the mode; libuv sets it only if it differs from the last one.
    input.setRawMode(false)
    openTerminal()
    // The terminal may have been resized while this process could not see it.
    process.emit('SIGWINCH', 'SIGWINCH')
    setDrawnRows(reader, 0)
    if (prompted) redraw()
  }
  const suspend = () => {
    if (process.platform === 'win32') return
    if (prompted) hide()
    releaseTerminal()
    stopJob()
    // Where the system does not stop a job, as in a container's first process, there is no SIGCONT either.
    setImmediate(resume)
  }
  // A terminal that became wider needs fewer rows for the same input: readline would clear the rows above it.
  const onResize = () => setDrawnRows(reader, Math.min(drawnRows(reader), reader.getCursorPos().rows))

  reader.on('line', text => {
    prompted = false
    const pasted = hasPaste
    hasPaste = false
    take(text, pasted)
  })
  reader.once('close', () => {
    closed = true
    process.off('SIGCONT', resume)
    output.off('resize', onResize)
    input.off('keypress', onKey)
    output.write('\n')
    releaseTerminal()
    input.pause()
    inputs.end()
  })
  process.on('SIGCONT', resume)
  output.prependListener('resize', onResize)
  emitKeypressEvents(input, keyParser as unknown as Interface)
  input.on('keypress', onKey)
  input.once('end', () => reader.close())
  input.on('error', () => reader.close())
  openTerminal()
  input.resume()

  return {
    inputs,
    interactive: true,
    get columns() {
      return output.columns
    },
    show,
    prompt(text) {
      if (closed) return
      reader.setPrompt(text)
      redraw()
    },
    ring: () => void output.write('\x07'),
    close: () => reader.close(),
  }
}

/** Stops the whole job: a parent such as npx would otherwise keep the terminal from the shell. */
const stopProcessGroup = () => void process.kill(0, 'SIGTSTP')

type DrawnReader = Interface & { prevRows?: number }

/** The number of rows that readline moves up before it draws the input again. It is no public API. */
const drawnRows = (reader: DrawnReader): number => reader.prevRows ?? 0

const setDrawnRows = (reader: DrawnReader, rows: number): void => {
  reader.prevRows = rows
}
