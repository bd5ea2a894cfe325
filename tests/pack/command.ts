import { execFile } from 'node:child_process'

export interface CommandResult {
  readonly code: number
  /** Standard output and error. */
  readonly output: string
}

/** Lets npm give up within seconds on a machine without a network. */
const npmRetries = { npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '1000' }

/** Runs a command in `cwd` to its end, without the variables that npm and vitest set for their children. */
export function command(cwd: string, file: string, ...args: readonly string[]): Promise<CommandResult> {
  const outer = /^(npm_config_(call|package)|npm_(package|lifecycle)_.*|VITEST.*|NODE_ENV|NODE_OPTIONS|FORCE_COLOR)$/
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)))
  return new Promise(resolve =>
    execFile(file, args, { cwd, env: { ...env, ...npmRetries }, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0
      resolve({ code, output: `${stdout}${stderr}` })
    }),
  )
}
