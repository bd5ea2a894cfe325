const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export interface InterruptOptions {
  /** Being told to stop is how it ends: with 0. */
  readonly endless?: boolean
}

/**
 * Runs `run` until it ends or the process is told to stop, and resolves to the exit code. The first signal aborts, so
 * that `run` can leave its room; it must then end soon. The second one ends the process as signals do.
 */
export async function untilInterrupted(
  run: (signal: AbortSignal) => Promise<void>,
  { endless = false }: InterruptOptions = {},
): Promise<number> {
  const stopping = new AbortController()
  let code = 0
  const handlers = (Object.keys(codes) as (keyof typeof codes)[]).map(name => {
    const handle = () => {
      if (!endless) code ||= codes[name]
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
    for (const off of handlers) off()
  }
  return code
}

/** Resolves when `signal` aborts. */
export const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
