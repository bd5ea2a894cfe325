import type { ServerContext } from '@modelcontextprotocol/server'

/** How often a waiting check reports progress, in milliseconds: more often than any host gives up. */
const PROGRESS_MS = 10_000

/**
 * Reports progress of a waiting check every `everyMs`, if its request has a progress token. Clients that reset their time limit
 * on progress wait on. Returns what ends it.
 */
export function reportProgress({ _meta, notify }: ServerContext['mcpReq'], everyMs: number = PROGRESS_MS): () => void {
  const progressToken = _meta?.progressToken
  if (progressToken === undefined) return () => {}
  const began = performance.now()
  const report = () => {
    const seconds = (performance.now() - began) / 1000
    const params = { progressToken, progress: seconds, message: `listening, ${Math.floor(seconds)} s` }
    // The connection may end meanwhile: the check then ends by its signal.
    notify({ method: 'notifications/progress', params }).catch(() => {})
  }
  const timer = setInterval(report, everyMs)
  return () => clearInterval(timer)
}
