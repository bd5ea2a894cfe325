/** Prints an error to standard error: standard output carries the protocol. */
export const printError = (error: Error): void => void print(error)

async function print({ message }: Error): Promise<void> {
  // Loaded here, because a host waits for the first answers. The sentence may be a server's, with terminal escapes in it.
  const { inLine } = await import('@midsentence/client')
  process.stderr.write(`midsentence mcp: ${inLine(message)}\n`)
}
