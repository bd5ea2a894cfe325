/** Prints an error to standard error: standard output carries the protocol. */
export const printError = (error: Error): void => void process.stderr.write(`midsentence mcp: ${error.message}\n`)
