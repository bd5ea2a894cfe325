import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VirtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { lmdbStore } from '@midsentence/store-lmdb'
import { type Kept, type Life, lifeOn } from '../logs/restartable-logs.ts'
import { closeInstance, type HubInstance, type HubServer, serveInstances, startInstance } from './hub-server.ts'

interface StoredInstance extends HubInstance {
  readonly life: Life
  close(): Promise<void>
}

/** A hub over a directory. When it dies, what it had not written is lost, and the next one reads what is there. */
export const restartableServer = (clock: VirtualClock) => startServer(clock, directory => directory)

/** As `mortalServer`, but the next one starts with nothing. */
export function emptyRestartServer(clock: VirtualClock): Promise<HubServer> {
  let lives = 0
  return startServer(clock, directory => join(directory, `${lives++}`))
}

async function startServer(clock: VirtualClock, place: (directory: string) => string): Promise<HubServer> {
  const directory = mkdtempSync(join(tmpdir(), 'midsentence-lives-'))
  let writing = 0
  const counted = ({ log, sessions }: Kept): Kept => {
    const count = <T>(write: Promise<T>): Promise<T> => {
      writing++
      return write.finally(() => writing--)
    }
    return {
      log: { ...log, append: (...write) => count(log.append(...write)) },
      sessions: { ...sessions, append: records => count(sessions.append(records)) },
    }
  }

  async function begin(): Promise<StoredInstance> {
    const store = await lmdbStore(place(directory))
    const life = lifeOn(counted(store))
    const hub = await openHub({ clock, log: life.log, sessions: life.sessions })
    living = { ...startInstance(hub, { clock }), life, close: () => store.close() }
    return living
  }

  let living: StoredInstance | undefined
  let next = begin()
  await next
  const line = await serveInstances(() => next)
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
    crash() {
      if (!living) return
      const { life, close } = living
      living = undefined
      life.end()
      line.breakConnections()
      next = close().then(begin)
    },
    async close() {
      const last = await next
      await line.close(closeInstance(last).then(last.close))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
