const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export interface InterruptOptions {
  /** Exit with 0 after a signal: the command has no other end. Default false. */
  readonly endless?: boolean
}

/**
 * Runs `run` until it ends or a signal arrives, and resolves with the exit code. The first signal aborts, so that `run`
 * can leave its room. A second signal ends the process at once.
 */
export async function untilInterrupted(
  run: (signal: AbortSignal) => Promise<void>,
  { endless = false }: InterruptOptions = {},
): Promise<number> {
  const stopping = new AbortController()
  let code = 0
  const removers = (Object.keys(exitCodes) as (keyof typeof exitCodes)[]).map(name => {
    const handle = () => {
      if (!endless) code ||= exitCodes[name]
      stopping.abort()
    }
    process.once(name, handle)
    return () => process.off(name, handle)
  })
  try {
    await run(stopping.signal)
  } catch (error) {
    if (!stopping.signal.aborted) throw error
  } finally {
    for (const remove of removers) remove()
  }
  return code
}

/** Resolves when `signal` aborts. */
export const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
