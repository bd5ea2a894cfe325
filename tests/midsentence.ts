import { type NodeOptions, type NodeProcess, node } from '@midsentence/testing/node-process'
import { bin } from './built-command.ts'

/** Runs the built command. */
export const midsentence = (...args: string[]): NodeProcess => node([bin, ...args])

/** Runs the command with these environment variables. */
midsentence.in =
  (env: NonNullable<NodeOptions['env']>) =>
  (...args: string[]) =>
    node([bin, ...args], { env })

/** Runs the command with a pipe as its standard input. */
midsentence.typing = (...args: string[]) => node([bin, ...args], { typing: true })

export interface ServeProcess {
  readonly url: string
  readonly process: NodeProcess
}

/** Runs `midsentence serve` on a free port. Its rooms are in memory unless `args` has `--data` or `--nats`. */
export async function serving(...args: string[]): Promise<ServeProcess> {
  const storage = args.includes('--data') || args.includes('--nats') ? [] : ['--memory']
  const process = midsentence('serve', '--port', '0', ...storage, ...args)
  const [, url] = await process.says(/midsentence serves at (\S+)\. Ctrl-C ends it\.\n/)
  return { url: url!, process }
}
