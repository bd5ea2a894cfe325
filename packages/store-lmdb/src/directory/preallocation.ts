import { fstatSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dataFileIn } from './data-file.ts'

/** Bytes that the data file is extended by at a time. */
const EXTENSION = 2 ** 20

/**
 * Extends the data file with zeros before LMDB needs the space: a flush that also changes the size of the file takes the
 * file system about 0.1 ms longer. Only saves time, so it stops silently where the disk is full.
 */
export class Preallocation {
  readonly #file: FileHandle
  readonly #maxBytes: number
  #size = 0

  private constructor(file: FileHandle, maxBytes: number) {
    this.#file = file
    this.#maxBytes = maxBytes
  }

  static async open(directory: string, maxBytes: number): Promise<Preallocation> {
    return new Preallocation(await open(dataFileIn(directory), 'r+'), maxBytes)
  }

  /** Extends the file if LMDB has outgrown it. Must not run during a commit, which may grow the file itself. */
  async extend(): Promise<void> {
    const { size } = fstatSync(this.#file.fd)
    if (size <= this.#size) return
    const length = Math.min(EXTENSION, this.#maxBytes - size)
    this.#size = Number.POSITIVE_INFINITY
    if (length <= 0) return
    try {
      await this.#file.write(Buffer.alloc(length), 0, length, size)
      await this.#file.datasync()
      this.#size = size + length
    } catch {
      // LMDB reports a full disk when it needs the space.
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
