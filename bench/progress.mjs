const onTerminal = process.stderr.isTTY === true

/** Says what is measured just now: on a terminal always, in one line; elsewhere once a round. */
export function progress(round, rounds, what) {
  const where = `round ${round + 1} of ${rounds}`
  if (onTerminal) process.stderr.write(`\r\x1b[2K${`${where}: ${what}`.slice(0, (process.stderr.columns || 80) - 1)}`)
  else if (said !== where) process.stderr.write(`${where}\n`)
  said = where
}

/** Makes room for what there is to say. */
export function settled() {
  if (onTerminal && said !== '') process.stderr.write('\r\x1b[2K')
  said = ''
}

let said = ''
