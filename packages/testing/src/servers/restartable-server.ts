import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CrashableLogs, type HubLogs } from '@midsentence/conformance'
import type { VirtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { lmdbStore } from '@midsentence/store-lmdb'
import { endOf, type HubLife, type HubServer, lifeOf, listening } from './hub-server.ts'

interface Living extends HubLife {
  readonly logs: CrashableLogs
  close(): Promise<void>
}

/** A hub over a directory. When it dies, what it had not written is lost, and the next one reads what is there. */
export const mortalServer = (clock: VirtualClock) => serverOfLives(clock, directory => directory)

/** As `mortalServer`, but the next one starts with nothing. */
export function forgetfulServer(clock: VirtualClock): Promise<HubServer> {
  let lives = 0
  return serverOfLives(clock, directory => join(directory, `${lives++}`))
}

async function serverOfLives(clock: VirtualClock, place: (directory: string) => string): Promise<HubServer> {
  const directory = mkdtempSync(join(tmpdir(), 'midsentence-lives-'))
  let writing = 0
  const counted = ({ log, sessions }: HubLogs): HubLogs => {
    const count = <T>(write: Promise<T>): Promise<T> => {
      writing++
      return write.finally(() => writing--)
    }
    return {
      log: { ...log, append: (...write) => count(log.append(...write)) },
      sessions: { ...sessions, append: records => count(sessions.append(records)) },
    }
  }

  async function begin(): Promise<Living> {
    const store = await lmdbStore(place(directory))
    const logs = new CrashableLogs(counted(store))
    const { log, sessions } = logs.open()
    const hub = await openHub({ clock, log, sessions })
    living = { ...lifeOf(hub, { clock }), logs, close: () => store.close() }
    return living
  }

  let living: Living | undefined
  let next = begin()
  await next
  const line = await listening(() => next)
  return {
    url: line.url,
    get hub() {
      return living!.hub
    },
    async quiet() {
      do {
        await next
        await line.quiet()
      } while (writing > 0 || !living)
    },
    die() {
      if (!living) return
      const { logs, close } = living
      living = undefined
      void logs.crash()
      line.snap()
      next = close().then(begin)
    },
    async close() {
      const last = await next
      await line.close(endOf(last).then(last.close))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
