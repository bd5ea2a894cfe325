import { type NodeOptions, type NodeProcess, node } from '@midsentence/testing/node-process'

const bin = 'packages/cli/bin/midsentence.js'

/** Runs the command, as it is built. */
export const midsentence = (...args: string[]): NodeProcess => node([bin, ...args])

midsentence.in =
  (env: NonNullable<NodeOptions['env']>) =>
  (...args: string[]) =>
    node([bin, ...args], { env })

/** With a pipe to type into. */
midsentence.typing = (...args: string[]) => node([bin, ...args], { typing: true })

export interface Serving {
  readonly url: string
  readonly process: NodeProcess
}

/** `midsentence serve` on a port that is free, and where that is. In memory, unless `--data` is among `args`. */
export async function serving(...args: string[]): Promise<Serving> {
  const kept = args.includes('--data') ? [] : ['--memory']
  const process = midsentence('serve', '--port', '0', ...kept, ...args)
  const [, url] = await process.says(/midsentence serves at (\S+)\. Ctrl-C ends it\.\n/)
  return { url: url!, process }
}
