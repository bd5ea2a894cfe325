import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VirtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { lmdbStore } from '@midsentence/store-lmdb'
import { type Kept, type Life, lifeOn } from '../logs/restartable-logs.ts'
import { endOf, type HubLife, type HubServer, lifeOf, listening } from './hub-server.ts'

interface Living extends HubLife {
  readonly life: Life
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
  const counted = ({ log, sessions }: Kept): Kept => {
    const count = <T>(write: Promise<T>): Promise<T> => {
      writing++
      return write.finally(() => writing--)
    }
    return {
      log: { ...log, append: (...write) => count(log.append(...write)) },
      sessions: { ...sessions, append: (...write) => count(sessions.append(...write)) },
    }
  }

  async function begin(): Promise<Living> {
    const store = await lmdbStore(place(directory))
    const life = lifeOn(counted(store))
    const hub = await openHub({ clock, log: life.log, sessions: life.sessions })
    living = { ...lifeOf(hub, { clock }), life, close: () => store.close() }
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
      const { life, close } = living
      living = undefined
      life.end()
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
