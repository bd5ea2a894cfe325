import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CrashableLogs, type HubLogs } from '@midsentence/conformance'
import type { VirtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { lmdbStore } from '@midsentence/store-lmdb'
import { closeInstance, type HubInstance, type HubServer, serveInstances, startInstance } from './hub-server.ts'

interface StoredInstance extends HubInstance {
  readonly logs: CrashableLogs
  close(): Promise<void>
}

/** Starts a hub over a directory. A crash loses unwritten data; the next hub reads the directory. */
export const restartableServer = (clock: VirtualClock) => startServer(clock, directory => directory)

/** As `restartableServer`, but each next hub gets an empty directory. */
export function emptyRestartServer(clock: VirtualClock): Promise<HubServer> {
  let starts = 0
  return startServer(clock, directory => join(directory, `${starts++}`))
}

async function startServer(clock: VirtualClock, directoryOf: (directory: string) => string): Promise<HubServer> {
  const directory = mkdtempSync(join(tmpdir(), 'midsentence-restarts-'))
  let writing = 0
  const counted = ({ log, sessions }: HubLogs): HubLogs => {
    const count = <T>(write: Promise<T>): Promise<T> => {
      writing++
      return write.finally(() => writing--)
    }
    return {
      log: { ...log, append: (...write) => count(log.append(...write)) },
      sessions: { ...sessions, append: (...write) => count(sessions.append(...write)) },
    }
  }

  async function begin(): Promise<StoredInstance> {
    const store = await lmdbStore(directoryOf(directory))
    const logs = new CrashableLogs(counted(store))
    const { log, sessions } = logs.open()
    const hub = await openHub({ clock, log, sessions })
    running = { ...startInstance(hub, { clock }), logs, close: () => store.close() }
    return running
  }

  let running: StoredInstance | undefined
  let next = begin()
  await next
  const server = await serveInstances(() => next)
  return {
    url: server.url,
    get hub() {
      return running!.hub
    },
    async quiet() {
      do {
        await next
        await server.quiet()
      } while (writing > 0 || !running)
    },
    crash() {
      if (!running) return
      const { logs, close } = running
      running = undefined
      void logs.crash()
      server.breakConnections()
      next = close().then(begin)
    },
    async close() {
      const last = await next
      await server.close(closeInstance(last).then(last.close))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
