// sum.mjs FOLDER NAME=STATUS…: adds up the runs whose results are FOLDER/NAME.json and whose exit codes are STATUS.
// Prints a line for each and `N passed, N failed` at last; ends with 1 if anything failed, or nothing was tested.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...runs] = process.argv.slice(2)
let passed = 0
let failed = 0
for (const run of runs) {
  const [name, status] = run.split('=')
  const result = resultOf(name)
  // A file that does not load, an error outside of any test, or no result at all: that is a failure too.
  const fails = result.numFailedTests || (status === '0' && result.numPassedTests > 0 ? 0 : 1)
  const skipped = result.numPendingTests + result.numTodoTests
  console.log(`${name}: ${result.numPassedTests} passed, ${fails} failed, ${skipped} skipped, exit code ${status}`)
  passed += result.numPassedTests
  failed += fails
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

function resultOf(name) {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
  }
}
