import xterm from '@xterm/headless'

/** The screen of a terminal emulator that wraps and rewraps lines as common terminals do. */
export interface Screen {
  readonly columns: number
  /** Everything written, the scrolled part included: lines as they were written, without spaces at their ends. */
  readonly text: string
  /** The rows as they are drawn. */
  readonly rows: readonly string[]
  /** The number of bells. */
  readonly bells: number
  /** Resolves when `data` is drawn. */
  write(data: string | Uint8Array): Promise<void>
  resize(columns: number, rows: number): void
}

/** Creates a screen. */
export function openScreen(columns: number, rows: number): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true })
  let bells = 0
  terminal.onBell(() => void bells++)
  const drawnRows = () => {
    const { active } = terminal.buffer
    return Array.from({ length: active.length }, (_, at) => active.getLine(at)!)
  }
  return {
    get columns() {
      return terminal.cols
    },
    get text() {
      let text = ''
      for (const row of drawnRows())
        text += `${row.isWrapped || text === '' ? '' : '\n'}${row.translateToString(false)}`
      return text.replace(/ +$/gm, '').trimEnd()
    },
    get rows() {
      const rows = drawnRows().map(row => row.translateToString(true))
      return rows.slice(0, rows.findLastIndex(row => row !== '') + 1)
    },
    get bells() {
      return bells
    },
    write: data => new Promise(resolve => terminal.write(data, resolve)),
    resize: (columns, rows) => terminal.resize(columns, rows),
  }
}
