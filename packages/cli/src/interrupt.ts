import { exitCodeOf, onOutputError } from './output-errors.ts'

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

type SignalName = keyof typeof exitCodes

export interface InterruptOptions {
  /** Exit with 0 after a signal: the command has no other end. Default false. */
  readonly endless?: boolean
}

/** Lets a command handle SIGINT itself: `handle` is called instead of the abort. */
export type TakeInterrupts = (handle: () => void) => void

/**
 * Runs `run` until it ends, a signal arrives or standard output fails, and resolves with the exit code. The first signal
 * aborts, so that `run` can leave its room. A second SIGINT or SIGTERM ends the process at once; a second SIGHUP does not,
 * because a terminal that closes and its shell both send one.
 */
export async function untilInterrupted(
  run: (signal: AbortSignal, takeInterrupts: TakeInterrupts) => Promise<void>,
  { endless = false }: InterruptOptions = {},
): Promise<number> {
  const stopping = new AbortController()
  let code = 0
  let handleInterrupt: (() => void) | undefined
  const removers = (Object.keys(exitCodes) as SignalName[]).map(name => {
    const handle = () => {
      if (name === 'SIGINT' && handleInterrupt && !stopping.signal.aborted) return handleInterrupt()
      if (name !== 'SIGHUP') process.off(name, handle)
      if (!endless) code ||= exitCodes[name]
      stopping.abort()
    }
    process.on(name, handle)
    return () => process.off(name, handle)
  })
  const restoreOutput = onOutputError(error => {
    if (!stopping.signal.aborted) code ||= exitCodeOf(error)
    stopping.abort()
  })
  try {
    await run(stopping.signal, handle => {
      handleInterrupt = handle
    })
  } catch (error) {
    if (!stopping.signal.aborted) throw error
  } finally {
    for (const remove of removers) remove()
    restoreOutput()
  }
  return code
}

/** Resolves when `signal` aborts. */
export const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
