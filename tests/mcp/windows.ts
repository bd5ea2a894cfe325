import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionTimes } from '@midsentence/core/hub'
import { startServer } from '@midsentence/server'
import { onTestFinished } from 'vitest'
import { type Host, stateFolder, stdioHost } from './hosts.ts'

/** A server, and windows of one host with the same settings: each is a process in `folder`. */
export async function windows(times: Partial<SessionTimes> = {}) {
  const { url, close } = await startServer({ port: 0, rooms: { times } })
  onTestFinished(close)
  const state = await stateFolder()
  const folders = { a: join(state, 'a'), b: join(state, 'b') }
  await Promise.all(Object.values(folders).map(folder => mkdir(folder)))
  const open = (folder: keyof typeof folders, ...args: string[]) =>
    stdioHost('2025-11-25', [url, '--name', 'Claude', ...args], state, folders[folder])
  return { url, state, open }
}

/** Asks a window for the name of its participant. */
export const nameOf = async (host: Host) => /^\* You are "(.*?)"\. /m.exec(await host.read('who'))?.[1]

/** Kills the process of a window. */
export async function killed(host: Host) {
  const closed = new Promise<void>(resolve => {
    host.client.onclose = resolve
  })
  process.kill(host.pid!, 'SIGKILL')
  await closed
}
