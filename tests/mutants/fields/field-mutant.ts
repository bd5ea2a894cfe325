import type { RuleId } from '@midsentence/conformance'
import type { BrokenBy } from '../mutants.ts'

/** A bug in one field of a port or of the wire, and the rule that catches it. */
export interface FieldMutant {
  /** Where the field is, such as `Verdict, sent` or `join`. */
  readonly of: string
  readonly field: string
  readonly breaks: RuleId
  /** What the bug does to the field. */
  readonly bug: string
  readonly brokenBy: BrokenBy
}

/** Renders the fields of a port or of the wire as a table. */
export const fieldTable = (mutants: readonly FieldMutant[]): string =>
  [
    '| of | field | rule | planted bug |',
    '| --- | --- | --- | --- |',
    ...mutants.map(({ of, field, breaks, bug }) => `| ${of} | \`${field}\` | ${breaks} | ${bug} |`),
  ].join('\n')
