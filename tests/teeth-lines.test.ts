import { testBite, unheardOf } from './teeth/biting.ts'
import { serverMutants, transportMutants } from './teeth/mutants.ts'

unheardOf()
testBite([...transportMutants, ...serverMutants])
