type HandleError = (error: NodeJS.ErrnoException) => void

/** Exits: with 0 when a reader such as `head` closed the pipe, else with 1. */
const exit: HandleError = error => process.exit(exitCodeOf(error))

/** Returns the exit code after standard output failed. */
export const exitCodeOf = ({ code }: NodeJS.ErrnoException): number => (code === 'EPIPE' ? 0 : 1)

let handleError = exit
const forward: HandleError = error => handleError(error)

/** Handles errors of standard output from now on: the process exits. Idempotent. */
export function watchOutput(): void {
  process.stdout.off('error', forward).on('error', forward)
}

/** Calls `handle` on an error of standard output, where the process would exit. Returns a function that ends this. */
export function onOutputError(handle: HandleError): () => void {
  handleError = handle
  return () => {
    handleError = exit
  }
}
