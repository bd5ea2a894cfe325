import { closeSync, openSync, writeSync } from 'node:fs'
import { usageError } from '../usage-error.ts'

/** A file of records, one line of JSON each, as the page replays it. */
export interface RecordFile {
  /** Lines so far. */
  readonly lines: number
  write(line: object): void
  close(): void
}

/** Creates the file at `path`. Throws a usage error if it exists. */
export function createRecordFile(path: string): RecordFile {
  const file = create(path)
  let lines = 0
  return {
    get lines() {
      return lines
    },
    write(line) {
      writeSync(file, `${JSON.stringify(line)}\n`)
      lines++
    },
    close: () => closeSync(file),
  }
}

function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw usageError(
      code === 'EEXIST' ? `${path} already exists: choose another file.` : `${path} cannot be created (${code}).`,
    )
  }
}
