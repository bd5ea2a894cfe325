import { ABORT, open } from 'lmdb'

/** Entries read at a time. */
const BATCH = 1000

/**
 * Reads every page with data in `directory`, and begins a write, which reads the list of free pages, without effect. Runs
 * in a separate process: damaged pages end it, or it throws.
 */
export async function readPages(directory: string): Promise<void> {
  const db = open<Buffer, Buffer>({ path: directory, encoding: 'binary', keyEncoding: 'binary', noSubdir: false })
  let start = Buffer.of(0)
  for (;;) {
    const entries = [...db.getRange({ start, limit: BATCH })]
    if (entries.length < BATCH) break
    start = Buffer.concat([entries.at(-1)!.key, Buffer.of(0)])
  }
  db.transactionSync(() => {
    db.putSync(Buffer.of(0xff), Buffer.alloc(1))
    return ABORT
  })
  await db.close()
}
