import { createInterface } from 'node:readline'
import type { TakeInterrupts } from '../interrupt.ts'
import { withoutByteOrderMark } from '../settings/read-text-file.ts'
import type { ChatConsole, ChatInput, ConsoleOptions } from './chat-console.ts'

export interface LineConsoleOptions extends ConsoleOptions {
  /** True for a terminal without escape sequences (TERM=dumb), false for pipes. */
  readonly interactive: boolean
  readonly takeInterrupts: TakeInterrupts
}

/** Opens a console of plain lines in and plain lines out: on pipes, and on a terminal that edits its lines itself. */
export function lineConsole(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  { signal, interactive, leaveQuestion, leave, takeInterrupts }: LineConsoleOptions,
): ChatConsole {
  const reader = createInterface({ input, terminal: false, crlfDelay: Number.POSITIVE_INFINITY, signal })
  input.on('error', () => reader.close())
  const show = (text: string) => void output.write(`${text}\n`)
  let asked = false
  // The terminal itself has discarded the typed line.
  const onInterrupt = () => {
    if (asked) return leave()
    asked = true
    show(`* ${leaveQuestion().sentence}`)
  }
  if (interactive) takeInterrupts(onInterrupt)
  const inputs = async function* (): AsyncGenerator<ChatInput> {
    let first = true
    for await (const line of reader) {
      asked = false
      yield { text: first ? withoutByteOrderMark(line) : line, pasted: false }
      first = false
    }
  }
  return {
    inputs: inputs(),
    interactive,
    columns: undefined,
    show,
    prompt() {},
    ring() {},
    close() {
      reader.close()
      input.destroy()
    },
  }
}
