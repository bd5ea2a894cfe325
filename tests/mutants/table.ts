import type { RuleId } from '@midsentence/conformance'
import { brokenClusters } from './cluster/clusters.ts'
import { fieldSection } from './fields/fields.ts'
import type { Mutant } from './mutants.ts'

/** A mutant and the rules that caught it. */
export interface CaughtMutant {
  readonly mutant: Mutant
  readonly broken: readonly RuleId[]
}

const rowOf = ({ mutant: { name, part, breaks }, broken }: CaughtMutant): string => {
  const others = broken.filter(id => id !== breaks)
  return `| ${name} | ${part} | ${breaks} | ${others.join(', ')} |`
}

/** Renders the bugs of clusters, which simulations of several servers show. */
const clusterSection = (): string => `## Clusters

Each of these ${brokenClusters.length} bugs is planted in the sources of a cluster of servers. A scripted plan for two servers shows it as a broken
rule. \`npm run test:long\` shows each by random plans for two and three servers too, but those marked “scripted only”.

| bug | caught by | when |
| --- | --- | --- |
${brokenClusters.map(({ name, breaks, plan, scriptedOnly }) => `| ${name} | ${breaks} | ${plan}${scriptedOnly ? ' (scripted only)' : ''} |`).join('\n')}`

/** Renders the sections of docs/mutants.md that need no run of the mutants. */
export const listedSections = (): string => `${fieldSection()}

${clusterSection()}
`

/** Renders docs/mutants.md: each planted bug, and the rule that catches it. */
export function mutantTable(caught: readonly CaughtMutant[]): string {
  const alone = caught.filter(({ broken }) => broken.length === 1).length
  return `# Mutants

A kit proves something only if it catches bugs. Each of these ${caught.length} bugs is planted alone in a part that is otherwise
right, and its rule catches it with five seeds in a row. ${alone} of them break no other rule of the part. The right parts break
no rule with any of fifty seeds. \`npm test\` tries the named rule with one seed; \`npm run test:long\` does the rest, and
with \`-- -u\` it writes this table.

| bug | planted in | caught by | also breaks |
| --- | --- | --- | --- |
${caught.map(rowOf).join('\n')}

${listedSections()}`
}

/** Returns name, part and rule of each row of the first table. */
export const rowsOf = (table: string): string[] =>
  table
    .split('## Fields')[0]!
    .split('\n')
    .filter(line => line.startsWith('| '))
    .slice(2)
    .map(line => line.split(' | ').slice(0, 3).join(' | '))

/** Returns the name, part and rule that the rows of `mutants` start with. */
export const rowsFor = (mutants: readonly Mutant[]): string[] =>
  mutants.map(({ name, part, breaks }) => `| ${name} | ${part} | ${breaks}`)
