import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { openScreen, type Screen } from './screen.ts'

export interface PtyProcess {
  readonly screen: Screen
  /** Everything the command wrote, escape sequences included. */
  readonly output: string
  /** Resolves with the exit code, or 128 and the signal. */
  readonly ended: Promise<number | null>
  /** Resolves with the match once the screen shows `pattern`; a space in a text is also a line break. Rejects after 15 s, or if the command ends without it. */
  shows(pattern: string | RegExp): Promise<RegExpExecArray>
  /** Types keys. Enter is `\r`. */
  type(keys: string): void
  /** Pastes as a terminal does. */
  paste(text: string): void
  resize(columns: number, rows: number): void
  /** Sends a signal to the command alone. */
  kill(signal: NodeJS.Signals): void
  /** Closes the terminal. */
  hangUp(): void
}

export interface PtyOptions {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string | undefined>>
  /** False for a terminal that sends no SIGHUP when it closes. Default true. */
  readonly controlling?: boolean
}

/** How long the screen may take to show a text, in milliseconds. */
const SHOWN_MS = 15_000

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const script = fileURLToPath(new URL('run-on-pty.py', import.meta.url))
const pythons = [process.env.MIDSENTENCE_PYTHON, '/usr/bin/python3', 'python3'].filter(python => python !== undefined)
const python = pythons.find(python => spawnSync(python, ['-c', 'import pty']).status === 0)

/** Says why pseudo-terminals cannot be tested here. Undefined if they can. */
export const ptyMissing = (): string | undefined => (python ? undefined : 'python3 with its module pty is missing')

/** Runs `command` in the top folder on a pseudo-terminal. Killed when its test ends. */
export function spawnPty(
  command: readonly string[],
  { columns = 80, rows = 24, env = {}, controlling = true }: PtyOptions = {},
): PtyProcess {
  const child = spawn(python!, [script, `${columns}`, `${rows}`, controlling ? '1' : '0', ...command], {
    cwd: root,
    env: { ...process.env, TERM: 'xterm-256color', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const screen = openScreen(columns, rows)
  const send = (wanted: object) => void child.stdin.write(`${JSON.stringify(wanted)}\n`)
  const looks = new Set<() => void>()
  let output = ''
  let hasEnded = false
  child.stdin.on('error', () => {})
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString('latin1')
    void screen.write(data).then(() => {
      for (const look of looks) look()
    })
  })
  const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  void ended.then(async () => {
    await screen.write('')
    hasEnded = true
    for (const look of looks) look()
  })
  // At the end of its input it kills the command.
  onTestFinished(() => void child.stdin.end())
  return {
    screen,
    get output() {
      return output
    },
    ended,
    shows: pattern =>
      new Promise((resolve, reject) => {
        const expression =
          typeof pattern === 'string' ? new RegExp(pattern.replace(/[^\w ]/g, '\\$&').replaceAll(' ', '\\s+')) : pattern
        const fail = (why: string) => reject(new Error(`${why} without ${pattern} on the screen:\n${screen.text}`))
        const timer = setTimeout(() => {
          looks.delete(look)
          fail(`${SHOWN_MS} ms passed`)
        }, SHOWN_MS)
        const look = () => {
          const match = expression.exec(screen.text)
          if (match) resolve(match)
          else if (hasEnded) fail('The command ended')
          else return
          clearTimeout(timer)
          looks.delete(look)
        }
        looks.add(look)
        look()
      }),
    type: keys => send({ type: keys }),
    paste: text => send({ type: `\x1b[200~${text.replaceAll('\n', '\r')}\x1b[201~` }),
    resize(columns, rows) {
      screen.resize(columns, rows)
      send({ resize: [columns, rows] })
    },
    kill: signal => send({ signal: constants.signals[signal] }),
    hangUp: () => send({ hangUp: true }),
  }
}
