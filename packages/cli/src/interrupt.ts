const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/**
 * Runs `run` until it ends or the process is told to stop, and resolves to the exit code. The first signal aborts, so
 * that `run` can leave its room; it must then reject soon. The second one ends the process as signals do.
 */
export async function untilInterrupted(run: (signal: AbortSignal) => Promise<void>): Promise<number> {
  const stopping = new AbortController()
  let code = 0
  const handlers = (Object.keys(codes) as (keyof typeof codes)[]).map(name => {
    const handle = () => {
      code ||= codes[name]
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
