import { type TransportSetup, transportRules } from '@midsentence/conformance'
import { transportWith } from '../transport/mock-harness.ts'
import { type FieldMutant, fieldTable } from './field-mutant.ts'
import { storeFields } from './store-fields.ts'
import { transportFields } from './transport-fields.ts'
import { wireFields } from './wire-fields.ts'

const byTransports =
  (setup: TransportSetup): FieldMutant['brokenBy'] =>
  async (ids, options) => {
    const rules = transportRules.filter(({ id }) => ids.includes(id))
    const outcomes = await Promise.allSettled(rules.map(({ run }) => run(setup, { ...options, shrink: false })))
    return rules.filter((_, at) => outcomes[at]!.status === 'rejected').map(({ id }) => id)
  }

const inTransports = Object.entries(transportFields).flatMap(([of, bugs]) =>
  Object.entries(bugs).map(
    ([field, [breaks, bug, plant]]): FieldMutant => ({
      of,
      field,
      breaks,
      bug,
      brokenBy: byTransports(transportWith(plant)),
    }),
  ),
)

/** A bug in each field of each port and of the wire. */
export const fieldMutants: Readonly<Record<string, readonly FieldMutant[]>> = {
  'Fields of a transport': inTransports,
  'Fields of answers, errors and events': wireFields,
  'Fields of stores': storeFields,
}

/** Renders the part of docs/mutants.md about single fields. */
export const fieldSection = (): string =>
  [
    '## Fields',
    `For each field of each port and of the wire a bug leaves it out or gives it another value, and the rule beside it catches
it. The lists come from the types and from the OpenRPC document: a new field fails a test until it has a row.`,
    ...Object.entries(fieldMutants).map(([title, mutants]) => `### ${title}\n\n${fieldTable(mutants)}`),
  ].join('\n\n')
