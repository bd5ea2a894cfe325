import { testBite, unheardOf } from './mutants/expect-caught.ts'
import { serverMutants, transportMutants } from './mutants/mutants.ts'

unheardOf()
testBite([...transportMutants, ...serverMutants])
