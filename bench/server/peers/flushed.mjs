import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '@midsentence/store-lmdb'
import { open as openOurs } from './ours.mjs'

export { call } from './ours.mjs'

/** Starts our server with a store on disk, which acknowledges and delivers only flushed data. */
export async function open(readers, publishers, openOn = openOurs) {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-bench-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeFolder)
  const { log, sessions, scores, close } = await lmdbStore(folder)
  const server = await openOn(readers, publishers, { log, sessions, scores })
  return {
    ...server,
    async close() {
      await server.close()
      await close()
    },
  }
}
