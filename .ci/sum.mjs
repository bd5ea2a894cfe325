// sum.mjs FOLDER NAME=STATUS…: adds up the runs whose results are FOLDER/NAME.json and whose exit codes are STATUS.
// Tells again what failed, prints a line for each run, and `N passed, N failed` at last; ends with 1 if anything failed,
// or nothing was tested.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How many lines of a failure's text are told: enough for what was expected, what came, and where. */
const LINES_OF_A_FAILURE = 12

const [folder, ...runs] = process.argv.slice(2)
let passed = 0
let failed = 0
const lines = []
for (const run of runs) {
  const [name, status] = run.split('=')
  const result = resultOf(name)
  // A file that does not load, an error outside of any test, or no result at all: that is a failure too.
  const fails = result.numFailedTests || (status === '0' && result.numPassedTests > 0 ? 0 : 1)
  const skipped = result.numPendingTests + result.numTodoTests
  lines.push(`${name}: ${result.numPassedTests} passed, ${fails} failed, ${skipped} skipped, exit code ${status}`)
  for (const failure of failuresOf(result)) console.log(`${name}: ${failure}\n`)
  if (status !== '0' && !result.numFailedTests)
    console.log(`${name}: no test failed, but something did: see its output.\n`)
  passed += result.numPassedTests
  failed += fails
}
for (const line of lines) console.log(line)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

function* failuresOf(result) {
  for (const file of result.testResults ?? []) {
    const path = file.name.slice(process.cwd().length + 1)
    const tests = file.assertionResults.filter(test => test.status === 'failed')
    if (file.status === 'failed' && tests.length === 0) yield `${path}\n${shortened(file.message)}`
    for (const test of tests) yield `${path} > ${test.fullName}\n${shortened(test.failureMessages.join('\n'))}`
  }
}

function shortened(text) {
  const told = text.split('\n')
  const rest = told.length - LINES_OF_A_FAILURE
  return [...told.slice(0, LINES_OF_A_FAILURE), ...(rest > 0 ? [`… ${rest} more lines`] : [])].join('\n')
}

function resultOf(name) {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
  }
}
