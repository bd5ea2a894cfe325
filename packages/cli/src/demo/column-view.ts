import { textWidth, wrapText } from '../wrap-text.ts'
import type { DemoEvent, DemoEventType, DemoName, OpenDemoView } from './demo-view.ts'

/** Least terminal width for two columns, in characters. */
export const MIN_TERMINAL_WIDTH = 64

const FRAME_MS = 25
const MAX_COLUMN_WIDTH = 58

const marks: Readonly<Record<DemoEventType, string>> = {
  writes: '+ ',
  'takes back': '− ',
  empties: '− ',
  waits: '… ',
  hears: '· ',
  reads: '» ',
  pushes: '↑ ',
  held: '✗ ',
  sent: '✓ ',
  trouble: '! ',
}

const labels: Readonly<Record<DemoEventType, string>> = {
  writes: '',
  'takes back': 'takes back: ',
  empties: 'empties ',
  waits: 'waits ',
  hears: 'hears ',
  reads: '',
  pushes: 'pushes ',
  held: 'held: ',
  sent: 'sent ',
  trouble: '',
}

/** Reading pause after an item at speed 1, in milliseconds. */
const pauses: Readonly<Partial<Record<DemoEventType | 'note', number>>> = {
  writes: 250,
  'takes back': 900,
  hears: 450,
  reads: 1100,
  pushes: 350,
  held: 1100,
  sent: 450,
  note: 500,
}

const verdictTypes: readonly DemoEventType[] = ['hears', 'sent', 'held']

type QueuedItem = DemoEvent | { readonly note: string }

/**
 * Opens a view with one column per participant, and types texts character by character. A row is only redrawn in place,
 * after a carriage return, so the output scrolls like any other. Simultaneous events share their rows.
 */
export const columnView: OpenDemoView = (out, palette, timing) => {
  const columnWidth = Math.min(MAX_COLUMN_WIDTH, Math.floor((out.columns - 8) / 2))
  const queue: QueuedItem[] = []
  let running: Promise<void> | undefined
  let closed = false
  let rowOpen = false
  let titled = false

  const write = (text: string) => {
    if (!closed) out.write(text)
  }
  const row = (left: string, right: string, paintLeft: Paint, paintRight: Paint) => {
    const gap = ' '.repeat(columnWidth - textWidth(left))
    return `  ${paintLeft(left)}${gap} ${palette.dim('│')} ${paintRight(right)}`
  }

  const paintOf = ({ name, type }: DemoEvent): Paint => {
    if (type === 'writes') return palette[name]
    if (type === 'takes back') return palette.struck
    if (type === 'held' || type === 'trouble') return palette.bad
    if (type === 'sent') return palette.good
    if (type === 'pushes') return palette.bold
    return type === 'reads' ? text => text : palette.dim
  }
  const linesOf = ({ type, text }: DemoEvent): string[] => {
    const labelled = labels[type] + text.trim()
    return wrapText(labelled, columnWidth - 2).map((line, at) => (at === 0 ? marks[type] : '  ') + line)
  }

  const showRows = async (left: DemoEvent | undefined, right: DemoEvent | undefined) => {
    const leftLines = left ? linesOf(left) : []
    const rightLines = right ? linesOf(right) : []
    const paints: [Paint, Paint] = [left ? paintOf(left) : unpainted, right ? paintOf(right) : unpainted]
    const typesOut = (left ?? right)!.type === 'writes'
    const rows = Math.max(leftLines.length, rightLines.length)
    for (let at = 0; at < rows; at++) {
      const texts = [leftLines[at] ?? '', rightLines[at] ?? ''] as const
      if (typesOut) await typeOut(texts, paints)
      write(`\r${row(...texts, ...paints)}\n`)
      rowOpen = false
    }
  }
  const typeOut = async ([left, right]: readonly [string, string], paints: [Paint, Paint]) => {
    const until = Math.max(textWidth(left), textWidth(right))
    const start = performance.now()
    for (let at = 0; at < until; at = Math.max(at, Math.floor((performance.now() - start) / timing.typing(1)))) {
      rowOpen = true
      write(`\r${row(firstCharacters(left, at), firstCharacters(right, at), ...paints)}`)
      await timing.wait(Math.min(FRAME_MS, timing.typing(until - at)))
    }
  }

  const note = (text: string) => {
    write(
      `\n${wrapText(text, 2 * columnWidth)
        .map(line => `  ${palette.dim(line)}\n`)
        .join('')}`,
    )
    if (titled) return write('\n')
    const title = (name: DemoName) => name.padEnd(columnWidth)
    write(
      `\n  ${palette.bold(palette.Claude(title('Claude')))} ${palette.dim('│')} ${palette.bold(palette.GPT('GPT'))}\n`,
    )
    titled = true
  }

  const run = async () => {
    // A tick later, so that simultaneous events are all in the queue.
    await timing.wait(0)
    for (let next = queue.shift(); next; next = queue.shift()) {
      if ('note' in next) {
        note(next.note)
        await timing.wait(timing.scaled(pauses.note!))
        continue
      }
      const beside =
        queue[0] && !('note' in queue[0]) && isSideBySide(next, queue[0]) ? (queue.shift() as DemoEvent) : undefined
      const [left, right] = next.name === 'Claude' ? [next, beside] : [beside, next]
      await showRows(left, right)
      await timing.wait(timing.scaled(pauses[next.type] ?? 250))
    }
    running = undefined
  }
  const add = (item: QueuedItem) => {
    if (closed) return
    queue.push(item)
    running ??= run()
    running.catch(() => {})
  }

  return {
    show: add,
    note: text => add({ note: text }),
    settled: async () => running,
    close() {
      if (rowOpen) write('\n')
      closed = true
    },
  }
}

type Paint = (text: string) => string
const unpainted: Paint = text => text
const firstCharacters = (text: string, characters: number) => [...text].slice(0, characters).join('')

/** Whether two events share rows: both do the same, or both are results of one push. */
const isSideBySide = (one: DemoEvent, other: DemoEvent): boolean =>
  one.name !== other.name &&
  (one.type === other.type || (verdictTypes.includes(one.type) && verdictTypes.includes(other.type)))
