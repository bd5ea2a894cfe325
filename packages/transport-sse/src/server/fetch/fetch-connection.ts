import type { Buffer } from 'node:buffer'
import type { EventFrame } from '../frame.ts'
import type { StreamConnection } from '../http-exchange.ts'

/** Bytes that wait in the stream before its reader counts as slow. */
const QUEUE_BYTES = 2 ** 16

/** An event stream as the body of a web-standard response. */
export class FetchConnection implements StreamConnection {
  /** Kept, since its signal no longer aborts once Node.js has collected it. */
  readonly #request: Request
  readonly #respond: (response: Response) => void
  readonly #body: ReadableStream<Uint8Array>
  readonly #onClosed = new Set<() => void>()
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #drained: () => void = () => {}
  #isFull = false
  #isStarted = false
  #isClosed = false

  /** The signal of `request` aborts when the client disconnects. `respond` receives the response when the stream starts. */
  constructor(request: Request, respond: (response: Response) => void) {
    this.#request = request
    this.#respond = respond
    this.#body = new ReadableStream(
      {
        start: controller => {
          this.#controller = controller
        },
        pull: () => this.#pull(),
        cancel: () => this.#closed(),
      },
      { highWaterMark: QUEUE_BYTES, size: bytes => bytes!.length },
    )
    if (request.signal.aborted) this.#isClosed = true
    else request.signal.addEventListener('abort', this.#drop)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get unsentBytes(): number {
    return QUEUE_BYTES - (this.#controller?.desiredSize ?? QUEUE_BYTES)
  }

  start(headers: Readonly<Record<string, string>>): void {
    this.#isStarted = true
    this.#respond(new Response(this.#body, { headers }))
  }

  write({ plain }: EventFrame): boolean {
    return this.writeBytes(plain)
  }

  writeBytes(bytes: Buffer): boolean {
    if (this.#isClosed) return false
    this.#controller!.enqueue(bytes)
    this.#isFull = (this.#controller!.desiredSize ?? 0) <= 0
    return !this.#isFull
  }

  onDrained(run: () => void): void {
    this.#drained = run
  }

  onClosed(run: () => void): void {
    if (this.#isClosed) run()
    else this.#onClosed.add(run)
  }

  end(): void {
    if (!this.#isStarted || this.#isClosed) return
    this.#controller!.close()
    this.#closed()
  }

  drop(): void {
    if (this.#isClosed) return
    this.#controller!.error(new Error('The event stream was cut. Open it again after the last event.'))
    this.#closed()
  }

  readonly #drop = (): void => this.drop()

  #pull(): void {
    if (!this.#isFull) return
    this.#isFull = false
    this.#drained()
  }

  #closed(): void {
    this.#isClosed = true
    this.#request.signal.removeEventListener('abort', this.#drop)
    for (const run of this.#onClosed) run()
    this.#onClosed.clear()
  }
}
