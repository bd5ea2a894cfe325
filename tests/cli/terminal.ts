import { connect } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { type PtyOptions, type PtyProcess, ptyMissing, spawnPty } from '@midsentence/testing/terminal/pty-process'
import { expect, onTestFinished } from 'vitest'
import { bin } from '../built-command.ts'

/** Whether the chat cannot be tested in a terminal here; prints why. Throws under `CI=true`. */
export function lacksTerminal(): boolean {
  const missing = ptyMissing()
  if (missing && process.env.CI) throw new Error(`The chat in a terminal cannot be tested: ${missing}.`)
  if (missing) console.warn(`Skipped: the chat in a terminal, since ${missing}.`)
  return missing !== undefined
}

export const chatCommand = [process.execPath, bin, 'chat'] as const
export const withoutColours = { NO_COLOR: '1' }

/** Serves a room with Ben in it. */
export async function roomOfBen({ history = false, observable = false, recorded = false } = {}) {
  const policy = { room: () => ({}), limits: () => ({}), access: () => ({ history, observable, recorded }) }
  const { url, close } = await startServer({ port: 0, rooms: { policy } })
  const ben = await connect(url, { username: 'Ben' })
  onTestFinished(async () => {
    await ben.close()
    await close()
  })
  return {
    url,
    ben,
    /** Resolves with the content of the next message. */
    heard: async () => (await ben.check()).messages.map(({ content }) => content).join('|'),
    /** Sends a message of Ben, also if it was held. */
    async say(text: string) {
      await ben.append(text)
      while ((await ben.push()).held) {}
    },
    /** Resolves once Ada is in the room, or has left it. */
    present: (here: boolean) =>
      expect.poll(() => ben.who().present.includes('Ada'), { timeout: 10_000, interval: 20 }).toBe(here),
  }
}

/** Runs the chat of Ada in a terminal. Resolves when it shows its prompt. */
export async function chatting(
  url: string,
  { env, ...options }: PtyOptions = {},
  ...args: string[]
): Promise<PtyProcess> {
  const command = [...chatCommand, url, '--name', 'Ada', ...args]
  const chat = spawnPty(command, { ...options, env: { ...withoutColours, ...env } })
  await chat.shows('* You are "Ada" in the room lobby.')
  await chat.shows(/Ada> ?$/)
  return chat
}

/** Opens a shell with job control. */
export async function openShell(): Promise<PtyProcess> {
  const bash = spawnPty(['bash', '--noprofile', '--norc', '-i'], { env: { ...withoutColours, PS1: 'shell-prompt ' } })
  await bash.shows(/shell-prompt ?$/)
  return bash
}

/** Suspends the chat that `command` starts, uses the shell, and continues the chat. */
export async function suspendAndContinue(command: string): Promise<void> {
  const { url, heard, say, present } = await roomOfBen()
  const bash = await openShell()
  bash.type(`${command} chat ${url} --name Ada\r`)
  await bash.shows(/Ada> ?$/)
  bash.type('First\r')
  await bash.shows(/Enter sends> ?$/)
  bash.type('half a ')
  await bash.shows(/half a ?$/)
  bash.type('\x1a')
  await bash.shows(/Stopped[^\n]*\n(.*\n)*shell-prompt ?$/)
  bash.type('echo the shell $((40 + 2))\r')
  await bash.shows('the shell 42')
  await say('Are you there?')
  bash.type('fg\r')
  await bash.shows('Ben: Are you there?')
  await bash.shows(/Enter sends> half a ?$/)
  bash.type('line\r')
  await bash.shows('Enter sends 2 lines>')
  bash.type('\r')
  await bash.shows('* Sent.')
  expect(await heard()).toBe('First\nhalf a line')
  bash.type('\x04')
  await present(false)
  bash.type('echo exit $?\r')
  await bash.shows('exit 0')
}
