import { constants, readFileSync, rmSync, write } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { MidsentenceError } from '@midsentence/core'
import { damaged } from './damage.ts'
import { type Change, type Environment, put } from './environment.ts'
import { type Frame, frameOf, framesBehind, lengthOf, type Mark, saltOf } from './frames.ts'
import { markKey } from './keys.ts'
import { reasonOf } from './reason.ts'

/** What is written ahead lies here, one frame behind the other, and round again. */
export const aheadFileIn = (directory: string): string => join(directory, 'ahead.log')

/** The file is so long from the first, in bytes: one that is not was cut off. */
export const AHEAD_BYTES = 4 * 2 ** 20
/** The disk is made to give it room for so many at once, since that costs a flush of its own. */
const ROOM = 64 * 2 ** 10
/** What is longer is written into LMDB itself. */
const LONG = AHEAD_BYTES / 8
/** What is ahead goes into LMDB once there is so much of it, in bytes, or so long after the first of it, in milliseconds. */
const [MUCH, LATE] = [2 ** 20, 1000]

/** Where the system has it, a write returns once it is on the disk: one way there and back instead of two. */
const WRITES_FLUSH = process.platform === 'linux'
const FLUSHING = WRITES_FLUSH ? constants.O_RDWR | constants.O_DSYNC : constants.O_RDWR

const closedMark: Mark = { number: 0, next: 0, open: false }

/**
 * Writes changes into a file of frames, one flush each, and moves them into LMDB later, many in one commit, which takes two.
 * Until then they are read from memory, and after a crash from the file.
 */
export class WriteAhead {
  readonly #environment: Environment
  readonly #path: string
  readonly #salt: number
  #file: FileHandle | undefined
  /** Up to where the disk has given it room. */
  #room = AHEAD_BYTES
  /** The number of the last frame that was written, and where the next one begins. */
  #number: number
  #next: number
  /** Frames that are not in LMDB yet, oldest first. */
  #frames: Pick<Frame, 'number' | 'at'>[] = []
  #moving: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #failure: MidsentenceError | undefined

  private constructor(environment: Environment, path: string, salt: number, mark: Mark) {
    this.#environment = environment
    this.#path = path
    this.#salt = salt
    this.#number = mark.number
    this.#next = mark.next
  }

  /** Goes on with what the last owner of `directory` left. Throws `internal` where that is damaged. */
  static async open(environment: Environment, directory: string, id: string): Promise<WriteAhead> {
    const mark = markIn(environment)
    const ahead = new WriteAhead(environment, aheadFileIn(directory), saltOf(id), mark)
    const left = showAhead(environment, aheadIn(directory), id)
    if (mark.open) await ahead.#goOn(left)
    else rmSync(ahead.#path, { force: true })
    return ahead
  }

  /** Does all of `changes` or none of it. Resolves once that is on the disk; nobody sees it before. One call at a time. */
  async write(changes: readonly Change[]): Promise<void> {
    if (this.#failure) throw this.#failure
    if (changes.length === 0) return
    const length = lengthOf(changes)
    if (length > LONG || !this.#file) {
      await this.#move()
      if (this.#failure) throw this.#failure
      this.#file ??= await this.#begin()
      return this.#into(changes, { number: this.#number, next: this.#next, open: true })
    }
    let at = this.#placeFor(length)
    while (at === undefined) {
      await this.#move()
      if (this.#failure) throw this.#failure
      at = this.#placeFor(length)
    }
    const number = this.#number + 1
    await this.#flush(this.#file, frameOf(number, changes, this.#salt), at)
    this.#number = number
    this.#next = at + length
    this.#frames.push({ number, at })
    this.#environment.ahead.add(number, changes)
    if (this.#environment.ahead.bytes >= MUCH) void this.#move()
    else this.#timer ??= setTimeout(() => void this.#move(), LATE).unref()
  }

  /** Moves all there is, and takes the file away: LMDB has everything then. Never fails: what it could not move stays where it is. */
  async close(): Promise<void> {
    await this.#move()
    clearTimeout(this.#timer)
    const file = this.#file
    this.#file = undefined
    if (!file) return
    if (!this.#failure) {
      await this.#into([], { number: this.#number, next: 0, open: false }).then(
        () => rmSync(this.#path, { force: true }),
        () => undefined,
      )
    }
    await file.close()
  }

  async #goOn({ frames, next }: Left): Promise<void> {
    this.#file = await open(this.#path, FLUSHING)
    this.#frames = frames.map(({ number, at }) => ({ number, at }))
    this.#number = frames.at(-1)?.number ?? this.#number
    this.#next = next
    if (frames.length > 0) this.#timer = setTimeout(() => void this.#move(), LATE).unref()
  }

  /** An empty file, on the disk, name and all, before LMDB says that there is one. */
  async #begin(): Promise<FileHandle> {
    const file = await open(this.#path, FLUSHING | constants.O_CREAT | constants.O_TRUNC, 0o600)
    this.#room = 0
    this.#next = 0
    await file.truncate(AHEAD_BYTES)
    await file.sync()
    if (process.platform === 'win32') return file
    const directory = await open(join(this.#path, '..'), 'r')
    await directory.sync().finally(() => directory.close())
    return file
  }

  /** Writes into LMDB, and up to where that has everything then. */
  #into(changes: readonly Change[], mark: Mark): Promise<void> {
    return this.#environment.write([...changes, put(markKey, mark)])
  }

  /** Where the next frame may lie; undefined where what is not moved yet is in its way. */
  #placeFor(length: number): number | undefined {
    const oldest = this.#frames[0]?.at
    if (oldest === undefined || this.#next > oldest) {
      if (this.#next + length <= AHEAD_BYTES) return this.#next
      return length <= (oldest ?? AHEAD_BYTES) ? 0 : undefined
    }
    return this.#next + length <= oldest ? this.#next : undefined
  }

  async #flush(file: FileHandle, frame: Buffer, at: number): Promise<void> {
    const end = at + frame.length
    let bytes = frame
    if (end > this.#room) {
      this.#room = Math.ceil(end / ROOM) * ROOM
      bytes = Buffer.concat([frame], this.#room - at)
    }
    for (let done = 0; done < bytes.length; ) done += await written(file.fd, bytes, done, at + done)
    if (!WRITES_FLUSH) await file.datasync()
  }

  /** Moves all that is ahead by now, behind what is under way. Never fails: the next write does. */
  async #move(): Promise<void> {
    while (this.#moving) await this.#moving
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#frames.length === 0 || this.#failure) return
    this.#moving = this.#moved().catch((cause: unknown) => {
      this.#failure = notMoved(cause)
    })
    await this.#moving
    this.#moving = undefined
  }

  async #moved(): Promise<void> {
    const { ahead } = this.#environment
    const mark = { number: this.#number, next: this.#next, open: true }
    await this.#into(ahead.all(), mark)
    ahead.forget(mark.number)
    this.#frames = this.#frames.filter(({ number }) => number > mark.number)
  }
}

/** How much of what lies behind `from` was written. */
const written = (file: number, bytes: Buffer, from: number, at: number): Promise<number> =>
  new Promise((resolve, reject) => {
    write(file, bytes, from, bytes.length - from, at, (error, count) => (error ? reject(error) : resolve(count)))
  })

type Left = ReturnType<typeof framesBehind>

const markIn = (environment: Environment): Mark => (environment.get(markKey) as Mark | undefined) ?? closedMark

/** What lies ahead in `directory`, as bytes; undefined where there is no such file. */
export function aheadIn(directory: string): Buffer | undefined {
  try {
    return readFileSync(aheadFileIn(directory))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Has `environment` show what lies ahead: `content`, which was read before that was frozen, if others write. Throws
 * `internal` where it is damaged.
 */
export function showAhead(environment: Environment, content: Buffer | undefined, id: string): Left {
  const mark = markIn(environment)
  if (!mark.open) return { frames: [], next: 0 }
  if (!content) throw damaged('the file ahead.log is missing, which has its newest records')
  if (content.length !== AHEAD_BYTES) throw damaged('the file ahead.log, which has its newest records, was cut off')
  const left = framesBehind(mark, content, saltOf(id))
  for (const { number, changes } of left.frames) environment.ahead.add(number, changes)
  return left
}

const notMoved = (cause: unknown): MidsentenceError =>
  new MidsentenceError(
    'unavailable',
    `The store could not write (${reasonOf(cause)}), and writes nothing more. What it acknowledged is kept: mend the cause, as a full disk, and open it again.`,
    { cause },
  )
