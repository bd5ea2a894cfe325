import { execFile } from 'node:child_process'

export interface Ended {
  readonly code: number
  /** Both outputs, for a failed test to show. */
  readonly said: string
}

/** How soon npm gives up, so that a machine without a network is told so in seconds. */
const patience = { npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '1000' }

/** Runs a command in `cwd` to its end, as a user's shell would: without what npm and vitest tell their children. */
export function command(cwd: string, file: string, ...args: readonly string[]): Promise<Ended> {
  const outer = /^(npm_config_(call|package)|npm_(package|lifecycle)_.*|VITEST.*|NODE_ENV|NODE_OPTIONS|FORCE_COLOR)$/
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)))
  return new Promise(resolve =>
    execFile(file, args, { cwd, env: { ...env, ...patience }, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0
      resolve({ code, said: `${stdout}${stderr}` })
    }),
  )
}
