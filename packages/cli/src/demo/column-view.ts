import type { DemoEvent, DemoEventType, DemoName, OpenDemoView } from './demo-view.ts'
import { textWidth, wrapText } from './wrap-text.ts'

/** Two columns need so much room. */
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

/** So long does one look at it before it goes on, in milliseconds. */
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
 * A column for each of the two. Rows only ever grow, by a carriage return and the row anew, so it scrolls like any other
 * output. What both do at once stands side by side: each row is as long under way as the slower of the two types.
 */
export const columnView: OpenDemoView = (out, palette, pace) => {
  const lane = Math.min(MAX_COLUMN_WIDTH, Math.floor((out.columns - 8) / 2))
  const queue: QueuedItem[] = []
  let running: Promise<void> | undefined
  let closed = false
  let half = false
  let titled = false

  const write = (text: string) => {
    if (!closed) out.write(text)
  }
  const row = (left: string, right: string, paintLeft: Paint, paintRight: Paint) => {
    const gap = ' '.repeat(lane - textWidth(left))
    return `  ${paintLeft(left)}${gap} ${palette.dim('│')} ${paintRight(right)}`
  }

  const paintOf = ({ name: who, type: what }: DemoEvent): Paint => {
    if (what === 'writes') return palette[who]
    if (what === 'takes back') return palette.struck
    if (what === 'held' || what === 'trouble') return palette.bad
    if (what === 'sent') return palette.good
    if (what === 'pushes') return palette.bold
    return what === 'reads' ? text => text : palette.dim
  }
  const linesOf = ({ type: what, text }: DemoEvent): string[] => {
    const spoken = labels[what] + text.trim()
    return wrapText(spoken, lane - 2).map((line, at) => (at === 0 ? marks[what] : '  ') + line)
  }

  const blocks = async (left: DemoEvent | undefined, right: DemoEvent | undefined) => {
    const leftLines = left ? linesOf(left) : []
    const rightLines = right ? linesOf(right) : []
    const paints: [Paint, Paint] = [left ? paintOf(left) : unpainted, right ? paintOf(right) : unpainted]
    const typed = (left ?? right)!.type === 'writes'
    const rows = Math.max(leftLines.length, rightLines.length)
    for (let at = 0; at < rows; at++) {
      const texts = [leftLines[at] ?? '', rightLines[at] ?? ''] as const
      if (typed) await type(texts, paints)
      write(`\r${row(...texts, ...paints)}\n`)
      half = false
    }
  }
  const type = async ([left, right]: readonly [string, string], paints: [Paint, Paint]) => {
    const until = Math.max(textWidth(left), textWidth(right))
    const start = performance.now()
    for (let at = 0; at < until; at = Math.max(at, Math.floor((performance.now() - start) / pace.typing(1)))) {
      half = true
      write(`\r${row(firstCharacters(left, at), firstCharacters(right, at), ...paints)}`)
      await pace.wait(Math.min(FRAME_MS, pace.typing(until - at)))
    }
  }

  const note = (text: string) => {
    write(
      `\n${wrapText(text, 2 * lane)
        .map(line => `  ${palette.dim(line)}\n`)
        .join('')}`,
    )
    if (titled) return write('\n')
    const name = (who: DemoName) => `${who}${' '.repeat(lane - who.length)}`
    write(
      `\n  ${palette.bold(palette.Claude(name('Claude')))} ${palette.dim('│')} ${palette.bold(palette.GPT('GPT'))}\n`,
    )
    titled = true
  }

  const run = async () => {
    // Whatever happens in the same moment is queued first.
    await pace.wait(0)
    for (let next = queue.shift(); next; next = queue.shift()) {
      if ('note' in next) {
        note(next.note)
        await pace.wait(pace.scaled(pauses.note!))
        continue
      }
      const beside =
        queue[0] && !('note' in queue[0]) && isSideBySide(next, queue[0]) ? (queue.shift() as DemoEvent) : undefined
      const [left, right] = next.name === 'Claude' ? [next, beside] : [beside, next]
      await blocks(left, right)
      await pace.wait(pace.scaled(pauses[next.type] ?? 250))
    }
    running = undefined
  }
  const add = (block: QueuedItem) => {
    if (closed) return
    queue.push(block)
    running ??= run()
    running.catch(() => {})
  }

  return {
    show: add,
    note: text => add({ note: text }),
    settled: async () => running,
    close() {
      if (half) write('\n')
      closed = true
    },
  }
}

type Paint = (text: string) => string
const unpainted: Paint = text => text
const firstCharacters = (text: string, characters: number) => [...text].slice(0, characters).join('')

/** Both do the same, or the room's judgement reaches both. */
const isSideBySide = (one: DemoEvent, other: DemoEvent): boolean =>
  one.name !== other.name &&
  (one.type === other.type || (verdictTypes.includes(one.type) && verdictTypes.includes(other.type)))
