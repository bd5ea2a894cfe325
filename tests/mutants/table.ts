import type { RuleId } from '@midsentence/conformance'
import type { Mutant } from './mutants.ts'

/** A bug, and the rules that it was found to break. */
export interface CaughtMutant {
  readonly mutant: Mutant
  readonly broken: readonly RuleId[]
}

const rowOf = ({ mutant: { name, part, breaks }, broken }: CaughtMutant): string => {
  const others = broken.filter(id => id !== breaks)
  return `| ${name} | ${part} | ${breaks} | ${others.join(', ')} |`
}

/** docs/mutants.md: every planted bug, and what catches it. */
export function mutantTable(caught: readonly CaughtMutant[]): string {
  const alone = caught.filter(({ broken }) => broken.length === 1).length
  return `# Teeth

A kit that nothing fails proves nothing. Each of these ${caught.length} bugs is planted, alone, in a part that is otherwise right,
and is caught by the rule named for it, by five seeds in a row; ${alone} break no other of the rules that apply to the part. The
right parts break none by any of fifty seeds. \`npm test\` tries the rule named with one seed, \`npm run test:long\` does the
rest and writes this table anew where it is run with \`-- -u\`.

| bug | planted in | caught by | also breaks |
| --- | --- | --- | --- |
${caught.map(rowOf).join('\n')}
`
}

/** Name, part and rule of each row of such a table. */
export const rowsOf = (table: string): string[] =>
  table
    .split('\n')
    .filter(line => line.startsWith('| '))
    .slice(2)
    .map(line => line.split(' | ').slice(0, 3).join(' | '))

/** What the rows of `mutants` begin with. */
export const rowsFor = (mutants: readonly Mutant[]): string[] =>
  mutants.map(({ name, part, breaks }) => `| ${name} | ${part} | ${breaks}`)
