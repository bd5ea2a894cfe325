const onTerminal = process.stderr.isTTY === true

/** Shows what is measured: on a terminal in one line that is rewritten, elsewhere one line per round. */
export function progress(round, rounds, what) {
  const label = `round ${round + 1} of ${rounds}`
  if (onTerminal) process.stderr.write(`\r\x1b[2K${`${label}: ${what}`.slice(0, (process.stderr.columns || 80) - 1)}`)
  else if (shown !== label) process.stderr.write(`${label}\n`)
  shown = label
}

/** Erases the progress line, before other output. */
export function clearProgress() {
  if (onTerminal && shown !== '') process.stderr.write('\r\x1b[2K')
  shown = ''
}

let shown = ''
