import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '@midsentence/store-lmdb'
import { open as openOurs } from './ours.mjs'

/** Starts our server with a store on disk, which answers an append after it is flushed. */
export async function open(callers) {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const { log, sessions } = await lmdbStore(folder)
  return openOurs(callers, { log, sessions })
}
