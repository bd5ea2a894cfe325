import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lineOf, startDaemon, temporaryFolder } from './daemon.mjs'

const bin = fileURLToPath(new URL('../../packages/cli/bin/midsentence.js', import.meta.url))

/** Starts `midsentence serve` on a free port in a new folder, which gets its data directory. */
export async function startCommand(args = [], config = undefined) {
  const cwd = temporaryFolder()
  if (config) writeFileSync(join(cwd, 'config.json'), JSON.stringify(config))
  const given = config ? ['--config', 'config.json', ...args] : args
  const { child, end } = startDaemon(process.execPath, [...process.execArgv, bin, 'serve', '--port', '0', ...given], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [, url] = await lineOf(child, /serves at (\S+)\. /)
  const port = Number(new URL(url).port)
  return {
    port,
    /** Posts `body` and resolves with the parsed answer. Rejects unless it succeeds. */
    async post(path, body) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
      return response.json()
    },
    close: () => end('SIGTERM'),
  }
}
